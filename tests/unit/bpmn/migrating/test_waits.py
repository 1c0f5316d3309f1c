"""What a case waits for when it has moved: times, messages, events that are new or gone, joins."""

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import CannotMove, StepFailed
from tests.bpmn_cases import NOW, Running
from tests.bpmn_models import (
    boundary,
    catch,
    condition,
    end,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    process,
    receive_task,
    signal,
    signal_event,
    start,
    timer,
    user_task,
)
from tests.unit.bpmn.migrating.moves import moved, place

HOUR = timedelta(hours=1)


def waiting(text: str, kind: str = "Duration") -> bytes:
    return process("p", start(), catch("w", timer(kind, text)), user_task("a"), end(), flows("s", "w", "a", "e"))


def with_timer(text: str | None, kind: str = "Duration", *, interrupting: bool = False) -> bytes:
    event = "" if text is None else boundary("late", "a", timer(kind, text), interrupting=interrupting)
    handled = "" if text is None else user_task("remind") + end("le") + flows("late", "remind", "le")
    return process("p", start(), user_task("a"), event, handled, end(), flows("s", "a", "e"))


def parallel(*branches: str, join: str = "parallel") -> bytes:
    """Return a process with one user task on each branch between two gateways."""
    return process(
        "p",
        start(),
        gateway("g", join),
        *map(user_task, branches),
        gateway("j", join),
        user_task("z"),
        end(),
        flows("s", "g"),
        *(flow("g", name) + flow(name, "j") for name in branches),
        flows("j", "z", "e"),
    )


def told(key: str | None, name: str = "note") -> bytes:
    properties = {"resultVariable": "said"} | ({"correlationKey": key} if key else {})
    task = receive_task("r", "m", properties)
    return process("p", start(), task, user_task("a"), end(), flows("s", "r", "a", "e"), around=message("m", name))


def test_a_timer_keeps_its_time_unless_the_model_says_another() -> None:
    case = Running(waiting("PT3H")).start()
    case.now += HOUR
    (same,) = moved(case, waiting("PT3H")).step.timers
    assert same.due_at == NOW + 3 * HOUR
    there = moved(case, waiting("PT5H"))
    (other,) = there.step.timers
    assert (other.due_at, other.task_id) == (NOW + 5 * HOUR, same.task_id)
    assert there.step.migrated is not None
    assert [(each.name, each.what) for each in there.step.migrated.moved] == [("w", "timer")]
    assert place(waiting("PT3H"), waiting("PT5H"), "w").notes == (
        "Its time is worked out anew, from when it began to wait.",
    )


def test_a_time_that_is_past_by_then_comes_at_once() -> None:
    case = Running(waiting("PT3H")).start()
    case.now += 2 * HOUR
    there = moved(case, waiting("PT1H"))
    assert there.wait(timedelta()).open == ["a"]


def test_a_timer_that_repeats_keeps_its_next_time_and_what_has_been() -> None:
    case = Running(with_timer("R4/PT1H", "Cycle")).start().wait(HOUR)
    assert case.open.count("remind") == 1
    there = moved(case, with_timer("R3/PT2H", "Cycle"))
    (left,) = there.step.timers
    assert left.due_at == NOW + 2 * HOUR
    there.wait(HOUR)
    assert [each.due_at for each in there.step.timers] == [NOW + 4 * HOUR]
    there.wait(2 * HOUR)
    assert there.step.timers == ()
    assert there.open.count("remind") == 3


def test_a_duration_may_become_a_cycle() -> None:
    case = Running(with_timer("PT4H")).start()
    there = moved(case, with_timer("R2/PT1H", "Cycle"))
    assert [each.due_at for each in there.step.timers] == [NOW + HOUR]
    assert moved(there, with_timer("PT4H")).step.timers == case.step.timers


def test_a_time_that_cannot_be_worked_out_keeps_the_case_where_it_is() -> None:
    case = Running(waiting("PT3H")).start()
    with pytest.raises(StepFailed, match="'w'"):
        moved(case, waiting("= date and time(missing)"))


def test_events_that_are_new_on_an_activity_wait_from_now_on_and_those_that_are_gone_do_no_more() -> None:
    case = Running(with_timer(None)).start()
    case.now += HOUR
    there = moved(case, with_timer("PT1H"))
    assert [each.due_at for each in there.step.timers] == [NOW + 2 * HOUR]
    assert there.step.migrated is not None
    assert there.step.migrated.armed == ("late",)
    assert "New here" in place(with_timer(None), with_timer("PT1H"), "a").notes[0]
    back = moved(there, with_timer(None))
    assert (back.open, back.step.timers) == (["a"], ())
    assert back.do("a").step.finished


