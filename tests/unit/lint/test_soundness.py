"""Tokens that get stuck or pile up are found by looking at every state."""

import pytest

from engine.bpmn.lint.soundness import Soundness, explore
from engine.bpmn.model.document import Document
from engine.bpmn.model.graph import Graph
from tests.unit.lint.models import flow, process

_KINDS = {"x": "exclusiveGateway", "p": "parallelGateway", "o": "inclusiveGateway", "t": "manualTask", "u": "userTask"}
_WORK = 400_000


def _node(name: str) -> str:
    kind = {"s": "startEvent", "e": "endEvent"}.get(name[0]) or _KINDS[name[0]]
    return f'<bpmn:{kind} id="{name}" />'


def _explored(*flows: str, extra: str = "") -> Soundness:
    """Explore flows such as `x1>t1`; the first letter of a name says what it is."""
    pairs = [tuple(one.split(">")) for one in flows]
    names = dict.fromkeys(name for pair in pairs for name in pair if not name.startswith("b"))
    body = "".join(map(_node, names)) + extra + "".join(flow(source, target) for source, target in pairs)
    document = Document(process(body).encode(), "p.bpmn")
    return explore(Graph.of(document.processes[0]), _WORK)


@pytest.mark.parametrize("kind", "xpo")
def test_a_split_with_its_own_join_is_sound(kind: str) -> None:
    found = _explored(
        "s>t0", f"t0>{kind}1", f"{kind}1>t1", f"{kind}1>t2", f"t1>{kind}2", f"t2>{kind}2", f"{kind}2>t3", "t3>e"
    )
    assert (found.stuck, found.piled, found.complete) == ([], [], True)


def test_a_parallel_join_waits_for_ever_for_a_branch_that_was_not_taken() -> None:
    assert _explored("s>x1", "x1>t1", "x1>t2", "t1>p2", "t2>p2", "p2>e").stuck == ["p2"]
    assert _explored("s>o1", "o1>t1", "o1>t2", "t1>p2", "t2>p2", "p2>e").stuck == ["p2"]


def test_an_exclusive_join_lets_what_follows_be_done_twice() -> None:
    found = _explored("s>p1", "p1>t1", "p1>t2", "t1>x2", "t2>x2", "x2>t3", "t3>t4", "t4>e")
    assert (found.stuck, found.piled) == ([], ["t3"])


def test_an_inclusive_join_waits_only_for_branches_that_come() -> None:
    assert _explored("s>x1", "x1>t1", "x1>t2", "t1>o2", "t2>o2", "o2>e").stuck == []
    assert _explored("s>p1", "p1>t1", "p1>t2", "t1>o2", "t2>o2", "o2>t3", "t3>e").piled == []


def test_branches_may_end_by_themselves_or_meet_at_the_end_event() -> None:
    found = _explored("s>p1", "p1>t1", "p1>t2", "t1>e", "t2>x2", "x2>e")
    assert (found.stuck, found.piled) == ([], [])


def test_loops_are_sound() -> None:
    found = _explored("s>x1", "x1>t1", "t1>x2", "x2>x1", "x2>e")
    assert (found.stuck, found.piled, found.complete) == ([], [], True)


def test_a_loop_out_of_a_parallel_branch_is_not() -> None:
    loop = ("p1>t1", "p1>t2", "t1>x3", "x3>p2", "t2>p2", "p2>e")
    assert _explored("s>p1", "x3>p1", *loop).stuck == ["p1"]
    assert _explored("s>x0", "x0>p1", "x3>x0", *loop).piled


@pytest.mark.parametrize(("interrupts", "piled"), [("true", []), ("false", ["t1"])])
def test_a_boundary_event_goes_beside_its_activity_if_it_does_not_interrupt(interrupts: str, piled: list[str]) -> None:
    event = f'<bpmn:boundaryEvent id="b" attachedToRef="u" cancelActivity="{interrupts}" />'
    assert _explored("s>u", "u>x1", "b>x1", "x1>t1", "t1>t2", "t2>e", extra=event).piled == piled


def test_a_terminate_event_takes_all_tokens() -> None:
    event = '<bpmn:endEvent id="b"><bpmn:terminateEventDefinition /></bpmn:endEvent>'
    assert _explored("s>p1", "p1>b", "p1>x1", "x1>p2", "x1>t1", "t1>x1", "p2>e", extra=event).stuck == []


def test_too_many_states_are_said_to_be_too_many() -> None:
    branches = [pair for n in range(9) for pair in (f"p1>x{n}1", f"x{n}1>t{n}", f"x{n}1>u{n}", f"t{n}>p2", f"u{n}>p2")]
    assert not _explored("s>p1", *branches, "p2>e").complete
