"""Owns reading deployments: the list of them, what one brought, which one holds what an upload brought again.

It deploys nothing, and asks nobody's rights.
"""

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import Connection, bindparam, or_, select

from engine.errors import NotFound
from engine.people import people
from engine.persistence.models import Deployment, ProcessDefinition, Resource
from engine.persistence.statements import table
from engine.repository.shelf import Shelf
from engine.views import DeployedDecision, DeployedProcess, DeploymentDetail, DeploymentRow

_DEPLOYMENT: Final = table(Deployment)
_D: Final = table(ProcessDefinition)
_R: Final = table(Resource)

_LIST: Final = (
    select(_DEPLOYMENT)
    .order_by(_DEPLOYMENT.c.deployed_at.desc(), _DEPLOYMENT.c.id.desc())
    .offset(bindparam("first"))
    .limit(bindparam("count"))
)
_ONE: Final = select(_DEPLOYMENT).where(_DEPLOYMENT.c.id == bindparam("deployment"))
_PROCESSES: Final = (
    select(_D, _R.c.name.label("file"))
    .join_from(_D, _R, _R.c.id == _D.c.resource_id)
    .where(or_(_D.c.deployment_id == bindparam("deployment"), _D.c.id.in_(bindparam("besides", expanding=True))))
    .order_by(_D.c.key, _D.c.version)
)
_DECISIONS: Final = (
    select(_R.c.id, _R.c.key, _R.c.version, _R.c.name, _R.c.deployment_id)
    .where(_R.c.kind == "dmn", _R.c.deployment_id == bindparam("deployment"))
    .order_by(_R.c.key)
)
_NEWEST_OF: Final = (
    select(_DEPLOYMENT.c.id)
    .join_from(_DEPLOYMENT, _R, _R.c.deployment_id == _DEPLOYMENT.c.id)
    .where(_R.c.id.in_(bindparam("resources", expanding=True)))
    .order_by(_DEPLOYMENT.c.deployed_at.desc(), _DEPLOYMENT.c.id.desc())
    .limit(1)
)


def listed(connection: Connection, first: int, count: int) -> list[DeploymentRow]:
    """Return `count` deployments from the `first` one (from 0) on, newest first."""
    rows = connection.execute(_LIST, {"first": first, "count": count}).all()
    names = people(connection, (row.deployed_by for row in rows))
    return [DeploymentRow(row.id, row.name, row.source, row.deployed_at, names.person(row.deployed_by)) for row in rows]


def detail(connection: Connection, deployment_id: str, besides: Collection[str]) -> DeploymentDetail:
    """Return one deployment with the process versions and decisions that it brought; raise `NotFound`.

    `besides` are ids of process versions that are to be told of as well, whichever deployment brought them.
    """
    row = connection.execute(_ONE, {"deployment": deployment_id}).one_or_none()
    if row is None:
        raise NotFound("deployment", deployment_id)
    names = people(connection, [row.deployed_by])
    about = {"deployment": deployment_id, "besides": list(besides)}
    processes = tuple(
        DeployedProcess(
            id=found.id,
            key=found.key,
            version=found.version,
            name=found.name,
            file=found.file,
            deployment_id=found.deployment_id,
            documentation=found.documentation,
            version_tag=found.facts.get("version_tag"),
            startable=found.startable,
        )
        for found in connection.execute(_PROCESSES, about)
    )
    decisions = tuple(DeployedDecision(*found) for found in connection.execute(_DECISIONS, about))
    by = names.person(row.deployed_by)
    return DeploymentDetail(DeploymentRow(row.id, row.name, row.source, row.deployed_at, by), processes, decisions)


def standing(connection: Connection, keys: Iterable[tuple[str, str]], shelf: Shelf) -> str | None:
    """Return the newest deployment that brought one of the files with these kinds and keys, None when none did."""
    ids = [shelf.resources[key].id for key in keys if key in shelf.resources]
    found: str | None = connection.execute(_NEWEST_OF, {"resources": ids}).scalar_one_or_none() if ids else None
    return found
