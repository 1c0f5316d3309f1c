"""Owns the failure records of a case: steps that could not run, when they are tried again, and when they are settled.

A failure leaves its case where it was. Timers, messages and take-overs are tried again after 1 minute, 10 minutes
and 1 hour, operations as their models say; then they wait for a person. What a person set off waits for one at once.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from engine import events
from engine.errors import StepFailed
from engine.persistence.alarm import leaves_due
from engine.persistence.database import AnyRow
from engine.persistence.models import Failure
from engine.persistence.statements import INBOX, INSTANCE, JOB, NEW_EVENTS, table
from engine.recorder import Case, Cause, Waits, event_row
from engine.types import Json

BACK_OFF: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))

FAILURE: Final = table(Failure)
_OF_TASKS: Final = ("complete", "timer", "operation")
"""Kinds that are recorded under the id of a task of the case."""
_OPEN: Final = select(FAILURE.c.id, FAILURE.c.kind, FAILURE.c.task_id, FAILURE.c.request, FAILURE.c.attempts).where(
    FAILURE.c.instance_id == bindparam("instance"), FAILURE.c.state == "open"
)
_IS_OPEN: Final = select(FAILURE.c.id).where(FAILURE.c.id == bindparam("failure"), FAILURE.c.state == "open")
_REOPEN: Final = (
    update(INBOX)
    .where(INBOX.c.id.in_(bindparam("messages", expanding=True)), INBOX.c.state == "failed")
    .values(state="waiting")
)
"""A message of which the event is gone waits again, for whoever waits for it next."""
_COUNT: Final = (
    update(INSTANCE)
    .where(INSTANCE.c.id == bindparam("instance"))
    .values(
        failures=select(func.count())
        .select_from(FAILURE)
        .where(FAILURE.c.instance_id == bindparam("instance"), FAILURE.c.state == "open")
        .scalar_subquery()
    )
)


@dataclass(frozen=True, slots=True)
class Request:
    """What could not be done; `facts` are what a retry needs.

    `task_id` is a message's id for the kind `message`, that of the job for the kinds `adopt` and `signal`.
    """

    kind: Literal["complete", "timer", "message", "signal", "adopt", "operation"]
    task_id: str
    facts: Mapping[str, Json]
    back_off: Sequence[timedelta] = BACK_OFF
    """the waits before it is tried again by itself"""


def note(connection: Connection, case: Case, request: Request, error: StepFailed, actor: str, now: datetime) -> str:
    """Record that a step failed, plan its retry, and return the failure's id.

    A step that fails again keeps its record.
    """
    known = [row for row in connection.execute(_OPEN, {"instance": case.id}) if row.task_id == request.task_id]
    attempts = known[0].attempts + 1 if known else 1
    failure_id: str = known[0].id if known else uuid.uuid4().hex
    told = error.reason + (f" (line {error.line})" if error.line else "")
    values = {
        "element_id": error.element_id,
        "element_name": error.element_name,
        "instance": error.instance,
        "reason": told,
        "request": dict(request.facts),
        "attempts": attempts,
        "changed_at": now,
    }
    if known:
        connection.execute(update(FAILURE).where(FAILURE.c.id == failure_id).values(**values))
    else:
        fixed = {"id": failure_id, "instance_id": case.id, "kind": request.kind, "task_id": request.task_id}
        connection.execute(insert(FAILURE).values(**fixed, **values, state="open", created_at=now))
        connection.execute(_COUNT, {"instance": case.id})
    _plan_retry(connection, case, request, failure_id, attempts, now)
    event = event_row(
        case,
        events.FAILURE_RECORDED,
        actor,
        now,
        task_id=request.task_id if request.kind in _OF_TASKS else None,
        element_id=error.element_id,
        element_name=error.element_name,
        detail={"failure": failure_id, "attempt": attempts, "reason": told[:500]}
        | ({} if error.instance is None else {"instance": error.instance}),
    )
    connection.execute(NEW_EVENTS, [event])
    return failure_id


def resolve(connection: Connection, case: Case, waits: Waits, cause: Cause, now: datetime) -> None:
    """Settle the failures of a case whose step has been done, or that wait for nothing any more."""
    waiting = waits.waiting
    by = cause.retried_by or cause.actor.user_id
    settled = [
        row
        for row in connection.execute(_OPEN, {"instance": case.id}).all()
        if row.task_id in cause.about or _is_gone(row, waiting) or _over(waits)
    ]
    if settled:
        undelivered = [row.task_id for row in settled if row.kind == "message" and row.task_id not in cause.about]
        connection.execute(_REOPEN, {"messages": undelivered})
        settle(connection, case, [row.id for row in settled], by, now)


def is_open(connection: Connection, failure_id: str) -> bool:
    """Return whether the failure is there and not resolved yet."""
    return connection.execute(_IS_OPEN, {"failure": failure_id}).first() is not None


def settle(connection: Connection, case: Case, failure_ids: list[str], by: str, now: datetime) -> None:
    """Mark failures resolved and drop what would have tried them again."""
    connection.execute(
        update(FAILURE).where(FAILURE.c.id.in_(failure_ids)).values(state="resolved", changed_at=now, resolved_by=by)
    )
    connection.execute(delete(JOB).where(JOB.c.failure_id.in_(failure_ids), JOB.c.kind == "retry"))
    connection.execute(
        update(JOB).where(JOB.c.failure_id.in_(failure_ids)).values(failure_id=None, attempts=0, state="waiting")
    )
    connection.execute(_COUNT, {"instance": case.id})
    rows = [event_row(case, events.FAILURE_RESOLVED, by, now, detail={"failure": each}) for each in failure_ids]
    connection.execute(NEW_EVENTS, rows)


def _is_gone(row: AnyRow, waiting: Collection[str]) -> bool:
    """Say whether the failed step was for a task or an event that the case waits for no more."""
    task = row.request.get("task")
    return task is not None and task not in waiting


def _over(waits: Waits) -> bool:
    return not (waits.tasks or waits.timers or waits.subscriptions or waits.operations or waits.started)


def _plan_retry(
    connection: Connection, case: Case, request: Request, failure_id: str, attempts: int, now: datetime
) -> None:
    if request.kind == "complete":
        return
    due_at = now + request.back_off[attempts - 1] if attempts <= len(request.back_off) else None
    if due_at is not None:
        leaves_due(connection, due_at, "call" if request.kind == "operation" else "job")
    values = {
        "state": "failed" if due_at is None else "waiting",
        "attempts": attempts,
        "failure_id": failure_id,
        "leased_until": None,
        **({} if due_at is None else {"due_at": due_at}),
    }
    if request.kind == "message":
        connection.execute(
            update(INBOX).where(INBOX.c.id == request.task_id).values(state="failed", reason=None, retry_at=None)
        )
    job_id = failure_id if request.kind == "message" else request.task_id
    planned = connection.execute(update(JOB).where(JOB.c.id == job_id).values(**values))
    if planned.rowcount == 0 and request.kind == "message":
        fixed = {"id": job_id, "instance_id": case.id, "kind": "retry", "task_id": request.task_id}
        unnamed = {"process_key": case.definition_key, "element_id": "", "name": ""}
        connection.execute(insert(JOB).values(**fixed, **unnamed, **{"due_at": now, **values}))
