"""Owns the saving of a record by form, outside a case; whether somebody may do that is its caller's question."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select

from engine.errors import ConcurrentUpdate, InputRefused
from engine.forms_protocol import FormCatalog, FormField
from engine.persistence.database import Database, WriteConflict
from engine.persistence.models import Record
from engine.registers import catalog, writes
from engine.registers.access import RegisterAccess
from engine.registers.definition import RegisterDefinition
from engine.registers.options import ActorOptions
from engine.types import Actor, Json, RecordRef, RecordWrite

ATTEMPTS: Final = 5
IDENTIFIER_LENGTH: Final = 64

Effect = Callable[[Connection, str], None]
"""Something to write in the transaction that saves a record, whose number is given."""


class Editing:
    """Saves records by form. `clock` returns the time now (aware)."""

    def __init__(self, database: Database, forms: FormCatalog, clock: Callable[[], datetime]) -> None:
        self._database, self._forms, self._clock = database, forms, clock

    def save(
        self,
        definition: RegisterDefinition,
        seen: RecordRef | None,
        values: Mapping[str, Json],
        *,
        actor: Actor,
        status: str | None,
        also: Effect | None,
    ) -> RecordRef:
        """Return the version that was written: a new record (`seen` None), or what follows the version seen.

        Raises `InputRefused`, or `ConcurrentUpdate` (who, when) when the record has moved on.
        """
        _check_status(definition, status)
        now = self._clock()
        body, old_status = self._body(definition, seen, values, actor, now)
        identifier = _identifier(definition, seen, body)
        for _ in range(ATTEMPTS):
            try:
                with self._database.write() as connection:
                    ref = _next(connection, definition, seen, identifier)
                    write = RecordWrite(definition.key, ref, seen, body, status or old_status, "", "", "")
                    prepared = writes.PreparedWrite(write, definition, body, write.status)
                    writes.apply(connection, [prepared], writes.Origin(None, actor.user_id), now)
                    if also is not None:
                        also(connection, ref.id)
                return ref
            except writes.NumberTaken:
                raise _there_is(definition, identifier) from None
            except WriteConflict:
                continue
        raise ConcurrentUpdate(f"The register {definition.name}")

    def check_new(
        self, definition: RegisterDefinition, values: Mapping[str, Json], *, actor: Actor, status: str | None
    ) -> str | None:
        """Raise `InputRefused` as `save` would for a new record; return its identifier, None for one with a number."""
        _check_status(definition, status)
        body, _ = self._body(definition, None, values, actor, self._clock())
        identifier = _identifier(definition, None, body)
        with self._database.read() as connection:
            _check_room(connection, definition, identifier)
        return identifier

    def _body(
        self,
        definition: RegisterDefinition,
        seen: RecordRef | None,
        values: Mapping[str, Json],
        actor: Actor,
        now: datetime,
    ) -> tuple[dict[str, Json], str | None]:
        """Return the whole body and the status of the version before: what the form does not take in stays as it is."""
        with self._database.read() as connection:
            form = catalog.form_of(connection, definition.key)
            base: Mapping[str, Json] = {}
            access = RegisterAccess(connection)
            if seen is not None:
                if access.current(seen.register, seen.id) != seen:
                    raise writes.conflict(connection, definition, seen)
                base = access.body(seen)
            options = ActorOptions(self._database, actor, access)
            clean = self._forms.validate(form, values, now=now, context=base, options=options)
        kept = {name: value for name, value in base.items() if name not in writes.FACTS}
        return _laid(self._forms.fields(form), kept, clean), base.get("status")


def _laid(fields: Sequence[FormField], kept: Mapping[str, Json], clean: Mapping[str, Json]) -> dict[str, Json]:
    """Return `clean` over what the form never takes in: fields that it only shows, and those that it does not have."""
    taken = {field.key.partition(".")[0] for field in fields if not field.shown_only}
    laid = {**{name: value for name, value in kept.items() if name not in taken}, **clean}
    for field in fields:
        group, _, name = field.key.partition(".")
        before = kept.get(group)
        if field.shown_only and group in taken and isinstance(before, Mapping) and name in before:
            laid[group] = {**laid.get(group, {}), name: before[name]}
    return laid


def _identifier(definition: RegisterDefinition, seen: RecordRef | None, body: Mapping[str, Json]) -> str | None:
    if definition.identifier is None:
        return None
    text = str(body.get(definition.identifier) or "").strip()
    if seen is not None:
        if text != seen.id:
            raise InputRefused({definition.identifier: [f"The record is known as {seen.id!r}: this has to stay."]})
    elif not text or len(text) > IDENTIFIER_LENGTH or text in (".", "..") or not text.isprintable() or "/" in text:
        raise InputRefused(
            {
                definition.identifier: [
                    f"Enter 1 to {IDENTIFIER_LENGTH} characters without /: the record is known by them."
                ]
            }
        )
    return text


def _next(
    connection: Connection, definition: RegisterDefinition, seen: RecordRef | None, identifier: str | None
) -> RecordRef:
    if seen is not None:
        return replace(seen, version=seen.version + 1)
    # Whoever takes a number waits for the others first, so that what follows sees what they have written.
    number = writes.take_number(connection, definition.key) if identifier is None or definition.singleton else 0
    _check_room(connection, definition, identifier)
    return RecordRef(definition.key, definition.number(number) if identifier is None else identifier, 1)


def _check_status(definition: RegisterDefinition, status: str | None) -> None:
    if status is not None and status not in definition.statuses:
        raise InputRefused({"status": [f"Choose one of: {', '.join(definition.statuses) or 'none'}."]})


def _check_room(connection: Connection, definition: RegisterDefinition, identifier: str | None) -> None:
    mine = select(Record.id).where(Record.register == definition.key)
    if definition.singleton and connection.execute(mine.limit(1)).first() is not None:
        raise InputRefused({definition.title: [f"{definition.name} has one record only: change that one."]})
    if identifier is not None and connection.execute(mine.where(Record.id == identifier)).first() is not None:
        raise _there_is(definition, identifier)


def _there_is(definition: RegisterDefinition, identifier: str | None) -> InputRefused:
    return InputRefused({definition.identifier or definition.title: [f"There is already a record {identifier!r}."]})
