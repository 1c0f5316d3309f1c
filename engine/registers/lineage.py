"""Where a record comes from and what became of it: versions, relatives, readers, supporters; reading only."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from engine import policy
from engine.persistence.models import (
    ProcessInstance,
    Provenance,
    Record,
    RecordSource,
    RecordVersion,
    Supporter,
    UserTask,
)
from engine.registers.definition import RegisterDefinition
from engine.registers.views import ReadRow, Relative, VersionRow
from engine.types import Actor, RecordRef

HISTORY_SHOWN = 200

SUPPORTERS = (
    select(func.count())
    .where(Supporter.register == Record.register, Supporter.record_id == Record.id)
    .correlate(Record)
    .scalar_subquery()
    .label("supporters")
)
"""How many support a record; a column beside those of `Record`."""

_VERSIONS = (
    select(
        RecordVersion.version,
        RecordVersion.status,
        RecordVersion.created_at,
        RecordVersion.created_by,
        RecordVersion.instance_id,
        ProcessInstance.number.label("case_number"),
        RecordVersion.element_id,
        UserTask.name.label("element_name"),
    )
    .outerjoin(ProcessInstance, ProcessInstance.id == RecordVersion.instance_id)
    .outerjoin(UserTask, UserTask.id == RecordVersion.task_id)
    .where(RecordVersion.register == bindparam("register"), RecordVersion.record_id == bindparam("id"))
    .order_by(RecordVersion.version.desc())
    .limit(HISTORY_SHOWN)
)
_READS = (
    select(
        Provenance.version,
        Provenance.at,
        Provenance.actor,
        Provenance.instance_id,
        ProcessInstance.number.label("case_number"),
        Provenance.element_id,
        UserTask.name.label("element_name"),
    )
    .outerjoin(ProcessInstance, ProcessInstance.id == Provenance.instance_id)
    .outerjoin(UserTask, UserTask.id == Provenance.task_id)
    .where(Provenance.register == bindparam("register"), Provenance.record_id == bindparam("id"))
    .order_by(Provenance.id.desc())
    .limit(HISTORY_SHOWN)
)

# That a version follows the one before is history: it is not told again as lineage.
_ANOTHER = or_(RecordSource.register != RecordSource.source_register, RecordSource.record_id != RecordSource.source_id)


def versions(connection: Connection, actor: Actor, register: str, record_id: str) -> list[VersionRow]:
    """Return the newest 200 versions, newest first, each with the activity that produced it."""
    query = _VERSIONS.add_columns(policy.cases_visible(actor))
    return [VersionRow(*found) for found in connection.execute(query, {"register": register, "id": record_id})]


def reads(connection: Connection, actor: Actor, register: str, record_id: str) -> list[ReadRow]:
    """Return the newest 200 readings of the record by activities."""
    query = _READS.add_columns(policy.cases_visible(actor))
    return [ReadRow(*found) for found in connection.execute(query, {"register": register, "id": record_id})]


def made_from(
    connection: Connection, definitions: Mapping[str, RegisterDefinition], actor: Actor, register: str, record_id: str
) -> list[Relative]:
    """Return the record versions that versions of this record were made from, as far as `actor` may see them."""
    here = and_(RecordSource.register == register, RecordSource.record_id == record_id)
    far = (RecordSource.source_register, RecordSource.source_id, RecordSource.source_version)
    return _relatives(connection, definitions, actor, here, far, RecordSource.version)


def became(
    connection: Connection, definitions: Mapping[str, RegisterDefinition], actor: Actor, register: str, record_id: str
) -> list[Relative]:
    """Return the record versions that were made from versions of this record, as far as `actor` may see them."""
    here = and_(RecordSource.source_register == register, RecordSource.source_id == record_id)
    far = (RecordSource.register, RecordSource.record_id, RecordSource.version)
    return _relatives(connection, definitions, actor, here, far, RecordSource.source_version)


def _relatives(
    connection: Connection,
    definitions: Mapping[str, RegisterDefinition],
    actor: Actor,
    here: ColumnElement[bool],
    far: tuple[InstrumentedAttribute[str], InstrumentedAttribute[str], InstrumentedAttribute[int]],
    own: InstrumentedAttribute[int],
) -> list[Relative]:
    rows = connection.execute(
        select(*far, Record.title, Record.status, own)
        .join(Record, and_(Record.register == far[0], Record.id == far[1]))
        .where(here, _ANOTHER, visible(definitions, actor))
        .order_by(own.desc(), far[0], far[1], far[2].desc())
        .limit(HISTORY_SHOWN)
    )
    return [
        Relative(RecordRef(register, record_id, version), definitions[register].singular, title, status, own_version)
        for register, record_id, version, title, status, own_version in rows
    ]


def visible(definitions: Mapping[str, RegisterDefinition], actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Record` that is true for what `actor` may see of the registers of `definitions`."""
    whole = {key for key, each in definitions.items() if policy.reads_register(actor, each.readers, each.maintainers)}
    others = sorted(set(definitions) - whole)
    return or_(Record.register.in_(sorted(whole)), and_(Record.register.in_(others), policy.own_records(actor)))
