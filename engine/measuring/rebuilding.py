"""Owns the computing of all figures again from the log: cases in chunks, each chunk in one short transaction.

People may go on working meanwhile: a case that ends writes its own figures, and an answer that is given is kept.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, bindparam, delete, select, text

from engine import managed
from engine.errors import NotFound
from engine.figures_due import DUE
from engine.measuring import chunks, rows
from engine.measuring.packing import forget
from engine.metrics.process import ManagedProcess
from engine.metrics.summary import CaseFigures
from engine.persistence import store
from engine.persistence.database import Database
from engine.persistence.models import ProcessDefinition
from engine.persistence.statements import INSTANCE, table

CHUNK: Final = 200
"""How many cases a transaction writes: some hundredths of a second."""

_DEFINITION: Final = table(ProcessDefinition)
_KNOWN: Final = select(_DEFINITION.c.id).where(_DEFINITION.c.key == bindparam("key")).limit(1)
_MARKS: Final = select(DUE.c.definition_key, DUE.c.token)
_DROP_DUE: Final = delete(DUE).where(
    DUE.c.definition_key == bindparam("of_definition"), DUE.c.token == bindparam("asked")
)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many cases have been computed again, and of how many days (each of a definition) the sums were dropped.

    `skipped` cases have ended, but the log does not say so.
    """

    cases: int
    days: int
    skipped: int


def rebuild(database: Database, process: str | None = None, told: Callable[[int], None] = lambda _: None) -> Rebuilt:
    """Compute the figures of all ended cases again, or of those of one managed process or definition.

    Returns what was done; raises `NotFound` for a `process` that there is not. All their days lose their sums and what
    is packed of them, which the next `sum_days` makes again. `told` is called with the number of cases done after each
    chunk. Doing it twice gives the same rows. What was asked for before it began (engine.figures_due) is done with it.
    """
    cases, skipped, days = 0, 0, set[tuple[str, date]]()
    with database.read() as connection:
        definition_keys = None if process is None else _definitions(connection, process)
        asked = [
            {"of_definition": mark.definition_key, "asked": mark.token}
            for mark in connection.execute(_MARKS)
            if definition_keys is None or mark.definition_key in definition_keys
        ]
    for chunk, unknown in _chunks(database, definition_keys):
        touched = {(figures.definition_key, figures.ended_on) for figures in chunk}
        with database.write() as connection:
            chunks.write(connection, database.dialect, chunk)
        cases, skipped, days = cases + len(chunk), skipped + unknown, days | touched
        told(cases)
    with database.write() as connection:
        forget(connection, definition_keys)
        store.add(connection, _DROP_DUE, asked)
        if database.dialect == "postgresql":
            # So many new rows at once: it would plan by what it knew before, until it comes to look by itself.
            for each in (rows.SUMMARY, rows.ACTIVITY, rows.LABEL, rows.VALUE):
                connection.execute(text(f"ANALYZE {each.name}"))
    return Rebuilt(cases, len(days), skipped)


def _definitions(connection: Connection, process: str) -> Sequence[str]:
    known = managed.load(connection)
    if process in known:
        return known[process].cases
    if connection.execute(_KNOWN, {"key": process}).first() is None:
        raise NotFound("process", process)
    return (process,)


class Processes:
    """The managed process of each definition as it is now, looked up once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known = {key: each for each in managed.load(connection).values() for key in each.cases}

    def of(self, definition_key: str) -> ManagedProcess:
        """Return the managed process of a definition."""
        if definition_key not in self._known:
            self._known[definition_key] = managed.of_definition(self._connection, definition_key)
        return self._known[definition_key]


def _chunks(database: Database, definition_keys: Sequence[str] | None) -> Iterator[tuple[list[CaseFigures], int]]:
    """Yield the figures of some cases at a time, with how many had to be skipped."""
    query = (
        chunks.ENDED if definition_keys is None else chunks.ENDED.where(INSTANCE.c.definition_key.in_(definition_keys))
    )
    beyond = ""
    while True:
        with database.read() as connection:
            cases = connection.execute(query, {"beyond": beyond, "most": CHUNK}).all()
            if not cases:
                return
            # Looked up for each chunk: a deployment may come in between, and has what is done by then done again.
            figures = chunks.figures(connection, cases, Processes(connection).of)
        beyond = cases[-1].id
        yield figures, len(cases) - len(figures)
