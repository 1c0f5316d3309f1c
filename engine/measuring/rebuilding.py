"""Owns the computing of all figures again from the log: cases in chunks, each chunk in one short transaction.

People may go on working meanwhile: a case that ends writes its own figures, and an answer that is given is kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final, cast

from sqlalchemy import BindParameter, Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine import managed
from engine.errors import NotFound
from engine.measuring import rows
from engine.metrics.log_facts import ENDS, EndedCase, LogEvent
from engine.metrics.process import ManagedProcess
from engine.metrics.summary import CaseFigures, summarise
from engine.persistence import store
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import Feedback, ProcessDefinition
from engine.persistence.statements import EVENT, INSTANCE, table

CHUNK: Final = 200
"""How many cases a transaction writes: some hundredths of a second."""

_FEEDBACK: Final = table(Feedback)
_DEFINITION: Final = table(ProcessDefinition)
_IDS: Final[BindParameter[Sequence[str]]] = bindparam("ids", expanding=True)
_ENDED: Final = (
    select(
        INSTANCE.c.id,
        INSTANCE.c.definition_key,
        _DEFINITION.c.version,
        INSTANCE.c.organisation_id,
        INSTANCE.c.priority,
        INSTANCE.c.channel,
        INSTANCE.c.variables,
    )
    .join_from(INSTANCE, _DEFINITION, _DEFINITION.c.id == INSTANCE.c.definition_id)
    .where(INSTANCE.c.status != "active", INSTANCE.c.id > bindparam("beyond"))
    .order_by(INSTANCE.c.id)
    .limit(CHUNK)
)
_KNOWN: Final = select(_DEFINITION.c.id).where(_DEFINITION.c.key == bindparam("key")).limit(1)
_LOG: Final = select(*rows.LOG_COLUMNS).where(EVENT.c.instance_id.in_(_IDS)).order_by(EVENT.c.instance_id, EVENT.c.id)
_KEPT: Final = frozenset(("instance_id", "feedback"))


def _write_summaries(new: Any) -> Any:
    """Return the statement that writes summaries; the answer of a row that is there is not touched."""
    inserted = new(rows.SUMMARY)
    values = {name: inserted.excluded[name] for name in rows.SUMMARY.c.keys() if name not in _KEPT}  # noqa: SIM118
    return inserted.on_conflict_do_update(index_elements=["instance_id"], set_=values)


_SUMMARIES: Final[Mapping[str, Any]] = {
    "sqlite": _write_summaries(sqlite.insert),
    "postgresql": _write_summaries(postgresql.insert),
}
_DROP_PARTS: Final = tuple(
    delete(each).where(each.c.instance_id.in_(_IDS)) for each in (rows.ACTIVITY, rows.LABEL, rows.VALUE)
)
_ANSWERS: Final = (
    update(rows.SUMMARY)
    .where(rows.SUMMARY.c.instance_id.in_(_IDS))
    .values(
        feedback=select(_FEEDBACK.c.score)
        .where(_FEEDBACK.c.instance_id == rows.SUMMARY.c.instance_id)
        .scalar_subquery()
    )
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

    Returns what was done; raises `NotFound` for a `process` that there is not. Their days lose their sums, which the
    next `sum_days` makes again. `told` is called with the number of cases done after each chunk. Doing it twice gives
    the same rows.
    """
    cases, skipped, days = 0, 0, set[tuple[str, date]]()
    with database.read() as connection:
        processes = _Processes(connection)
        definition_keys = None if process is None else _definitions(connection, process)
    for chunk, unknown in _chunks(database, processes, definition_keys):
        touched = {(figures.definition_key, figures.ended_on) for figures in chunk}
        with database.write() as connection:
            _write(connection, database.dialect, chunk)
            # Dropped with the rows, not at the end: whoever sums a day up meanwhile finds that its rows have changed.
            store.add(connection, rows.DROP_MARK, [{"of_definition": key, "of_day": day} for key, day in touched])
        cases, skipped, days = cases + len(chunk), skipped + unknown, days | touched
        told(cases)
    with database.write() as connection:
        store.add(connection, rows.DROP_MARK, [{"of_definition": key, "of_day": day} for key, day in sorted(days)])
    return Rebuilt(cases, len(days), skipped)


def _definitions(connection: Connection, process: str) -> Sequence[str]:
    known = managed.load(connection)
    if process in known:
        return known[process].cases
    if connection.execute(_KNOWN, {"key": process}).first() is None:
        raise NotFound("process", process)
    return (process,)


class _Processes:
    """The managed process of each definition, looked up once."""

    def __init__(self, connection: Connection) -> None:
        self._known = {key: each for each in managed.load(connection).values() for key in each.cases}

    def of(self, connection: Connection, definition_key: str) -> ManagedProcess:
        """Return the managed process of a definition."""
        if definition_key not in self._known:
            self._known[definition_key] = managed.of_definition(connection, definition_key)
        return self._known[definition_key]


def _chunks(
    database: Database, processes: _Processes, definition_keys: Sequence[str] | None
) -> Iterator[tuple[list[CaseFigures], int]]:
    """Yield the figures of some cases at a time, with how many had to be skipped."""
    query = _ENDED if definition_keys is None else _ENDED.where(INSTANCE.c.definition_key.in_(definition_keys))
    beyond = ""
    while True:
        with database.read() as connection:
            cases = connection.execute(query, {"beyond": beyond}).all()
            if not cases:
                return
            figures = _figures(connection, cases, processes)
        beyond = cases[-1].id
        yield figures, len(cases) - len(figures)


def _figures(connection: Connection, cases: Sequence[AnyRow], processes: _Processes) -> list[CaseFigures]:
    events = connection.execute(_LOG, {"ids": [case.id for case in cases]})
    logs = {instance_id: list(log) for instance_id, log in groupby(events, lambda event: event.instance_id)}
    ended = [case for case in cases if any(event.kind in ENDS for event in logs.get(case.id, ()))]
    resolve = rows.resolver(connection)
    return [
        summarise(
            EndedCase(
                instance_id=case.id,
                definition_key=case.definition_key,
                definition_version=case.version,
                organisation_id=case.organisation_id,
                priority=case.priority,
                channel=case.channel,
                variables=case.variables,
            ),
            cast(Sequence[LogEvent], logs[case.id]),
            processes.of(connection, case.definition_key),
            resolve,
        )
        for case in ended
    ]


def _write(connection: Connection, dialect: str, chunk: Sequence[CaseFigures]) -> None:
    ids = {"ids": [figures.instance_id for figures in chunk]}
    # The summaries first: their rows stay locked until the commit, so that neither an answer nor a second rebuilding
    # comes in between.
    store.add(connection, _SUMMARIES[dialect], [rows.summary_row(figures) for figures in chunk])
    for statement in _DROP_PARTS:
        connection.execute(statement, ids)
    store.add(connection, rows.NEW_ACTIVITIES, [row for figures in chunk for row in rows.activity_rows(figures)])
    store.add(connection, rows.NEW_LABELS, [row for figures in chunk for row in rows.label_rows(figures)])
    store.add(connection, rows.NEW_VALUES, [row for figures in chunk for row in rows.value_rows(figures)])
    connection.execute(_ANSWERS, ids)
