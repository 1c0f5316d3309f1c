"""The figures of a case: what counts, what does not, and that the times add up whatever happened."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given

from engine import events
from engine.metrics.summary import ActivityFigures, CaseFigures
from tests.unit.metrics.logs import (
    MORNING,
    Event,
    claimed,
    completed,
    done,
    dropped,
    figures,
    opened,
    released,
    started,
    walks,
)


def minutes(found: CaseFigures) -> tuple[float, float, float, float]:
    times = (found.cycle_seconds, found.working_seconds, found.waiting_seconds, found.idle_seconds)
    return tuple(each / 60 for each in times)  # type: ignore[return-value]  # four in, four out


def activity(found: CaseFigures, element: str = "ask") -> ActivityFigures:
    (row,) = [each for each in found.activities if each.element_id == element]
    return row


def test_a_plain_case() -> None:
    found = figures(
        started(),
        opened(0, "t", groups=("analysts",)),
        claimed(10, "t"),
        done(25, "t", effort_minutes=7, outcome="yes"),
        completed(30, "done"),
    )
    assert minutes(found) == (30, 15, 10, 5)
    assert (found.status, found.outcome, found.ended_on) == ("completed", "done", date(2026, 3, 2))
    assert (found.effort_minutes, found.hand_overs, found.failures) == (7, 0, 0)
    assert (found.repeats, found.send_backs, found.first_time_right, found.feedback) == (0, 0, True, None)
    assert (found.organisation_id, found.priority, found.channel, found.definition_version) == ("acme", 50, "phone", 3)
    assert dict(found.labels) == {("person", "ann"): 1, ("group", "analysts"): 1}
    assert found.activities == (ActivityFigures("p", "ask", 1, 0, 0, 0, 25 * 60.0, 10 * 60.0, 15 * 60.0),)


def test_a_task_that_nobody_claims_waits_until_it_is_done() -> None:
    found = figures(started(), opened(0, "t"), done(25, "t"), completed(30))
    assert minutes(found) == (30, 0, 25, 5)
    assert activity(found).waiting_seconds is None
    assert activity(found).working_seconds is None
    assert activity(found).elapsed_seconds == 25 * 60


def test_two_tasks_are_worked_on_while_one_of_them_is() -> None:
    found = figures(
        started(),
        opened(0, "a"),
        opened(0, "b"),
        claimed(5, "a"),
        claimed(10, "b"),
        done(15, "a"),
        released(20, "b"),
        done(30, "b"),
        completed(30),
    )
    assert minutes(found) == (30, 15, 15, 0)
    assert (activity(found).waiting_seconds, activity(found).working_seconds) == (25 * 60, 20 * 60)


def test_an_assigned_task_counts_as_claimed() -> None:
    assign = Event(5, events.TASK_ASSIGNED, "a", "ask", "userTask", "owen", detail={"from": None, "to": "ann"})
    assert minutes(figures(started(), opened(0, "a"), assign, done(9, "a"), completed(9))) == (9, 4, 5, 0)


def test_hand_overs_are_changes_of_the_person_who_completes() -> None:
    people = ("ann", "ann", "ben", "ann", "engine", "ann")
    log = [event for index, by in enumerate(people) for event in (opened(0, f"t{index}"), done(1, f"t{index}", by=by))]
    found = figures(started(), *log, completed(2))
    assert found.hand_overs == 2
    assert {name: count for (kind, name), count in found.labels.items() if kind == "person"} == {"ann": 4, "ben": 1}


def test_repeats_count_once_per_execution() -> None:
    found = figures(
        started(),
        opened(0, "a"),
        done(1, "a"),
        opened(1, "b", again=True),
        done(2, "b", rework=True),
        Event(2, events.ACTIVITY_COMPLETED, "c", "sum", "scriptTask", rework=True),
        completed(2),
    )
    assert (found.repeats, found.first_time_right) == (2, False)
    assert (activity(found).repeats, activity(found, "sum").repeats) == (1, 1)


def test_send_backs_are_outcomes_that_the_process_names() -> None:
    log = (started(), opened(0, "a"), done(1, "a", outcome="returned"), completed(1))
    assert (figures(*log).send_backs, figures(*log).first_time_right) == (0, True)
    sent = figures(*log, send_backs=("returned", "refused"))
    assert (sent.send_backs, sent.first_time_right) == (1, False)


def test_failures_belong_to_the_element_wherever_it_stands() -> None:
    def failed(element: str) -> Event:
        return Event(1, events.FAILURE_RECORDED, "t", element, detail={"reason": "x"})

    called = Event(2, events.ACTIVITY_COMPLETED, "s", "calc", "scriptTask", process_key="q")
    found = figures(started(), failed("calc"), failed("calc"), failed("nowhere"), called, completed(3))
    assert (found.failures, found.first_time_right) == (3, False)
    assert [(each.process_key, each.element_id, each.failures) for each in found.activities] == [
        ("p", "nowhere", 1),
        ("q", "calc", 2),
    ]


def test_interfaces_count_once_each_time() -> None:
    def end(kind: str, interface: str) -> Event:
        return Event(1, events.ACTIVITY_COMPLETED, interface, "x", kind, interface=interface)

    found = figures(
        started(),
        Event(0, events.ACTIVITY_STARTED, "process:q", "x", "callActivity", interface="process:q"),
        Event(1, events.MESSAGE_SENT, interface="message:Hello"),
        end("sendTask", "message:Hello"),
        Event(1, events.MESSAGE_RECEIVED, interface="message:Answer"),
        end("receiveTask", "message:Answer"),
        end("callActivity", "process:q"),
        end("businessRuleTask", "decision:d"),
        end("businessRuleTask", "decision:d"),
        Event(1, events.RECORD_WRITTEN, interface="register:needs"),
        completed(2),
    )
    assert dict(found.labels) == {
        ("interface", "message:Hello"): 1,
        ("interface", "message:Answer"): 1,
        ("interface", "process:q"): 1,
        ("interface", "decision:d"): 2,
    }


def test_services_stand_in_the_first_event() -> None:
    found = figures(started(services=["S-1", "S-2", "S-1"]), completed(1))
    assert dict(found.labels) == {("service", "S-1"): 1, ("service", "S-2"): 1}


@pytest.mark.parametrize(("detail", "status"), [({}, "cancelled"), ({"withdrawn": True}, "withdrawn")])
def test_a_cancelled_case(detail: dict[str, bool], status: str) -> None:
    end = Event(9, events.CASE_CANCELLED, actor="owen", detail=detail)
    found = figures(started(), opened(0, "t"), claimed(3, "t"), dropped(9, "t"), end)
    assert (found.status, found.outcome, found.first_time_right) == (status, None, False)
    assert minutes(found) == (9, 6, 3, 0)
    assert activity(found) == ActivityFigures("p", "ask", cancelled=1)


def test_a_case_that_ends_at_once() -> None:
    found = figures(started(), completed(0))
    assert minutes(found) == (0, 0, 0, 0)
    assert found.first_time_right


def test_what_comes_after_the_end_is_told_but_not_counted() -> None:
    late = (
        Event(99, events.FAILURE_RECORDED, None, "ask"),
        Event(99, events.FEEDBACK_GIVEN, actor="olga", detail={"score": 2}),
        Event(100, events.FEEDBACK_GIVEN, actor="olga", detail={"score": 4}),
    )
    found = figures(started(), completed(5), *late)
    assert (found.failures, found.cycle_seconds, found.ended_at) == (0, 300, completed(5).at)
    assert found.feedback == 4


def test_a_running_case_has_no_figures() -> None:
    with pytest.raises(ValueError, match="has not ended"):
        figures(started(), opened(0, "t"))


def test_gateways_have_no_figures() -> None:
    gateway = Event(1, events.ACTIVITY_COMPLETED, "g", "which", "exclusiveGateway")
    assert figures(started(), gateway, completed(1)).activities == ()


@given(walks())
def test_the_times_add_up(log: list[Event]) -> None:
    found = figures(*log)
    parts = found.working_seconds + found.waiting_seconds + found.idle_seconds
    assert parts == pytest.approx(found.cycle_seconds)
    assert found.cycle_seconds == (log[-1].at - log[0].at).total_seconds()
    assert found.started_at == MORNING
    for each in found.activities:
        if each.waiting_seconds is not None:
            assert each.waiting_seconds + (each.working_seconds or 0) == pytest.approx(each.elapsed_seconds)


@given(walks())
def test_each_minute_is_what_the_events_before_it_say(log: list[Event]) -> None:
    found = figures(*log)
    told = [_state(log, minute + 0.5) for minute in range(round(log[-1].minute))]
    assert minutes(found)[1:] == (told.count("working"), told.count("waiting"), told.count("idle"))


@given(walks())
def test_clocks_that_differ_keep_the_times_together(log: list[Event]) -> None:
    shaken = [
        Event(each.minute - index % 3, each.kind, each.task_id, each.element_id, each.element_kind, detail=each.detail)
        for index, each in enumerate(log)
    ]
    found = figures(*shaken)
    assert min(minutes(found)) >= 0
    assert sum(minutes(found)[1:]) == pytest.approx(minutes(found)[0])


@given(walks())
def test_summarising_twice_is_the_same(log: list[Event]) -> None:
    assert figures(*log) == figures(*log)


def _state(log: Sequence[Event], minute: float) -> str:
    """Return in words what a case does at a moment, by looking at each of its tasks alone."""
    before = [event for event in log if event.minute < minute]
    states = []
    for task in {event.task_id for event in before if event.kind == events.ACTIVITY_STARTED}:
        own = [event for event in before if event.task_id == task]
        if own[-1].kind not in (events.ACTIVITY_COMPLETED, events.ACTIVITY_CANCELLED):
            states.append("waiting" if own[-1].detail.get("to") is None else "working")
    return "working" if "working" in states else "waiting" if states else "idle"
