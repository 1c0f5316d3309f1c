"""Start, end, catch, throw and boundary events, and the time they wait for."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn.timing import cycle_of
from engine.errors import ExpressionRefused, StepFailed, TaskNotOpen
from tests.bpmn_cases import NOW, Running
from tests.bpmn_models import (
    boundary,
    catch,
    end,
    error,
    error_event,
    flow,
    flows,
    gateway,
    message,
    message_event,
    process,
    receive_task,
    script,
    send_task,
    start,
    sub_process,
    throw,
    timer,
    user_task,
)

HOUR = timedelta(hours=1)
TERMINATE = "<bpmn:terminateEventDefinition/>"


def test_a_case_ends_with_the_name_of_its_end_event() -> None:
    case = Running(process("p", start(), user_task("a"), end("e", "All done"), flows("s", "a", "e"))).start()
    assert (case.step.finished, case.step.outcome) == (False, None)
    case.do("a")
    assert (case.step.finished, case.step.outcome, case.open) == (True, "All done", [])
    assert case.log == [("a", "completed"), ("e", "completed")]
    assert case.step.activities[-1].outcome == "All done"


def test_an_end_event_without_a_name_gives_its_id() -> None:
    assert Running(process("p", start(), end("bye"), flow("s", "bye"))).start().step.outcome == "bye"


def test_a_terminate_end_event_cancels_what_is_left() -> None:
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        user_task("a"),
        user_task("b"),
        end("stop", "Stopped", TERMINATE),
        end("e"),
        flows("s", "g", "a", "stop"),
        flows("g", "b", "e"),
    )
    case = Running(content).start().do("a")
    assert (case.step.finished, case.step.outcome) == (True, "Stopped")
    assert ("b", "cancelled") in case.log


def test_after_a_terminate_end_event_nothing_ready_runs_any_more() -> None:
    """SpiffWorkflow runs tasks that were ready when their process was terminated."""
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        end("stop", "", TERMINATE),
        script("late", "late = True"),
        end("e"),
        flow("s", "g"),
        flow("g", "stop"),
        flows("g", "late", "e"),
    )
    case = Running(content).start()
    assert case.step.finished
    assert "late" not in case.data


def test_a_terminate_end_event_in_a_sub_process_ends_the_sub_process_only() -> None:
    inner = (
        start("is"),
        gateway("ig", "parallel"),
        user_task("x"),
        user_task("y"),
        end("stop", "", TERMINATE),
        end("ie"),
        flows("is", "ig", "x", "stop"),
        flows("ig", "y", "ie"),
    )
    content = process("p", start(), sub_process("sub", *inner), user_task("b"), end(), flows("s", "sub", "b", "e"))
    case = Running(content).start().do("x")
    assert case.open == ["b"]
    assert ("y", "cancelled") in case.log


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


def on_task(
    definition: str, *, interrupting: bool, around: str = "", properties: dict[str, str] | None = None
) -> bytes:
    return process(
        "p",
        start(),
        user_task("a"),
        boundary("b", "a", definition, interrupting=interrupting, properties=properties),
        user_task("late"),
        end("e", "In time"),
        end("le", "Too late"),
        flows("s", "a", "e"),
        flows("b", "late", "le"),
        around=around,
    )


def test_an_interrupting_timer_cancels_its_activity() -> None:
    case = Running(on_task(timer("Duration", "PT1H"), interrupting=True)).start()
    assert case.log == [("s", "completed"), ("a", "started")]
    task = case.task("a").task_id
    case.wait(HOUR)
    assert case.log == [("a", "cancelled"), ("b", "completed"), ("late", "started")]
    with pytest.raises(TaskNotOpen):
        case.complete(task)
    assert case.do("late").step.outcome == "Too late"


def test_a_timer_that_does_not_interrupt_adds_a_branch_once() -> None:
    case = Running(on_task(timer("Duration", "PT1H"), interrupting=False)).start().wait(HOUR)
    assert case.open == ["a", "late"]
    assert case.step.timers == ()
    case.do("a")
    assert not case.step.finished
    assert case.do("late").step.finished


def test_a_completed_activity_disarms_its_timer() -> None:
    case = Running(on_task(timer("Duration", "PT1H"), interrupting=True)).start().do("a")
    assert (case.step.finished, case.step.timers) == (True, ())
    assert case.log == [("a", "completed"), ("e", "completed")]


def test_a_cycle_reminds_again_and_again() -> None:
    case = Running(on_task(timer("Cycle", "R3/PT1H"), interrupting=False)).start()
    for count in (1, 2, 3):
        case.wait(HOUR)
        assert case.open.count("late") == count
    assert case.step.timers == ()
    case.wait(timedelta(days=9))
    assert case.open.count("late") == 3


def test_overdue_times_of_a_cycle_are_one_occurrence() -> None:
    case = Running(on_task(timer("Cycle", "R10/PT1H"), interrupting=False)).start()
    case.wait(timedelta(hours=4, minutes=30))
    assert case.open.count("late") == 1
    assert [each.due_at for each in case.step.timers] == [NOW + 5 * HOUR]
    for _ in range(10):
        case.wait(HOUR)
    assert case.open.count("late") == 1 + 6, "times gone by count towards the ten"
    assert case.step.timers == ()


def test_a_timer_fired_twice_for_the_same_time_occurs_once() -> None:
    case = Running(on_task(timer("Cycle", "R/PT1H"), interrupting=False)).start()
    armed = case.step.timers[0].task_id
    case.now += HOUR
    assert case.fire(armed).open.count("late") == 1
    assert case.fire(armed).open.count("late") == 1


@pytest.mark.parametrize(
    "text", ["0 0 9 * * ?", "R0/PT1H", "R3/PT0S", "P", "R3/2026-01-01T00:00:00Z/2027-01-01T00:00:00Z"]
)
def test_what_is_no_cycle_is_refused(text: str) -> None:
    with pytest.raises(ExpressionRefused):
        cycle_of(text, NOW)


def test_a_cycle_may_have_a_start() -> None:
    cycle = cycle_of("R2/2026-02-01T00:00:00Z/P1D", NOW)
    assert (cycle.first, cycle.left) == (datetime(2026, 2, 1, tzinfo=UTC), 2)


ANSWER = message("m", "answer")


def test_a_receive_task_waits_for_its_message() -> None:
    properties = {"correlationKey": "number", "resultVariable": "reply"}
    content = process(
        "p",
        start(),
        receive_task("r", "m", properties),
        user_task("a"),
        end(),
        flows("s", "r", "a", "e"),
        around=ANSWER,
    )
    case = Running(content).start(number="R-7")
    [waits] = case.step.subscriptions
    assert (waits.message_name, waits.correlation_key, waits.element_id) == ("answer", "R-7", "r")
    assert ("r", "started") in case.log
    case.receive("answer", {"yes": True}, "R-7")
    assert case.data["reply"] == {"yes": True}
    assert case.log[0] == ("r", "completed")
    assert case.step.activities[0].interface == "message:answer"
    with pytest.raises(TaskNotOpen):
        case.complete(waits.task_id)


def test_a_message_is_delivered_once() -> None:
    content = process(
        "p", start(), catch("c", message_event("m")), user_task("a"), end(), flows("s", "c", "a", "e"), around=ANSWER
    )
    case = Running(content).start()
    first = case.step.subscriptions[0]
    case.receive("answer")
    case.step = case.step.__class__(
        **{**{name: getattr(case.step, name) for name in case.step.__slots__}, "subscriptions": (first,)}
    )
    with pytest.raises(TaskNotOpen):
        case.receive("answer")


def test_a_correlation_key_that_comes_to_nothing_fails_the_step() -> None:
    content = process(
        "p", start(), receive_task("r", "m", {"correlationKey": "number"}), end(), flows("s", "r", "e"), around=ANSWER
    )
    with pytest.raises(StepFailed, match="correlation key") as caught:
        Running(content).start()
    assert caught.value.element_id == "r"


def test_a_boundary_message_that_does_not_interrupt_comes_again() -> None:
    properties = {"resultVariable": "news"}
    case = Running(on_task(message_event("m"), interrupting=False, around=ANSWER, properties=properties)).start()
    case.receive("answer", 1).receive("answer", 2)
    assert case.open.count("late") == 2
    assert case.data["news"] == 2


def test_an_interrupting_boundary_message_cancels() -> None:
    case = Running(on_task(message_event("m"), interrupting=True, around=ANSWER)).start().receive("answer")
    assert case.open == ["late"]
    assert case.step.subscriptions == ()


def test_messages_are_sent_with_key_payload_and_destination() -> None:
    sent = {"destination": "portfolio", "correlationKey": "number", "payload": "{title: title, by: actor}"}
    content = process(
        "p",
        start(),
        send_task("st", "m", sent),
        throw("th", message_event("m"), {"destination": '= "to-" + number'}),
        end("e", "", message_event("m"), {}),
        flows("s", "st", "th", "e"),
        around=message("m", "decided"),
    )
    case = Running(content).start(number="R-1", title="T")
    first, second, third = case.step.outgoing
    assert (first.name, first.correlation_key, first.destination) == ("decided", "R-1", "portfolio")
    assert first.payload == {"title": "T", "by": None}
    assert (second.destination, second.correlation_key, second.payload) == ("to-R-1", None, {})
    assert (third.destination, third.element_id) == (None, "e")
    assert [change.interface for change in case.step.activities] == [None] + ["message:decided"] * 3


def in_sub(definition: str, *catching: str, around: str) -> bytes:
    inner = sub_process("sub", start("is"), user_task("x"), end("ie", "Wrong", definition), flows("is", "x", "ie"))
    handlers = "".join(
        user_task(f"h{number}") + flow(f"b{number}", f"h{number}") + flow(f"h{number}", "e")
        for number in range(len(catching))
    )
    events = "".join(boundary(f"b{number}", "sub", each) for number, each in enumerate(catching))
    return process(
        "p",
        start(),
        inner,
        events,
        handlers,
        user_task("fine"),
        end("e", "End"),
        flows("s", "sub", "fine", "e"),
        around=around,
    )


ERRORS = error("E1", "42") + error("E2", "43")


def test_an_error_is_caught_by_the_event_for_its_code() -> None:
    case = Running(
        in_sub(error_event("E1"), error_event("E2"), error_event(), error_event("E1"), around=ERRORS)
    ).start()
    assert case.do("x").open == ["h2"]
    assert case.log == [
        ("x", "completed"),
        ("ie", "completed"),
        ("sub", "cancelled"),
        ("b2", "completed"),
        ("h2", "started"),
    ]


def test_an_error_is_caught_by_an_event_for_any() -> None:
    assert Running(in_sub(error_event("E1"), error_event("E2"), error_event(), around=ERRORS)).start().do("x").open == [
        "h1"
    ]


def test_an_error_that_nobody_catches_ends_the_case() -> None:
    case = Running(in_sub(error_event("E1"), error_event("E2"), around=ERRORS)).start().do("x")
    assert (case.step.finished, case.step.outcome, case.open) == (True, "Wrong", [])


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
