"""What the fields of one page may name: read in one transaction, each list and word once, however many fields ask.

Reading only.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TypeAlias

from engine.errors import DatabaseFailed
from engine.forms_protocol import MeasureOptions, Option
from engine.persistence.database import Database
from engine.registers.access import RegisterAccess
from engine.registers.options import OPTIONS_SHOWN, ActorOptions
from engine.types import Actor

_Place: TypeAlias = tuple[str, tuple[str, ...]]
"""A register, and the statuses that its records may have."""


class PageOptions(ActorOptions):
    """What fields may name (an `OptionSource`), as it stood when the first of them was asked about, until `close`.

    The words for a second record of a register are looked up in the list of its options. So a register costs two
    statements at most, besides one for what all registers are; a record that its list has no room for costs another.
    """

    def __init__(self, database: Database, actor: Actor) -> None:
        super().__init__(database, actor)
        self._transaction = ExitStack()
        self._lists: dict[_Place, dict[str, Option]] = {}
        self._words: dict[_Place, dict[str, str | None]] = {}
        self._measures: dict[tuple[str, MeasureOptions], list[Option]] = {}

    def close(self) -> None:
        """End the transaction if there is one, and forget what was read."""
        self._forget()
        with suppress(DatabaseFailed):  # all that was asked for has been answered
            self._transaction.close()

    def options(self, register: str, statuses: Sequence[str] = ()) -> list[Option]:
        """Return what `ActorOptions.options` does, read once."""
        return list(self._list((register, tuple(statuses))).values())

    def label(self, register: str, value: str, statuses: Sequence[str] = ()) -> str | None:
        """Return what `ActorOptions.label` does, read once."""
        place = register, tuple(statuses)
        words = self._words.setdefault(place, {})
        if value not in words:
            listed = self._list(place) if words else self._lists.get(place)
            if listed is not None and (value in listed or len(listed) < OPTIONS_SHOWN):
                words[value] = listed[value].label if value in listed else None
            else:
                words[value] = super().label(register, value, statuses)
        return words[value]

    def measures(self, process: str, what: MeasureOptions) -> list[Option]:
        """Return what `ActorOptions.measures` does, read once."""
        if (process, what) not in self._measures:
            self._measures[process, what] = super().measures(process, what)
        return self._measures[process, what]

    def _list(self, place: _Place) -> dict[str, Option]:
        if place not in self._lists:
            self._lists[place] = {option.value: option for option in super().options(*place)}
        return self._lists[place]

    @contextmanager
    def _reading(self) -> Iterator[RegisterAccess]:
        try:
            with self._database.telling():
                if self._within is None:
                    self._within = RegisterAccess(self._transaction.enter_context(self._database.read()))
                yield self._within
        except BaseException as error:
            self._forget()
            self._transaction.__exit__(type(error), error, error.__traceback__)
            raise

    def _forget(self) -> None:
        self._within = None
        for known in (self._lists, self._words, self._measures):
            known.clear()
