"""Owns the SupportService: people join a record as supporters ("same as mine"), are counted, and follow its progress.

Only a record that somebody may see can be supported, and only in a register that lets its records be supported. Staff
may note that an organisation supports a record: such a row stands for the organisation, whoever wrote it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, and_, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from engine import policy
from engine.errors import InputRefused, NotFound, NotPermitted
from engine.people import people
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import Record, Supporter
from engine.registers import catalog
from engine.registers.definition import RegisterDefinition
from engine.types import Actor, RecordRef
from engine.views.support import SupportedRecord, SupporterRow

FOR: Final = "for:"
"""Before the id of an organisation that staff noted as a supporter; ids of people have no colon."""

LONGEST_NOTE: Final = 1_000
LONGEST_ORGANISATION: Final = 60
MOST_SHOWN: Final = 200
_SUPPORTER: Final = sql.table(Supporter)


class SupportService:
    """Supporters of records. `clock` returns the time now (aware)."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def support(
        self, register: str, record_id: str, *, actor: Actor, note: str = "", organisation: str | None = None
    ) -> RecordRef:
        """Let the actor support a record, or note an `organisation` that does; twice is once, with the newer note.

        Return the record. Raises `NotFound`, `NotPermitted` for one's own record and for an organisation noted by who
        does not work here, `InputRefused` for a closed record, an unknown organisation or a note that is too long.
        """
        note = note.strip()
        if len(note) > LONGEST_NOTE:
            raise InputRefused({"note": [f"Note: enter at most {LONGEST_NOTE:,} characters."]})
        with self._database.read() as connection:
            definition, row = _record(connection, register, record_id, actor)
            _check_open(definition, row)
            if organisation is not None:
                _check_organisation(connection, organisation, actor)
            elif row.originator == actor.user_id:
                raise NotPermitted(f"{definition.singular} {record_id} is your own: others may support it.")
        values = {
            **_key(register, record_id, actor, organisation),
            "organisation_id": organisation or actor.organisation_id,
            "note": note or None,
            "since": self._clock(),
        }
        new = sqlite.insert if self._database.dialect == "sqlite" else postgresql.insert
        statement = new(_SUPPORTER).values(**values)
        again = statement.on_conflict_do_update(
            index_elements=["register", "record_id", "user_id"], set_={"note": statement.excluded.note}
        )
        with self._database.write() as connection:
            connection.execute(again)
        return RecordRef(register, record_id, row.version)

    def end_support(self, register: str, record_id: str, *, actor: Actor, organisation: str | None = None) -> None:
        """Undo `support`; when there is none nothing changes. Raises as `support`, a closed record may be left."""
        with self._database.read() as connection:
            if organisation is not None or not _supports(connection, register, record_id, actor):
                _record(connection, register, record_id, actor)
            if organisation is not None and not actor.roles & policy.PROVIDER_ROLES:
                raise NotPermitted("Only staff may say who else supports a record.")
        key = _key(register, record_id, actor, organisation)
        with self._database.write() as connection:
            connection.execute(delete(_SUPPORTER).where(*(_SUPPORTER.c[name] == key[name] for name in key)))

    def supporters(self, register: str, record_id: str, actor: Actor) -> list[SupporterRow]:
        """Return who supports a record, the first 200; `NotFound`.

        Who does not see the whole register gets the rows without names and notes, but for their own.
        """
        query = (
            select(_SUPPORTER)
            .where(_SUPPORTER.c.register == register, _SUPPORTER.c.record_id == record_id)
            .order_by(_SUPPORTER.c.since, _SUPPORTER.c.user_id)
            .limit(MOST_SHOWN)
        )
        with self._database.read() as connection:
            definition, _ = _record(connection, register, record_id, actor)
            rows = connection.execute(query).all()
            names = people(connection, (row.user_id for row in rows if not row.user_id.startswith(FOR)))
        whole = policy.reads_register(actor, definition.readers, definition.maintainers)
        return [
            SupporterRow(
                person=None if row.user_id.startswith(FOR) or not (whole or mine) else names.person(row.user_id),
                organisation_id=row.organisation_id if whole or mine else None,
                note=row.note if whole or mine else None,
                since=row.since,
                mine=mine,
            )
            for row in rows
            for mine in (row.user_id == actor.user_id,)
        ]

    def supported_by(self, actor: Actor) -> list[SupportedRecord]:
        """Return the records that the actor supports, or staff noted for their organisation, newest change first.

        At most 200. A record that they may not see any more is left out.
        """
        mine = [_SUPPORTER.c.user_id == actor.user_id]
        if "originator" in actor.roles and actor.organisation_id is not None:
            mine.append(_SUPPORTER.c.user_id == f"{FOR}{actor.organisation_id}")
        with self._database.read() as connection:
            definitions = catalog.load(connection)
            visible = [
                and_(Record.register == key, policy.records_visible(actor, each.readers, each.maintainers))
                for key, each in definitions.items()
                if each.supported
            ]
            if not visible:
                return []
            query = (
                select(
                    *(Record.register, Record.id, Record.title, Record.status, Record.changed_at),
                    _SUPPORTER.c.since,
                    _SUPPORTER.c.user_id,
                )
                .join(_SUPPORTER, and_(_SUPPORTER.c.register == Record.register, _SUPPORTER.c.record_id == Record.id))
                .where(or_(*mine), or_(*visible))
                .order_by(Record.changed_at.desc(), Record.id)
                .limit(MOST_SHOWN)
            )
            rows = connection.execute(query).all()
        return [
            SupportedRecord(
                row.register,
                definitions[row.register].singular,
                row.id,
                row.title,
                row.status,
                row.changed_at,
                row.since,
                row.user_id == actor.user_id,
            )
            for row in rows
        ]


def _record(connection: Connection, register: str, record_id: str, actor: Actor) -> tuple[RegisterDefinition, AnyRow]:
    definition = None if "\0" in register + record_id else catalog.definition(connection, register)
    if definition is None or not definition.supported:
        raise NotFound("record", record_id)
    visible = policy.records_visible(actor, definition.readers, definition.maintainers)
    query = select(Record.version, Record.status, Record.originator).where(
        Record.register == register, Record.id == record_id, visible
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound(definition.singular, record_id)
    return definition, row


def _check_open(definition: RegisterDefinition, row: AnyRow) -> None:
    if row.status in definition.closed:
        raise InputRefused(
            {"form": [f"{definition.singular}: it is {row.status} and nobody works on it any more. Hand in a new one."]}
        )


def _check_organisation(connection: Connection, organisation: str, actor: Actor) -> None:
    if not actor.roles & policy.PROVIDER_ROLES:
        raise NotPermitted("Only staff may say who else supports a record.")
    holding = [each.key for each in catalog.load(connection).values() if each.organisations]
    found = select(Record.id).where(Record.register.in_(holding), Record.id == organisation)
    if len(organisation) > LONGEST_ORGANISATION or connection.execute(found).first() is None:
        raise InputRefused({"organisation": ["Organisation: choose one of the list."]})


def _supports(connection: Connection, register: str, record_id: str, actor: Actor) -> bool:
    query = select(_SUPPORTER.c.since).where(
        _SUPPORTER.c.register == register,
        _SUPPORTER.c.record_id == record_id,
        _SUPPORTER.c.user_id == actor.user_id,
    )
    return connection.execute(query).first() is not None


def _key(register: str, record_id: str, actor: Actor, organisation: str | None) -> dict[str, str]:
    who = actor.user_id if organisation is None else f"{FOR}{organisation}"
    return {"register": register, "record_id": record_id, "user_id": who}
