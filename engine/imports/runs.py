"""ImportRuns: imports step by step, as the pages do them: kept between requests, taken in a little at a time.

A run belongs to who uploaded the file; to everybody else it does not exist.
"""

import hashlib
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, update

from engine.cache import Cache
from engine.errors import ConcurrentUpdate, InputRefused
from engine.imports import stored
from engine.imports.guess import guess
from engine.imports.mapping import RowMapping
from engine.imports.rows import Intake, PreparedRow, RowResult, Target, prepared
from engine.imports.source import Dialect, SourceFile, check_text, parse
from engine.imports.stored import MadeRow, RunView
from engine.persistence.database import Database
from engine.persistence.models import ImportRun
from engine.types import Actor, Json
from engine.views import Cursor, Page

MOST_UNFINISHED: Final = 20
"""files that one person may have lying here"""
PAGE: Final = 50
_FILES: Final = 4
"""files and places in them that are kept in memory"""
_LOOK_SECONDS: Final = 0.25
"""how often a run looks whether somebody has stopped it"""
_LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of the rows: the first ones with their values, and how many of those `checked` of `rows`."""

    first: Sequence[tuple[RowResult, Mapping[str, Json] | None]]
    counts: Mapping[str, int]
    checked: int
    rows: int


@dataclass(slots=True)
class _Place:
    """Where in a file this process has got to. `next_row` is the number of the row that `rows` yields next."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    rows: Iterator[PreparedRow] | None = None
    next_row: int = 1


