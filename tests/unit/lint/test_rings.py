"""Rings of messages and signals: told when nothing in them waits and nothing can end them, and only then."""

import pytest

from engine.bpmn.lint import lint
from engine.bpmn.lint.components import components
from engine.bpmn.model.facts import processes_in
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    definitions,
    end,
    error,
    error_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process_part,
    receive_task,
    script,
    send_task,
    service_task,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user_task,
)
from tests.unit.lint.test_unset_names import Beside

M, N, S = message("M", "m"), message("N", "n"), signal("S", "s")
SAID = "Nothing in this ring waits, and no gateway leads out of it, so it goes on for ever:"
PASSING = '<bpmn:manualTask id="t" />'


def begin(definition: str, identity: str = "s") -> str:
    return start(identity, inner=definition)


def told(*processes: str, deployed: bytes = b"") -> list[str]:
    model = definitions(M, N, S, error("E", "e"), *processes)
    others = processes_in(deployed, "other.bpmn") if deployed else ()
    found = [each for each in lint({"p.bpmn": model}, Beside(others)) if each.rule == "endless-ring"]
    assert all(each.severity == "warning" and each.line for each in found)
    return [f"{each.element_id}: {each.message}" for each in found]


def again(*parts: str, key: str = "p", event: str = message_event("M")) -> str:
    """A process that starts with the message m, does `parts`, and sends m at its end e."""
    return process_part(key, begin(event), *parts, end(inner=event))


def test_a_process_that_starts_itself() -> None:
    assert told(again(flow("s", "e"))) == [f"s: {SAID} s in p > message 'm' from e > s."]
    assert len(told(again(flow("s", "e"), event=signal_event("S")))) == 1


def test_processes_that_start_one_another() -> None:
    p = process_part("p", begin(message_event("M")), end(inner=signal_event("S")), flow("s", "e"))
    q = process_part("q", begin(signal_event("S"), "s2"), send_task("a", "M"), end("e2"), flows("s2", "a", "e2"))
    assert told(p, q) == [f"s: {SAID} s in p > signal 's' from e > s2 in q > message 'm' from a > s."]
    assert told(p) == told(q) == []


@pytest.mark.parametrize(
    "between",
    [
        [PASSING, flows("s", "t", "e")],
        [script("t", "a = 1"), flows("s", "t", "e")],
        [throw("t"), flows("s", "t", "e")],
        [gateway("t", "parallel"), PASSING.replace('"t"', '"u"'), flows("s", "t", "e"), flow("t", "u")],
        [gateway("x"), gateway("y"), PASSING, flows("s", "x", "t", "y", "e"), flow("x", "y", "a = 1")],
        [
            gateway("x", "parallel"), gateway("y", "parallel"), PASSING, PASSING.replace('"t"', '"u"'),
            flows("s", "x", "t", "y", "e"), flows("x", "u", "y"),
        ],
        [sub_process("t", start("i"), end("j"), flow("i", "j")), flows("s", "t", "e")],
        [call("t", "q"), flows("s", "t", "e")],
    ],
)  # fmt: skip
def test_what_does_not_wait_lets_it_go_on(between: list[str]) -> None:
    called = process_part("q", start("qs"), end("qe"), flow("qs", "qe"))
    assert len(told(again(*between), called)) == 1


@pytest.mark.parametrize(
    "between",
    [
        [user_task("t"), flows("s", "t", "e")],
        [receive_task("t", "N"), flows("s", "t", "e")],
        [catch("t", timer("timeDuration", "PT1S")), flows("s", "t", "e")],
        [service_task("t", "order-later"), flows("s", "t", "e")],
        [gateway("x", default="x-z"), flows("s", "x", "e"), end("z"), flow("x", "z")],
        [gateway("x", "inclusive"), flows("s", "x"), end("z"), flow("x", "z", "a = 1"), flow("x", "e", "a = 2")],
        [script("t", "a = 1"), boundary("b", "t", error_event()), end("z"), flow("b", "z"), flows("s", "t", "e")],
        [sub_process("t", start("i"), user_task("u"), end("j"), flows("i", "u", "j")), flows("s", "t", "e")],
        [call("t", "elsewhere"), flows("s", "t", "e")],
        [call("t", "p"), flows("s", "t", "e")],
        [gateway("x", "parallel"), gateway("y", "parallel"), user_task("u"), flows("s", "x", "y", "e"),
         flows("x", "u", "y")],
        [gateway("x", "parallel"), end("z", inner="<bpmn:terminateEventDefinition />"), flows("s", "x", "e"),
         flow("x", "z")],
        [event_sub_process("h", signal_event("S")), flows("s", "e")],
        [PASSING, flow("s", "t", "a = 1"), flow("t", "e", "a = 1")],
    ],
)  # fmt: skip
def test_what_waits_or_can_end_it_keeps_the_rule_silent(between: list[str]) -> None:
    assert told(again(*between)) == []


