"""Owns the sums of days that are over: once for each day of a definition, by whichever process comes first.

A day is read and added up without a lock. One short transaction then sets the day's mark, sees that the cases still
stand as they were read, and writes the sums. Whoever changes a case of the day (an answer to the question at closure)
changes its row first and drops the mark after it: so either the change is seen here, or the mark is dropped.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, cast

from sqlalchemy import BindParameter, Connection, bindparam, case, delete, exists, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.figures_due import DUE
from engine.measuring.rows import ACTIVITY, LABEL, MARK, SUMMARY, VALUE
from engine.metrics.sums import SummedActivities, SummedCase, Sums
from engine.persistence import store
from engine.persistence.database import AnyRow, Database, WriteConflict
from engine.persistence.models import DailyFigure
from engine.persistence.statements import table

SETTLING: Final = timedelta(hours=1)
"""How long a day has to be over: cases that ended in its last moments are written by then."""

CHUNK: Final = 1_000
"""How many cases a statement adds up."""

LOOK_EVERY: Final = timedelta(minutes=10)
"""How often it is looked whether a day is to be summed up."""

_FIGURE: Final = table(DailyFigure)
_THIS: Final = (
    SUMMARY.c.definition_key == bindparam("of_definition"),
    SUMMARY.c.ended_on == bindparam("of_day"),
)
_DAYS: Final = select(SUMMARY.c.definition_key, SUMMARY.c.ended_on).distinct().subquery()
_UNSUMMED: Final = (
    select(_DAYS)
    .join_from(
        _DAYS, MARK, (MARK.c.definition_key == _DAYS.c.definition_key) & (MARK.c.day == _DAYS.c.ended_on), isouter=True
    )
    .where(MARK.c.day.is_(None), _DAYS.c.ended_on <= bindparam("last"))
    # Figures that are being computed anew are not summed up before they are.
    .where(~exists().where(DUE.c.definition_key == _DAYS.c.definition_key))
    .order_by(_DAYS.c.ended_on, _DAYS.c.definition_key)
)
_CASES: Final = select(SUMMARY).where(*_THIS).order_by(SUMMARY.c.instance_id)
_HELD_CASES: Final = _CASES.with_for_update(read=True)
_SUMMED_LABELS: Final = frozenset(("person", "group", "interface"))
_THESE: Final[BindParameter[Sequence[str]]] = bindparam("ids", expanding=True)
# By the ids of the cases, not joined to them: a planner that has no statistics yet would read the whole tables.
_LABELS: Final = (
    select(LABEL.c.kind, LABEL.c.value, func.count(), func.sum(LABEL.c.count))
    .where(LABEL.c.instance_id.in_(_THESE))
    .group_by(LABEL.c.kind, LABEL.c.value)
)
_VALUES: Final = (
    select(VALUE.c.measure, VALUE.c.value)
    .where(VALUE.c.instance_id.in_(_THESE))
    .order_by(VALUE.c.instance_id, VALUE.c.measure)
)
_ACTIVITIES: Final = (
    select(
        ACTIVITY.c.process_key,
        ACTIVITY.c.element_id,
        func.sum(ACTIVITY.c.completed).label("completed"),
        func.sum(ACTIVITY.c.elapsed_seconds).label("elapsed_seconds"),
        func.sum(case((ACTIVITY.c.waiting_seconds.is_not(None), ACTIVITY.c.completed), else_=0)).label("claimed"),
        func.sum(ACTIVITY.c.waiting_seconds).label("waiting_seconds"),
        func.sum(ACTIVITY.c.working_seconds).label("working_seconds"),
        func.sum(case((ACTIVITY.c.repeats > 0, 1), else_=0)).label("repeated"),
        func.sum(ACTIVITY.c.repeats).label("repeats"),
        func.sum(case((ACTIVITY.c.failures > 0, 1), else_=0)).label("failed"),
        func.sum(ACTIVITY.c.failures).label("failures"),
    )
    .where(ACTIVITY.c.instance_id.in_(_THESE))
    .group_by(ACTIVITY.c.process_key, ACTIVITY.c.element_id)
)
_NEW_MARK: Final[Mapping[str, Any]] = {
    "sqlite": sqlite.insert(MARK).on_conflict_do_nothing().returning(MARK.c.day),
    "postgresql": postgresql.insert(MARK).on_conflict_do_nothing().returning(MARK.c.day),
}
_BEING_COMPUTED: Final = select(DUE.c.token).where(DUE.c.definition_key == bindparam("of_definition"))
_DROP_FIGURES: Final = delete(_FIGURE).where(
    _FIGURE.c.definition_key == bindparam("of_definition"), _FIGURE.c.day == bindparam("of_day")
)
_NEW_FIGURES: Final = insert(_FIGURE)


class DaySums:
    """Sums days up, one at a time, so that whoever has timers to run can do so in between."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._days: deque[tuple[str, date]] = deque()
        self._next_look: datetime | None = None

    def work(self) -> bool:
        """Sum one day up, if there is one to be; return whether there was.

        Whether there is one is asked of the database every ten minutes only.
        """
        now = self._clock()
        if not self._days and (self._next_look is None or now >= self._next_look):
            with self._database.read() as connection:
                self._days.extend(unsummed(connection, now))
            self._next_look = now + LOOK_EVERY
        if not self._days:
            return False
        sum_day(self._database, *self._days.popleft())
        return True


