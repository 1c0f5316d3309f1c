"""Owns what a process would take over unasked: forms and decisions that others have published since.

Anybody may publish a form or decision, and a model that comes alone takes the newest ones. It writes nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.bpmn.model.facts import ProcessFacts
from engine.people import people
from engine.persistence.database import AnyRow
from engine.persistence.models import DefinitionResource, Deployment, Membership, Resource, RoleAssignment
from engine.persistence.statements import table
from engine.repository.shelf import Shelf
from engine.repository.upload import File, Upload
from engine.types import ENGINE, Actor, Finding, Severity

RULES: Final[Mapping[str, Severity]] = {"changed-by-others": "error"}
"""The rule of this module, with its usual severity."""

_NAMES: Final = {"form": "form", "dmn": "decision"}

_R: Final = table(Resource)
_PIN: Final = table(DefinitionResource)
_DEPLOYMENT: Final = table(Deployment)
_PINNED: Final = (
    select(_PIN.c.kind, _PIN.c.key, _R.c.digest)
    .join_from(_PIN, _R, _R.c.id == _PIN.c.resource_id)
    .where(_PIN.c.definition_id == bindparam("definition"), _PIN.c.kind.in_(("form", "dmn")))
    .order_by(_PIN.c.kind, _PIN.c.key)
)
_BY: Final = (
    select(_DEPLOYMENT.c.deployed_by)
    .join_from(_R, _DEPLOYMENT, _DEPLOYMENT.c.id == _R.c.deployment_id)
    .where(_R.c.id == bindparam("resource"))
)
_OWNS: Final = (
    select(Membership.user_id)
    .join(RoleAssignment, RoleAssignment.user_id == Membership.user_id)
    .where(
        Membership.user_id == bindparam("user"),
        Membership.group_id == bindparam("group"),
        RoleAssignment.role == "process_owner",
    )
)


def changed_findings(connection: Connection, upload: Upload, shelf: Shelf, actor: Actor) -> Iterator[Finding]:
    """Yield the files that a process would take in a version which its owners have not published, nor `actor`."""
    for facts, file in upload.processes.values():
        row = shelf.definitions.get(facts.key)
        if row is not None and row.owner_group is not None:
            yield from _of_process(connection, upload, shelf, actor, facts, file, row)


def _of_process(
    connection: Connection,
    upload: Upload,
    shelf: Shelf,
    actor: Actor,
    facts: ProcessFacts,
    file: File,
    before: AnyRow,
) -> Iterator[Finding]:
    taken = {("form", key) for key in facts.forms} | {("dmn", key) for key in facts.decisions}
    taken -= {("form", key) for key in upload.forms} | {("dmn", key) for key in upload.decisions}
    for pin in connection.execute(_PINNED, {"definition": before.id}).all():
        newest = shelf.resources.get((pin.kind, pin.key))
        if (pin.kind, pin.key) not in taken or newest is None or newest.digest == pin.digest:
            continue
        by = connection.execute(_BY, {"resource": newest.id}).scalar_one()
        if by in (ENGINE.user_id, actor.user_id) or _owns(connection, by, before.owner_group):
            continue
        name = people(connection, [by]).person(by).name
        yield Finding(
            file.name,
            "changed-by-others",
            f"The {_NAMES[pin.kind]} {pin.key!r} was published anew by {name}, who does not own this process.",
            "Upload the file that is meant together with the model.",
            facts.line,
        )


def _owns(connection: Connection, user_id: str, group: str) -> bool:
    return connection.execute(_OWNS, {"user": user_id, "group": group}).first() is not None
