"""Owns what is read of migrations that were started: how far they are, and the cases that have not moved."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, func, select, tuple_

from engine.definitions import Definition, Definitions
from engine.errors import NotFound
from engine.people import people
from engine.persistence import statements as sql
from engine.persistence.models import ProcessDefinition
from engine.steps.migration_jobs import KIND, MIGRATION, REFUSAL
from engine.views import CaseRef, Cursor, Page
from engine.views.case_migrations import MigrationRefusal, MigrationRow, VersionRef

MAX_PAGE: Final = 200
_D: Final = sql.table(ProcessDefinition)
_WAITING: Final = (
    select(func.count()).where(sql.JOB.c.kind == KIND, sql.JOB.c.task_id == MIGRATION.c.id).scalar_subquery()
)
_ROWS: Final = select(MIGRATION, _WAITING.label("waiting"))
_REFUSALS: Final = select(
    REFUSAL.c.reason,
    REFUSAL.c.at,
    sql.INSTANCE.c.id,
    sql.INSTANCE.c.number,
    sql.INSTANCE.c.title,
    sql.INSTANCE.c.status,
).join_from(REFUSAL, sql.INSTANCE, sql.INSTANCE.c.id == REFUSAL.c.instance_id)


def one(connection: Connection, definitions: Definitions, migration_id: str) -> MigrationRow:
    """Return a migration; raise `NotFound`."""
    found = _rows(connection, definitions, _ROWS.where(MIGRATION.c.id == migration_id))
    if not found:
        raise NotFound("move of cases", migration_id)
    return found[0]


def rows(
    connection: Connection, definitions: Definitions, key: str, after: Cursor | None, limit: int
) -> Page[MigrationRow]:
    """Return a page of the migrations of a process, newest first."""
    limit = min(limit, MAX_PAGE)
    query = _ROWS.join_from(MIGRATION, _D, _D.c.id == MIGRATION.c.source_id).where(_D.c.key == key)
    if after is not None:
        query = query.where(tuple_(MIGRATION.c.created_at, MIGRATION.c.id) < after.moment_and_id())
    query = query.order_by(MIGRATION.c.created_at.desc(), MIGRATION.c.id.desc()).limit(limit + 1)
    found = _rows(connection, definitions, query)
    last = found[limit - 1] if len(found) > limit else None
    return Page(tuple(found[:limit]), Cursor((last.started_at.isoformat(), last.id)) if last else None)


def refusals(connection: Connection, migration_id: str, after: Cursor | None, limit: int) -> Page[MigrationRefusal]:
    """Return a page of the cases that a migration has not moved, in the order of their turns."""
    limit = min(limit, MAX_PAGE)
    query = _REFUSALS.where(REFUSAL.c.migration_id == migration_id)
    if after is not None:
        query = query.where(tuple_(REFUSAL.c.at, REFUSAL.c.instance_id) > after.moment_and_id())
    query = query.order_by(REFUSAL.c.at, REFUSAL.c.instance_id).limit(limit + 1)
    found = [
        MigrationRefusal(CaseRef(row.id, row.number, row.title, row.status), row.reason, row.at)
        for row in connection.execute(query)
    ]
    last = found[limit - 1] if len(found) > limit else None
    return Page(tuple(found[:limit]), Cursor((last.at.isoformat(), last.case.id)) if last else None)


def version(connection: Connection, definition: Definition) -> VersionRef:
    """Return a version with its running cases."""
    return _versions(connection, [definition])[0]


def versions(connection: Connection, definitions: Definitions, key: str) -> tuple[VersionRef, ...]:
    """Return the versions of a process, newest first."""
    found = connection.execute(select(_D.c.id).where(_D.c.key == key).order_by(_D.c.version.desc())).scalars().all()
    return tuple(_versions(connection, [definitions.get(connection, each) for each in found]))


def _versions(connection: Connection, found: Sequence[Definition]) -> list[VersionRef]:
    count = (
        select(sql.INSTANCE.c.definition_id, func.count().label("cases"))
        .where(sql.INSTANCE.c.definition_id.in_([each.id for each in found]), sql.INSTANCE.c.status == "active")
        .group_by(sql.INSTANCE.c.definition_id)
    )
    running = {row.definition_id: row.cases for row in connection.execute(count)}
    return [
        VersionRef(each.id, each.key, each.version, each.name, running.get(each.id, 0), bool(each.facts.calls))
        for each in found
    ]


def _rows(connection: Connection, definitions: Definitions, query: Select[Any]) -> list[MigrationRow]:
    found = connection.execute(query).all()
    names = people(connection, (row.created_by for row in found))
    ids = sorted({identity for row in found for identity in (row.source_id, row.target_id)})
    known = {each.id: each for each in _versions(connection, [definitions.get(connection, each) for each in ids])}
    return [
        MigrationRow(
            id=row.id,
            source=known[row.source_id],
            target=known[row.target_id],
            started_at=row.created_at,
            started_by=names.person(row.created_by),
            reason=row.plan["reason"],
            mapping=row.plan["mapping"],
            total=row.total,
            moved=row.moved,
            refused=row.refused,
            waiting=row.waiting,
        )
        for row in found
    ]
