"""Owns the sums of days that are over: once for each day of a definition, by whichever process comes first.

A day is read and added up without a lock. One short transaction then sets the day's mark, sees that the cases still
stand as they were read, writes the sums, and packs the cases into their month. Whoever changes a case of the day (an
answer to the question at closure) changes its row first and drops the mark after it: so either the change is seen here,
or the mark is dropped. Whoever adds a case to the day takes a lock first (`engine.measuring.day_lock`).
"""

from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, exists, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.figures_due import DUE
from engine.measuring import day_lock
from engine.measuring.day_figures import day_sums
from engine.measuring.packing import put_day
from engine.measuring.rows import MARK, SUMMARY
from engine.persistence import store
from engine.persistence.database import Database, WriteConflict
from engine.persistence.models import DailyFigure
from engine.persistence.statements import table

SETTLING: Final = timedelta(hours=1)
"""How long a day has to be over: cases that ended in its last moments are written by then."""

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
    """Write the sums of a day; return False when another process did, or when its figures changed meanwhile or do."""
    which = {"of_definition": definition_key, "of_day": day}
    with database.read() as connection:
        if _is_being_computed(connection, definition_key):
            return False
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
        for version, sums in found.sums.items()
        for name, label, count, total in sums.items()
    ]
    try:
        with database.write() as connection:
            day_lock.sum_up(connection, definition_key, day)
            mark = {"definition_key": definition_key, "day": day}
            if connection.execute(_NEW_MARK[database.dialect], mark).first() is None:
                return False
            # A change of measures leaves the rows of the cases as they are and moves what stands beside them: it begins
            # and ends with a mark of its own, which must be there neither now nor when they were read.
            being_computed = _is_being_computed(connection, definition_key)
            if being_computed or connection.execute(_HELD_CASES, which).all() != cases:
                raise WriteConflict(f"Cases of {day} changed while they were summed up.")
            connection.execute(_DROP_FIGURES, which)
            store.add(connection, _NEW_FIGURES, figures)
            put_day(connection, database.dialect, definition_key, day, found.packed)
    except WriteConflict:
        return False
    return True


def _is_being_computed(connection: Connection, definition_key: str) -> bool:
    return connection.execute(_BEING_COMPUTED, {"of_definition": definition_key}).first() is not None
