"""Owns the reading of the whole activity log, as far as an actor may see it; who exports it, and how, is not known."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, select, true

from engine import events, managed, policy
from engine.errors import NotFound
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import ProcessDefinition
from engine.persistence.statements import EVENT, INSTANCE
from engine.types import Actor, Json
from engine.views import LogRow

LOG_COLUMNS: Final = (
    "id",
    "at",
    "kind",
    "case",
    "definition_key",
    "definition_version",
    "process_key",
    "task_id",
    "element_id",
    "element_name",
    "element_kind",
    "actor",
    "duration_seconds",
    "working_seconds",
    "effort_minutes",
    "channel",
    "outcome",
    "rework",
    "priority",
    "interface",
    "detail",
)
_CHUNK: Final = 1_000
_KNOWN: Final = select(ProcessDefinition.id).where(ProcessDefinition.key == bindparam("key")).limit(1)


def read(
    database: Database, actor: Actor, *, process_key: str | None, since: datetime | None, until: datetime | None
) -> Iterator[LogRow]:
    """Return what `HistoryService.export_log` promises; raise `NotFound` at once."""
    conditions = [policy.cases_visible(actor)]
    if process_key is not None:
        with database.read() as connection:
            conditions.append(EVENT.c.definition_key.in_(_definition_keys(connection, process_key)))
    if since is not None:
        conditions.append(EVENT.c.at >= since)
    if until is not None:
        conditions.append(EVENT.c.at < until)
    if not (policy.is_engine(actor) or actor.roles & policy.PROVIDER_ROLES):
        conditions.append(func.coalesce(EVENT.c.detail["audience"].as_string(), "") != "staff")
    mends = true() if "admin" in actor.roles else policy.cases_owned(actor)
    return _rows(database, conditions, mends)


def _rows(
    database: Database, conditions: Sequence[ColumnElement[bool]], mends: ColumnElement[bool]
) -> Iterator[LogRow]:
    last = 0
    while True:
        query = (
            select(EVENT, INSTANCE.c.number.label("case"), case((mends, 1), else_=0).label("mends"))
            .join_from(EVENT, INSTANCE, INSTANCE.c.id == EVENT.c.instance_id)
            .where(EVENT.c.id > last, *conditions)
            .order_by(EVENT.c.id)
            .limit(_CHUNK)
        )
        with database.read() as connection:
            rows = connection.execute(query).all()
        if not rows:
            return
        yield from map(_log_row, rows)
        last = rows[-1].id


def _definition_keys(connection: Connection, process_key: str) -> tuple[str, ...]:
    process = managed.load(connection).get(process_key)
    if process is not None:
        return process.cases
    if connection.execute(_KNOWN, {"key": process_key}).first() is None:
        raise NotFound("process", process_key)
    return (process_key,)


def _log_row(row: AnyRow) -> LogRow:
    mapping = row._mapping  # noqa: SLF001 - the public name of a row's mapping
    values = {**mapping, "at": row.at.isoformat(), "detail": told(row, mends=bool(row.mends))}
    return LogRow(LOG_COLUMNS, tuple(values[name] for name in LOG_COLUMNS))


def told(row: AnyRow, *, mends: bool) -> Mapping[str, Json]:
    """Return the detail of an event; why a step failed, and values of variables, are for those who mend."""
    detail: Mapping[str, Json] = row.detail
    if row.kind in events.MENDED and not mends and "changes" in detail:
        return {**detail, "changes": [{"name": each["name"]} for each in detail["changes"]]}
    if row.kind == events.FAILURE_RECORDED and not mends:
        return {name: value for name, value in detail.items() if name not in ("reason", "instance")}
    return detail
