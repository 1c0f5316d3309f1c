"""The registers that are deployed, with the forms that type their records; reading only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, insert, select, update

from engine.errors import NotFound
from engine.persistence.models import NumberSequence, Register, Resource
from engine.registers.definition import RegisterDefinition

SEQUENCE: Final = "register:"
_ALL = (
    select(Register.definition, Register.form_resource_id, NumberSequence.next)
    .join(NumberSequence, NumberSequence.name == SEQUENCE + Register.key, isouter=True)
    .order_by(Register.name)
)
_ONE = select(Register.definition).where(Register.key == bindparam("register"))
_FORMS = (
    select(Register.key, Resource.content)
    .join(Resource, Register.form_resource_id == Resource.id)
    .where(Register.key.in_(bindparam("registers", expanding=True)))
)


def sequence_of(register: str) -> str:
    """Return the name of the sequence that numbers the records of `register`; cases have one of their own."""
    return f"{SEQUENCE}{register}"


@dataclass(frozen=True, slots=True)
class Deployed:
    """A register as it is deployed: its definition, the id of the file that holds its form, the next number.

    `next_number` is None as long as no record was numbered.
    """

    definition: RegisterDefinition
    form_resource_id: str
    next_number: int | None


def load(connection: Connection) -> dict[str, RegisterDefinition]:
    """Return every deployed register by its key, in the order of their names."""
    return {key: found.definition for key, found in load_deployed(connection).items()}


def load_deployed(connection: Connection) -> dict[str, Deployed]:
    """Return the same with their forms and numbers, in one statement."""
    found = [Deployed(RegisterDefinition.from_json(stored), *beside) for stored, *beside in connection.execute(_ALL)]
    return {each.definition.key: each for each in found}


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
    content = forms_of(connection, [register]).get(register)
    if content is None:
        raise NotFound("register", register)
    return content


def forms_of(connection: Connection, registers: Collection[str]) -> dict[str, bytes]:
    """Return the forms of those of `registers` that are deployed: one statement for all, none where there are none."""
    if not registers:
        return {}
    return {row.key: row.content for row in connection.execute(_FORMS, {"registers": list(registers)})}


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
