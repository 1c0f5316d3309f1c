"""A case in figures: out of its facts and its events in order, a value with all that is kept of it; writes nothing.

The same events give the same figures, whenever they are computed. What each figure means is told in
engine.persistence.models.measure and docs/measures.md.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final, Literal

from engine import events
from engine.metrics.log_facts import ACTIVITY, EndedCase, LogEvent, completes_task, until_end
from engine.metrics.own import Resolver, own_values
from engine.metrics.presence import Presence, presence_of
from engine.metrics.process import ManagedProcess

Status = Literal["completed", "cancelled", "withdrawn"]

_INVOKED: Final = ("decision:", "process:", "operation:")


@dataclass(frozen=True, slots=True)
class ActivityFigures:
    """What happened at one element. Times are those of completed executions, in seconds.

    Waiting and working are None where nobody ever claimed it, or where it is no user task; else they add up to
    `elapsed_seconds`.
    """

    process_key: str
    element_id: str
    completed: int = 0
    cancelled: int = 0
    repeats: int = 0
    failures: int = 0
    elapsed_seconds: float = 0.0
    waiting_seconds: float | None = None
    working_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """An ended case in figures: the columns of `CaseSummary`, then what goes into the tables beside it."""

    instance_id: str
    definition_key: str
    definition_version: int
    organisation_id: str | None
    priority: int
    channel: str | None
    started_at: datetime
    ended_at: datetime
    ended_on: date
    status: Status
    outcome: str | None
    cycle_seconds: float
    working_seconds: float
    waiting_seconds: float
    idle_seconds: float
    effort_minutes: int | None
    hand_overs: int
    failures: int
    repeats: int
    send_backs: int
    first_time_right: bool
    feedback: int | None
    activities: tuple[ActivityFigures, ...]
    labels: Mapping[tuple[str, str], int]
    """how often the case goes with a name, by kind (service, person, group, interface) and name"""
    values: Mapping[str, float]
    """what the process's own measures came to, by key"""


def summarise(case: EndedCase, log: Sequence[LogEvent], process: ManagedProcess, resolve: Resolver) -> CaseFigures:
    """Return the figures of an ended case from all its events in order.

    `resolve` reads bodies of work products for measures of fields. Raises `ValueError` for a case that has not ended.
    """
    own = until_end(log)
    end, presence = own[-1], presence_of(own)
    status = _status(end)
    done = [event for event in own if completes_task(event)]
    repeats = len({event.task_id for event in own if event.rework})
    failures = sum(event.kind == events.FAILURE_RECORDED for event in own)
    send_backs = sum(event.outcome in process.send_backs for event in done)
    mended = any(event.kind in events.MENDED for event in own)
    efforts = [event.effort_minutes for event in own if event.effort_minutes is not None]
    return CaseFigures(
        instance_id=case.instance_id,
        definition_key=case.definition_key,
        definition_version=case.definition_version,
        organisation_id=case.organisation_id,
        priority=case.priority,
        channel=case.channel,
        started_at=own[0].at,
        ended_at=end.at,
        ended_on=end.at.astimezone(UTC).date(),
        status=status,
        outcome=end.outcome,
        cycle_seconds=presence.cycle.total_seconds(),
        working_seconds=presence.working.total_seconds(),
        waiting_seconds=presence.waiting.total_seconds(),
        idle_seconds=presence.idle.total_seconds(),
        effort_minutes=sum(efforts) if efforts else None,
        hand_overs=sum(before.actor != after.actor for before, after in pairwise(done)),
        failures=failures,
        repeats=repeats,
        send_backs=send_backs,
        first_time_right=status == "completed" and not (repeats or send_backs or failures or mended),
        feedback=_feedback(log),
        activities=tuple(_activities(own, presence)),
        labels=_labels(own, done),
        values=own_values(process.measures, own, case.variables, resolve),
    )


def _status(end: LogEvent) -> Status:
    if end.kind == events.CASE_COMPLETED:
        return "completed"
    return "withdrawn" if end.detail.get("withdrawn") is True else "cancelled"