def test_a_message_that_leaves_the_product_or_is_taken_by_who_waits_starts_nothing_for_sure() -> None:
    away = end(inner=message_event("M"), properties={"destination": "elsewhere"})
    assert told(process_part("p", begin(message_event("M")), away, flow("s", "e"))) == []
    waits = process_part("q", start("a"), receive_task("b", "M"), end("c"), flows("a", "b", "c"))
    ring = again(flow("s", "e"))
    assert told(ring, waits) == []
    assert told(ring, deployed=definitions(M, waits)) == []
    assert len(told(ring, deployed=definitions(N, waits.replace('"M"', '"N"')))) == 1


def test_a_message_for_none_or_many_instances_is_not_sure_to_be_sent() -> None:
    many = send_task("t", "M", inner=multi_instance(collection="xs"))
    assert told(process_part("p", begin(message_event("M")), many, end(), flows("s", "t", "e"))) == []


def test_an_event_sub_process_that_throws_what_it_waits_for() -> None:
    parts = end("he", inner=signal_event("S")), flow("h_start", "he")
    handler = event_sub_process("h", signal_event("S"), *parts, interrupting=False)
    ring = told(process_part("p", start(), user_task("t"), handler, end(), flows("s", "t", "e")))
    assert len(ring) == 1
    assert "as long as the cases in it run" in ring[0]


def test_two_cases_that_answer_each_other() -> None:
    def answers(key: str, hears: str, says: str) -> str:
        parts = start(f"s{key}"), gateway(f"x{key}"), receive_task(f"r{key}", hears), send_task(f"t{key}", says)
        return process_part(key, *parts, flows(f"s{key}", f"x{key}", f"r{key}", f"t{key}", f"x{key}"))

    assert len(told(answers("p", "M", "N"), answers("q", "N", "M"))) == 1
    assert told(answers("p", "M", "N")) == []
    keyed = receive_task("rp", "M", {"correlationKey": "a"})
    assert told(answers("p", "M", "N").replace(receive_task("rp", "M"), keyed), answers("q", "N", "M")) == []


def test_a_reminder_that_reminds_of_itself() -> None:
    reminder = boundary("b", "t", message_event("M"), interrupting=False)
    parts = start(), user_task("t"), reminder, end(), end("z", inner=message_event("M"))
    assert len(told(process_part("p", *parts, flows("s", "t", "e"), flow("b", "z")))) == 1


def test_a_long_ring_is_told_without_its_middle() -> None:
    messages = [message(f"M{number}", f"m{number}") for number in range(40)]
    ring = [
        process_part(
            f"p{number}",
            begin(message_event(f"M{number}"), f"s{number}"),
            end(f"e{number}", inner=message_event(f"M{(number + 1) % 40}")),
            flow(f"s{number}", f"e{number}"),
        )
        for number in range(40)
    ]
    (found,) = told(*messages, *ring)
    assert "(34 more)" in found
    assert found.endswith("s39 in p39 > message 'm0' from e39 > s0.")


def test_pools_that_do_not_run_are_in_no_ring() -> None:
    assert told(again(flow("s", "e")).replace('isExecutable="true"', 'isExecutable="false"')) == []


def test_components_of_a_graph() -> None:
    edges = {1: [2], 2: [3], 3: [1, 4], 4: [5], 5: [], 6: [6]}
    found = {frozenset(each) for each in components(edges, edges.__getitem__)}
    assert found == {frozenset((1, 2, 3)), frozenset((4,)), frozenset((5,)), frozenset((6,))}
