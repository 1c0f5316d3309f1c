"""Signals within a case: thrown to all that wait, taken once, and told to the world."""

from datetime import timedelta
from typing import Any

import pytest

from engine.bpmn import interpreter
from engine.errors import DefinitionRefused, StepFailed, TaskNotOpen
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    end,
    flow,
    flows,
    gateway,
    multi_instance,
    process,
    signal,
    signal_event,
    start,
    sub_process,
    throw,
    timer,
    user_task,
    with_event,
)

NEWS = signal("n", "news")
THROWS = throw("t", signal_event("n"), {"payload": '{what: "it"}'})
BRANCHES = gateway("f", "parallel")


def after(*parts: str, **kwargs: Any) -> bytes:
    """A process in which one branch does `go`, then throws the signal; `parts` are the other branches from `f`."""
    return process(
        "p",
        start(),
        BRANCHES,
        user_task("go"),
        THROWS,
        end("te", "Thrown"),
        flows("s", "f", "go", "t", "te"),
        *parts,
        around=NEWS,
        **kwargs,
    )


def waiting(identity: str) -> str:
    return (
        catch(identity, signal_event("n"), properties={"resultVariable": f"got_{identity}"})
        + end(f"{identity}e")
        + flows("f", identity, f"{identity}e")
    )


def test_a_signal_reaches_all_that_wait_for_it_in_the_case() -> None:
    case = Running(after(waiting("b"), waiting("c"))).start()
    assert {(each.kind, each.message_name, each.correlation_key) for each in case.step.subscriptions} == {
        ("signal", "news", None)
    }
    assert len(case.step.subscriptions) == 2
    case.do("go")
    assert case.step.finished
    assert case.data["got_b"] == case.data["got_c"] == {"what": "it"}
    assert [(each.name, each.payload, each.element_id) for each in case.step.signals] == [("news", {"what": "it"}, "t")]
    assert ("b", "completed") in case.log
    assert {each.interface for each in case.step.activities if each.element_id in "bct"} == {"signal:news"}


def test_a_signal_is_not_kept_for_those_who_come_later() -> None:
    content = process(
        "p",
        start(),
        THROWS,
        catch("c", signal_event("n")),
        end(),
        flows("s", "t", "c", "e"),
        around=NEWS,
    )
    case = Running(content).start()
    assert not case.step.finished
    assert [each.element_id for each in case.step.subscriptions] == ["c"]


def test_a_signal_from_outside_is_taken_once() -> None:
    case = Running(
        process(
            "p", start(), catch("c", signal_event("n")), user_task("a"), end(), flows("s", "c", "a", "e"), around=NEWS
        )
    ).start()
    waits = case.step.subscriptions[0]
    with pytest.raises(TaskNotOpen):
        interpreter.deliver(case.executable, case.step.state, waits.task_id, None, case.context)
    case.signal("news", {"x": 1})
    assert case.open == ["a"]
    with pytest.raises(TaskNotOpen):
        interpreter.signal(case.executable, case.step.state, waits.task_id, None, case.context)


def test_a_signal_brings_no_references_to_records() -> None:
    case = Running(after(waiting("b"))).start()
    with pytest.raises(StepFailed, match="reference to a record") as caught:
        case.signal("news", {"need": {"register": "need", "id": "N-1", "version": 1}})
    assert caught.value.element_id == "b"


def test_a_boundary_signal_interrupts_its_activity() -> None:
    case = Running(with_event(signal_event("n"), interrupting=True, around=NEWS)).start()
    case.signal("news")
    assert case.open == ["late"]
    assert ("a", "cancelled") in case.log


def test_a_boundary_signal_that_does_not_interrupt_comes_again() -> None:
    properties = {"resultVariable": "news"}
    case = Running(with_event(signal_event("n"), interrupting=False, around=NEWS, properties=properties)).start()
    case.signal("news", 1).signal("news", 2)
    assert sorted(case.open) == ["a", "late", "late"]
    assert case.data["news"] == 2


