"""Owns what becomes of one row: checked by the form, taken in once, or refused; whoever counts them is its caller.

The command line and the pages take rows in by this one path.
"""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from engine.errors import ComityError, ConcurrentUpdate, DatabaseFailed, InputRefused
from engine.imports.mapping import RowMapping, digest
from engine.imports.source import SourceFile, SourceRow
from engine.persistence.database import Database, WriteConflict
from engine.persistence.models import ImportedRow
from engine.registers.writes import NumberTaken
from engine.types import Json

TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.02

_FOUND: Final = select(ImportedRow.row_number).where(
    ImportedRow.target == bindparam("target"),
    ImportedRow.digest == bindparam("digest"),
    ImportedRow.occurrence == bindparam("occurrence"),
)

Effect = Callable[[Connection, str], None]
"""Something to write in the transaction that makes a case or a record, whose id is given."""

State = Literal["taken", "would be taken", "already", "refused"]


class RowTaken(ComityError):
    """Another run of the same file took the row between our look and our write. Never reaches a person."""


class Target(Protocol):
    """Where rows go: a process whose cases they start, or a register whose records they become."""

    name: str
    """such as `process:capture_need_on_behalf` or `register:services`"""
    labels: Mapping[str, str]
    """what people call the fields, for the reasons of refusals; a field without one goes by its key"""

    def check(self, values: Mapping[str, Json]) -> None:
        """Raise `InputRefused` when the form does not take the values."""

    def take(self, values: Mapping[str, Json], also: Effect) -> str:
        """Make the case or record, with `also` in the same transaction; return its number."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row: `taken` as `number` (`would be taken` in a dry run), `already` there, or `refused`."""

    row: int
    line: int
    state: State
    number: str | None = None
    reason: str | None = None
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreparedRow:
    """A row with the form values that it gives and its key: what tells it from others of the same target.

    `values` is None when it gives none, and `refusal` says why.
    """

    row: SourceRow
    values: Mapping[str, Json] | None
    key: Mapping[str, Json]
    refusal: str | None = None


def prepared(
    source: SourceFile, target: str, mapping: RowMapping, clock: Callable[[], datetime]
) -> Iterator[PreparedRow]:
    """Yield the rows of `source` in their order, ready to be checked or taken in by the target of that name.

    A row counts as the same when its mapped values are the same; if a file holds it twice on purpose, the second one is
    another row.
    """
    seen: Counter[str] = Counter()
    for row in source.rows():
        if row.values is None:
            yield PreparedRow(row, None, {}, row.refusal)
            continue
        try:
            values = mapping.values(row.values, clock())
        except ComityError as error:
            yield PreparedRow(row, None, {}, str(error))
            continue
        name = digest(values)
        seen[name] += 1
        yield PreparedRow(row, values, {"target": target, "digest": name, "occurrence": seen[name]})


class Intake:
    """Takes rows in, each in a transaction of its own, and none twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self, row: PreparedRow, target: Target) -> RowResult:
        """Return what would become of the row; nothing is written."""
        if row.values is None:
            return _refused(row, row.refusal)
        if self._is_in(row.key):
            return _result(row, "already")
        try:
            target.check(row.values)
        except DatabaseFailed:
            raise
        except ComityError as error:
            return _refused(row, _reason(error, target.labels))
        return _result(row, "would be taken")

    def take(self, row: PreparedRow, target: Target, run_id: str, also: Effect | None = None) -> RowResult:
        """Take the row in as part of that run, with `also` in its transaction; return what became of it."""
        if row.values is None:
            return _refused(row, row.refusal)
        if self._is_in(row.key):
            return _result(row, "already")
        note = _note({**row.key, "run_id": run_id, "row_number": row.row.number}, also)
        try:
            number = _take(target, row.values, note)
        except RowTaken:
            return _result(row, "already")
        except DatabaseFailed:
            raise
        except ComityError as error:
            # A record may be refused as there already because another run has just made it of this very row.
            return _result(row, "already") if self._is_in(row.key) else _refused(row, _reason(error, target.labels))
        return RowResult(row.row.number, row.row.line, "taken", number=number)

    def _is_in(self, key: Mapping[str, Json]) -> bool:
        with self._database.read() as connection:
            return connection.execute(_FOUND, key).first() is not None


def _result(row: PreparedRow, state: State) -> RowResult:
    return RowResult(row.row.number, row.row.line, state)


def _refused(row: PreparedRow, reason: str | None) -> RowResult:
    return RowResult(row.row.number, row.row.line, "refused", reason=reason, cells=row.row.cells)


def _reason(error: ComityError, labels: Mapping[str, str]) -> str:
    if not isinstance(error, InputRefused):
        return str(error)
    told = ((labels.get(name.partition(".")[0], name), " ".join(texts)) for name, texts in error.messages.items())
    # Many messages quote the label of their field.
    return " ".join(words if f"“{name}”" in words else f"{name}: {words}" for name, words in told)


def _take(target: Target, values: Mapping[str, Json], also: Effect) -> str:
    """Return what the target made, tried anew while others draw the same numbers: that is no fault of the row."""
    for count in range(1, TRIES):
        try:
            return target.take(values, also)
        except (ConcurrentUpdate, NumberTaken, WriteConflict):
            time.sleep(random.uniform(0, _PAUSE_SECONDS * count))  # noqa: S311 - spreads processes, guards nothing
    return target.take(values, also)


def _note(row: Mapping[str, Json], also: Effect | None) -> Effect:
    def note(connection: Connection, made: str) -> None:
        try:
            connection.execute(insert(ImportedRow), {**row, "made": made})
        except IntegrityError:
            raise RowTaken(row["digest"]) from None
        if also is not None:
            also(connection, made)

    return note
