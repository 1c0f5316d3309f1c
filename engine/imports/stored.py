"""Owns how imports of the pages are stored: the run with its file, its refused rows, what was made of the others.

It decides nothing about rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import Connection, bindparam, case, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.errors import NotFound
from engine.imports.rows import RowResult
from engine.imports.source import Dialect
from engine.persistence.models import ImportedRow, ImportRun, ProcessInstance, RefusedRow
from engine.types import Json
from engine.views import Cursor, Page

RunState = Literal["uploaded", "mapped", "running", "stopped", "done"]
UNFINISHED: Final = ("uploaded", "mapped", "running", "stopped")

_COLUMNS: Final = (
    ImportRun.id,
    ImportRun.target,
    ImportRun.file_name,
    ImportRun.state,
    ImportRun.dialect,
    ImportRun.mapping,
    ImportRun.next_row,
    ImportRun.counts,
    ImportRun.started_at,
    ImportRun.started_by,
)
_RUN: Final = select(*_COLUMNS).where(ImportRun.id == bindparam("id"))
_STATE: Final = select(ImportRun.state).where(ImportRun.id == bindparam("id"))
_CONTENT: Final = select(ImportRun.file_name, ImportRun.content).where(ImportRun.id == bindparam("id"))
_TAKEN: Final = (
    select(ImportedRow.run_id, func.count())
    .where(ImportedRow.run_id.in_(bindparam("ids", expanding=True)))
    .group_by(ImportedRow.run_id)
)
_REFUSED: Final = (
    select(RefusedRow.run_id, func.count())
    .where(RefusedRow.run_id.in_(bindparam("ids", expanding=True)))
    .group_by(RefusedRow.run_id)
)
_MOVED: Final = (
    update(ImportRun)
    .where(ImportRun.id == bindparam("run"), ImportRun.next_row < bindparam("to"), ImportRun.state != "done")
    .values(next_row=bindparam("to"))
)
_FORGET: Final = delete(RefusedRow).where(
    RefusedRow.run_id == bindparam("run"), RefusedRow.row_number == bindparam("row")
)


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows so far: `rows` in the file, `reached` of them looked at."""

    rows: int = 0
    reached: int = 0
    taken: int = 0
    already: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class RunView:
    """An import as its person sees it. `mapping` is what the page stored, None before that."""

    id: str
    target: str
    file_name: str
    state: RunState
    dialect: Dialect
    mapping: Mapping[str, Json] | None
    next_row: int
    counts: Counts
    started_at: datetime

    @property
    def begun(self) -> bool:
        """Return whether rows were taken in, so that neither dialect nor mapping may change any more."""
        return self.state in ("running", "stopped", "done")


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A row that was taken in, and what was made of it: a case (`title` is its title) or a record."""

    row: int
    id: str
    number: str
    title: str


def run(connection: Connection, run_id: str, user_id: str) -> RunView:
    """Return an import of that person's; raise `NotFound` for everybody else's and for those of the command line."""
    row = None if "\0" in run_id else connection.execute(_RUN, {"id": run_id}).one_or_none()
    if row is None or row.started_by != user_id or row.state == "begun":
        raise NotFound("import", run_id)
    return _views(connection, [row])[0]


def runs(connection: Connection, user_id: str, after: Cursor | None, limit: int) -> Page[RunView]:
    """Return a page of that person's imports, newest first; raise `InputRefused` for a damaged cursor."""
    query = select(*_COLUMNS).where(ImportRun.started_by == user_id, ImportRun.state != "begun")
    if after is not None:
        at, run_id = after.moment_and_id()
        query = query.where(
            or_(ImportRun.started_at < at, (ImportRun.started_at == at) & (ImportRun.id > run_id)),
        )
    rows = connection.execute(query.order_by(ImportRun.started_at.desc(), ImportRun.id).limit(limit + 1)).all()
    views = _views(connection, rows[:limit])
    last = views[-1] if len(rows) > limit else None
    return Page(tuple(views), Cursor((last.started_at.isoformat(), last.id)) if last else None)


def unfinished(connection: Connection, user_id: str) -> int:
    """Return how many files of that person are kept."""
    query = select(func.count()).where(ImportRun.started_by == user_id, ImportRun.state.in_(UNFINISHED))
    return connection.execute(query).scalar_one()


def state(connection: Connection, run_id: str) -> str | None:
    """Return where the import stands now, None when it is gone."""
    return connection.execute(_STATE, {"id": run_id}).scalar_one_or_none()


