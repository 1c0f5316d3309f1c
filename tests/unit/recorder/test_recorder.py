"""The recorder as a function: what is open after a step is what was open before, less what ended, plus what came."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.events import KINDS
from engine.recorder import Case, Cause, Waits, record
from engine.types import Actor, MessageSubscription, OpenUserTask, OutgoingMessage, PendingTimer
from engine.types.step import ActivityChange, Step

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
ANN = Actor("ann", "Ann")
CASE = Case("i", "C-000001", "Title", 50, "p", 1, {"p": "p:1"}, ("group:owners",), NOW, 3, Waits())

ids = st.sampled_from([f"t{number}" for number in range(6)])
moments = st.integers(0, 100).map(lambda minutes: NOW + timedelta(minutes=minutes))
groups = st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True).map(tuple)


def _unique(identity: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(ids.map(lambda each: identity + each), max_size=4, unique=True).map(tuple)


@st.composite
def steps(draw: st.DrawFn) -> Step:
    tasks = tuple(
        OpenUserTask(
            each,
            "p",
            "e",
            "Name",
            None,
            draw(st.sampled_from([None, "ann"])),
            (),
            draw(groups),
            None,
            None,
            50,
            None,
            (),
        )
        for each in draw(_unique("u"))
    )
    timers = tuple(PendingTimer(each, "p", "e", "Timer", draw(moments)) for each in draw(_unique("w")))
    waits = tuple(
        MessageSubscription(each, "p", "e", "m", draw(st.sampled_from([None, "k"]))) for each in draw(_unique("m"))
    )
    return Step(b"", finished=False, outcome=None, variables={}, open_tasks=tasks, timers=timers, subscriptions=waits)


@given(steps(), steps())
def test_what_is_open_is_what_was_open_less_what_ended_plus_what_came(first: Step, second: Step) -> None:
    cause = Cause("timer", ANN)
    before = record(CASE, first, cause, NOW).waits
    changes = record(replace(CASE, waits=before), second, cause, NOW)
    came = {row["id"] for row in changes.new_tasks}
    ended = {row["task"] for row in changes.ended_tasks}
    assert ended == set(changes.unlisted)
    assert came.isdisjoint(before.tasks)
    assert (before.tasks - ended) | came == changes.waits.tasks == {task.task_id for task in second.open_tasks}
    jobs = {row["task_id"] for row in changes.new_jobs}
    assert (before.timers.keys() - set(changes.ended_jobs)) | jobs == {timer.task_id for timer in second.timers}
    subscribed = {row["task_id"] for row in changes.new_subscriptions}
    left = before.subscriptions.keys() - set(changes.ended_subscriptions)
    assert left | subscribed == {wait.task_id for wait in second.subscriptions}


@given(steps())
def test_a_step_that_changes_nothing_writes_no_rows_but_itself(step: Step) -> None:
    cause = Cause("timer", ANN)
    case = replace(CASE, waits=record(CASE, step, cause, NOW).waits)
    changes = record(case, step, cause, NOW)
    for rows in (
        changes.new_tasks,
        changes.ended_tasks,
        changes.unlisted,
        changes.worklist,
        changes.participants,
        changes.new_jobs,
        changes.ended_jobs,
        changes.new_subscriptions,
        changes.ended_subscriptions,
        changes.events,
    ):
        assert not rows
    assert changes.waits == case.waits


@given(steps())
def test_waits_come_back_from_their_json(step: Step) -> None:
    started = ActivityChange("x", "p", "e", "Name", "userTask", "started")
    waits = record(CASE, replace(step, activities=(started,)), Cause("start", ANN), NOW).waits
    assert Waits.from_json(waits.as_json()) == waits
    assert waits.started.keys() == {"x"}
    assert waits.since("x") == NOW
    assert waits.since("y") is None


@given(steps())
def test_every_open_task_is_listed_for_somebody(step: Step) -> None:
    changes = record(CASE, step, Cause("timer", ANN), NOW)
    assert {row["task_id"] for row in changes.worklist} == {task.task_id for task in step.open_tasks}
    for row in changes.new_tasks:
        listed = [each["principal"] for each in changes.worklist if each["task_id"] == row["id"]]
        assert len(set(listed)) == len(listed)
        assert ("user:ann" in listed) is (row["assignee"] == "ann")
        assert row["principals"]


@given(st.integers(1, 4), st.booleans())
def test_a_step_that_is_redone_sends_the_same_messages(count: int, outside: bool) -> None:
    message = OutgoingMessage("m", None, {}, "there" if outside else None, "e", "p", "t")
    step = Step(b"", finished=True, outcome="end", variables={}, outgoing=(message,) * count)
    one, again = (record(CASE, step, Cause("timer", ANN), NOW) for _ in range(2))
    sent, other = (one.outbox, one.inbox) if outside else (one.inbox, one.outbox)
    assert (len({row["id"] for row in sent}), other) == (count, [])
    assert (one.outbox, one.inbox) == (again.outbox, again.inbox)
    later = record(replace(CASE, revision=4), step, Cause("timer", ANN), NOW)
    assert {row["id"] for row in (*later.outbox, *later.inbox)}.isdisjoint(row["id"] for row in sent)
    assert {row["kind"] for row in one.events} <= KINDS


def test_the_log_says_who_did_what_and_how_long_it_took() -> None:
    begun, claimed = NOW - timedelta(hours=2), NOW - timedelta(minutes=20)
    case = replace(CASE, waits=Waits(tasks=frozenset({"u"}), started={"u": begun.timestamp(), "b": begun.timestamp()}))
    done = ActivityChange("u", "p", "ask", "Ask", "userTask", "completed", lane="Desk", outcome="yes")
    gone = ActivityChange("b", "p", "late", "Late", "boundaryEvent", "cancelled")
    rule = ActivityChange("r", "p", "rule", "Rule", "businessRuleTask", "completed", interface="decision:d")
    step = Step(b"", finished=True, outcome="End", variables={}, activities=(done, gone, rule), warnings=("lost",))
    cause = Cause("complete", ANN, "u", channel="call", effort_minutes=5, claimed_at=claimed)
    first, second, third, last = record(case, step, cause, NOW).events
    assert (first["actor"], first["duration_seconds"], first["working_seconds"]) == ("ann", 7200.0, 1200.0)
    assert (first["effort_minutes"], first["channel"], first["outcome"]) == (5, "call", "yes")
    assert first["detail"] == {"lane": "Desk", "warnings": ["lost"]}
    assert (second["kind"], second["actor"], second["duration_seconds"]) == ("activity.cancelled", "engine", 7200.0)
    assert (third["actor"], third["interface"], third["duration_seconds"]) == ("engine", "decision:d", 0.0)
    assert (third["effort_minutes"], third["channel"], third["working_seconds"]) == (None, None, None)
    assert (last["kind"], last["outcome"], last["duration_seconds"]) == ("case.completed", "End", 0.0)
