"""What fields may name that stands outside their form: records, as far as one actor may see them, and measures.

Reading only.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import ColumnElement, select, true

from engine import measure_options, policy
from engine.forms_protocol import MeasureOptions, Option
from engine.persistence.database import Database
from engine.persistence.models import Record
from engine.registers.access import RegisterAccess
from engine.registers.definition import RegisterDefinition
from engine.types import Actor

OPTIONS_SHOWN = 500


class ActorOptions:
    """What fields may name (an `OptionSource`): records as far as one actor may see them, measures for everybody.

    It reads as part of a step where `within` gives the step's registers, else in transactions of its own.
    """

    def __init__(self, database: Database, actor: Actor, within: RegisterAccess | None = None) -> None:
        self._database, self._actor, self._within = database, actor, within

    @contextmanager
    def _reading(self) -> Iterator[RegisterAccess]:
        if self._within is not None:
            yield self._within
            return
        with self._database.read() as connection:
            yield RegisterAccess(connection)

    def options(self, register: str, statuses: Sequence[str] = ()) -> list[Option]:
        """Return the first 500 records by title; none for a register that is not there or not theirs to see.

        With `statuses`, only records that have one of them now.
        """
        with self._reading() as access:
            definition = access.registers.get(register)
            if definition is None:
                return []
            visible = policy.records_visible(self._actor, definition.readers, definition.maintainers)
            rows = access.connection.execute(
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
        with self._reading() as access:
            definition = access.registers.get(register)
            if definition is None:
                return None
            visible = policy.records_visible(self._actor, definition.readers, definition.maintainers)
            title = access.connection.execute(
                select(Record.title).where(Record.register == register, Record.id == value, visible, _within(statuses))
            ).scalar_one_or_none()
        return None if title is None else _label(definition, value, title)

    def measures(self, process: str, what: MeasureOptions) -> list[Option]:
        """Return the measures or statistics of a managed process; an empty key means those that every process has."""
        with self._reading() as access:
            return measure_options.options(access.connection, process, what)

    def target_mistake(self, process: str, statistic: str, text: str) -> str | None:
        """Return what is wrong with `text` as a target for a statistic of a managed process, or None."""
        with self._reading() as access:
            return measure_options.target_mistake(access.connection, process, statistic, text)


def _within(statuses: Sequence[str]) -> ColumnElement[bool]:
    return Record.status.in_(statuses) if statuses else true()


def _label(definition: RegisterDefinition, record_id: str, title: str) -> str:
    return title if definition.identifier else f"{title} ({record_id})"
