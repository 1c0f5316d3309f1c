"""Owns the writing of work products inside the transaction of a step: versions, lineage, provenance, numbers.

It commits nothing itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from engine.errors import ComityError, ConcurrentUpdate
from engine.persistence.models import NumberSequence, Provenance, Record, RecordSource, RecordVersion
from engine.registers import adopting, catalog
from engine.registers.access import Drawn, RegisterAccess
from engine.registers.bodies import Bodies
from engine.registers.definition import RegisterDefinition
from engine.registers.running_cases import takes_over
from engine.search_words import searchable
from engine.types import Json, RecordRead, RecordRef, RecordWrite

TITLE_LENGTH = 300
FACTS = frozenset({"number", "version", "status"})
"""names that stand beside the fields when a body is read, and are not fields"""

_MOVE_SEQUENCE = (
    update(NumberSequence)
    .where(NumberSequence.name == bindparam("of_name"), NumberSequence.next == bindparam("seen"))
    .values(next=bindparam("to"))
)
_NEW_SEQUENCE = insert(NumberSequence)
_NEW_RECORD = insert(Record)
_NEW_VERSION = insert(RecordVersion)
_MOVE_RECORD = (
    update(Record)
    .where(
        Record.register == bindparam("of_register"),
        Record.id == bindparam("of_id"),
        Record.version == bindparam("seen"),
    )
    .values(
        version=bindparam("to"),
        status=bindparam("new_status"),
        title=bindparam("new_title"),
        organisation_id=bindparam("new_organisation"),
        originator=bindparam("new_originator"),
        changed_at=bindparam("now"),
        text=bindparam("new_text"),
    )
)
_NEW_SOURCES = insert(RecordSource)
_NEW_READS = insert(Provenance)
_LAST_WRITER = (
    select(RecordVersion.created_by, RecordVersion.created_at)
    .where(RecordVersion.register == bindparam("register"), RecordVersion.record_id == bindparam("id"))
    .order_by(RecordVersion.version.desc())
    .limit(1)
)


class NumberTaken(ComityError):
    """Another step drew the same number first; the step has to be redone from load. Never reaches a person."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a version comes from: the case and the person (engine.types.Actor id), None for a form outside a case."""

    instance_id: str | None
    actor: str


@dataclass(frozen=True, slots=True)
class PreparedWrite:
    """A version with its whole body, ready to be written."""

    write: RecordWrite
    definition: RegisterDefinition
    body: Mapping[str, Json]
    status: str | None


def prepare(writes: Iterable[RecordWrite], access: RegisterAccess, bodies: Bodies) -> list[PreparedWrite]:
    """Return a case's writes with whole bodies: changed fields laid over the version seen, or written earlier on.

    A write without a status keeps the status of the version before. Raises `StepFailed` for what the register's form
    refuses.
    """
    made: dict[RecordRef, PreparedWrite] = {}
    for write in writes:
        base: Mapping[str, Json] = {}
        status = write.status
        if write.base is not None and write.base in made:
            base, status = made[write.base].body, status or made[write.base].status
        elif write.base is not None:
            base = access.body(write.base)
            status = status or base["status"]
        before = {key: value for key, value in base.items() if key not in FACTS}
        definition = access.definition(write.register)
        form = bodies.form(access.connection, access.registers.deployed()[write.register].form_resource_id)
        body = bodies.checked(form, definition, write, before)
        made[write.ref] = PreparedWrite(write, definition, body, status)
    return list(made.values())


def move_sequences(connection: Connection, drawn: Mapping[str, Drawn]) -> None:
    """Confirm the numbers that were drawn; raise `NumberTaken` when somebody else took them first.

    The sequences are locked in the order of their names, so that two steps do not wait for each other.
    """
    for name, numbers in sorted(drawn.items()):
        if numbers.seen is None:
            try:
                connection.execute(_NEW_SEQUENCE, {"name": name, "next": numbers.next})
            except IntegrityError:
                raise NumberTaken(name) from None
        elif (
            connection.execute(_MOVE_SEQUENCE, {"of_name": name, "seen": numbers.seen, "to": numbers.next}).rowcount
            != 1
        ):
            raise NumberTaken(name)


def take_number(connection: Connection, register: str) -> int:
    """Return the next number of `register`; whoever wants one at the same time waits until this transaction ends."""
    new = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    taken = (
        new(NumberSequence)
        .values(name=catalog.sequence_of(register), next=2)
        .on_conflict_do_update(index_elements=["name"], set_={"next": NumberSequence.next + 1})
        .returning(NumberSequence.next)
    )
    return int(connection.execute(taken).scalar_one()) - 1


