"""Owns the yardstick's database half: the statements of a step, kept from being committed, to be run again bare.

The engine makes its step up to the commit, which is refused, so nothing of it is kept but the list of statements with
their parameters. These statements, run in one transaction and without the engine, then write exactly the rows that the
engine would have written: the case goes on, and the next step is found out from there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event

from engine.persistence.database import Database

_Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]


class _Withheld(Exception):
    """The commit did not happen."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A prebuilt statement of SQLAlchemy Core with the parameters of one step."""

    clause: Any
    parameters: _Parameters


@dataclass(frozen=True, slots=True)
class Transaction:
    """What a step reads of its case first, and everything that its writing transaction does."""

    load: Statement
    writes: tuple[Statement, ...]


def captured(database: Database, step: Callable[[], object]) -> Transaction:
    """Return the statements of `step`, which reads and then writes in one transaction; nothing of it is kept."""
    reads: list[Statement] = []
    writes: list[Statement] = []

    def note(connection: Connection, clause: Any, many: Any, one: Any, _options: Any) -> None:
        found = writes if connection.get_execution_options().get("write") else reads
        found.append(Statement(clause, many or one))

    with _listening(database, "before_execute", note), _listening(database, "commit", _refuse):
        try:
            step()
        except _Withheld:
            return Transaction(reads[0], tuple(writes))
    raise RuntimeError("the step did not write")


def run(database: Database, transaction: Transaction, *, load: bool = True) -> None:
    """Run the statements in one transaction on a connection of the pool; `load` says whether the case is read first."""
    with database.write() as connection:
        if load:
            _execute(connection, transaction.load)
        for statement in transaction.writes:
            _execute(connection, statement)


def _execute(connection: Connection, statement: Statement) -> None:
    result = connection.execute(statement.clause, statement.parameters)
    if result.returns_rows:
        result.all()


def _refuse(connection: Connection) -> None:
    if connection.get_execution_options().get("write"):
        raise _Withheld


@contextmanager
def _listening(database: Database, name: str, listener: Callable[..., None]) -> Iterator[None]:
    event.listen(database.engine, name, listener)
    try:
        yield
    finally:
        event.remove(database.engine, name, listener)
