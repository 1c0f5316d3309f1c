"""ImportService: takes the rows of a CSV file in, each exactly once, and says what became of each."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from engine.errors import ComityError, ConcurrentUpdate, InputRefused
from engine.imports.mapping import RowMapping, digest
from engine.imports.source import SourceFile, SourceRow
from engine.persistence.database import Database, WriteConflict
from engine.persistence.models import ImportedRow, ImportRun
from engine.registers.writes import NumberTaken
from engine.types import Actor, Json

TRIES: Final = 20
_PAUSE_SECONDS: Final = 0.02

_FOUND: Final = select(ImportedRow.row_number).where(
    ImportedRow.target == bindparam("target"),
    ImportedRow.digest == bindparam("digest"),
    ImportedRow.occurrence == bindparam("occurrence"),
)

Effect = Callable[[Connection, str], None]
"""Something to write in the transaction that makes a case or a record, whose id is given."""


class RowTaken(ComityError):
    """Another run of the same file took the row between our look and our write. Never reaches a person."""


class Target(Protocol):
    """Where rows go: a process whose cases they start, or a register whose records they become."""

    name: str
    """such as `process:capture_need_on_behalf` or `register:services`"""

    def check(self, values: Mapping[str, Json]) -> None:
        """Raise `InputRefused` when the form does not take the values."""

    def take(self, values: Mapping[str, Json], also: Effect) -> str:
        """Make the case or record, with `also` in the same transaction; return its number."""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row: `taken` as `number` (`would be taken` in a dry run), `already` there, or `refused`."""

    row: int
    line: int
    state: Literal["taken", "would be taken", "already", "refused"]
    number: str | None = None
    reason: str | None = None
    cells: tuple[str, ...] = ()


class ImportService:
    """Imports from CSV files. A run that broke off is continued by running it again: no row comes in twice."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def run(
        self, source: SourceFile, target: Target, mapping: RowMapping, *, actor: Actor, dry_run: bool = False
    ) -> Iterator[RowResult]:
        """Yield what becomes of each row, in their order; every row is its own transaction.

        A row counts as the same when its mapped values are the same; if a file holds it twice on purpose, both come
        in, once each.
        Raises `ExpressionRefused` or `FileRefused` for a mapping that cannot be used; refusals of rows are results, not
        errors.
        """
        mapping.check(source.columns)
        run_id = None if dry_run else self._begin(source, target, actor)
        seen: Counter[str] = Counter()
        for row in source.rows():
            if row.values is None:
                yield _refused(row, row.refusal)
                continue
            try:
                values = mapping.values(row.values, self._clock())
            except ComityError as error:
                yield _refused(row, str(error))
                continue
            name = digest(values)
            seen[name] += 1
            key = {"target": target.name, "digest": name, "occurrence": seen[name]}
            yield self._row(row, target, values, key, run_id)

    def _row(
        self,
        row: SourceRow,
        target: Target,
        values: Mapping[str, Json],
        key: Mapping[str, Json],
        run_id: str | None,
    ) -> RowResult:
        already = RowResult(row.number, row.line, "already")
        if self._is_in(key):
            return already
        try:
            if run_id is None:
                target.check(values)
                return RowResult(row.number, row.line, "would be taken")
            number = _take(target, values, _note({**key, "run_id": run_id, "row_number": row.number}))
        except RowTaken:
            return already
        except ComityError as error:
            # A record may be refused as there already because another run has just made it of this very row.
            return already if self._is_in(key) else _refused(row, _reason(error))
        return RowResult(row.number, row.line, "taken", number=number)

    def _begin(self, source: SourceFile, target: Target, actor: Actor) -> str:
        run_id = uuid.uuid4().hex
        with self._database.write() as connection:
            connection.execute(
                insert(ImportRun),
                {
                    "id": run_id,
                    "target": target.name,
                    "file_name": source.name,
                    "file_digest": source.digest,
                    "dialect": source.dialect.as_json(),
                    "started_at": self._clock(),
                    "started_by": actor.user_id,
                },
            )
        return run_id

    def _is_in(self, key: Mapping[str, Json]) -> bool:
        with self._database.read() as connection:
            return connection.execute(_FOUND, key).first() is not None


def _refused(row: SourceRow, reason: str | None) -> RowResult:
    return RowResult(row.number, row.line, "refused", reason=reason, cells=row.cells)


def _reason(error: ComityError) -> str:
    if isinstance(error, InputRefused):
        return " ".join(f"{name}: {' '.join(texts)}" for name, texts in error.messages.items())
    return str(error)


def _take(target: Target, values: Mapping[str, Json], also: Effect) -> str:
    """Return what the target made, tried anew while others draw the same numbers: that is no fault of the row."""
    for count in range(1, TRIES):
        try:
            return target.take(values, also)
        except (ConcurrentUpdate, NumberTaken, WriteConflict):
            time.sleep(random.uniform(0, _PAUSE_SECONDS * count))  # noqa: S311 - spreads processes, guards nothing
    return target.take(values, also)


def _note(row: Mapping[str, Json]) -> Effect:
    def note(connection: Connection, made: str) -> None:
        try:
            connection.execute(insert(ImportedRow), {**row, "made": made})
        except IntegrityError:
            raise RowTaken(row["digest"]) from None

    return note
