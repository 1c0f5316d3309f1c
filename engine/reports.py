"""Owns the ReportService: what stakeholders handed in and what became of it (PRM-IT A214); it reads only.

Which reports there are, `process.yaml` says (engine.metrics.process.ReportDefinition). Everybody is told of the records
that they may see anyway: staff and owners of every organisation, originators of their own.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, select
from sqlalchemy.orm import aliased

from engine import managed, policy
from engine.errors import NotFound
from engine.metrics.process import ManagedProcess, ReportDefinition
from engine.people import people
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import Record, RecordSource, RecordVersion
from engine.registers import catalog, lineage
from engine.registers.definition import RegisterDefinition
from engine.types import Actor, Json
from engine.views.reports import Outcome, Report, ReportFilter, ReportRef, ReportRow

MOST_ROWS: Final = 1_000
MOST_NAMES: Final = 1_000
LONGEST_TEXT: Final = 4_000
# By another name: the rule of who sees a record looks into the versions for itself.
_VERSION: Final = aliased(RecordVersion)
_NEWEST: Final = and_(
    _VERSION.register == Record.register, _VERSION.record_id == Record.id, _VERSION.version == Record.version
)


class ReportService:
    """Reports to stakeholders. `clock` returns the time now (aware)."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def reports(self, actor: Actor) -> list[ReportRef]:
        """Return the reports that the actor may look at, by the names of their processes."""
        with self._database.read() as connection:
            registers = catalog.load(connection)
            return [
                ReportRef(process.key, process.name, report.key, report.name)
                for process in managed.load(connection).values()
                for report in process.reports
                if _reads(actor, registers.get(report.records))
            ]

    def report(self, process: str, report: str, actor: Actor, filter: ReportFilter) -> Report:  # noqa: A002 - as lists
        """Return a report; raise `NotFound` for one that is not there, or not the actor's to look at.

        It tells of records that were there at the end of the period and changed since its begin, as they stand now.
        """
        with self._database.read() as connection:
            registers = catalog.load(connection)
            ref, wanted = _find(managed.load(connection), registers, process, report, actor)
            definition = registers[wanted.records]
            found = _records(connection, definition, actor, filter)
            services = _titles(connection, registers.get(wanted.services or ""), actor)
            told = [row for row in found if filter.service is None or filter.service in _services(row, wanted)]
            outcomes = _outcomes(
                connection, registers.get(wanted.follow or ""), wanted, actor, [row.id for row in told]
            )
            names = people(connection, (row.originator for row in told))
            organisations = _organisations(connection, definition, actor)
        rows = [
            ReportRow(
                row.id,
                row.title,
                row.status,
                row.organisation_id,
                names.maybe(row.originator),
                row.created_at,
                row.changed_at,
                row.supporters,
                tuple(_services(row, wanted)),
                tuple(outcomes.get(row.id, ())),
            )
            for row in told[:MOST_ROWS]
        ]
        return Report(
            ref=ref,
            filter=filter,
            register=definition.key,
            rows=rows,
            statuses=_in_order(definition, Counter(row.status or "" for row in rows)),
            per_organisation=_counted((row.organisation_id or "", row.status or "") for row in rows),
            per_service=_counted((each, row.status or "") for row in rows for each in row.services or ("",)),
            service_names=services,
            organisations=organisations,
            whole=policy.reads_register(actor, definition.readers, definition.maintainers),
            cut=len(found) > MOST_ROWS,
            issued=_issued(registers.get(wanted.issued or ""), actor),
            made_at=self._clock(),
        )


def _find(
    processes: Mapping[str, ManagedProcess],
    registers: Mapping[str, RegisterDefinition],
    process: str,
    report: str,
    actor: Actor,
) -> tuple[ReportRef, ReportDefinition]:
    owner = processes.get(process)
    for each in owner.reports if owner else ():
        if owner is not None and each.key == report and _reads(actor, registers.get(each.records)):
            return ReportRef(owner.key, owner.name, each.key, each.name), each
    raise NotFound("report", report)


def _reads(actor: Actor, definition: RegisterDefinition | None) -> bool:
    if definition is None:
        return False
    named = definition.organisation is not None or definition.originator is not None
    whole = policy.reads_register(actor, definition.readers, definition.maintainers)
    return whole or (named and policy.hands_in(actor))


