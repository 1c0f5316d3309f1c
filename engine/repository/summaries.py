"""Owns reading versions of processes as summaries: who published each, how many cases run on it, who opens them."""

from collections import defaultdict
from typing import Final

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, select

from engine import managed
from engine.people import People, people
from engine.persistence.database import AnyRow
from engine.persistence.models import Deployment, ProcessDefinition
from engine.persistence.statements import INSTANCE, table
from engine.views import DefinitionSummary

_D: Final = table(ProcessDefinition)
_DEPLOYMENT: Final = table(Deployment)
_NEWEST: Final = select(_D.c.key, func.max(_D.c.version).label("newest")).group_by(_D.c.key).subquery()
NEWEST: Final = _D.c.version == _NEWEST.c.newest
"""The condition that a version is the newest of its process."""
_ROWS: Final = (
    select(
        _D.c.id,
        _D.c.key,
        _D.c.version,
        _D.c.name,
        _D.c.documentation,
        _D.c.owner_group,
        _D.c.startable,
        _D.c.facts["starts"].label("starts"),
        _DEPLOYMENT.c.deployed_at,
        _DEPLOYMENT.c.deployed_by,
        _NEWEST.c.newest,
    )
    .join_from(_D, _DEPLOYMENT, _DEPLOYMENT.c.id == _D.c.deployment_id)
    .join(_NEWEST, _NEWEST.c.key == _D.c.key)
)
_COUNTS: Final = (
    select(
        INSTANCE.c.definition_id,
        func.sum(case((INSTANCE.c.status == "active", 1), else_=0)).label("active"),
        func.count().label("total"),
    )
    .where(INSTANCE.c.definition_id.in_(bindparam("definitions", expanding=True)))
    .group_by(INSTANCE.c.definition_id)
)


def summaries(
    connection: Connection, condition: ColumnElement[bool], *, counted: bool = True
) -> list[DefinitionSummary]:
    """Return the versions that fulfil `condition`, by name; without `counted`, as if no case ran on them."""
    rows = connection.execute(_ROWS.where(condition).order_by(_D.c.name, _D.c.key)).all()
    names = people(connection, (row.deployed_by for row in rows))
    counts: dict[str, AnyRow] = {}
    evaluated: dict[str | None, list[str]] = defaultdict(list)
    if counted and rows:
        found = connection.execute(_COUNTS, {"definitions": [row.id for row in rows]})
        counts = {row.definition_id: row for row in found}
        for process in managed.load(connection).values():
            evaluated[process.evaluate].append(process.name)
    return [_summary(row, names, counts.get(row.id), tuple(evaluated[row.key])) for row in rows]


def _summary(row: AnyRow, names: People, counts: AnyRow | None, evaluates: tuple[str, ...]) -> DefinitionSummary:
    active = int(counts.active) if counts else 0
    return DefinitionSummary(
        id=row.id,
        key=row.key,
        version=row.version,
        name=row.name,
        documentation=row.documentation,
        owner_group=row.owner_group,
        startable=row.startable,
        by_events=bool(row.starts),
        deployed_at=row.deployed_at,
        deployed_by=names.person(row.deployed_by),
        latest=row.version == row.newest,
        active_cases=active,
        ended_cases=(int(counts.total) - active) if counts else 0,
        evaluates=evaluates,
    )
