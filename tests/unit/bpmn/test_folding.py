"""Tokens and scopes stay folded until a step touches them, and nobody but the clock can tell."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import interpreter
from engine.bpmn.case import codec, snapshot
from engine.bpmn.case.context import ProcessSource
from engine.bpmn.case.folding import ID, fold, places_of, stands_in, unfold
from engine.bpmn.reading.executable import Executable
from engine.operations import Operation, Raised
from engine.recorder import Case, Cause, Changes, Waits, record
from engine.types import ENGINE
from engine.types.step import Step
from tests.bpmn_cases import NOW, Running, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    condition,
    element,
    end,
    error,
    error_event,
    flow,
    flows,
    multi_instance,
    one,
    process,
    service_task,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user_task,
)
from tests.unit.bpmn import eventful, everything
from tests.unit.bpmn.test_event_laws import act
from tests.unit.bpmn.test_laws import walk

CASE = Case("i", "C-1", "Case", 50, "p", 1, dict.fromkeys("pqr", "1"), ("group:owners",), NOW, 1, Waits())
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
    waits = changes.waits
    assert waits == everything_open.waits
    assert waits.tasks == {each.task_id for each in step.open_tasks}
    assert waits.timers.keys() == {each.task_id for each in step.timers}
    assert waits.subscriptions.keys() == {each.task_id for each in step.subscriptions}
    assert waits.operations == {each.task_id for each in step.operations}
    return waits


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


def test_scopes_in_scopes_in_scopes_stay_closed() -> None:
    """Whether the case can go on is seen at the innermost ones: those around them wait for what is within."""

    def many(key: str, called: str) -> ProcessSource:
        calls = call(f"c{key}", called, inner=multi_instance(cardinality="7"))
        return source(process(key, start(), calls, end(), flows("s", f"c{key}", "e")), key)

    leaf = source(process("r", start(), user_task("x"), end(), flows("s", "x", "e")), "r")
    case = Running(many("p", "q"), many("q", "q2"), many("q2", "r"), leaf).start()
    assert len(case.open) == 343
    case.complete(case.step.open_tasks[200].task_id)
    assert case.step.touched is not None
    assert len(case.step.touched.ids or ()) < 15


def _two_timers() -> bytes:
    """Five hundred sub-processes with a reminder each, beside a task after which a signal is thrown."""
    event = boundary("b", "a", timer("Duration", "PT1H"), interrupting=False) + user_task("h") + flow("b", "h")
    inside = (multi_instance(cardinality="500"), start("is"), user_task("a"), flow("is", "a"), event)
    return process(
        "p", start(), sub_process("sub", *inside, properties=RESULTS), user_task("t"), throw("th", signal_event("g")),
        catch("c", signal_event("g")), end(), flow("s", "sub"), flow("sub", "e"), flows("s", "t", "th", "e"),
        flows("s", "c", "e"), around=signal("g", "alarm"),
    )  # fmt: skip


def test_timers_and_signals_open_what_they_reach() -> None:
    """Else a case of very many tokens could not be reminded of anything within the time that a step may take."""
    case = Running(_two_timers()).start()
    fired = [case.step.timers[index].task_id for index in (400, 3)]
    case.now += timedelta(hours=1)
    case.fire(*fired)
    assert case.step.touched is not None
    assert len(case.step.touched.ids or ()) < 15
    assert case.open.count("h") == 2
    assert len(case.step.timers) == 498
    case.do("t")
    assert case.step.touched is not None
    assert ("c", "completed") in case.log
    assert len(case.step.touched.ids or ()) < 10


def test_a_timer_that_the_case_does_not_know_is_waited_for_no_more() -> None:
    """Else its job would be due for ever, and be run again and again."""
    case = Running(one(user_task("a"))).start()
    waits = told(CASE, case.step).waits
    gone = replace(waits, timers={"88c8fdb2-4b31-5a64-9dad-0dd0ffe6bd5e": NOW.isoformat()})
    changes = told(replace(CASE, waits=gone), case.fire(*gone.timers).step)
    assert list(changes.ended_jobs) == list(gone.timers)
    assert changes.waits == waits


def test_timers_that_are_due_at_once_occur_in_the_order_of_the_model_whatever_is_asked_for_first() -> None:
    names = ("one", "two", "three")
    content = process(
        "p", start(), *(catch(name, timer("Duration", "PT1H")) for name in names),
        *(sub_process(f"in_{name}", start(f"{name}_s"), catch(f"{name}_c", timer("Duration", "PT1H")), end(f"{name}_e"),
                      flows(f"{name}_s", f"{name}_c", f"{name}_e")) for name in names),
        end(), *(flows("s", name, f"in_{name}", "e") for name in names),
    )  # fmt: skip
    case = Running(content).start()
    for suffix in ("", "_c"):
        case.now += timedelta(hours=1)
        case.fire(*(each.task_id for each in sorted(case.step.timers, key=lambda each: each.task_id)))
        assert [name for name, _ in case.log if name in [f"{each}{suffix}" for each in names]] == [
            f"{each}{suffix}" for each in names
        ]


def test_conditions_are_asked_in_the_order_of_the_model_whichever_scope_was_opened_first() -> None:
    def waiting(name: str) -> str:
        event = boundary(f"{name}_b", f"{name}_x", condition("ready = true")) + end(f"{name}_h")
        inside = start(f"{name}_s") + user_task(f"{name}_x") + user_task(f"{name}_y") + end(f"{name}_e")
        ways = flows(f"{name}_s", f"{name}_x", f"{name}_e") + flows(f"{name}_s", f"{name}_y", f"{name}_e")
        return sub_process(name, inside, event, ways, flow(f"{name}_b", f"{name}_h"))

    names = ("one", "two", "three")
    content = process("p", start(), *map(waiting, names), end(), *(flows("s", name, "e") for name in names))
    case = Running(content).start(ready=False).do("three_y", ready=True)
    assert [name for name, state in case.log if state == "cancelled"] == ["one_x", "two_x", "three_x"]


def test_what_belongs_together_is_cancelled_in_order_whichever_was_opened_first() -> None:
    order = Operation("order", "Order", "Orders.", lambda call: None, [], [])  # noqa: ARG005 - never called here
    event = boundary("b", "o", error_event("R")) + end("refused") + flow("b", "refused")
    content = process(
        "p", start(), service_task("o", "order", multi_instance(cardinality="3")), event, end(), flows("s", "o", "e"),
        around=error("R", "REFUSED"),
    )  # fmt: skip
    case = Running(content, operations=[order]).start()
    ids = [each.task_id for each in case.step.operations]
    context, state = case.context, case.step.state
    step = interpreter.finish(case.executable, state, ids[1], Raised("REFUSED", "No"), context)
    assert [each.task_id for each in step.activities if each.state == "cancelled"] == ids


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