def _issued(register: RegisterDefinition | None, actor: Actor) -> str | None:
    may = register is not None and policy.maintains_register(actor, register.maintainers)
    return register.key if register is not None and may else None


def _records(
    connection: Connection, definition: RegisterDefinition, actor: Actor, wanted: ReportFilter
) -> Sequence[AnyRow]:
    query = (
        select(
            *(Record.id, Record.title, Record.status, Record.organisation_id, Record.originator),
            *(Record.created_at, Record.changed_at, lineage.SUPPORTERS, _VERSION.body),
        )
        .join(_VERSION, _NEWEST)
        .where(
            Record.register == definition.key,
            policy.records_visible(actor, definition.readers, definition.maintainers),
            Record.created_at < wanted.period.end,
            Record.changed_at >= wanted.period.start,
        )
        .order_by(Record.changed_at.desc(), Record.id)
        .limit(MOST_ROWS + 1)
    )
    if wanted.organisation is not None:
        query = query.where(Record.organisation_id == wanted.organisation)
    return connection.execute(query).all()


def _outcomes(
    connection: Connection,
    follow: RegisterDefinition | None,
    wanted: ReportDefinition,
    actor: Actor,
    ids: Sequence[str],
) -> dict[str, list[Outcome]]:
    """Return what was made from the records, as far as the actor may see it, the newest first."""
    if follow is None or not ids:
        return {}
    made = (
        select(RecordSource.source_id, RecordSource.record_id)
        .where(
            RecordSource.register == follow.key,
            RecordSource.source_register == wanted.records,
            RecordSource.source_id.in_(ids),
        )
        .distinct()
        .subquery()
    )
    query = (
        select(made.c.source_id, Record.id, Record.title, Record.status, Record.changed_at, _VERSION.body)
        .join(made, and_(Record.register == follow.key, Record.id == made.c.record_id))
        .join(_VERSION, _NEWEST)
        .where(policy.records_visible(actor, follow.readers, follow.maintainers))
        .order_by(Record.changed_at.desc(), Record.id)
    )
    found: dict[str, list[Outcome]] = {}
    for row in connection.execute(query):
        text, note = (_text(row.body, field) for field in (wanted.text, wanted.note))
        outcome = Outcome(follow.key, row.id, row.title, row.status, text, note, row.changed_at)
        found.setdefault(row.source_id, []).append(outcome)
    return found


def _titles(connection: Connection, definition: RegisterDefinition | None, actor: Actor) -> dict[str, str]:
    if definition is None:
        return {}
    visible = policy.records_visible(actor, definition.readers, definition.maintainers)
    query = select(Record.id, Record.title).where(Record.register == definition.key, visible).order_by(Record.title)
    return {row.id: row.title for row in connection.execute(query.limit(MOST_NAMES))}


def _organisations(connection: Connection, definition: RegisterDefinition, actor: Actor) -> list[str]:
    visible = policy.records_visible(actor, definition.readers, definition.maintainers)
    query = (
        select(Record.organisation_id)
        .where(Record.register == definition.key, Record.organisation_id.is_not(None), visible)
        .distinct()
        .order_by(Record.organisation_id)
    )
    return [str(found) for found in connection.execute(query.limit(MOST_NAMES)).scalars()]


def _services(row: AnyRow, wanted: ReportDefinition) -> list[str]:
    value: Json = row.body.get(wanted.service) if wanted.service else None
    listed = value if isinstance(value, list) else [value]
    return [item for item in listed if isinstance(item, str) and item]


def _text(body: Mapping[str, Any], field: str | None) -> str | None:
    value = body.get(field) if field else None
    return str(value)[:LONGEST_TEXT] if value else None


def _counted(pairs: Iterable[tuple[str, str]]) -> dict[str, Counter[str]]:
    counted: dict[str, Counter[str]] = {}
    for name, status in pairs:
        counted.setdefault(name, Counter())[status] += 1
    return dict(sorted(counted.items()))


def _in_order(definition: RegisterDefinition, counted: Counter[str]) -> list[tuple[str, int]]:
    """Return the statuses that occur, in the order in which the register lists them."""
    listed = [*definition.statuses, *sorted(counted.keys() - set(definition.statuses))]
    return [(status, counted[status]) for status in listed if counted[status]]