def content(connection: Connection, run_id: str) -> tuple[str, bytes]:
    """Return name and content of the file; raise `NotFound` when it is no longer kept."""
    row = connection.execute(_CONTENT, {"id": run_id}).one_or_none()
    if row is None or row.content is None:
        raise NotFound("file of the import", run_id)
    return row.file_name, row.content


def move(connection: Connection, run_id: str, next_row: int) -> None:
    """Note that all rows before `next_row` are dealt with; never goes back."""
    connection.execute(_MOVED, {"run": run_id, "to": next_row})


def refuse(connection: Connection, run_id: str, refused: Sequence[RowResult]) -> None:
    """Note refused rows; one that is noted already stays as it is."""
    rows = [
        {
            "run_id": run_id,
            "row_number": result.row,
            "line": result.line,
            "reason": _storable(result.reason or ""),
            "cells": [_storable(cell) for cell in result.cells],
        }
        for result in refused
    ]
    if rows:
        new = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(new(RefusedRow).on_conflict_do_nothing(), rows)


def forget_refusal(connection: Connection, run_id: str, row: int) -> None:
    """Take back that a row was refused."""
    connection.execute(_FORGET, {"run": run_id, "row": row})


def refused(connection: Connection, run_id: str, after: int, limit: int) -> list[RowResult]:
    """Return refused rows in the order of the file, those after row `after`."""
    query = (
        select(RefusedRow.row_number, RefusedRow.line, RefusedRow.reason, RefusedRow.cells)
        .where(RefusedRow.run_id == run_id, RefusedRow.row_number > after)
        .order_by(RefusedRow.row_number)
        .limit(limit)
    )
    return [
        RowResult(row.row_number, row.line, "refused", reason=row.reason, cells=tuple(row.cells))
        for row in connection.execute(query)
    ]


def made(connection: Connection, run_id: str, after: int, limit: int) -> list[MadeRow]:
    """Return what was made of the rows after row `after`, in the order of the file."""
    number = case((ProcessInstance.number.is_(None), ImportedRow.made), else_=ProcessInstance.number)
    query = (
        select(ImportedRow.row_number, ImportedRow.made, number, func.coalesce(ProcessInstance.title, ""))
        .join(ProcessInstance, ProcessInstance.id == ImportedRow.made, isouter=True)
        .where(ImportedRow.run_id == run_id, ImportedRow.row_number > after)
        .order_by(ImportedRow.row_number)
        .limit(limit)
    )
    return [MadeRow(*row) for row in connection.execute(query)]


def counted(connection: Connection, run_id: str, rows: int, next_row: int) -> Counts:
    """Return the counts of one import, from what is stored row by row."""
    taken, refusals = _tally(connection, [run_id])
    return _counts(rows, next_row, taken.get(run_id, 0), refusals.get(run_id, 0))


def _counts(rows: int, next_row: int, taken: int, refusals: int) -> Counts:
    # Rows are stored as they are done, the place in the file now and then: it may lag behind.
    reached = max(next_row - 1, taken + refusals)
    return Counts(rows, reached, taken, reached - taken - refusals, refusals)


def _tally(connection: Connection, ids: Sequence[str]) -> tuple[dict[str, int], dict[str, int]]:
    if not ids:
        return {}, {}
    first, second = (connection.execute(query, {"ids": ids}).all() for query in (_TAKEN, _REFUSED))
    return {row[0]: row[1] for row in first}, {row[0]: row[1] for row in second}


def _views(connection: Connection, rows: Sequence[Any]) -> list[RunView]:
    taken, refusals = _tally(connection, [row.id for row in rows if row.state in ("running", "stopped")])
    return list(_view_each(rows, taken, refusals))


def _view_each(rows: Sequence[Any], taken: Mapping[str, int], refusals: Mapping[str, int]) -> Iterator[RunView]:
    for row in rows:
        stored = row.counts or {}
        if row.state == "done":
            counts = Counts(**stored)
        else:
            total = stored.get("rows", 0)
            counts = _counts(total, row.next_row, taken.get(row.id, 0), refusals.get(row.id, 0))
        yield RunView(
            row.id,
            row.target,
            row.file_name,
            cast(RunState, row.state),
            Dialect.from_json(row.dialect),
            row.mapping,
            row.next_row,
            counts,
            row.started_at,
        )


def _storable(text: str) -> str:
    """Return `text` without what PostgreSQL does not store: zero bytes and halves of characters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
