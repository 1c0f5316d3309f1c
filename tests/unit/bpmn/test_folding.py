"""Tokens and scopes stay folded until a step touches them, and nobody but the clock can tell."""

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.case import codec, snapshot
from engine.bpmn.case.folding import ID, fold, places_of, stands_in, unfold
from engine.bpmn.reading.executable import Executable
from engine.recorder import Case, Cause, Changes, Waits, record
from engine.types import ENGINE
from engine.types.step import Step
from tests.bpmn_cases import NOW, Running, source
from tests.bpmn_models import (
    boundary,
    call,
    condition,
    element,
    end,
    flow,
    flows,
    multi_instance,
    one,
    process,
    start,
    sub_process,
    timer,
    user_task,
)
from tests.unit.bpmn import eventful, everything
from tests.unit.bpmn.test_event_laws import act
from tests.unit.bpmn.test_laws import walk

CASE = Case("i", "C-1", "Case", 50, "p", 1, {"p": "p:1", "q": "q:1"}, ("group:owners",), NOW, 1, Waits())
RESULTS = {"resultVariable": "results"}
CALLED = source(process("q", start("qs"), user_task("deep"), end("qe"), flows("qs", "deep", "qe")), "q")
INSIDE = (start("is"), user_task("x"), end("ie"), flows("is", "x", "ie"))


def rows(changes: Changes) -> dict[str, Any]:
    """What a step writes, in no order but that of the log."""
    found = asdict(changes)
    return {name: value if name in ("events", "waits") else sorted(map(repr, value)) for name, value in found.items()}


def told(case: Case, step: Step) -> Changes:
    return record(case, step, Cause("timer", ENGINE), NOW)


def same_rows(before: Waits, step: Step) -> Waits:
    """Check that what the step has touched tells as much as everything that is open; return what is waited for."""
    case = replace(CASE, waits=before)
    changes = told(case, step)
    everything_open = told(case, replace(step, touched=None))
    assert rows(changes) == rows(everything_open)
    assert changes.waits == everything_open.waits
    return changes.waits


def lists_are_whole(step: Step, executable: Executable, case: Running) -> None:
    """Check that the lists of a step hold what its state does, and that opening all of it changes no byte."""
    opened = codec.decode(step.state, executable, case.context)
    waiting = snapshot.waiting(opened.tokens())
    assert step.open_tasks == waiting.open_tasks
    assert step.timers == waiting.timers
    assert step.subscriptions == waiting.subscriptions
    assert step.operations == waiting.operations
    assert codec.encode(opened) == step.state


@settings(max_examples=60)
@given(st.data(), st.fixed_dictionaries(dict.fromkeys("abcd", st.booleans())))
def test_what_a_step_has_touched_is_all_that_has_changed(choose: st.DataObject, ways: dict[str, bool]) -> None:
    case = Running(everything.BUILT).start(items=[1, 2, 3], reminders=0, **ways)
    waits = same_rows(Waits(), case.step)
    for _ in range(12):
        walk(case, choose, 1)
        waits = same_rows(waits, case.step)
        lists_are_whole(case.step, everything.BUILT, case)


@settings(max_examples=60)
@given(st.data())
def test_that_holds_for_events_too(choose: st.DataObject) -> None:
    case = Running(eventful.BUILT).start()
    waits = same_rows(Waits(), case.step)
    for _ in range(12):
        if not act(case, choose):
            break
        waits = same_rows(waits, case.step)
        lists_are_whole(case.step, eventful.BUILT, case)


def _tasks() -> str:
    return user_task("a", inner=multi_instance(cardinality="500"), properties=RESULTS)


def _reminded() -> bytes:
    event = boundary("b", "a", timer("Duration", "PT1H"), interrupting=False) + user_task("h") + flow("b", "h")
    inner = multi_instance(cardinality="500")
    inside = (start("is"), user_task("a"), end("ie"), flows("is", "a", "ie"), event)
    return one(sub_process("sub", inner, *inside, properties=RESULTS))


def _called() -> bytes:
    inner = multi_instance(cardinality="500")
    return one(element("callActivity", "c", inner=inner, properties=RESULTS, attributes='calledElement="q"'))


SHAPES: dict[str, tuple[Callable[[], bytes], str]] = {
    "tasks": (lambda: one(_tasks()), "a"),
    "sub-processes": (
        lambda: one(sub_process("sub", multi_instance(cardinality="500"), *INSIDE, properties=RESULTS)),
        "x",
    ),
    "sub-processes with timers": (_reminded, "a"),
    "calls": (_called, "deep"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_step_opens_what_it_touches(shape: str) -> None:
    content, name = SHAPES[shape]
    case = Running(content(), CALLED).start()
    ids = [task.task_id for task in case.step.open_tasks if task.element_id == name]
    assert len(ids) == 500
    case.complete(ids[250], v=1)
    assert case.step.touched is not None
    assert len(case.step.touched.ids or ()) < 10
    assert [task.task_id for task in case.step.open_tasks if task.element_id == name] == ids[:250] + ids[251:]


def test_whoever_sees_a_variable_is_told_of_its_change_folded_or_not() -> None:
    """A sub-process shares the data around it; a called process has its own and hears of nothing."""
    content = process(
        "p", start(), sub_process("sub", multi_instance(cardinality="3"), *INSIDE, properties=RESULTS),
        call("c", "q"), user_task("other"), end(), flow("s", "sub"), flow("s", "c"), flow("s", "other"),
        flow("sub", "e"), flow("c", "e"), flow("other", "e"),
    )  # fmt: skip
    case = Running(content, CALLED).start(v=1).do("other", v=2)
    tokens = codec.decode(case.step.state, case.executable, case.context).tokens()
    unseen = {(token.element.name, str(token.unseen.get("v"))) for token in tokens}
    assert unseen >= {("x", "[1]"), ("c", "[1]"), ("deep", "None")}


def test_a_condition_in_a_scope_that_nothing_touches_is_asked() -> None:
    event = boundary("b", "x", condition("ready = true")) + user_task("h") + flow("b", "h")
    content = process(
        "p", start(), sub_process("sub", *INSIDE, event), user_task("other"), end(), flow("s", "sub"),
        flow("s", "other"), flow("sub", "e"), flow("other", "e"),
    )  # fmt: skip
    assert sorted(Running(content).start(ready=False).do("other", ready=True).open) == ["h"]


@settings(max_examples=60)
@given(st.data())
def test_unfolding_undoes_folding(choose: st.DataObject) -> None:
    case = Running(everything.BUILT).start(items=[1, 2], reminders=0, a=True, b=False, c=False, d=False)
    walk(case, choose, 6)
    plain = codec.content_of(case.step.state)
    assert unfold(fold(plain)) == plain


@given(st.lists(st.binary(min_size=ID, max_size=ID), max_size=8), st.integers(0, 8))
def test_an_id_is_found_where_it_stands_and_nowhere_else(ids: list[bytes], at: int) -> None:
    joined = b"".join(ids)
    for each in ids:
        assert list(places_of(each, joined)) == [place for place, other in enumerate(ids) if other == each]
    shifted = joined[at : at + ID].ljust(ID)
    assert stands_in(shifted, joined) is (shifted in ids)
