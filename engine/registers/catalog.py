"""The registers that are deployed, with the forms that type their records; reading only."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.errors import NotFound
from engine.persistence.models import Register, Resource
from engine.registers.definition import RegisterDefinition

_ALL = select(Register.definition).order_by(Register.name)
_ONE = select(Register.definition).where(Register.key == bindparam("register"))
_FORM = (
    select(Resource.content)
    .join(Register, Register.form_resource_id == Resource.id)
    .where(Register.key == bindparam("register"))
)


def load(connection: Connection) -> dict[str, RegisterDefinition]:
    """Return every deployed register by its key, in the order of their names."""
    definitions = [RegisterDefinition.from_json(stored) for stored in connection.execute(_ALL).scalars()]
    return {definition.key: definition for definition in definitions}


def definition(connection: Connection, register: str) -> RegisterDefinition | None:
    """Return the register with that key as it is deployed now, or None."""
    stored = connection.execute(_ONE, {"register": register}).scalar_one_or_none()
    return None if stored is None else RegisterDefinition.from_json(stored)


def find(definitions: Mapping[str, RegisterDefinition], key_or_name: str) -> RegisterDefinition | None:
    """Return the register with that key, else the one with that name (as a data store in a model may give it)."""
    if key_or_name in definitions:
        return definitions[key_or_name]
    wanted = " ".join(key_or_name.split()).casefold()
    return next((found for found in definitions.values() if found.name.casefold() == wanted), None)


def form_of(connection: Connection, register: str) -> bytes:
    """Return the form that types the records of `register`; raise `NotFound` for an unknown one."""
    content = connection.execute(_FORM, {"register": register}).scalar_one_or_none()
    if content is None:
        raise NotFound("register", register)
    return content


def store(connection: Connection, registers: Sequence[tuple[RegisterDefinition, str]], now: datetime) -> None:
    """Write definitions with the resource ids of their forms; those that did not change are left as they are."""
    stored = {
        row.key: row for row in connection.execute(select(Register.key, Register.definition, Register.form_resource_id))
    }
    for definition, form_resource_id in registers:
        values = {
            "name": definition.name,
            "definition": definition.as_json(),
            "form_resource_id": form_resource_id,
            "changed_at": now,
        }
        old = stored.get(definition.key)
        if old is None:
            connection.execute(insert(Register), {"key": definition.key, **values})
        elif old.definition != values["definition"] or old.form_resource_id != form_resource_id:
            connection.execute(update(Register).where(Register.key == definition.key).values(**values))