def apply(connection: Connection, writes: Sequence[PreparedWrite], origin: Origin, now: datetime) -> None:
    """Write the versions, and jobs for the running cases that are to take one over.

    The records are locked in the order of their keys, so that two steps do not wait for each other.
    Raises `ConcurrentUpdate` (who, when) when a record has moved on from the version that was seen, `NumberTaken` for a
    new record whose number or identifier is there already.
    """
    sources: list[dict[str, Json]] = []
    versions = []
    for prepared in sorted(writes, key=place):
        write, definition, body = prepared.write, prepared.definition, prepared.body
        title, organisation, originator = _facts(definition, body, write.ref)
        text = searchable(write.ref.id, body)
        if write.base is None:
            try:
                connection.execute(
                    _NEW_RECORD,
                    {
                        "register": write.register,
                        "id": write.ref.id,
                        "version": write.ref.version,
                        "status": prepared.status,
                        "title": title,
                        "organisation_id": organisation,
                        "originator": originator,
                        "created_at": now,
                        "changed_at": now,
                        "text": text,
                    },
                )
            except IntegrityError:
                raise NumberTaken(write.ref.id) from None
        else:
            moved = connection.execute(
                _MOVE_RECORD,
                {
                    "of_register": write.register,
                    "of_id": write.ref.id,
                    "seen": write.base.version,
                    "to": write.ref.version,
                    "new_status": prepared.status,
                    "new_title": title,
                    "new_organisation": organisation,
                    "new_originator": originator,
                    "now": now,
                    "new_text": text,
                },
            )
            if moved.rowcount != 1:
                raise conflict(connection, definition, write.ref)
            if definition.running_cases and takes_over(body.get(definition.running_cases)):
                adopting.plan(connection, definition, write.ref, now)
        versions.append(
            {
                "register": write.register,
                "record_id": write.ref.id,
                "version": write.ref.version,
                "body": body,
                "status": prepared.status,
                "created_at": now,
                "created_by": origin.actor,
                "instance_id": origin.instance_id,
                "process_key": write.process_key or None,
                "element_id": write.element_id or None,
                "task_id": write.task_id or None,
            }
        )
        sources += [_source(write.ref, source) for source in dict.fromkeys(write.sources) if source != write.ref]
    if versions:
        connection.execute(_NEW_VERSION, versions)
    if sources:
        connection.execute(_NEW_SOURCES, sources)


def place(prepared: PreparedWrite) -> tuple[str, str]:
    """Return the register and the id of the record: records are locked in this order."""
    return prepared.write.register, prepared.write.ref.id


def note_reads(
    connection: Connection, reads: Iterable[RecordRead], instance_id: str, actor: str, now: datetime
) -> None:
    """Record which activity read which versions."""
    rows = [
        {
            "register": read.ref.register,
            "record_id": read.ref.id,
            "version": read.ref.version,
            "instance_id": instance_id,
            "process_key": read.process_key,
            "element_id": read.element_id,
            "task_id": read.task_id,
            "actor": actor,
            "at": now,
        }
        for read in dict.fromkeys(reads)
    ]
    if rows:
        connection.execute(_NEW_READS, rows)


def conflict(connection: Connection, definition: RegisterDefinition, ref: RecordRef) -> ConcurrentUpdate:
    """Return the error that says who changed the record and when."""
    last = connection.execute(_LAST_WRITER, {"register": ref.register, "id": ref.id}).one_or_none()
    what = f"{definition.singular} {ref.id}"
    return ConcurrentUpdate(what, last.created_by, last.created_at) if last else ConcurrentUpdate(what)


def _facts(
    definition: RegisterDefinition, body: Mapping[str, Json], ref: RecordRef
) -> tuple[str, str | None, str | None]:
    title = str(body.get(definition.title) or ref.id).strip().splitlines() or [ref.id]
    return title[0][:TITLE_LENGTH], _text(body, definition.organisation), _text(body, definition.originator)


def _text(body: Mapping[str, Json], field: str | None) -> str | None:
    value = body.get(field) if field else None
    return str(value)[:64] if value else None


def _source(ref: RecordRef, source: RecordRef) -> dict[str, Json]:
    return {
        "register": ref.register,
        "record_id": ref.id,
        "version": ref.version,
        "source_register": source.register,
        "source_id": source.id,
        "source_version": source.version,
    }
