"""Timers: when they are due, and what they do on an activity or at a gateway."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn.model.timing import cycle_of
from engine.errors import ExpressionRefused, StepFailed, TaskNotOpen
from tests.bpmn_cases import NOW, Running
from tests.bpmn_models import (
    catch,
    end,
    flows,
    gateway,
    message,
    process,
    receive_task,
    start,
    timer,
    user_task,
    with_event,
)

HOUR = timedelta(hours=1)
TERMINATE = "<bpmn:terminateEventDefinition/>"


ANSWER = message("m", "answer")


@pytest.mark.parametrize(
    ("kind", "text", "due"),
    [
        ("Duration", "PT1H", NOW + HOUR),
        ("Duration", "= duration(wait)", NOW + timedelta(days=2)),
        ("Duration", "wait", NOW + timedelta(days=2)),
        ("Duration", "${wait}", NOW + timedelta(days=2)),
        ("Duration", "P1M", datetime(2026, 2, 5, 8, tzinfo=UTC)),
        ("Date", "2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Date", '=date and time(day + "T09:00:00Z")', datetime(2026, 4, 1, 9, tzinfo=UTC)),
    ],
)
def test_a_timer_is_due_when_the_model_says(kind: str, text: str, due: datetime) -> None:
    content = process("p", start(), catch("t", timer(kind, text)), user_task("a"), end(), flows("s", "t", "a", "e"))
    case = Running(content).start(wait="P2D", day="2026-04-01")
    assert [each.due_at for each in case.step.timers] == [due]
    assert case.fire(case.step.timers[0].task_id).open == []
    case.now = due
    assert case.fire(case.step.timers[0].task_id).open == ["a"]
    assert case.step.timers == ()


def test_a_timer_keeps_its_time_when_the_case_is_touched_later() -> None:
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        catch("t", timer("Duration", "PT1H")),
        user_task("a"),
        end(),
        flows("s", "g", "t", "e"),
        flows("g", "a", "e"),
    )
    case = Running(content).start()
    case.now += timedelta(minutes=50)
    assert [each.due_at for each in case.do("a").step.timers] == [NOW + HOUR]


def test_a_date_timer_does_not_take_a_duration() -> None:
    content = process("p", start(), catch("t", timer("Date", '="P1D"')), end(), flows("s", "t", "e"))
    with pytest.raises(StepFailed, match="not a duration"):
        Running(content).start()


def test_an_expression_that_comes_to_no_time_is_named_with_what_it_came_to() -> None:
    content = with_event(timer("Duration", "=duration(w)"), interrupting=True)
    with pytest.raises(StepFailed, match=r"'duration\(w\)' cannot be used: it comes to null; it gives no moment"):
        Running(content).start()


def test_unknown_timers_and_those_already_over_are_ignored() -> None:
    content = process(
        "p", start(), catch("t", timer("Duration", "PT1H")), user_task("a"), end(), flows("s", "t", "a", "e")
    )
    case = Running(content).start()
    old = case.step.timers[0].task_id
    case.wait(HOUR)
    before = case.step.state
    assert case.fire(old, "0" * 32, "no id").step.state == before
    assert case.log == []


def test_an_interrupting_timer_cancels_its_activity() -> None:
    case = Running(with_event(timer("Duration", "PT1H"), interrupting=True)).start()
    assert case.log == [("s", "completed"), ("a", "started")]
    task = case.task("a").task_id
    case.wait(HOUR)
    assert case.log == [("a", "cancelled"), ("b", "completed"), ("late", "started")]
    with pytest.raises(TaskNotOpen):
        case.complete(task)
    assert case.do("late").step.outcome == "Too late"


def test_a_timer_that_does_not_interrupt_adds_a_branch_once() -> None:
    case = Running(with_event(timer("Duration", "PT1H"), interrupting=False)).start().wait(HOUR)
    assert case.open == ["a", "late"]
    assert case.step.timers == ()
    case.do("a")
    assert not case.step.finished
    assert case.do("late").step.finished


def test_a_completed_activity_disarms_its_timer() -> None:
    case = Running(with_event(timer("Duration", "PT1H"), interrupting=True)).start().do("a")
    assert (case.step.finished, case.step.timers) == (True, ())
    assert case.log == [("a", "completed"), ("e", "completed")]


def test_a_cycle_reminds_again_and_again() -> None:
    case = Running(with_event(timer("Cycle", "R3/PT1H"), interrupting=False)).start()
    for count in (1, 2, 3):
        case.wait(HOUR)
        assert case.open.count("late") == count
    assert case.step.timers == ()
    case.wait(timedelta(days=9))
    assert case.open.count("late") == 3


def test_overdue_times_of_a_cycle_are_one_occurrence() -> None:
    case = Running(with_event(timer("Cycle", "R10/PT1H"), interrupting=False)).start()
    case.wait(timedelta(hours=4, minutes=30))
    assert case.open.count("late") == 1
    assert [each.due_at for each in case.step.timers] == [NOW + 5 * HOUR]
    for _ in range(10):
        case.wait(HOUR)
    assert case.open.count("late") == 1 + 6, "times gone by count towards the ten"
    assert case.step.timers == ()


def test_a_timer_fired_twice_for_the_same_time_occurs_once() -> None:
    case = Running(with_event(timer("Cycle", "R/PT1H"), interrupting=False)).start()
    armed = case.step.timers[0].task_id
    case.now += HOUR
    assert case.fire(armed).open.count("late") == 1
    assert case.fire(armed).open.count("late") == 1


@pytest.mark.parametrize(
    "text", ["0 0 25 * * ?", "R0/PT1H", "R3/PT0S", "P", "R3/2026-01-01T00:00:00Z/2027-01-01T00:00:00Z"]
)
def test_what_is_no_cycle_is_refused(text: str) -> None:
    with pytest.raises(ExpressionRefused):
        cycle_of(text, NOW)


def test_a_cycle_may_have_a_start() -> None:
    cycle = cycle_of("R2/2026-02-01T00:00:00Z/P1D", NOW)
    assert (cycle.first, cycle.left) == (datetime(2026, 2, 1, tzinfo=UTC), 2)


def test_the_first_event_at_a_gateway_wins() -> None:
    """SpiffWorkflow lets two timers at one gateway share their time."""
    content = process(
        "p",
        start(),
        gateway("g", "eventBased"),
        catch("long", timer("Duration", "PT9H")),
        catch("short", timer("Duration", "PT1H")),
        receive_task("m1", "m"),
        user_task("a"),
        user_task("b"),
        user_task("c"),
        end(),
        flows("s", "g", "long", "a", "e"),
        flows("g", "short", "b", "e"),
        flows("g", "m1", "c", "e"),
        around=ANSWER,
    )
    case = Running(content).start()
    assert case.log == [("s", "completed"), ("g", "started")]
    assert [each.due_at for each in case.step.timers] == [NOW + 9 * HOUR, NOW + HOUR]
    case.wait(HOUR)
    assert (case.open, case.step.timers, case.step.subscriptions) == (["b"], (), ())
    assert case.log == [("g", "completed"), ("short", "completed"), ("b", "started")]
    late = Running(content).start().wait(10 * HOUR)
    assert late.open == ["b"], "both are due: the earlier one wins"
    told = Running(content).start().receive("answer")
    assert told.open == ["c"]
