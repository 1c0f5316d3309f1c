"""What holds for every step: specs stay as they are, states are stable, loops stay flat, what is stored can be read."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.case import codec
from engine.bpmn.reading.executable import Executable, steps_of
from engine.errors import StepFailed, TaskNotOpen
from tests.bpmn_cases import NOW, Running, source
from tests.bpmn_models import (
    call,
    end,
    flow,
    flows,
    gateway,
    into,
    process,
    script,
    start,
    user_task,
)
from tests.unit.bpmn.everything import BUILT, everything


def picture(executable: Executable) -> dict[str, Any]:
    """Everything in the specs, as text."""
    return {
        f"{name}/{task}": {
            key: sorted(value.items()) if isinstance(value, dict) else repr(value)
            for key, value in vars(spec).items()
            if not key.endswith("_event")
        }
        for name, scope in executable.scopes.items()
        for task, spec in scope.task_specs.items()
    } | {name: sorted(map(str, vars(scope))) for name, scope in executable.scopes.items()}


def walk(case: Running, choose: st.DataObject, steps: int) -> None:
    """Do `steps` things that can be done, whatever they are."""
    for _ in range(steps):
        step = case.step
        can: list[tuple[str, str]] = [("do", each.task_id) for each in step.open_tasks]
        can += [("fire", each.task_id) for each in step.timers]
        can += [("receive", each.task_id) for each in step.subscriptions]
        if not can:
            return
        what, task = choose.draw(st.sampled_from(can))
        if what == "do":
            case.complete(task, title=choose.draw(st.sampled_from("xyz")), more=choose.draw(st.booleans()))
        elif what == "fire":
            case.now = max(case.now, next(each.due_at for each in step.timers if each.task_id == task))
            case.fire(task)
        else:
            waits = next(each for each in step.subscriptions if each.task_id == task)
            case.receive(waits.message_name, {"n": 1}, waits.correlation_key)


@settings(max_examples=60)
@given(st.data(), st.fixed_dictionaries(dict.fromkeys("abcd", st.booleans())))
def test_any_walk_leaves_the_specs_alone_and_gives_states_that_last(
    choose: st.DataObject, ways: dict[str, bool]
) -> None:
    before = picture(BUILT)
    case = Running(BUILT)
    case.start(items=[1, 2], reminders=0, **ways)
    for _ in range(12):
        walk(case, choose, 1)
        state = case.step.state
        assert codec.encode(codec.decode(state, BUILT, case.context)) == state
        other = codec.decode(state, everything(), case.context)
        assert codec.encode(other) == state, "a state does not depend on objects of the build that made it"
        assert case.step.finished == (not codec.decode(state, BUILT, case.context).live)
        if case.step.finished:
            assert (case.step.outcome, case.open) == ("Done", [])
            break
    assert picture(BUILT) == before


def test_the_same_step_gives_the_same_result() -> None:
    case = Running(BUILT).start(items=[1], b=True, c=True)
    state, step = case.step.state, case.step
    first = case.do("mi", title="x").step
    case.step = step
    assert case.step.state == state
    assert case.do("mi", title="x").step == first


def test_three_thousand_rounds_stay_flat() -> None:
    """SpiffWorkflow's trees die after five hundred."""
    content = process(
        "p",
        start(),
        gateway("m"),
        user_task("a"),
        gateway("g", default="d"),
        end(),
        flows("s", "m", "a", "g"),
        flow("g", "m", "more = true"),
        flow("g", "e", identity="d"),
    )
    case = Running(content).start()
    sizes = set()
    for _ in range(3_000):
        case.do("a", more=True)
        sizes.add(len(case.step.state))
    assert max(sizes) - min(sizes) < 20
    assert case.do("a", more=False).step.finished


def test_a_chain_of_a_thousand_elements_is_read_and_run() -> None:
    """SpiffWorkflow's parser recurses along the flows."""
    names = [f"g{number}" for number in range(1_000)]
    content = process("p", start(), *(gateway(name) for name in names), end(), flows("s", *names, "e"))
    assert Running(content).start().step.finished


