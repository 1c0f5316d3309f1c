"""The line of each process on the overview: what is open, what started and ended lately, the worst of its targets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select

from engine import figures_due
from engine.figures import framework, volumes
from engine.figures.ended import Ended
from engine.figures.framework import Framework
from engine.figures.judging import worst
from engine.figures.queries import ROWS
from engine.figures.scope import SUMMARY, Scope
from engine.figures.tally import Tally
from engine.figures.values import INTERFACES, Told, figures
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import measure_of
from engine.persistence.statements import INSTANCE
from engine.views.performance import FigureFilter, ProcessOverview

_KEYS: Final[Any] = bindparam("keys", expanding=True)
_OPEN: Final = (
    select(INSTANCE.c.definition_key, func.count().label("cases"))
    .where(INSTANCE.c.definition_key.in_(_KEYS), INSTANCE.c.status == "active")
    .group_by(INSTANCE.c.definition_key)
)
_STARTED: Final = (
    select(INSTANCE.c.definition_key, func.count().label("cases"))
    .where(
        INSTANCE.c.definition_key.in_(_KEYS),
        INSTANCE.c.started_at >= bindparam("start"),
        INSTANCE.c.started_at < bindparam("end"),
    )
    .group_by(INSTANCE.c.definition_key)
)
_ENDED: Final = ROWS.add_columns(SUMMARY.c.definition_key)
_LABELS: Final = frozenset(("people", "groups", *INTERFACES))
_BACKLOG: Final = frozenset(("open", "backlog_age"))


def lines(connection: Connection, wanted: Sequence[ManagedProcess], now: datetime) -> list[ProcessOverview]:
    """Return a line for each of `wanted`, in their order.

    It looks at the last full days: as many as the framework's review interval has, else 30. `now` is an aware instant.
    """
    governed = framework.load(connection, {each.key: each for each in wanted})
    open_now = _by_key(connection, _OPEN, wanted, {})
    computing = figures_due.waiting(connection, [key for process in wanted for key in process.cases])
    periods: dict[Period, list[ManagedProcess]] = {}
    yesterday = now.date() - timedelta(days=1)
    for process in wanted:
        period = Period.of_interval(governed[process.key].review_interval, yesterday)
        periods.setdefault(period, []).append(process)
    found = {}
    for period, those in periods.items():
        started = _by_key(connection, _STARTED, those, {"start": period.start, "end": period.end})
        tallies = _tallies(connection, those, period)
        for process in those:
            told = Told(tallies[process.key], _sum(started, process), _sum(open_now, process))
            line = _line(connection, process, governed[process.key], period, told, now)
            found[process.key] = replace(line, computing=_sum(computing, process))
    return [found[process.key] for process in wanted]


def _line(
    connection: Connection,
    process: ManagedProcess,
    governed: Framework,
    period: Period,
    told: Told,
    now: datetime,
) -> ProcessOverview:
    judged = _all_told(connection, process, governed, period, told, now)
    light, why = worst(process, governed, figures(judged, process))
    return ProcessOverview(
        key=process.key,
        name=process.name,
        reference=process.reference,
        managed=process.managed,
        light=light,
        why=why,
        open=told.open or 0,
        started=told.started,
        completed=told.tally.completed,
        period=period,
        framework=governed.ref,
    )


def _all_told(
    connection: Connection, process: ManagedProcess, governed: Framework, period: Period, told: Told, now: datetime
) -> Told:
    """Return `told` with what else the targets are about; most are about times and success, which are there already."""
    measures = set(map(measure_of, governed.targets))
    scope = Scope(process.cases, FigureFilter(period))
    ended = Ended(connection, scope, (period,), told.tally)
    own = {each.key for each in process.measures}
    if measures & (_LABELS | own):
        ended.add(labels=bool(measures & _LABELS), measures=process.measures if measures & own else ())
    if measures & (_BACKLOG | own):
        ages = volumes.ages(connection, scope, period, now)
        return Told(told.tally, told.started, len(ages), ages)
    return told


def _tallies(connection: Connection, those: Sequence[ManagedProcess], period: Period) -> dict[str, Tally]:
    homes = {key: process.key for process in those for key in process.cases}
    rows: dict[str, list[Any]] = {process.key: [] for process in those}
    for *row, key in connection.execute(_ENDED, {"keys": list(homes), "first": period.first, "last": period.last}):
        rows[homes[key]].append(row)
    found = {}
    for key, own in rows.items():
        found[key] = Tally()
        found[key].add_rows(own)
    return found


def _by_key(
    connection: Connection, statement: Any, those: Sequence[ManagedProcess], values: dict[str, Any]
) -> dict[str, int]:
    keys = [key for process in those for key in process.cases]
    rows = connection.execute(statement, {"keys": keys, **values}) if keys else ()
    return {row.definition_key: row.cases for row in rows}


def _sum(counts: dict[str, int], process: ManagedProcess) -> int:
    return sum(counts.get(key, 0) for key in process.cases)
