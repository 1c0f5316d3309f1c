"""Owns what a step changes: out of a step and what was open before it makes the rows to write; pure, it knows no database.

Rows are mappings by column name (see engine.persistence.models). The same case, step, cause and time give the same rows, identifiers
included, so a step that is redone writes what it would have written at first.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from engine import events
from engine.types import ENGINE, ActivityChange, Actor, Json, MessageSubscription, OpenUserTask, PendingTimer, Step

Row = dict[str, Any]

INBOX_DAYS: Final = 30
"""How long a message that nobody waits for is kept."""

NO_DUE_DATE: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands in the worklist for a task without due date, so that it is listed last."""

_ACTIVITY_KINDS: Final = {
    "started": events.ACTIVITY_STARTED,
    "completed": events.ACTIVITY_COMPLETED,
    "cancelled": events.ACTIVITY_CANCELLED,
}
_IDENTIFIERS: Final = uuid.UUID("8b0f3c0e-6f0e-5d1b-9a75-0c3f5b6f2a11")


@dataclass(frozen=True, slots=True)
class Waits:
    """What a case waits for, by task id, kept in its row: so a step knows what was open without reading the rows of it.

    `timers` hold due times (ISO 8601), `subscriptions` message name and key, `started` the start of running activities, and
    `participants` the principals that are known to have or have had a task.
    """

    tasks: frozenset[str] = frozenset()
    timers: Mapping[str, str] = field(default_factory=dict)
    subscriptions: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    started: Mapping[str, datetime] = field(default_factory=dict)
    participants: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Json]:
        """Return the form in which the waits are stored."""
        return {
            "tasks": sorted(self.tasks),
            "timers": dict(self.timers),
            "subscriptions": {task: list(message) for task, message in self.subscriptions.items()},
            "started": {task: at.timestamp() for task, at in self.started.items()},
            "participants": sorted(self.participants),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Json]) -> "Waits":
        """Return the waits that `as_json` stored."""
        return cls(
            frozenset(stored["tasks"]),
            stored["timers"],
            {task: (name, key) for task, (name, key) in stored["subscriptions"].items()},
            {task: datetime.fromtimestamp(at, UTC) for task, at in stored["started"].items()},
            frozenset(stored["participants"]),
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stood before the step. `definition_ids` are by process key; `owners` are offered tasks that name nobody."""

    id: str
    number: str
    title: str
    priority: int
    definition_key: str
    definition_version: int
    definition_ids: Mapping[str, str]
    owners: tuple[str, ...]
    started_at: datetime
    revision: int
    waits: Waits


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a step happened. `task_id` is the task that was completed, or the event that received the message.

    `claimed_at` and `effort_minutes` belong to a completed user task; `message_id` to a message; `fired` are the tasks of timers;
    `reason` belongs to a cancellation. `retried_by` is who had a failed step done again.
    """

    kind: Literal["start", "complete", "timer", "message", "cancel"]
    actor: Actor
    task_id: str | None = None
    channel: str | None = None
    effort_minutes: int | None = None
    claimed_at: datetime | None = None
    message_id: str | None = None
    message_name: str | None = None
    fired: tuple[str, ...] = ()
    reason: str | None = None
    retried_by: str | None = None

    @property
    def about(self) -> frozenset[str]:
        """Return the ids under which a failure of this very step would be recorded."""
        return frozenset(each for each in (self.task_id, self.message_id, *self.fired) if each)


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows that a step adds and the ids of those that it ends."""

    new_tasks: Sequence[Row]
    ended_tasks: Sequence[Row]
    """parameters of `END_TASK` for the tasks that are open no more, but the one that the step completed"""
    unlisted: Sequence[str]
    worklist: Sequence[Row]
    participants: Sequence[Row]
    new_jobs: Sequence[Row]
    ended_jobs: Sequence[str]
    new_subscriptions: Sequence[Row]
    ended_subscriptions: Sequence[str]
    events: Sequence[Row]
    outbox: Sequence[Row]
    inbox: Sequence[Row]
    waits: Waits


def record(case: Case, step: Step, cause: Cause, now: datetime) -> Changes:
    """Return what to write for `step`, which `cause` set off in `case` at `now` (aware)."""
    before = case.waits
    open_now = {task.task_id: task for task in step.open_tasks}
    timers = {timer.task_id: timer.due_at.astimezone(UTC).isoformat() for timer in step.timers}
    subscriptions = {wait.task_id: (wait.message_name, wait.correlation_key) for wait in step.subscriptions}
    fresh = [task for task in step.open_tasks if task.task_id not in before.tasks]
    offered = {task.task_id: principals(task, case.owners) for task in fresh}
    involved = {name for names in offered.values() for name in names}
    if cause.kind == "complete":
        involved.add(f"user:{cause.actor.user_id}")
    closed = sorted(before.tasks - open_now.keys())
    new_participants = sorted(involved - before.participants)
    return Changes(
        new_tasks=[_task_row(case, task, offered[task.task_id], now) for task in fresh],
        ended_tasks=[
            _ended(task_id, cause, step, now)
            for task_id in closed
            if cause.kind != "complete" or task_id != cause.task_id
        ],
        unlisted=closed,
        worklist=[
            row
            for task in fresh
            for row in worklist_rows(_worklist_facts(case, task, now), task.assignee, offered[task.task_id])
        ],
        participants=[{"principal": name, "instance_id": case.id} for name in new_participants],
        new_jobs=[
            _job_row(case, timer) for timer in step.timers if before.timers.get(timer.task_id) != timers[timer.task_id]
        ],
        ended_jobs=sorted(task for task, due in before.timers.items() if timers.get(task) != due),
        new_subscriptions=[
            _subscription_row(case, wait, now)
            for wait in step.subscriptions
            if before.subscriptions.get(wait.task_id) != subscriptions[wait.task_id]
        ],
        ended_subscriptions=sorted(
            task for task, message in before.subscriptions.items() if subscriptions.get(task) != message
        ),
        events=_with_warnings(step, list(_events(case, step, cause, now))),
        outbox=[_outbox_row(case, step, index, now) for index in _outgoing(step, outside=True)],
        inbox=[_inbox_row(case, step, index, now) for index in _outgoing(step, outside=False)],
        waits=Waits(
            frozenset(open_now), timers, subscriptions, _running(before, step, now), before.participants | involved
        ),
    )


def principals(task: OpenUserTask, owners: Sequence[str]) -> list[str]:
    """Return the principals that may see and claim `task`; a task that names nobody is offered to the `owners`."""
    named = [f"user:{name}" for name in task.candidate_users] + [f"group:{name}" for name in task.candidate_groups]
    if task.assignee:
        named.append(f"user:{task.assignee}")
    return list(dict.fromkeys(named)) or list(owners)


def worklist_rows(facts: Row, assignee: str | None, names: Iterable[str]) -> list[Row]:
    """Return the worklist rows of a task: while nobody has it one for each of the principals `names`, else one for its assignee.

    Groups keep a row under `claimed:group:...` then, so that others can look up who has it. `facts` are the shared columns.
    """
    listed = list(names)
    if assignee:
        listed = [f"user:{assignee}", *(f"claimed:{name}" for name in listed if name.startswith("group:"))]
    return [{"principal": name, **facts} for name in listed]


def worklist_text(task_name: str, case_number: str, title: str) -> str:
    """Return what the search of the worklist looks in."""
    return f"{task_name} {case_number} {title}".lower()


def event_row(case: Case, kind: str, actor: str, now: datetime, **facts: Any) -> Row:
    """Return a row of the activity log; `facts` are columns that differ from their defaults."""
    row: Row = {
        "at": now,
        "kind": kind,
        "instance_id": case.id,
        "definition_key": case.definition_key,
        "definition_version": case.definition_version,
        "process_key": case.definition_key,
        "task_id": None,
        "element_id": None,
        "element_name": None,
        "element_kind": None,
        "actor": actor,
        "duration_seconds": None,
        "working_seconds": None,
        "effort_minutes": None,
        "channel": None,
        "outcome": None,
        "rework": False,
        "priority": case.priority,
        "interface": None,
        "detail": {},
    }
    row.update(facts)
    return row


def _events(case: Case, step: Step, cause: Cause, now: datetime) -> Iterator[Row]:
    actor = cause.actor.user_id
    if cause.kind == "start":
        yield event_row(case, events.CASE_STARTED, actor, now, channel=cause.channel)
    if cause.kind == "message":
        yield _received(case, step, cause, now)
    own = _set_off_by_person(case, step, cause)
    priorities = {task.task_id: task.priority for task in step.open_tasks}
    for change in step.activities:
        priority = priorities.get(change.task_id, case.priority)
        yield _activity(case, change, cause, now, priority, own=change.task_id in own)
    for index, message in enumerate(step.outgoing):
        yield event_row(
            case,
            events.MESSAGE_SENT,
            ENGINE.user_id,
            now,
            process_key=message.process_key,
            task_id=message.task_id,
            element_id=message.element_id,
            interface=f"message:{message.name}",
            detail={
                "message": _message_id(case, index),
                "destination": message.destination,
                "key": message.correlation_key,
            },
        )
    for write in step.writes:
        yield event_row(
            case,
            events.RECORD_WRITTEN,
            actor if write.task_id in own else ENGINE.user_id,
            now,
            process_key=write.process_key,
            task_id=write.task_id,
            element_id=write.element_id,
            interface=f"register:{write.register}",
            detail={**write.ref.as_json(), "status": write.status},
        )
    elapsed = (now - case.started_at).total_seconds()
    if cause.kind == "cancel":
        detail = {"reason": (cause.reason or "")[:500]}
        yield event_row(case, events.CASE_CANCELLED, actor, now, duration_seconds=elapsed, detail=detail)
    elif step.finished:
        yield event_row(
            case, events.CASE_COMPLETED, ENGINE.user_id, now, duration_seconds=elapsed, outcome=step.outcome
        )


def _with_warnings(step: Step, rows: list[Row]) -> list[Row]:
    if step.warnings and rows:
        first, *others = rows
        texts = [text[:300] for text in step.warnings[:10]]
        return [{**first, "detail": {**first["detail"], "warnings": texts}}, *others]
    return rows


def _set_off_by_person(case: Case, step: Step, cause: Cause) -> set[str]:
    """Return the tasks that are the doing of the cause's actor: the completed task, the event that the case began with."""
    own = {cause.task_id} if cause.task_id else set()
    if cause.kind == "start":
        own |= {
            each.task_id
            for each in step.activities
            if each.kind == "startEvent" and each.process_key == case.definition_key
        }
    return own


def _activity(case: Case, change: ActivityChange, cause: Cause, now: datetime, priority: int, *, own: bool) -> Row:
    person = own and cause.kind in ("start", "complete")
    ended = change.state != "started"
    started = case.waits.started.get(change.task_id, now)
    working = (now - cause.claimed_at).total_seconds() if ended and person and cause.claimed_at else None
    return event_row(
        case,
        _ACTIVITY_KINDS[change.state],
        cause.actor.user_id if own or cause.kind == "cancel" else ENGINE.user_id,
        now,
        process_key=change.process_key,
        task_id=change.task_id,
        element_id=change.element_id,
        element_name=change.name,
        element_kind=change.kind,
        duration_seconds=(now - started).total_seconds() if ended else None,
        working_seconds=working,
        effort_minutes=cause.effort_minutes if person and ended else None,
        channel=cause.channel if person and ended else None,
        outcome=change.outcome,
        rework=change.rework,
        priority=priority,
        interface=change.interface,
        detail={"lane": change.lane} if change.lane else {},
    )


def _received(case: Case, step: Step, cause: Cause, now: datetime) -> Row:
    facts = next((change for change in step.activities if change.task_id == cause.task_id), None)
    return event_row(
        case,
        events.MESSAGE_RECEIVED,
        cause.actor.user_id,
        now,
        process_key=facts.process_key if facts else case.definition_key,
        task_id=cause.task_id,
        element_id=facts.element_id if facts else None,
        element_name=facts.name if facts else None,
        element_kind=facts.kind if facts else None,
        channel=cause.channel,
        interface=f"message:{cause.message_name}",
        detail={"message": cause.message_id},
    )


def _running(before: Waits, step: Step, now: datetime) -> dict[str, datetime]:
    running = {} if step.finished else dict(before.started)
    for change in step.activities:
        if change.state == "started" and not step.finished:
            running.setdefault(change.task_id, now)
        else:
            running.pop(change.task_id, None)
    return running


def _task_row(case: Case, task: OpenUserTask, names: Sequence[str], now: datetime) -> Row:
    return {
        "id": task.task_id,
        "instance_id": case.id,
        "definition_id": case.definition_ids[task.process_key],
        "process_key": task.process_key,
        "element_id": task.element_id,
        "name": task.name,
        "form_key": task.form_key,
        "lane": task.lane,
        "documentation": task.documentation,
        "state": "open",
        "assignee": task.assignee,
        "principals": list(names),
        "reads": [ref.as_json() for ref in task.reads],
        "priority": task.priority,
        "due_at": task.due_at,
        "follow_up_at": task.follow_up_at,
        "created_at": now,
        "revision": 1,
    }


def _worklist_facts(case: Case, task: OpenUserTask, now: datetime) -> Row:
    return {
        "due_at": task.due_at or NO_DUE_DATE,
        "priority": 100 - task.priority,
        "task_id": task.task_id,
        "instance_id": case.id,
        "process_key": task.process_key,
        "text": worklist_text(task.name, case.number, case.title),
        "created_at": now,
    }


def _ended(task_id: str, cause: Cause, step: Step, now: datetime) -> Row:
    done = any(change.task_id == task_id and change.state == "completed" for change in step.activities)
    by = cause.actor.user_id if cause.kind == "cancel" else ENGINE.user_id
    return {"task": task_id, "new_state": "completed" if done else "cancelled", "now": now, "by": by}


def _job_row(case: Case, timer: PendingTimer) -> Row:
    return {
        "id": timer.task_id,
        "instance_id": case.id,
        "kind": "timer",
        "state": "waiting",
        "task_id": timer.task_id,
        "process_key": timer.process_key,
        "element_id": timer.element_id,
        "name": timer.name,
        "due_at": timer.due_at,
        "attempts": 0,
    }


def _subscription_row(case: Case, wait: MessageSubscription, now: datetime) -> Row:
    return {
        "task_id": wait.task_id,
        "instance_id": case.id,
        "process_key": wait.process_key,
        "element_id": wait.element_id,
        "message_name": wait.message_name,
        "correlation_key": wait.correlation_key,
        "created_at": now,
    }


def _outgoing(step: Step, *, outside: bool) -> list[int]:
    return [index for index, message in enumerate(step.outgoing) if (message.destination is not None) is outside]


def _message_id(case: Case, index: int) -> str:
    return uuid.uuid5(_IDENTIFIERS, f"{case.id}/{case.revision}/{index}").hex


def _outbox_row(case: Case, step: Step, index: int, now: datetime) -> Row:
    message = step.outgoing[index]
    return {
        "id": _message_id(case, index),
        "instance_id": case.id,
        "name": message.name,
        "destination": message.destination,
        "correlation_key": message.correlation_key,
        "payload": message.payload,
        "created_at": now,
        "state": "pending",
    }


def _inbox_row(case: Case, step: Step, index: int, now: datetime) -> Row:
    message = step.outgoing[index]
    return {
        "id": _message_id(case, index),
        "name": message.name,
        "correlation_key": message.correlation_key,
        "payload": message.payload,
        "received_at": now,
        "received_from": ENGINE.user_id,
        "expires_at": now + timedelta(days=INBOX_DAYS),
        "state": "waiting",
        "sender_id": case.id,
        "instance_id": None,
    }
