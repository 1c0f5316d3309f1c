"""Owns writing a planned deployment in one transaction; it decides nothing about the content."""

import uuid
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from engine import managed, start_events
from engine.bpmn.model.facts import ProcessFacts
from engine.persistence.models import DefinitionResource, Deployment, ProcessDefinition, Resource
from engine.persistence.statements import table
from engine.registers import catalog as register_catalog
from engine.repository.library import pinned
from engine.repository.plan import NewDefinition, Plan
from engine.repository.shelf import Shelf
from engine.types import Actor
from engine.unit_of_work.saving import Stale

_R: Final = table(Resource)
_D: Final = table(ProcessDefinition)


def write(connection: Connection, plan: Plan, shelf: Shelf, name: str, source: str, actor: Actor, now: datetime) -> str:
    """Write the plan and return the deployment's id.

    Raise `Stale` when somebody deployed the same things in between.
    """
    try:
        return _write(connection, plan, shelf, name, source, actor, now)
    except IntegrityError as error:
        raise Stale from error


def _write(
    connection: Connection, plan: Plan, shelf: Shelf, name: str, source: str, actor: Actor, now: datetime
) -> str:
    _must_stand(connection, plan, shelf)
    deployment_id = uuid.uuid4().hex
    connection.execute(
        insert(Deployment).values(
            id=deployment_id, name=name[:255], source=source[:255], deployed_at=now, deployed_by=actor.user_id
        )
    )
    ids: dict[tuple[str, str], str] = {key: row.id for key, row in shelf.resources.items()}
    for new in plan.resources:
        ids[new.kind, new.key] = resource_id = uuid.uuid4().hex
        connection.execute(
            insert(_R).values(
                id=resource_id,
                deployment_id=deployment_id,
                kind=new.kind,
                key=new.key,
                version=new.version,
                name=new.file.name,
                digest=new.file.digest,
                content=new.file.content,
            )
        )
    versions = [
        (_write_definition(connection, definition, deployment_id, ids), definition.facts)
        for definition in plan.definitions
    ]
    start_events.replace(connection, versions, now)
    if plan.registers:
        forms = [(register, ids["form", register.form]) for register in plan.registers]
        register_catalog.store(connection, forms, now)
    managed.store(connection, plan.managed, now)
    return deployment_id


def _must_stand(connection: Connection, plan: Plan, shelf: Shelf) -> None:
    """Raise `Stale` when something that the plan and its rights build on has changed.

    Deployments write one after the other: what one has been allowed, another may be about to close.
    """
    managed.write_alone(connection)
    if plan.managed and managed.load(connection) != shelf.managed:
        raise Stale
    if (plan.registers or plan.definitions) and register_catalog.load(connection) != shelf.registers:
        raise Stale
    keys = {new.facts.key for new in plan.definitions}
    keys |= {called.key for new in plan.definitions for called in new.facts.calls}
    newest = select(_D.c.key, func.max(_D.c.version)).where(_D.c.key.in_(keys)).group_by(_D.c.key)
    found: dict[str, int] = {key: version for key, version in connection.execute(newest)}  # noqa: C416 - rows are no tuples
    for key in keys:
        known = shelf.definitions.get(key)
        if found.get(key) != (known.version if known else None):
            raise Stale


def _write_definition(
    connection: Connection, new: NewDefinition, deployment_id: str, ids: dict[tuple[str, str], str]
) -> str:
    definition_id = uuid.uuid4().hex
    facts: ProcessFacts = new.facts
    connection.execute(
        insert(_D).values(
            id=definition_id,
            key=facts.key,
            version=new.version,
            name=facts.name[:255],
            deployment_id=deployment_id,
            resource_id=ids["bpmn", new.file.name],
            digest=new.digest,
            owner_group=facts.owner_group,
            startable=facts.startable,
            facts=facts.as_json(),
            registers=new.registers,
            documentation=facts.documentation,
        )
    )
    pins: list[dict[str, Any]] = [
        {"definition_id": definition_id, "kind": kind, "key": key, "resource_id": ids[kind, key]}
        for kind, key in new.pins
    ]
    pins += [
        {"definition_id": definition_id, "kind": "library", "key": name, "resource_id": resource_id}
        for name, resource_id in pinned(new.library, ids).items()
    ]
    if pins:
        connection.execute(insert(DefinitionResource), pins)
    return definition_id