def test_an_event_that_has_occurred_does_not_wait_again() -> None:
    case = Running(with_timer("PT1H")).start().wait(HOUR)
    there = moved(case, with_timer("PT2H"))
    assert sorted(there.open) == ["a", "remind"]
    assert there.step.timers == ()


def test_a_message_that_the_model_names_otherwise_is_waited_for_under_its_new_name_and_key() -> None:
    case = Running(told("x")).start(x="1", y="2")
    for after, expected in (
        (told("x"), ("note", "1")),
        (told("y"), ("note", "2")),
        (told(None, "hint"), ("hint", None)),
    ):
        there = moved(case, after)
        (wait,) = there.step.subscriptions
        assert (wait.message_name, wait.correlation_key) == expected
        assert wait.task_id == case.step.subscriptions[0].task_id
        assert there.receive(*expected[:1], {"n": 1}, expected[1]).open == ["a"]


def test_a_task_is_offered_to_those_whom_the_new_version_names_and_keeps_its_dates() -> None:
    def asked(**task: Any) -> bytes:
        return process("p", start(), user_task("a", **task), end(), flows("s", "a", "e"))

    before = asked(candidateGroups="ones", dueDate="P1D", formRef="f", priority="7")
    after = asked(candidateGroups="${team}, others", dueDate="P9D", formRef="g", priority="9")
    case = Running(before).start(team="mine")
    there = moved(case, after)
    (task,) = there.step.open_tasks
    assert task.candidate_groups == ("mine", "others")
    assert (task.form_key, task.priority, task.due_at) == ("g", 7, NOW + timedelta(days=1))
    assert there.step.migrated is not None
    assert there.step.migrated.offered == {task.task_id}
    notes = " ".join(place(before, after, "a").notes)
    assert "form is 'g'" in notes
    assert "offered" in notes
    assert "keep what they have now: due date, priority" in notes


def test_a_join_waits_for_what_its_new_version_waits_for() -> None:
    case = Running(parallel("a", "b")).start().do("a")
    there = moved(case, parallel("a", "b"))
    assert there.do("b").open == ["z"]
    gone = parallel("a", "c")
    with pytest.raises(CannotMove, match="“b”: the other version has no such element"):
        moved(case, gone)
    assert moved(case, gone, mapping={"b": "c"}).do("c").open == ["z"]


def test_a_token_does_not_move_to_a_join_where_it_would_wait_for_ever() -> None:
    case = Running(parallel("a", "b")).start().do("a")
    with pytest.raises(CannotMove, match="would wait at “j” for a branch"):
        moved(case, parallel("a", "b", "c"))
    line = process("p", start(), user_task("a"), user_task("z"), end(), flows("s", "a", "z", "e"))
    with pytest.raises(CannotMove, match="would wait at “j”"):
        moved(Running(line).start(), parallel("a", "b"))
    assert moved(Running(line).start().do("a"), parallel("a", "b")).open == ["z"]


def test_a_join_that_has_lost_the_branch_it_waited_for_goes_on() -> None:
    def loop(more: bool) -> bytes:
        again = gateway("x", default="x_j") if more else ""
        return process(
            "p",
            start(),
            gateway("g", "parallel"),
            user_task("a"),
            user_task("b"),
            again,
            gateway("j", "parallel"),
            user_task("z"),
            end(),
            end("e2"),
            flows("s", "g", "a", "j", "z", "e"),
            flows("g", "b", "j") if more else flows("g", "b", "e2"),
        )

    case = Running(
        loop(more=True).replace(b'<bpmn:exclusiveGateway id="x" default="x_j"></bpmn:exclusiveGateway>', b"")
    )
    case.start().do("a")
    assert case.open == ["b"]
    there = moved(case, loop(more=False))
    assert sorted(there.open) == ["b", "z"]