def sum_days(database: Database, now: datetime) -> int:
    """Sum up every day that has been over for an hour at `now` (aware) and has no sums; return how many that were.

    Several processes may do so at once: each day is summed up by one of them.
    """
    with database.read() as connection:
        days = unsummed(connection, now)
    return sum(sum_day(database, definition_key, day) for definition_key, day in days)


def unsummed(connection: Connection, now: datetime) -> list[tuple[str, date]]:
    """Return the days (UTC), by definition, on which cases ended, that are over, and have no sums; oldest first."""
    last = (now.astimezone(UTC) - SETTLING).date() - timedelta(days=1)
    return [(row.definition_key, row.ended_on) for row in connection.execute(_UNSUMMED, {"last": last})]


def sum_day(database: Database, definition_key: str, day: date) -> bool:
    """Write the sums of a day; return False when another process did, or when its cases changed meanwhile."""
    which = {"of_definition": definition_key, "of_day": day}
    with database.read() as connection:
        cases = connection.execute(_CASES, which).all()
        found = day_sums(connection, cases)
    figures = [
        {
            "definition_key": definition_key,
            "day": day,
            "version": version,
            "name": name,
            "label": label,
            "count": count,
            "total": total,
        }
        for version, sums in found.items()
        for name, label, count, total in sums.items()
    ]
    try:
        with database.write() as connection:
            mark = {"definition_key": definition_key, "day": day}
            if connection.execute(_NEW_MARK[database.dialect], mark).first() is None:
                return False
            # A change of measures leaves the rows of the cases as they are and moves what stands beside them.
            being_computed = connection.execute(_BEING_COMPUTED, which).first() is not None
            if being_computed or connection.execute(_HELD_CASES, which).all() != cases:
                raise WriteConflict(f"Cases of {day} changed while they were summed up.")
            connection.execute(_DROP_FIGURES, which)
            store.add(connection, _NEW_FIGURES, figures)
    except WriteConflict:
        return False
    return True


def day_sums(connection: Connection, cases: Iterable[AnyRow]) -> dict[int, Sums]:
    """Return the sums of `cases`, rows of `case_summary`, by version of the definition."""
    found: dict[int, Sums] = defaultdict(Sums)
    ids: dict[int, list[str]] = defaultdict(list)
    for row in cases:
        found[row.definition_version].add_case(cast(SummedCase, row))
        ids[row.definition_version].append(row.instance_id)
    for version, sums in found.items():
        for first in range(0, len(ids[version]), CHUNK):
            _add_parts(connection, sums, {"ids": ids[version][first : first + CHUNK]})
    return dict(found)


def _add_parts(connection: Connection, sums: Sums, which: Mapping[str, Sequence[str]]) -> None:
    for kind, value, cases, times in connection.execute(_LABELS, which):
        if kind in _SUMMED_LABELS:
            sums.add_label(kind, value, cases, int(times))
    for measure, value in connection.execute(_VALUES, which):
        sums.add_value(measure, value)
    for row in connection.execute(_ACTIVITIES, which):
        sums.add_activities(cast(SummedActivities, row))
