"""Owns what a process or register would take over unasked: forms and decisions that others have published since.

Anybody may publish a form or decision, and a model that comes alone takes the newest ones. It writes nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.bpmn.model.facts import ProcessFacts
from engine.people import people
from engine.persistence.database import AnyRow
from engine.persistence.models import DefinitionResource, Deployment, Membership, Register, Resource, RoleAssignment
from engine.persistence.statements import table
from engine.registers.definition import RegisterDefinition
from engine.repository.rights import users_of
from engine.repository.shelf import Shelf
from engine.repository.upload import File, Upload
from engine.types import ENGINE, Actor, Finding, Severity

RULES: Final[Mapping[str, Severity]] = {"changed-by-others": "error"}
"""The rule of this module, with its usual severity."""

_NAMES: Final = {"form": "form", "dmn": "decision"}

_R: Final = table(Resource)
_PIN: Final = table(DefinitionResource)
_DEPLOYMENT: Final = table(Deployment)
_REGISTER: Final = table(Register)
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
_FORM: Final = (
    select(_R.c.digest)
    .join_from(_REGISTER, _R, _R.c.id == _REGISTER.c.form_resource_id)
    .where(_REGISTER.c.key == bindparam("register"))
)
_OWNS: Final = (
    select(Membership.user_id)
    .join(RoleAssignment, RoleAssignment.user_id == Membership.user_id)
    .where(
        Membership.user_id == bindparam("user"),
        Membership.group_id.in_(bindparam("groups", expanding=True)),
        RoleAssignment.role == "process_owner",
    )
)


def changed_findings(connection: Connection, upload: Upload, shelf: Shelf, actor: Actor) -> Iterator[Finding]:
    """Yield the files that a process or register would take in a version which its owners have not published.

    Nor has `actor`.
    """
    for facts, file in upload.processes.values():
        row = shelf.definitions.get(facts.key)
        if row is not None and row.owner_group is not None:
            yield from _of_process(connection, upload, shelf, actor, facts, file, row)
    for name, (_, keys) in upload.register_files.items():
        for key in keys:
            before, now = shelf.registers.get(key), upload.registers[key]
            if before is not None and before != now and before.form == now.form and now.form not in upload.forms:
                yield from _of_register(connection, shelf, actor, name, before)


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
        if name := _stranger(connection, newest.id, actor, {before.owner_group}):
            yield Finding(
                file.name,
                "changed-by-others",
                f"The {_NAMES[pin.kind]} {pin.key!r} was published anew by {name}, who does not own this process.",
                "Upload the file that is meant together with the model.",
                facts.line,
            )


def _of_register(
    connection: Connection, shelf: Shelf, actor: Actor, file: str, before: RegisterDefinition
) -> Iterator[Finding]:
    newest = shelf.resources.get(("form", before.form))
    held = connection.execute(_FORM, {"register": before.key}).scalar_one()
    groups = {before.owner_group} if before.owner_group else {row.owner_group for row in users_of(shelf, before.key)}
    if newest is None or newest.digest == held or not groups or None in groups:
        return
    if name := _stranger(connection, newest.id, actor, groups):
        message = f"The form {before.form!r} of {before.name!r} was published anew by {name}, who does not own it."
        yield Finding(file, "changed-by-others", message, "Upload the form that is meant together with this file.")


def _stranger(connection: Connection, resource_id: str, actor: Actor, groups: set[str | None]) -> str | None:
    """Return the name of who published a file when that is neither an owner nor `actor` nor the host, else None."""
    by: str = connection.execute(_BY, {"resource": resource_id}).scalar_one()
    if by in (ENGINE.user_id, actor.user_id):
        return None
    if connection.execute(_OWNS, {"user": by, "groups": sorted(group for group in groups if group)}).first():
        return None
    return people(connection, [by]).person(by).name
