"""Owns who takes a signal beyond the case that throws it: every event and start event that waits for it right then.

Each gets a row in the throwing transaction, a job or a start, so that all of them are reached, each once, and none
holds up the others.
"""

import uuid
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.alarm import leaves_due
from engine.recorder import INBOX_DAYS, Case, Cause
from engine.types import ENGINE, Json
from engine.types.step import Step

_IDENTIFIERS: Final = uuid.UUID("b3e0f6de-54d0-5d0c-8f9e-6a5a3f1f0c47")
_WAITING: Final = (
    select(
        sql.SUBSCRIPTION.c.task_id,
        sql.SUBSCRIPTION.c.instance_id,
        sql.SUBSCRIPTION.c.process_key,
        sql.SUBSCRIPTION.c.element_id,
    )
    .where(sql.SUBSCRIPTION.c.kind == "signal", sql.SUBSCRIPTION.c.message_name == bindparam("name"))
    .order_by(sql.SUBSCRIPTION.c.created_at, sql.SUBSCRIPTION.c.task_id)
)
_STARTING: Final = (
    select(sql.START.c.id)
    .where(sql.START.c.kind == "signal", sql.START.c.name == bindparam("name"))
    .order_by(sql.START.c.definition_key, sql.START.c.element_id)
)


def spread(connection: Connection, case: Case, step: Step, cause: Cause, now: datetime) -> None:
    """Write who has to take the signals of a step at `now` (aware); its own case has taken them in the step."""
    for index, signal in enumerate(step.signals):
        origin = f"{case.id}/{case.revision}/{index}"
        throw(connection, signal.name, signal.payload, origin, now, thrower=case.id, hops=cause.hops_of_sent)


def throw(
    connection: Connection,
    name: str,
    payload: Json,
    origin: str,
    now: datetime,
    *,
    thrower: str | None = None,
    by: str = ENGINE.user_id,
    hops: int = 0,
) -> tuple[int, int]:
    """Write a job for every event that waits for the signal, and a start for every start event; return how many.

    Events of the case `thrower` are left out. `origin` tells this throw from all others; `by` is the id of who throws,
    when no case does; `hops` how many steps led to it, when one does.
    """
    waiting = [row for row in connection.execute(_WAITING, {"name": name}) if row.instance_id != thrower]
    jobs = [
        {
            "id": uuid.uuid5(_IDENTIFIERS, f"{origin}/{row.task_id}").hex,
            "instance_id": row.instance_id,
            "kind": "signal",
            "state": "waiting",
            "task_id": row.task_id,
            "process_key": row.process_key,
            "element_id": row.element_id,
            "name": name,
            "due_at": now,
            "attempts": 0,
            "payload": payload,
            "hops": hops,
        }
        for row in waiting
    ]
    store.add(connection, sql.NEW_JOBS, jobs)
    starts = [
        {
            "id": uuid.uuid5(_IDENTIFIERS, f"{origin}/{start_event}").hex,
            "name": name,
            "correlation_key": None,
            "payload": payload,
            "received_at": now,
            "received_from": by,
            "expires_at": now + timedelta(days=INBOX_DAYS),
            "state": "waiting",
            "sender_id": thrower,
            "hops": hops,
            "instance_id": None,
            "start_event_id": start_event,
        }
        for start_event in connection.execute(_STARTING, {"name": name}).scalars()
    ]
    store.add(connection, sql.NEW_INBOX, starts)
    if jobs or starts:
        leaves_due(connection, now)
    return len(jobs), len(starts)
