"""RegisterService: looking at registers, and adding or changing records by form outside a case.

Cases write through their steps.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, or_, select

from engine import policy
from engine.errors import InputRefused, NotFound, NotPermitted
from engine.forms_protocol import FormCatalog
from engine.persistence.database import Database
from engine.persistence.models import Record, RecordVersion
from engine.registers import catalog, lineage, writes
from engine.registers.access import RegisterAccess
from engine.registers.definition import RegisterDefinition
from engine.registers.options import ActorOptions
from engine.registers.views import RecordDetail, RecordRow, RegisterSummary
from engine.types import Actor, Json, RecordRef, RecordWrite
from engine.views import Cursor, Page

RETRIES = 5
IDENTIFIER_LENGTH = 64

Effect = Callable[[Connection, str], None]
"""Something to write in the transaction that saves a record, whose number is given."""

_ROW = (
    Record.register,
    Record.id,
    Record.version,
    Record.title,
    Record.status,
    Record.organisation_id,
    Record.created_at,
    Record.changed_at,
)
_BODY = select(RecordVersion.body, RecordVersion.status).where(
    RecordVersion.register == bindparam("register"),
    RecordVersion.record_id == bindparam("id"),
    RecordVersion.version == bindparam("version"),
)


class RegisterService:
    """The registers, as far as an actor may see them."""

    def __init__(self, database: Database, forms: FormCatalog, clock: Callable[[], datetime]) -> None:
        self._database, self._forms, self._clock = database, forms, clock

    def registers(self, actor: Actor) -> list[RegisterSummary]:
        """Return the registers in which `actor` may see records, by name."""
        with self._database.read() as connection:
            summaries = [_summary(found, actor) for found in catalog.load(connection).values()]
        return [summary for summary in summaries if summary is not None]

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
        """Return a page of records whose title or number holds `text`, newest change first.

        Raises `NotFound` for a register that `actor` may not look at, `InputRefused` for a cursor that is not ours.
        """
        with self._database.read() as connection:
            summary = self._open(connection, register, actor)
            definition = summary.definition
            query = select(*_ROW).where(
                Record.register == register, policy.records_visible(actor, definition.readers, definition.maintainers)
            )
            if text.strip():
                pattern = f"%{_escaped(text.strip())}%"
                query = query.where(
                    or_(Record.title.ilike(pattern, escape="\\"), Record.id.ilike(pattern, escape="\\"))
                )
            if status:
                query = query.where(Record.status == status)
            if after:
                at, record_id = _position(after)
                query = query.where(or_(Record.changed_at < at, and_(Record.changed_at == at, Record.id > record_id)))
            rows = connection.execute(query.order_by(Record.changed_at.desc(), Record.id).limit(limit + 1)).all()
        records = tuple(RecordRow(*row) for row in rows[:limit])
        more = len(rows) > limit
        return Page(records, Cursor((records[-1].changed_at.isoformat(), records[-1].id)) if more else None)

    def record(self, register: str, record_id: str, actor: Actor, version: int | None = None) -> RecordDetail:
        """Return a record with the body of `version` (default the newest), its history and lineage.

        Raise `NotFound`.
        """
        with self._database.read() as connection:
            summary = self._open(connection, register, actor)
            row = self._row(connection, summary.definition, record_id, actor)
            shown = row.version if version is None else version
            key: dict[str, Json] = {"register": register, "id": record_id}
            body = connection.execute(_BODY, {**key, "version": shown}).one_or_none()
            if body is None:
                raise NotFound(f"version {shown} of {summary.definition.singular}", record_id)
            definitions = catalog.load(connection)
            return RecordDetail(
                summary,
                row,
                shown,
                body.body,
                body.status,
                catalog.form_of(connection, register),
                lineage.versions(connection, register, record_id),
                lineage.made_from(connection, definitions, actor, register, record_id),
                lineage.became(connection, definitions, actor, register, record_id),
                lineage.reads(connection, register, record_id) if summary.whole else [],
            )

    def body(self, register: str, record_id: str, version: int, actor: Actor) -> Mapping[str, Json]:
        """Return the body of one version; raise `NotFound` for what `actor` may not see."""
        with self._database.read() as connection:
            self._row(connection, self._open(connection, register, actor).definition, record_id, actor)
            found = connection.execute(_BODY, {"register": register, "id": record_id, "version": version}).one_or_none()
        if found is None:
            raise NotFound(f"version {version} in the register {register}", record_id)
        body: Mapping[str, Json] = found.body
        return body

    def blank_form(self, register: str, actor: Actor) -> tuple[RegisterDefinition, bytes]:
        """Return the register and the form for a new record; raise `NotPermitted` for who does not maintain it."""
        with self._database.read() as connection:
            summary = self._open(connection, register, actor)
            _must_maintain(summary)
            return summary.definition, catalog.form_of(connection, register)

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

        `also` writes in the same transaction. Raises `InputRefused`, `NotPermitted`, `NotFound`, or
        `ConcurrentUpdate` when somebody else saved a newer
        version.
        """
        for attempt in range(RETRIES):
            try:
                return self._save_once(register, record_id, values, actor, base, status, also)
            except writes.NumberTaken:
                if attempt == RETRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def options(self, actor: Actor) -> ActorOptions:
        """Return the source of options for forms that `actor` fills in."""
        return ActorOptions(self._database, actor)

    def _save_once(
        self,
        register: str,
        record_id: str | None,
        values: Mapping[str, Json],
        actor: Actor,
        base: int | None,
        status: str | None,
        also: Effect | None,
    ) -> RecordRef:
        now = self._clock()
        with self._database.read() as connection:
            summary = self._open(connection, register, actor)
            _must_maintain(summary)
            definition = summary.definition
            access = RegisterAccess(connection, {register: definition})
            form = catalog.form_of(connection, register)
            clean = self._forms.validate(form, values, now=now, context={}, options=ActorOptions(self._database, actor))
            if status is not None and status not in definition.statuses:
                raise InputRefused({"status": [f"Choose one of: {', '.join(definition.statuses)}."]})
            if record_id is None:
                ref, seen = _new_ref(definition, access, clean), None
            else:
                row = self._row(connection, definition, record_id, actor)
                seen = RecordRef(register, record_id, row.version if base is None else base)
                ref = RecordRef(register, record_id, seen.version + 1)
                if seen.version != row.version:
                    raise writes.conflict(connection, definition, ref)
            write = RecordWrite(register, ref, seen, clean, status, "", "", "")
            prepared = [
                writes.PreparedWrite(found.write, found.definition, clean, found.status)
                for found in writes.prepare([write], access)
            ]
        with self._database.write() as connection:
            if seen is None and _exists(connection, ref):
                raise InputRefused(
                    {definition.identifier or definition.title: [f"There is already a record {ref.id!r}."]}
                )
            writes.move_sequences(connection, access.drawn)
            writes.apply(connection, prepared, writes.Origin(None, actor.user_id), now)
            if also is not None:
                also(connection, ref.id)
        return ref

    def _open(self, connection: Connection, register: str, actor: Actor) -> RegisterSummary:
        definition = catalog.load(connection).get(register)
        summary = _summary(definition, actor) if definition else None
        if summary is None:
            raise NotFound("register", register)
        return summary

    def _row(self, connection: Connection, definition: RegisterDefinition, record_id: str, actor: Actor) -> RecordRow:
        visible = policy.records_visible(actor, definition.readers, definition.maintainers)
        row = connection.execute(
            select(*_ROW).where(Record.register == definition.key, Record.id == record_id, visible)
        ).one_or_none()
        if row is None:
            raise NotFound(definition.singular, record_id)
        return RecordRow(*row)


