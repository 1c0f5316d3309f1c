"""Owns the RegisterService: looking at registers, saving records by form; cases write through their steps."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, bindparam, false, or_, select

from engine import policy
from engine.errors import NotFound, NotPermitted
from engine.forms_protocol import FormCatalog
from engine.persistence.database import Database
from engine.persistence.models import ProcessDefinition, Record, RecordVersion
from engine.registers import catalog, lineage, search
from engine.registers.definition import RegisterDefinition
from engine.registers.editing import Editing, Effect
from engine.registers.options import ActorOptions
from engine.registers.page_options import PageOptions
from engine.registers.views import RecordDetail, RecordRow, RegisterSummary, SimilarRecord
from engine.types import Actor, Json, RecordRef
from engine.views import Cursor, Page

MAX_PAGE: Final = 200
_MOST_VERSIONS: Final = 2**31
"""What fits the column; a greater number is no version of anything."""

_ROW = (
    Record.register,
    Record.id,
    Record.version,
    Record.title,
    Record.status,
    Record.organisation_id,
    Record.created_at,
    Record.changed_at,
    lineage.SUPPORTERS,
)
_BODY = select(RecordVersion.body, RecordVersion.status).where(
    RecordVersion.register == bindparam("register"),
    RecordVersion.record_id == bindparam("id"),
    RecordVersion.version == bindparam("version"),
)


class RegisterService:
    """The registers, as far as an actor may see them."""

    def __init__(self, database: Database, forms: FormCatalog, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._editing = Editing(database, forms, clock)

    def registers(self, actor: Actor) -> list[RegisterSummary]:
        """Return the registers in which `actor` may see records, by name."""
        with self._database.read() as connection:
            return self._summaries(connection, actor)

    def page(
        self,
        register: str,
        actor: Actor,
        *,
        text: str = "",
        status: str | None = None,
        after: Cursor | None = None,
        limit: int = 50,
    ) -> Page[RecordRow]:
        """Return a page of records that hold the words of `text` or words that begin so, newest change first.

        Raises `NotFound` for a register that `actor` may not look at, `InputRefused` for a cursor that is not ours.
        """
        limit = max(1, min(limit, MAX_PAGE))
        with self._database.read() as connection:
            summary = self._open(connection, register, actor)
            definition = summary.definition
            query = select(*_ROW).where(
                Record.register == register, policy.records_visible(actor, definition.readers, definition.maintainers)
            )
            if text.replace("\0", " ").strip():
                query = query.where(_or_nothing(search.holding(connection, text)))
            if status:
                query = query.where(Record.status == status)
            if after:
                at, record_id = after.moment_and_id()
                query = query.where(or_(Record.changed_at < at, and_(Record.changed_at == at, Record.id > record_id)))
            rows = connection.execute(query.order_by(Record.changed_at.desc(), Record.id).limit(limit + 1)).all()
        records = tuple(RecordRow(*row) for row in rows[:limit])
        more = len(rows) > limit
        return Page(records, Cursor((records[-1].changed_at.isoformat(), records[-1].id)) if more else None)

    def record(self, register: str, record_id: str, actor: Actor, version: int | None = None) -> RecordDetail:
        """Return a record with the body of `version` (default the newest), its history and lineage; raise `NotFound`.

        Who does not see the whole register is not told which activities read the record.
        """
        with self._database.read() as connection:
            summary = self._open(connection, register, actor)
            row = self._row(connection, summary.definition, record_id, actor)
            shown = row.version if version is None else version
            body, shown_status = _version(connection, summary.definition, record_id, shown)
            definitions = catalog.load(connection)
            return RecordDetail(
                summary,
                row,
                shown,
                body,
                shown_status,
                catalog.form_of(connection, register),
                lineage.versions(connection, actor, register, record_id),
                lineage.made_from(connection, definitions, actor, register, record_id),
                lineage.became(connection, definitions, actor, register, record_id),
                lineage.reads(connection, actor, register, record_id) if summary.whole else [],
            )

    def body(self, register: str, record_id: str, version: int, actor: Actor) -> Mapping[str, Json]:
        """Return the body of one version; raise `NotFound` for what `actor` may not see."""
        with self._database.read() as connection:
            definition = self._open(connection, register, actor).definition
            self._row(connection, definition, record_id, actor)
            return _version(connection, definition, record_id, version)[0]

    def blank_form(self, register: str, actor: Actor) -> tuple[RegisterDefinition, bytes]:
        """Return the register and the form for a new record; raise `NotPermitted` for who does not maintain it."""
        with self._database.read() as connection:
            summary = self._open(connection, register, actor)
            _must_maintain(summary)
            return summary.definition, catalog.form_of(connection, register)

    def blank_forms(self, actor: Actor) -> list[tuple[RegisterDefinition, bytes]]:
        """Return the registers that the actor maintains, by name, each with the form for a new record."""
        with self._database.read() as connection:
            maintained = [found.definition for found in self._summaries(connection, actor) if found.maintains]
            forms = catalog.forms_of(connection, [each.key for each in maintained])
            return [(each, forms[each.key]) for each in maintained]

    def save(
        self,
        register: str,
        record_id: str | None,
        values: Mapping[str, Json],
        *,
        actor: Actor,
        base: int | None = None,
        status: str | None = None,
        also: Effect | None = None,
    ) -> RecordRef:
        """Write a record by form: a new one (`record_id` None) or a new version of what was seen as version `base`.

        `also` writes in the same transaction. Raises `InputRefused`, `NotPermitted`, `NotFound`, or `ConcurrentUpdate`
        (who, when) when somebody else saved a newer version.
        """
        with self._database.read() as connection:
            summary = self._open(connection, register, actor)
            _must_maintain(summary)
            seen = None
            if record_id is not None:
                row = self._row(connection, summary.definition, record_id, actor)
                seen = RecordRef(register, record_id, row.version if base is None else base)
        return self._editing.save(summary.definition, seen, values, actor=actor, status=status, also=also)

    def check_new(
        self, register: str, values: Mapping[str, Json], *, actor: Actor, status: str | None = None
    ) -> str | None:
        """Raise what `save` would raise for a new record with these values; nothing is written.

        Return the identifier that the values give the record, None where it would get a number.
        """
        with self._database.read() as connection:
            summary = self._open(connection, register, actor)
            _must_maintain(summary)
        return self._editing.check_new(summary.definition, values, actor=actor, status=status)

    def definition(self, register: str, actor: Actor) -> RegisterDefinition:
        """Return what a register is; raise `NotFound` when the actor may not look at it."""
        with self._database.read() as connection:
            return self._open(connection, register, actor).definition

    def similar(self, register: str, text: str, actor: Actor, limit: int = 5) -> list[SimilarRecord]:
        """Return records of `register` that are probably about the same as `text`, the most alike first.

        Only records that the actor may see and that are not closed. None for a register that is not theirs to see.
        """
        with self._database.read() as connection:
            definition = catalog.definition(connection, register)
            if definition is None or _summary(definition, actor, _written_by_owned(connection, actor)) is None:
                return []
            conditions = [
                Record.register == register,
                policy.records_visible(actor, definition.readers, definition.maintainers),
            ]
            if definition.closed:
                conditions.append(or_(Record.status.is_(None), Record.status.not_in(definition.closed)))
            return search.similar(connection, text, conditions, limit)

    def options(self, actor: Actor) -> ActorOptions:
        """Return the source of options for forms that `actor` fills in; it reads anew whenever it is asked."""
        return ActorOptions(self._database, actor)

    def page_options(self, actor: Actor) -> PageOptions:
        """Return the same for all forms of one page: it remembers what it read, and has to be closed."""
        return PageOptions(self._database, actor)

    def _summaries(self, connection: Connection, actor: Actor) -> list[RegisterSummary]:
        written = _written_by_owned(connection, actor)
        summaries = (_summary(found, actor, written) for found in catalog.load(connection).values())
        return [summary for summary in summaries if summary is not None]

    def _open(self, connection: Connection, register: str, actor: Actor) -> RegisterSummary:
        definition = None if "\0" in register else catalog.definition(connection, register)
        summary = None if definition is None else _summary(definition, actor, _written_by_owned(connection, actor))
        if summary is None:
            raise NotFound("register", register)
        return summary

    def _row(self, connection: Connection, definition: RegisterDefinition, record_id: str, actor: Actor) -> RecordRow:
        visible = policy.records_visible(actor, definition.readers, definition.maintainers)
        found = select(*_ROW).where(Record.register == definition.key, Record.id == record_id, visible)
        row = None if "\0" in record_id else connection.execute(found).one_or_none()
        if row is None:
            raise NotFound(definition.singular, record_id)
        return RecordRow(*row)


def _summary(definition: RegisterDefinition, actor: Actor, written_by_owned: frozenset[str]) -> RegisterSummary | None:
    whole = policy.reads_register(actor, definition.readers, definition.maintainers)
    names_people = definition.organisation is not None or definition.originator is not None
    if not whole and not (names_people and policy.hands_in(actor)) and definition.key not in written_by_owned:
        return None
    return RegisterSummary(definition, whole, policy.maintains_register(actor, definition.maintainers))


def _written_by_owned(connection: Connection, actor: Actor) -> frozenset[str]:
    """Return the registers that processes of the actor's groups use, so that their owners see what these wrote."""
    if "process_owner" not in actor.roles:
        return frozenset()
    used = select(ProcessDefinition.registers).where(ProcessDefinition.key.in_(policy.processes_owned(actor)))
    return frozenset(facts["key"] for uses in connection.execute(used).scalars() for facts in uses.values())


def _version(
    connection: Connection, definition: RegisterDefinition, record_id: str, version: int
) -> tuple[Mapping[str, Json], str | None]:
    found = None
    if 0 < version < _MOST_VERSIONS:
        key = {"register": definition.key, "id": record_id, "version": version}
        found = connection.execute(_BODY, key).one_or_none()
    if found is None:
        raise NotFound(f"version {version} of {definition.singular}", record_id)
    return found.body, found.status


def _must_maintain(summary: RegisterSummary) -> None:
    if not summary.maintains:
        raise NotPermitted(
            f"Records of {summary.definition.name} are not yours to add or change. Ask one of: "
            f"{', '.join(summary.definition.maintainers) or 'the processes write them'}."
        )


def _or_nothing(condition: ColumnElement[bool] | None) -> ColumnElement[bool]:
    return false() if condition is None else condition
