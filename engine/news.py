"""Owns the NewsService: what happened in people's own cases since they looked at them last, and that they have looked.

One's own cases are those that one handed in, started, follows, or supports a record of. News are changes of status of
records that one may see, comments and the end of a case, by others, of the last 60 days. Reading writes nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, exists, func, or_, select, true, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from engine import events, policy
from engine.errors import NotFound
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import Record, Register, SeenCase
from engine.registers.definition import RegisterDefinition
from engine.types import Actor
from engine.views.news import CaseNews

DAYS: Final = 60
MOST_EVENTS: Final = 500
MOST_COUNTED: Final = 100
_ENDS: Final = (events.CASE_COMPLETED, events.CASE_CANCELLED)
_KINDS: Final = (events.RECORD_WRITTEN, events.TASK_COMMENTED, *_ENDS)
_SEEN: Final = sql.table(SeenCase)
_EVENT: Final = sql.EVENT
_INSTANCE: Final = sql.INSTANCE


class NewsService:
    """News of cases. `clock` returns the time now (aware)."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def news(self, instance_ids: Collection[str], actor: Actor) -> dict[str, CaseNews]:
        """Return what is new in those of the cases that are the actor's own, in at most two statements.

        Cases without news are left out.
        """
        return self._told(instance_ids, actor, policy.cases_of(actor))

    def _told(self, instance_ids: Collection[str], actor: Actor, own: ColumnElement[bool]) -> dict[str, CaseNews]:
        if not instance_ids:
            return {}
        query = (
            select(_EVENT.c.instance_id, _EVENT.c.kind, _EVENT.c.detail)
            .join_from(_EVENT, _INSTANCE, _INSTANCE.c.id == _EVENT.c.instance_id)
            .where(
                _EVENT.c.instance_id.in_(sorted(instance_ids)),
                policy.cases_visible(actor),
                own,
                *self._unseen(actor),
            )
            .order_by(_EVENT.c.id.desc())
            .limit(MOST_EVENTS)
        )
        with self._database.read() as connection:
            rows = [row for row in connection.execute(query).all() if _is_told(row, actor)]
            visible = _visible_records(connection, rows, actor)
        found: dict[str, list[AnyRow]] = {}
        for row in reversed(rows):
            found.setdefault(row.instance_id, []).append(row)
        told = {instance_id: _news(group, visible) for instance_id, group in found.items()}
        return {instance_id: news for instance_id, news in told.items() if news != CaseNews()}

    def count(self, actor: Actor) -> int:
        """Return in how many of the actor's own cases something is new, counted up to 100.

        One statement where there is nothing new, at most three else.
        """
        new = exists().where(_EVENT.c.instance_id == _INSTANCE.c.id, *self._unseen(actor))
        since = self._clock() - timedelta(days=DAYS)
        cases: Select[Any] = select(_INSTANCE.c.id).where(
            or_(_INSTANCE.c.status == "active", _INSTANCE.c.ended_at >= since), policy.cases_of(actor), new
        )
        with self._database.read() as connection:
            found = connection.execute(cases.limit(MOST_COUNTED)).scalars().all()
        return len(self._told(found, actor, true()))

    def mark_read(self, actor: Actor, instance_id: str | None = None) -> None:
        """Note that the actor has read the news of a case, or of all their own cases; raise `NotFound`."""
        newest = (
            select(func.max(_EVENT.c.id))
            .where(_EVENT.c.instance_id == _INSTANCE.c.id)
            .correlate(_INSTANCE)
            .scalar_subquery()
        )
        cases = select(_INSTANCE.c.id, newest.label("event")).where(policy.cases_visible(actor))
        cases = cases.where(policy.cases_of(actor) if instance_id is None else _INSTANCE.c.id == instance_id)
        with self._database.read() as connection:
            rows = connection.execute(cases).all()
        if instance_id is not None and not rows:
            raise NotFound("case", instance_id)
        values = [
            {"user_id": actor.user_id, "instance_id": row.id, "event_id": row.event}
            for row in sorted(rows, key=lambda found: found.id)
            if row.event is not None
        ]
        if not values:
            return
        new = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        statement = new(_SEEN)
        later = statement.excluded.event_id
        noted = statement.on_conflict_do_update(
            index_elements=["user_id", "instance_id"], set_={"event_id": later}, where=_SEEN.c.event_id < later
        )
        with self._database.write() as connection:
            connection.execute(noted, values)

    def _unseen(self, actor: Actor) -> Sequence[ColumnElement[bool]]:
        """Return the conditions on the log for what others did since the actor looked last."""
        seen = (
            select(_SEEN.c.event_id)
            .where(_SEEN.c.user_id == actor.user_id, _SEEN.c.instance_id == _EVENT.c.instance_id)
            .correlate(_EVENT)
            .scalar_subquery()
        )
        return (
            _EVENT.c.kind.in_(_KINDS),
            _EVENT.c.actor != actor.user_id,
            _EVENT.c.at >= self._clock() - timedelta(days=DAYS),
            _EVENT.c.id > func.coalesce(seen, 0),
        )


def _is_told(row: AnyRow, actor: Actor) -> bool:
    return bool(actor.roles & policy.PROVIDER_ROLES) or row.detail.get("audience") != "staff"


def _visible_records(connection: Connection, rows: Sequence[AnyRow], actor: Actor) -> set[tuple[str, str]]:
    """Return which of the records that were written the actor may see, in one statement."""
    written = {_record(row) for row in rows if row.kind == events.RECORD_WRITTEN and row.detail.get("status")}
    if not written:
        return set()
    found = connection.execute(
        select(Record.register, Record.id, Record.originator, Record.organisation_id, Register.definition)
        .join(Register, Register.key == Record.register)
        .where(tuple_(Record.register, Record.id).in_(sorted(written)))
    )
    return {(row.register, row.id) for row in found if _may_see(row, actor)}


def _may_see(row: AnyRow, actor: Actor) -> bool:
    definition = RegisterDefinition.from_json(row.definition)
    if policy.reads_register(actor, definition.readers, definition.maintainers) or row.originator == actor.user_id:
        return True
    mine = actor.organisation_id is not None and row.organisation_id == actor.organisation_id
    return "originator" in actor.roles and mine


def _news(rows: Sequence[AnyRow], visible: set[tuple[str, str]]) -> CaseNews:
    statuses: dict[str, str] = {}
    for row in rows:
        if row.kind == events.RECORD_WRITTEN and _record(row) in visible:
            statuses[_record(row)[1]] = str(row.detail["status"])
    return CaseNews(
        records=tuple(statuses.items()),
        comments=sum(row.kind == events.TASK_COMMENTED for row in rows),
        ended=any(row.kind in _ENDS for row in rows),
    )


def _record(row: AnyRow) -> tuple[str, str]:
    detail: Mapping[str, Any] = row.detail
    return str(detail.get("register")), str(detail.get("id"))
