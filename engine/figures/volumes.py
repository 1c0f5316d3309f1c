"""Reads how many cases started in some periods, and how long those that are open had been; not what ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from sqlalchemy import Connection, Integer, func, literal_column, select, union_all

from engine.figures.scope import SUMMARY, Scope
from engine.metrics.periods import Period
from engine.persistence.statements import INSTANCE
from engine.views.performance import AgeBand

AGES: Final = (0, 7, 30, 90)
"""Days from which the bands of the backlog begin."""
_DAY: Final = timedelta(days=1).total_seconds()


def started(connection: Connection, scope: Scope, spans: Sequence[Period]) -> list[int]:
    """Return how many cases started in each of `spans`."""
    counts = [
        select(literal_column(str(number), Integer).label("number"), func.count().label("started")).where(
            INSTANCE.c.definition_key.in_(scope.keys),
            INSTANCE.c.started_at >= span.start,
            INSTANCE.c.started_at < span.end,
            *scope.running(),
        )
        for number, span in enumerate(spans)
    ]
    found = {row.number: row.started for row in connection.execute(union_all(*counts))}
    return [found[number] for number in range(len(spans))]


def ages(connection: Connection, scope: Scope, period: Period, now: datetime) -> list[float]:
    """Return for how many seconds each case had been open at the end of `period`, in ascending order.

    While the period still runs: those that are open now, and until now.
    """
    open_now = select(INSTANCE.c.started_at).where(
        INSTANCE.c.definition_key.in_(scope.keys),
        INSTANCE.c.status == "active",
        INSTANCE.c.started_at < period.end,
        *scope.running(),
    )
    since = list(connection.execute(open_now).scalars())
    if period.end <= now:
        open_then = select(SUMMARY.c.started_at).where(
            SUMMARY.c.definition_key.in_(scope.keys),
            SUMMARY.c.ended_on > period.last,
            SUMMARY.c.started_at < period.end,
            *scope.ended(),
        )
        since += connection.execute(open_then).scalars()
    at = min(period.end, now)
    return sorted(max(0.0, (at - moment).total_seconds()) for moment in since)


def open_before(open_now: int, started_in: Sequence[int], ended_in: Sequence[int]) -> list[int]:
    """Return how many cases were open at the end of each period, newest first, from how many are at the last end.

    What started in a period was not open before it, what ended in it was.
    """
    moves = (ended - begun for begun, ended in zip(started_in, ended_in, strict=True))
    return list(accumulate(moves, initial=open_now))[:-1]


def bands(found: Sequence[float]) -> tuple[AgeBand, ...]:
    """Return how many of these ages (seconds) lie in each band of the backlog."""
    limits = [*AGES[1:], None]
    return tuple(
        AgeBand(first, limit, sum(first * _DAY <= age and (limit is None or age < limit * _DAY) for age in found))
        for first, limit in zip(AGES, limits, strict=True)
    )