def _feedback(log: Sequence[LogEvent]) -> int | None:
    """Return the last answer to the question at closure, which is given after the end."""
    scores = [event.detail["score"] for event in log if event.kind == events.FEEDBACK_GIVEN]
    return scores[-1] if scores else None


def _labels(log: Sequence[LogEvent], done: Sequence[LogEvent]) -> dict[tuple[str, str], int]:
    groups = {event.task_id: event.detail.get("groups", ()) for event in log if event.kind == events.ACTIVITY_STARTED}
    found = Counter(("service", service) for service in _services(log))
    found.update(("person", event.actor) for event in done)
    found.update(("group", group) for event in done for group in groups.get(event.task_id, ()))
    found.update(("interface", name) for event in log if (name := _invoked(event)) is not None)
    return dict(found)


def _services(log: Sequence[LogEvent]) -> Iterable[str]:
    for event in log:
        if event.kind == events.CASE_STARTED:
            return dict.fromkeys(event.detail.get("services", ()))
    return ()


def _invoked(event: LogEvent) -> str | None:
    """Return the interface that was invoked, once for each time.

    The log names a message when it goes or comes and again at the element, and a call when it begins and ends.
    """
    if event.kind in (events.MESSAGE_SENT, events.MESSAGE_RECEIVED):
        return event.interface
    if event.kind == events.ACTIVITY_COMPLETED and (event.interface or "").startswith(_INVOKED):
        return event.interface
    return None


@dataclass(slots=True)
class _Executions:
    """What is gathered of the executions of one element."""

    completed: int = 0
    cancelled: int = 0
    failures: int = 0
    again: int = 0
    elapsed: timedelta = timedelta()
    waiting: timedelta = timedelta()
    working: timedelta = timedelta()
    claimed: bool = False


def _activities(log: Sequence[LogEvent], presence: Presence) -> Iterable[ActivityFigures]:
    found: dict[tuple[str, str], _Executions] = {}
    homes: dict[str, str] = {}
    since: dict[str, datetime] = {}
    again: set[str] = set()
    for event in log:
        if event.kind not in ACTIVITY or not _counts(event):
            continue
        element, task_id = event.element_id or "", event.task_id or ""
        homes.setdefault(element, event.process_key)
        executions = found.setdefault((event.process_key, element), _Executions())
        if event.rework and task_id not in again:
            again.add(task_id)
            executions.again += 1
        if event.kind == events.ACTIVITY_STARTED:
            since.setdefault(task_id, event.at)
        elif event.kind == events.ACTIVITY_CANCELLED:
            executions.cancelled += 1
        else:
            _complete(executions, event, since, presence)
    for event in log:
        if event.kind == events.FAILURE_RECORDED and event.element_id:
            # The log files a failure under the case's own process; its element may stand in one that it calls.
            own = (event.process_key, event.element_id)
            place = own if own in found else (homes.get(event.element_id, event.process_key), event.element_id)
            found.setdefault(place, _Executions()).failures += 1
    for (process_key, element_id), executions in sorted(found.items()):
        yield _figures(process_key, element_id, executions)


def _counts(event: LogEvent) -> bool:
    """Return whether figures are kept of the element: gateways only pass on."""
    return event.element_id is not None and not (event.element_kind or "").endswith("Gateway")


def _complete(executions: _Executions, event: LogEvent, since: Mapping[str, datetime], presence: Presence) -> None:
    task_id = event.task_id or ""
    executions.completed += 1
    task = presence.tasks.get(task_id)
    if task is None:
        executions.elapsed += max(timedelta(), event.at - since.get(task_id, event.at))
        return
    executions.elapsed += task.waiting + task.working
    executions.waiting += task.waiting
    executions.working += task.working
    executions.claimed |= task.claimed


def _figures(process_key: str, element_id: str, executions: _Executions) -> ActivityFigures:
    return ActivityFigures(
        process_key=process_key,
        element_id=element_id,
        completed=executions.completed,
        cancelled=executions.cancelled,
        repeats=executions.again,
        failures=executions.failures,
        elapsed_seconds=executions.elapsed.total_seconds(),
        waiting_seconds=executions.waiting.total_seconds() if executions.claimed else None,
        working_seconds=executions.working.total_seconds() if executions.claimed else None,
    )