def test_a_signal_that_ends_what_throws_it_is_thrown_and_not_followed() -> None:
    content = process(
        "p",
        start(),
        sub_process(
            "sub",
            start("is"),
            THROWS,
            user_task("never"),
            end("ie"),
            flows("is", "t", "never", "ie"),
        ),
        boundary("b", "sub", signal_event("n")),
        user_task("after"),
        end(),
        end("be"),
        flows("s", "sub", "e"),
        flows("b", "after", "be"),
        around=NEWS,
    )
    case = Running(content).start()
    assert case.open == ["after"]
    assert [each.name for each in case.step.signals] == ["news"]
    assert ("t", "completed") in case.log
    assert ("never", "started") not in case.log


@pytest.mark.parametrize("first", ["news", "time"])
def test_a_signal_races_at_an_event_based_gateway(first: str) -> None:
    content = process(
        "p",
        start(),
        gateway("g", "eventBased"),
        catch("c", signal_event("n")),
        catch("d", signal_event("n")),
        catch("w", timer("Duration", "PT1H")),
        user_task("told"),
        user_task("late"),
        end(),
        flows("s", "g", "c", "told", "e"),
        flow("g", "d"),
        flow("d", "told"),
        flows("g", "w", "late", "e"),
        around=NEWS,
    )
    case = Running(content).start()
    assert len(case.step.subscriptions) == 2
    if first == "news":
        case.signal("news")
        assert case.open == ["told"]
    else:
        case.wait(timedelta(hours=1))
        assert case.open == ["late"]
    assert not [*case.step.subscriptions, *case.step.timers]


def test_two_catches_behind_one_gateway_go_on_once() -> None:
    branch = (
        gateway("g", "eventBased")
        + catch("c", signal_event("n"))
        + catch("d", signal_event("n"))
        + user_task("told")
        + end("ge")
        + flows("f", "g", "c", "told", "ge")
        + flows("g", "d", "told")
    )
    case = Running(after(branch)).start().do("go")
    assert case.open == ["told"]


def test_a_signal_end_event_throws_and_ends() -> None:
    content = process(
        "p",
        start(),
        BRANCHES,
        user_task("go"),
        end("te", "Told", signal_event("n")),
        waiting("c"),
        flows("s", "f", "go", "te"),
        around=NEWS,
    )
    case = Running(content).start().do("go")
    assert case.step.finished
    assert case.step.outcome == "ce"
    assert case.data["got_c"] == {}
    assert [each.element_id for each in case.step.signals] == ["te"]


def test_a_signal_thrown_twice_in_a_step_is_taken_once_by_what_waits_once() -> None:
    branch = catch("c", signal_event("n")) + user_task("told") + end("ce") + flows("f", "c", "told", "ce")
    again = throw("u", signal_event("n"))
    content = process(
        "p",
        start(),
        BRANCHES,
        user_task("go"),
        THROWS,
        again,
        end("te"),
        flows("s", "f", "go", "t", "u", "te"),
        branch,
        around=NEWS,
    )
    case = Running(content).start().do("go")
    assert case.open == ["told"]
    assert len(case.step.signals) == 2


def test_a_signal_has_to_be_named() -> None:
    content = process("p", start(), throw("t", signal_event("gone")), end(), flows("s", "t", "e"), around=NEWS)
    with pytest.raises(DefinitionRefused, match="names no signal"):
        Running(content)


def test_a_signal_reaches_called_processes_and_every_instance() -> None:
    caught = catch("c", signal_event("n"), properties={"resultVariable": "got"})
    called = process("q", start(), caught, end(), flows("s", "c", "e"), around=NEWS)
    each = sub_process(
        "each",
        multi_instance(cardinality="3"),
        start("is"),
        catch("ic", signal_event("n")),
        end("ie"),
        flows("is", "ic", "ie"),
    )
    branches = call("call", "q") + each + end("ce") + flows("f", "call", "ce") + flows("f", "each", "ce")
    case = Running(after(branches), source(called, "q")).start()
    assert len(case.step.subscriptions) == 4
    case.do("go")
    assert case.step.finished
    assert case.data["got"] == {"what": "it"}
    assert [log for log in case.log if log == ("ic", "completed")] == [("ic", "completed")] * 3