def _summary(definition: RegisterDefinition, actor: Actor) -> RegisterSummary | None:
    whole = policy.reads_register(actor, definition.readers, definition.maintainers)
    if not whole and definition.organisation is None and definition.originator is None:
        return None
    return RegisterSummary(definition, whole, policy.maintains_register(actor, definition.maintainers))


def _must_maintain(summary: RegisterSummary) -> None:
    if not summary.maintains:
        raise NotPermitted(
            f"Records of {summary.definition.name} are not yours to add or change. Ask one of: "
            f"{', '.join(summary.definition.maintainers) or 'the processes write them'}."
        )


def _new_ref(definition: RegisterDefinition, access: RegisterAccess, body: Mapping[str, Json]) -> RecordRef:
    if definition.singleton and access.singleton(definition.key) is not None:
        raise InputRefused({definition.title: [f"{definition.name} has one record only: change that one."]})
    if definition.identifier is None:
        return RecordRef(definition.key, access.new_id(definition.key), 1)
    record_id = str(body.get(definition.identifier) or "").strip()
    if not record_id or len(record_id) > IDENTIFIER_LENGTH:
        raise InputRefused({definition.identifier: ["Enter 1 to 64 characters: the record is known by them."]})
    return RecordRef(definition.key, record_id, 1)


def _exists(connection: Connection, ref: RecordRef) -> bool:
    found = select(Record.id).where(Record.register == ref.register, Record.id == ref.id)
    return connection.execute(found).scalar_one_or_none() is not None


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _position(after: Cursor) -> tuple[datetime, str]:
    try:
        at, record_id = after.values
        return datetime.fromisoformat(str(at)), str(record_id)
    except ValueError:
        raise InputRefused({"after": ["This link is damaged: go back to the first page."]}) from None
