"""The records that fields backed by a register may name, as far as one actor may see them; reading only."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, true

from engine import policy
from engine.forms_protocol import Option
from engine.persistence.database import Database
from engine.persistence.models import Record
from engine.registers import catalog
from engine.registers.definition import RegisterDefinition
from engine.types import Actor

OPTIONS_SHOWN = 500


class ActorOptions:
    """The records that a field backed by a register may name, as far as one actor may see them (an `OptionSource`)."""

    def __init__(self, database: Database, actor: Actor) -> None:
        self._database, self._actor = database, actor

    def options(self, register: str, statuses: Sequence[str] = ()) -> list[Option]:
        """Return the first 500 records by title; none for a register that is not there or not theirs to see.

        With `statuses`, only records that have one of them now.
        """
        with self._database.read() as connection:
            definition = catalog.definition(connection, register)
            if definition is None:
                return []
            visible = policy.records_visible(self._actor, definition.readers, definition.maintainers)
            rows = connection.execute(
                select(Record.id, Record.title)
                .where(Record.register == register, visible, _within(statuses))
                .order_by(Record.title, Record.id)
                .limit(OPTIONS_SHOWN)
            )
            return [Option(row.id, _label(definition, row.id, row.title)) for row in rows]

    def label(self, register: str, value: str, statuses: Sequence[str] = ()) -> str | None:
        """Return the words for one record, or None when there is none that the actor may see.

        With `statuses`, None also for a record that has none of them now.
        """
        with self._database.read() as connection:
            definition = catalog.definition(connection, register)
            if definition is None:
                return None
            visible = policy.records_visible(self._actor, definition.readers, definition.maintainers)
            title = connection.execute(
                select(Record.title).where(Record.register == register, Record.id == value, visible, _within(statuses))
            ).scalar_one_or_none()
        return None if title is None else _label(definition, value, title)


def _within(statuses: Sequence[str]) -> ColumnElement[bool]:
    return Record.status.in_(statuses) if statuses else true()


def _label(definition: RegisterDefinition, record_id: str, title: str) -> str:
    return title if definition.identifier else f"{title} ({record_id})"