def test_the_events_of_a_race_follow_the_model() -> None:
    def race(*names: str) -> bytes:
        return process(
            "p",
            start(),
            gateway("g", "eventBased"),
            *(catch(name, timer("Duration", f"PT{number}H")) for number, name in enumerate(names, start=1)),
            receive_task("r", "m"),
            gateway("x"),
            user_task("z"),
            end(),
            flows("s", "g", "r", "x", "z", "e"),
            *(flow("g", name) + flow(name, "x") for name in names),
            around=message("m", "note"),
        )

    case = Running(race("one", "two")).start()
    there = moved(case, race("one", "three"))
    assert [(each.element_id, each.due_at) for each in there.step.timers] == [
        ("one", NOW + HOUR),
        ("three", NOW + 2 * HOUR),
    ]
    assert there.step.migrated is not None
    assert (there.step.migrated.dropped, there.step.migrated.armed) == (("two",), ("three",))
    assert there.wait(2 * HOUR).open == ["z"]
    assert there.step.timers == ()
    assert there.step.subscriptions == ()


def test_an_event_that_would_join_a_race_has_no_place_there() -> None:
    plain = process(
        "p", start(), catch("w", message_event("m")), end(), flows("s", "w", "e"), around=message("m", "note")
    )
    raced = process(
        "p",
        start(),
        gateway("g", "eventBased"),
        catch("w", message_event("m")),
        catch("t", timer("Duration", "PT1H")),
        gateway("x"),
        end(),
        flows("s", "g", "w", "x", "e"),
        flows("g", "t", "x"),
        around=message("m", "note"),
    )
    with pytest.raises(CannotMove, match="follows an event-based gateway"):
        moved(Running(plain).start(), raced)


def handled(*handlers: str, tasks: str = "a") -> bytes:
    around = signal("S", "alarm") + signal("T", "call")
    parts = [*map(user_task, tasks.split()), *handlers]
    return process("p", start(), *parts, end(), flows("s", *tasks.split(), "e"), around=around)


def handler(identity: str, definition: str, *, interrupting: bool = True) -> str:
    task, over = f"{identity}_task", f"{identity}_end"
    inside = (user_task(task), end(over), flows(f"{identity}_start", task, over))
    return event_sub_process(identity, definition, *inside, interrupting=interrupting)


def test_what_starts_an_event_sub_process_is_waited_for_as_the_new_version_says() -> None:
    late = handler("late", timer("Duration", "PT1H"))
    case = Running(handled()).start()
    there = moved(case, handled(late))
    assert [each.due_at for each in there.step.timers] == [NOW + HOUR]
    assert there.step.migrated is not None
    assert there.step.migrated.armed == ("late_start",)
    same = moved(there, handled(late, tasks="a b"))
    assert same.step.timers == there.step.timers
    back = moved(there, handled())
    assert (back.open, back.step.timers) == (["a"], ())
    assert back.step.migrated is not None
    assert back.step.migrated.dropped == ("late_start",)
    assert place(handled(late), handled(), "late_start").dropped


def test_a_scope_that_was_interrupted_waits_for_no_other_start() -> None:
    late, again = handler("late", timer("Duration", "PT1H")), handler("again", timer("Duration", "PT2H"))
    case = Running(handled(late)).start().wait(HOUR)
    assert case.open == ["late_task"]
    there = moved(case, handled(late, again))
    assert (there.open, there.step.timers) == (["late_task"], ())
    assert there.do("late_task").step.finished
    with pytest.raises(CannotMove, match="late_task"):
        moved(case, handled())


def test_one_that_does_not_interrupt_goes_on_beside_what_is_new() -> None:
    late = handler("late", timer("Cycle", "R/PT1H"), interrupting=False)
    case = Running(handled(late)).start().wait(HOUR)
    there = moved(case, handled(late, handler("again", signal_event("S"), interrupting=False)))
    assert sorted(there.open) == ["a", "late_task"]
    assert [each.due_at for each in there.step.timers] == [NOW + 2 * HOUR]
    assert [(each.kind, each.message_name) for each in there.step.subscriptions] == [("signal", "alarm")]


def test_a_signal_that_the_model_names_otherwise_is_waited_for_under_its_new_name() -> None:
    case = Running(handled(handler("h", signal_event("S")))).start()
    there = moved(case, handled(handler("h", signal_event("T"))))
    (before,), (after,) = case.step.subscriptions, there.step.subscriptions
    assert (after.message_name, after.task_id) == ("call", before.task_id)


def test_a_condition_of_the_new_version_is_asked_at_the_move() -> None:
    def asked(text: str) -> bytes:
        return process(
            "p", start(), user_task("a"), boundary("b", "a", condition(text)), user_task("z"), end(), end("e2"),
            flows("s", "a", "e"), flows("b", "z", "e2"),
        )  # fmt: skip

    case = Running(asked("go = 1")).start(go=2)
    assert moved(case, asked("go = 1")).open == ["a"]
    assert moved(case, asked("go = 2")).open == ["z"]
