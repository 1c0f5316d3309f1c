"""Owns the rows of the activity log that a step leaves; it knows no other table."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from engine import events
from engine.recorder.case import Case, Cause, Row
from engine.recorder.mending import mended_row, worth_logging
from engine.recorder.messages import message_id
from engine.recorder.rows import event_row
from engine.recorder.worklist import groups_offered
from engine.types import ENGINE, Adoption, Json, OpenUserTask
from engine.types.moved import Migrated, MovedTime
from engine.types.step import ActivityChange, Step

_ACTIVITY_KINDS: Final = {
    "started": events.ACTIVITY_STARTED,
    "completed": events.ACTIVITY_COMPLETED,
    "cancelled": events.ACTIVITY_CANCELLED,
}

_MOST_MOVED: Final = 50
"""How many times that a take-over has moved its event names."""


def log_of(case: Case, step: Step, cause: Cause, now: datetime) -> list[Row]:
    """Return the events of a step in the order in which they happened; warnings stand in the detail of the first."""
    return _with_warnings(step, list(_events(case, step, cause, now)))


def _events(case: Case, step: Step, cause: Cause, now: datetime) -> Iterator[Row]:
    actor = cause.actor.user_id
    if cause.kind == "start":
        services = {"services": list(cause.services)} if cause.services else {}
        yield event_row(case, events.CASE_STARTED, actor, now, channel=cause.channel, detail=services)
    if cause.message_id is not None:
        yield _received(case, step, cause, now)
    if step.mended is not None:
        yield mended_row(case, step.mended, cause, now)
    own = _set_off_by_person(case, step, cause)
    tasks = {task.task_id: task for task in step.news.waiting.open_tasks}
    for change in (each for each in step.activities if worth_logging(step, each)):
        yield _activity(case, change, cause, now, tasks.get(change.task_id), own=change.task_id in own)
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
                "message": message_id(case, index),
                "destination": message.destination,
                "key": message.correlation_key,
            },
        )
    for write in step.writes:
        yield event_row(
            case,
            events.RECORD_WRITTEN,
            actor if write.task_id in own or cause.kind == "cancel" else ENGINE.user_id,
            now,
            process_key=write.process_key,
            task_id=write.task_id or None,
            element_id=write.element_id or None,
            interface=f"register:{write.register}",
            detail={**write.ref.as_json(), "status": write.status},
        )
    for adoption in step.adoptions:
        yield event_row(case, events.FRAMEWORK_ADOPTED, ENGINE.user_id, now, detail=_taken_over(adoption))
    if cause.kind == "migrate":
        yield event_row(case, events.CASE_MIGRATED, actor, now, detail=_migrated(step, cause))
    elapsed = (now - case.started_at).total_seconds()
    if cause.kind == "cancel":
        detail: dict[str, Json] = {"reason": (cause.reason or "")[:500]}
        if cause.withdrawn:
            detail["withdrawn"] = True
        yield event_row(case, events.CASE_CANCELLED, actor, now, duration_seconds=elapsed, detail=detail)
    elif step.finished:
        yield event_row(
            case, events.CASE_COMPLETED, ENGINE.user_id, now, duration_seconds=elapsed, outcome=step.outcome
        )


def _taken_over(adoption: Adoption) -> dict[str, Json]:
    """Return the detail of a take-over; of very many times that moved it names the first, and says how many more."""
    moved = _moved_times(adoption.moved)
    return {
        "register": adoption.ref.register,
        "id": adoption.ref.id,
        "from": adoption.before,
        "to": adoption.ref.version,
        "moved": moved,
        "more": len(adoption.moved) - len(moved),
        "unmoved": list(dict.fromkeys(adoption.unmoved))[:_MOST_MOVED],
    }


def _moved_times(times: Sequence[MovedTime]) -> list[dict[str, Json]]:
    return [
        {"element": each.element_id, "name": each.name, "what": each.what, "from": each.before, "to": each.after}
        for each in times[:_MOST_MOVED]
    ]


def _migrated(step: Step, cause: Cause) -> dict[str, Json]:
    """Return the detail of a move to another version: which versions, why, and what it changed at waiting elements."""
    found = step.migrated or Migrated()
    return {
        **cause.migration,
        "reason": (cause.reason or "")[:500],
        "armed": list(found.armed)[:_MOST_MOVED],
        "dropped": list(found.dropped)[:_MOST_MOVED],
        "moved": _moved_times(found.moved),
        "more": max(0, len(found.moved) - _MOST_MOVED),
        "unmoved": list(dict.fromkeys(found.unmoved))[:_MOST_MOVED],
    }


def _with_warnings(step: Step, rows: list[Row]) -> list[Row]:
    if step.warnings and rows:
        first, *others = rows
        texts = [text[:300] for text in step.warnings[:10]]
        return [{**first, "detail": {**first["detail"], "warnings": texts}}, *others]
    return rows


def _set_off_by_person(case: Case, step: Step, cause: Cause) -> set[str]:
    """Return the tasks that are the doing of the cause's actor.

    The completed task, the event that the case began with.
    """
    own = {cause.task_id} if cause.task_id else set()
    if cause.kind == "start":
        own |= {
            each.task_id
            for each in step.activities
            if each.kind == "startEvent" and each.process_key == case.definition_key
        }
    return own


def _activity(
    case: Case, change: ActivityChange, cause: Cause, now: datetime, task: OpenUserTask | None, *, own: bool
) -> Row:
    person = own and cause.kind in ("start", "complete")
    ended = change.state != "started"
    started = case.waits.since(change.task_id) or now
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
        priority=task.priority if task else case.priority,
        interface=change.interface,
        detail=_detail(case, change, task),
    )


def _detail(case: Case, change: ActivityChange, task: OpenUserTask | None) -> dict[str, Json]:
    detail: dict[str, Json] = {"lane": change.lane} if change.lane else {}
    if task is not None and change.state == "started" and (groups := groups_offered(task, case.owners)):
        detail["groups"] = groups
    return detail


def _received(case: Case, step: Step, cause: Cause, now: datetime) -> Row:
    begun = cause.kind == "start"
    facts = next(
        (
            change
            for change in step.activities
            if (change.kind == "startEvent" if begun else change.task_id == cause.task_id)
        ),
        None,
    )
    return event_row(
        case,
        events.MESSAGE_RECEIVED,
        cause.actor.user_id,
        now,
        process_key=facts.process_key if facts else case.definition_key,
        task_id=facts.task_id if facts and begun else cause.task_id,
        element_id=facts.element_id if facts else None,
        element_name=facts.name if facts else None,
        element_kind=facts.kind if facts else None,
        channel=cause.channel,
        interface=f"message:{cause.message_name}",
        detail={"message": cause.message_id},
    )