class ImportRuns:
    """The imports of the pages. Any number of requests and processes may work on the same one."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock, self._intake = database, clock, Intake(database)
        self._files: Cache[tuple[str, Dialect], SourceFile] = Cache(_FILES)
        self._places: Cache[str, _Place] = Cache(_FILES)

    def upload(self, name: str, content: bytes, target: str, *, actor: Actor) -> str:
        """Keep a file for an import into `target`; return the id of the run.

        Raises `FileRefused` for what is no text, `InputRefused` while too many files of the actor's lie here.
        """
        dialect = guess(content)
        check_text(name, content, dialect)
        run_id = uuid.uuid4().hex
        with self._database.write() as connection:
            if stored.unfinished(connection, actor.user_id) >= MOST_UNFINISHED:
                waiting = f"{MOST_UNFINISHED} files of yours wait to be imported: finish or discard one first."
                raise InputRefused({"file": [waiting]})
            values = {
                "id": run_id,
                "target": target,
                "file_name": name[-_LONGEST_NAME:],
                "file_digest": hashlib.sha256(content).hexdigest(),
                "dialect": dialect.as_json(),
                "started_at": self._clock(),
                "started_by": actor.user_id,
                "state": "uploaded",
                "content": content,
            }
            connection.execute(insert(ImportRun), values)
        return run_id

    def mine(self, actor: Actor, after: Cursor | None = None) -> Page[RunView]:
        """Return the actor's imports, newest first."""
        with self._database.read() as connection:
            return stored.runs(connection, actor.user_id, after, PAGE)

    def get(self, run_id: str, actor: Actor) -> RunView:
        """Return one of the actor's imports; raise `NotFound`."""
        with self._database.read() as connection:
            return stored.run(connection, run_id, actor.user_id)

    def file(self, run: RunView, dialect: Dialect | None = None) -> SourceFile:
        """Return the file read as `dialect` (default the run's); raise `FileRefused`, `NotFound` when it is gone."""
        chosen = dialect or run.dialect

        def read() -> SourceFile:
            with self._database.read() as connection:
                name, content = stored.content(connection, run.id)
            return parse(name, content, chosen)

        return self._files.get((run.id, chosen), read)

    def set_dialect(self, run: RunView, dialect: Dialect) -> None:
        """Keep how the file is written; raise `FileRefused` for a dialect that cannot be, `ConcurrentUpdate`."""
        dialect.check()
        self._change(run, ("uploaded", "mapped"), state="uploaded", dialect=dialect.as_json())

    def set_mapping(self, run: RunView, mapping: RowMapping, stored_as: Mapping[str, Json]) -> None:
        """Keep what fills which field; raise `FileRefused` or `ExpressionRefused` for what cannot be used."""
        mapping.check(self.file(run).columns)
        self._change(run, ("uploaded", "mapped"), state="mapped", mapping=dict(stored_as))

    def preview(self, run: RunView, target: Target, mapping: RowMapping, *, seconds: float, first: int = 20) -> Preview:
        """Return what would become of the rows, checked for at most about `seconds`; nothing is written."""
        source = self.file(run)
        mapping.check(source.columns)
        until = time.monotonic() + seconds
        counts: Counter[str] = Counter()
        shown: list[tuple[RowResult, Mapping[str, Json] | None]] = []
        for row in prepared(source, target.name, mapping, self._clock):
            result = self._intake.check(row, target)
            counts[result.state] += 1
            if len(shown) < first:
                shown.append((result, row.values))
            if time.monotonic() > until:
                break
        return Preview(shown, counts, counts.total(), source.shape().rows)

    def begin(self, run: RunView, mapping: RowMapping) -> None:
        """Let the rows be taken in, from the first or from where it was stopped; harmless when it runs already.

        Raises `FileRefused` or `ExpressionRefused` when they do not fit, `ConcurrentUpdate` once it is over.
        """
        if run.state == "running":
            return
        source = self.file(run)
        mapping.check(source.columns)
        counts = {"rows": run.counts.rows if run.begun else source.shape().rows}
        self._change(run, ("mapped", "stopped", "running"), state="running", counts=counts)

    def advance(self, run_id: str, target: Target, mapping: RowMapping, *, actor: Actor, seconds: float) -> RunView:
        """Take rows in for at most about `seconds`, if the run is not stopped or done; return how it then stands."""
        place = self._places.get(run_id, _Place)
        until = time.monotonic() + seconds
        # Two pages of one person in one process take turns; those in other processes share the rows as they come.
        if place.lock.acquire(timeout=seconds):
            try:
                run = self.get(run_id, actor)
                if run.state == "running":
                    self._work(place, run, target, mapping, until)
            except BaseException:
                place.rows = None
                raise
            finally:
                place.lock.release()
        return self.get(run_id, actor)

    def stop(self, run: RunView) -> None:
        """Take no more rows in until `begin`; raise `ConcurrentUpdate` when it is over."""
        self._change(run, ("running", "stopped"), state="stopped")

    def discard(self, run_id: str, actor: Actor) -> None:
        """Forget the file: a run that has not begun is gone, another one ends where it is and keeps its results."""
        with self._database.write() as connection:
            run = stored.run(connection, run_id, actor.user_id)
            if not run.begun:
                connection.execute(delete(ImportRun).where(ImportRun.id == run.id, ImportRun.state == run.state))
            else:
                self._finish(connection, run.id, run.counts.rows, run.next_row, ("running", "stopped"))

    def refused(self, run: RunView, after: Cursor | None = None) -> Page[RowResult]:
        """Return refused rows, in the order of the file."""
        with self._database.read() as connection:
            rows = stored.refused(connection, run.id, _row_of(after), PAGE + 1)
        return Page(tuple(rows[:PAGE]), Cursor((rows[PAGE - 1].row,)) if len(rows) > PAGE else None)

    def all_refused(self, run: RunView) -> Iterator[RowResult]:
        """Yield every refused row, in the order of the file."""
        after: Cursor | None = None
        while True:
            page = self.refused(run, after)
            yield from page.rows
            after = page.next
            if after is None:
                return

    def made(self, run: RunView, after: Cursor | None = None) -> Page[MadeRow]:
        """Return what was made of the rows that were taken in."""
        with self._database.read() as connection:
            rows = stored.made(connection, run.id, _row_of(after), PAGE + 1)
        return Page(tuple(rows[:PAGE]), Cursor((rows[PAGE - 1].row,)) if len(rows) > PAGE else None)

    def _work(self, place: _Place, run: RunView, target: Target, mapping: RowMapping, until: float) -> None:
        rows = self._from(place, run, mapping)
        refused: list[RowResult] = []
        look = time.monotonic() + _LOOK_SECONDS

        def forget_refusal(connection: Connection, _made: str) -> None:
            # A run that was cut short may have refused the row, for a reason that is gone.
            stored.forget_refusal(connection, run.id, place.next_row - 1)

        for row in rows:
            place.next_row = row.row.number + 1
            if row.row.number >= run.next_row:
                result = self._intake.take(row, target, run.id, forget_refusal)
                if result.state == "refused":
                    refused.append(result)
            now = time.monotonic()
            if now > until:
                break
            if now > look:
                if not self._goes_on(run.id, refused):
                    break
                look = now + _LOOK_SECONDS
        else:
            with self._database.write() as connection:
                stored.refuse(connection, run.id, refused)
                self._finish(connection, run.id, place.next_row - 1, place.next_row, ("running",))
            return
        with self._database.write() as connection:
            stored.refuse(connection, run.id, refused)
            stored.move(connection, run.id, place.next_row)

    def _from(self, place: _Place, run: RunView, mapping: RowMapping) -> Iterator[PreparedRow]:
        """Return the rows, from where this process has got to.

        Rows that others have dealt with are passed by: what they hold decides which row is the second of its kind.
        """
        if place.rows is None or place.next_row > run.next_row:
            place.rows, place.next_row = prepared(self.file(run), run.target, mapping, self._clock), 1
        return place.rows

    def _goes_on(self, run_id: str, refused: list[RowResult]) -> bool:
        """Note what was refused so far; return whether nobody has stopped the run."""
        if refused:
            with self._database.write() as connection:
                stored.refuse(connection, run_id, refused)
            refused.clear()
        with self._database.read() as connection:
            return stored.state(connection, run_id) == "running"

    def _finish(self, connection: Connection, run_id: str, rows: int, next_row: int, states: Sequence[str]) -> None:
        counts = asdict(stored.counted(connection, run_id, rows, next_row))
        values = {"state": "done", "content": None, "next_row": next_row, "counts": counts}
        connection.execute(
            update(ImportRun).where(ImportRun.id == run_id, ImportRun.state.in_(states)).values(**values)
        )

    def _change(self, run: RunView, states: Sequence[str], **values: Any) -> None:
        with self._database.write() as connection:
            changed = update(ImportRun).where(ImportRun.id == run.id, ImportRun.state.in_(states)).values(**values)
            if not connection.execute(changed).rowcount:
                raise ConcurrentUpdate("The import")


def _row_of(after: Cursor | None) -> int:
    return 0 if after is None else after.number()