@pytest.mark.parametrize("names", [("Start", "End"), ("Root", "p.EndJoin"), ("id", "name")])
def test_no_id_is_reserved(names: tuple[str, str]) -> None:
    """In SpiffWorkflow a start event named Start cannot be made, and a task named End is skipped."""
    first, second = names
    case = Running(process("p", start(first), user_task(second), end(), flows(first, second, "e"))).start()
    assert case.open == [second]
    assert case.do(second).step.finished


@pytest.mark.parametrize("key", ["typename", "__class__", "", "a.b", "data"])
def test_no_name_of_a_variable_is_special(key: str) -> None:
    """A variable named typename makes SpiffWorkflow's stored cases unloadable."""
    case = Running(process("p", start(), user_task("a"), user_task("b"), end(), flows("s", "a", "b", "e"))).start()
    value: Any = {"typename": "UUID", "value": "not one", "": {"typename": 1}}
    assert case.do("a", (), **{key: value}).do("b").data == {key: value}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**64, object(), {1: 2}, b"x", {"a": {"b"}}, "\ud800", NOW]
)
def test_what_is_no_data_is_refused(value: Any) -> None:
    case = Running(process("p", start(), user_task("a"), end(), flows("s", "a", "e"))).start()
    with pytest.raises(StepFailed):
        case.do("a", v=value)
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(StepFailed, match="nested"):
        case.do("a", v=deep)
    with pytest.raises(StepFailed, match="more than"):
        case.do("a", v=[0] * 200_000)


def test_a_cancelled_case_is_over() -> None:
    case = Running(BUILT).start(items=[1, 2], a=True, b=True, c=True, d=True)
    assert len(case.open) == 6
    task = case.open
    identity = case.step.open_tasks[0].task_id
    case.cancel()
    assert (case.step.finished, case.step.outcome, case.open, case.step.timers) == (True, None, [], ())
    cancelled = [name for name, state in case.log if state == "cancelled"]
    assert set(task) <= set(cancelled)
    with pytest.raises(TaskNotOpen):
        case.complete(identity)


def test_a_failed_step_changes_nothing() -> None:
    content = process("p", start(), user_task("a"), script("x", "y = 1 / n"), end(), flows("s", "a", "x", "e"))
    case = Running(content).start()
    state = case.step.state
    with pytest.raises(StepFailed, match="ZeroDivisionError"):
        case.do("a", n=0)
    assert case.step.state == state
    assert case.do("a", n=1).step.finished


def test_facts_of_the_case_are_computed() -> None:
    content = process(
        "p",
        start(),
        user_task("a"),
        end(),
        flows("s", "a", "e"),
        properties={"title": '= "About " + what', "priority": "70", "channel": "way", "ownerGroup": "x"},
    )
    case = Running(content).start(what="mail", way="call")
    assert case.step.facts == {"title": "About mail", "priority": 70, "channel": "call"}
    assert case.do("a", what="disk").step.facts == {"title": "About disk"}


def test_the_steps_of_a_process_come_in_the_order_of_the_flow() -> None:
    steps = steps_of(BUILT)
    names = [step.id for step in steps]
    assert names[:3] == ["s", "again", "g"]
    assert names.index("sub") + 1 == names.index("is")
    assert {step.scope for step in steps if step.id in ("x", "y")} == {"sub"}
    assert [step.process_key for step in steps if step.id == "deep"] == ["q"]
    assert len(names) == len(set(names))
    assert {"remind", "wrong", "e"} <= set(names)


def test_numbers_that_cannot_be_stored_fail_the_step() -> None:
    called = process("q", start("qs"), user_task("x"), end("qe"), flows("qs", "x", "qe"))
    content = process("p", start(), call("c", "q", into("10 ** 25", "n")), end(), flows("s", "c", "e"))
    with pytest.raises(StepFailed, match="cannot be stored"):
        Running(content, source(called, "q")).start()
