"""Owns the run of timers that start cases: takes those that are due by lease, and starts a case for each.

Any number of threads and processes may do so at once: each time of a timer starts one case.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import ColumnElement, bindparam, func, or_, select, update

from engine.cases.failures import BACK_OFF
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow, Database
from engine.steps.overtaken import Overtaken
from engine.steps.service import Steps

_WAITS: Final[tuple[ColumnElement[bool], ...]] = (
    sql.START.c.kind == "timer",
    sql.START.c.attempts <= len(BACK_OFF),  # tried more often, it waits for a person, or for a new version
    or_(sql.START.c.leased_until.is_(None), sql.START.c.leased_until <= bindparam("now")),
)
_IS_DUE: Final = sql.START.c.due_at <= bindparam("now")
_DUE: Final = (
    select(sql.START)
    .where(*_WAITS, _IS_DUE)
    .order_by(sql.START.c.due_at, sql.START.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_ANY_DUE: Final = select(sql.START.c.id).where(*_WAITS, _IS_DUE).limit(1)
_LEASE: Final = (
    update(sql.START)
    .where(sql.START.c.id.in_(bindparam("starts", expanding=True)))
    .values(leased_until=bindparam("until"))
)
_NEXT: Final = select(func.min(sql.START.c.due_at)).where(*_WAITS)


class DueStarts:
    """The timers of a database that start cases."""

    def __init__(self, database: Database, steps: Steps, clock: Callable[[], datetime], lease: timedelta) -> None:
        """Take `lease`, how long the timers of a process that was killed wait before others try them."""
        self._database, self._steps, self._clock, self._lease = database, steps, clock, lease

    def run(self, limit: int, attempt: Callable[[Callable[[], bool]], bool | None]) -> int:
        """Start cases at no more than `limit` timers that are due, each within `attempt`; return how many."""
        return sum(bool(attempt(partial(self.start, row))) for row in self._take(limit))

    def start(self, row: AnyRow) -> bool:
        """Start a case at a timer; return whether there is one now."""
        try:
            saved = self._steps.inbox.starting.by_timer(row)
        except Overtaken:
            return False
        if saved is not None:
            self._steps.inbox.follow_up(saved)
        return saved is not None

    def next(self) -> datetime | None:
        """Return when the next timer is due (UTC), None when there is none; it may be past."""
        with self._database.read() as connection:
            found: datetime | None = connection.execute(_NEXT, {"now": self._clock()}).scalar_one()
        return found

    def _take(self, limit: int) -> list[AnyRow]:
        now = self._clock()
        with self._database.read() as connection:
            if connection.execute(_ANY_DUE, {"now": now}).first() is None:
                return []
        with self._database.write() as connection:
            rows = list(connection.execute(_DUE, {"now": now, "most": limit}))
            if rows:
                connection.execute(_LEASE, {"starts": [row.id for row in rows], "until": now + self._lease})
        return rows
