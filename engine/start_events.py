"""Owns the start events by which cases begin by themselves: the rows of the newest versions, and which one is meant.

A deployment replaces the rows of a process. A start event keeps its id over versions as long as it waits for the same,
and a timer that a new version leaves as it was goes on; a changed one begins anew.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, delete, insert, or_, select, update

from engine.bpmn.model.facts import ProcessFacts
from engine.bpmn.model.start_facts import StartFacts
from engine.bpmn.model.timing import Timer, due_of, reschedule, schedule
from engine.persistence.alarm import leaves_due
from engine.persistence.database import AnyRow
from engine.persistence.statements import INBOX, START
from engine.types import Json

_IDENTIFIERS: Final = uuid.UUID("5d9a2f7e-0b57-5b6e-9d4c-1f3d0a8c2b90")
_OF_PROCESSES: Final = (
    select(START).where(START.c.definition_key.in_(bindparam("keys", expanding=True))).order_by(START.c.id)
).with_for_update()
_BY_ID: Final = select(START).where(START.c.id == bindparam("start"))
_BY_MESSAGE: Final = select(START).where(START.c.kind == "message", START.c.name == bindparam("name"))


def replace(connection: Connection, versions: Sequence[tuple[str, ProcessFacts]], now: datetime) -> None:
    """Make the start events of the versions (by id) that are deployed at `now` (aware) those of their processes.

    Starts that have failed are tried again: the new version may be there to mend them. Raises `IntegrityError` when
    another process has taken the name of a message in between.
    """
    if not versions:
        return
    keys = [facts.key for _, facts in versions]
    before = {row.id: row for row in connection.execute(_OF_PROCESSES, {"keys": keys})}
    waited = {row.name: row.since for row in before.values() if row.kind == "message"}
    rows = [
        {**_row(version, facts, start, before, now), "since": waited.get(start.name, now)}
        for version, facts in versions
        for start in facts.starts
    ]
    if before:
        connection.execute(delete(START).where(START.c.id.in_(before)))
    if rows:
        connection.execute(insert(START), rows)
        for each in rows:
            if each["due_at"] is not None:
                leaves_due(connection, each["due_at"])
    known = [*({"id": row.id, "kind": row.kind, "name": row.name} for row in before.values()), *rows]
    if known:
        names = [each["name"] for each in known if each["kind"] == "message"]
        mine = or_(
            INBOX.c.start_event_id.in_([each["id"] for each in known]),
            and_(INBOX.c.start_event_id.is_(None), INBOX.c.name.in_(names)),
        )
        failed = and_(INBOX.c.state == "failed", INBOX.c.reason.is_not(None))
        if connection.execute(update(INBOX).where(failed, mine).values(attempts=0, retry_at=now)).rowcount:
            leaves_due(connection, now)


def _row(
    definition_id: str, facts: ProcessFacts, start: StartFacts, known: Mapping[str, AnyRow], now: datetime
) -> dict[str, Any]:
    identity = uuid.uuid5(_IDENTIFIERS, f"{facts.key}/{start.element_id}/{start.kind}/{start.name}").hex
    row: dict[str, Any] = {
        "id": identity,
        "definition_key": facts.key,
        "definition_id": definition_id,
        "element_id": start.element_id,
        "kind": start.kind,
        "name": start.name,
        "due_at": None,
        "schedule": None,
        "attempts": 0,
    }
    if start.timer is None:
        return row
    kind, source = start.timer
    said = [kind, source, facts.time_zone]
    before = known.get(identity)
    if before is not None and before.schedule is not None and before.schedule["timer"] == said:
        return {**row, "due_at": before.due_at, "schedule": before.schedule}
    notes = schedule(Timer(kind, source, zone=facts.time_zone), source, now)
    return {**row, "due_at": due_of(notes), "schedule": {"timer": said, **_going_on(notes)}}


def moved_on(row: AnyRow, now: datetime) -> tuple[datetime | None, Json]:
    """Return when a timer is due next after its present time has come (None: no more), and its schedule then."""
    notes = {**row.schedule, "due": row.due_at.astimezone(UTC).isoformat()}
    due = due_of(notes) if reschedule(notes, now) else None
    return due, {"timer": row.schedule["timer"], **_going_on(notes)}


def _going_on(notes: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in notes.items() if name not in ("due", "timer")}


def by_id(connection: Connection, start_event_id: str) -> AnyRow | None:
    """Return a start event, None when the newest version of its process has it no more."""
    return connection.execute(_BY_ID, {"start": start_event_id}).one_or_none()


def by_message(connection: Connection, name: str) -> AnyRow | None:
    """Return the start event that waits for messages of a name; there is at most one."""
    return connection.execute(_BY_MESSAGE, {"name": name}).one_or_none()


def for_message(connection: Connection, message: AnyRow) -> AnyRow | None:
    """Return the start event that a message of the inbox is for, None when it was too old by the time that it waits."""
    start = by_message(connection, message.name)
    late = start is not None and start.since is not None and not in_time(message, start.since)
    return None if late else start


def in_time(message: AnyRow, since: datetime) -> bool:
    """Say whether a message of the inbox is for those who wait `since` then (aware): it was not too old yet."""
    return bool(message.expires_at > since or message.received_at >= since)
