"""Owns the references to records that somebody brings into case data by hand: each has to be there for them to see."""

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection, exists, select

from engine import policy
from engine.errors import InputRefused
from engine.persistence.models import Record, RecordVersion
from engine.registers import catalog
from engine.types import Actor, Json, RecordRef


def references(value: Json) -> set[RecordRef]:
    """Return every reference to a record that stands in `value`, however deep."""
    return set(_references(value))


def must_be_known(
    connection: Connection, values: Mapping[str, Json], held: Collection[RecordRef], actor: Actor
) -> None:
    """Raise `InputRefused` for references that the case does not hold and that lead nowhere, or to no record of theirs.

    What is not there and what the actor may not see are not told apart.
    """
    registers = catalog.load(connection)
    wrong: dict[str, list[str]] = {}
    for name, value in values.items():
        for ref in sorted(references(value) - set(held), key=str):
            definition = registers.get(ref.register)
            if definition is None or not _is_seen(connection, ref, actor, definition.readers, definition.maintainers):
                what = (
                    f"There is no version {ref.version} of {ref.id} in the register {ref.register!r} that you may see."
                )
                wrong.setdefault(name, []).append(what)
    if wrong:
        raise InputRefused(wrong, "A reference to a record leads nowhere.")


def _is_seen(
    connection: Connection, ref: RecordRef, actor: Actor, readers: Collection[str], maintainers: Collection[str]
) -> bool:
    version = exists().where(
        RecordVersion.register == Record.register,
        RecordVersion.record_id == Record.id,
        RecordVersion.version == ref.version,
    )
    found = select(Record.id).where(
        Record.register == ref.register,
        Record.id == ref.id,
        version,
        policy.records_visible(actor, readers, maintainers),
    )
    return connection.execute(found).first() is not None


def _references(value: Json) -> Iterator[RecordRef]:
    ref = RecordRef.from_json(value)
    if ref is not None:
        yield ref
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
