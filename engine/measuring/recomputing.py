"""Owns the computing of figures in the background: of cases that have none, of definitions whose measures changed.

What is to be done stands in the database (engine.figures_due), with the last case that is done: who stops in the middle
goes on there. Some cases at a time are computed without a lock; one short transaction then moves the mark on and writes
them. Of several processes that do so one moves it, the others begin again where it stands.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, or_, select, update

from engine import figures_due, managed
from engine.figures_due import DUE, WITHOUT_FIGURES
from engine.measuring import chunks
from engine.metrics.log_facts import ENDS
from engine.metrics.summary import CaseFigures
from engine.persistence.database import AnyRow, Database, WriteConflict
from engine.persistence.statements import EVENT, INSTANCE

CHUNK: Final = 50
"""How many cases are computed before others have their turn: some hundredths of a second."""

LOOK_EVERY: Final = timedelta(seconds=15)
"""How often it is looked whether figures are to be computed."""

CHECK_EVERY: Final = timedelta(hours=6)
"""How often all ended cases are looked through for some without figures, after the start; they have been lost then."""

_FIRST: Final = (
    select(DUE)
    .where(or_(DUE.c.begin_at.is_(None), DUE.c.begin_at <= bindparam("now")))
    .order_by(DUE.c.definition_key)
    .limit(1)
)
_ALL: Final = chunks.ENDED.where(INSTANCE.c.definition_key == bindparam("of_definition"))
_MISSING: Final = _ALL.where(WITHOUT_FIGURES)
_TOLD: Final = select(EVENT.c.id).where(EVENT.c.instance_id == INSTANCE.c.id, EVENT.c.kind.in_(sorted(ENDS))).exists()
_LACKING: Final = (
    select(INSTANCE.c.definition_key).where(INSTANCE.c.status != "active", WITHOUT_FIGURES, _TOLD).distinct()
)
_THIS: Final = (
    DUE.c.definition_key == bindparam("of_definition"),
    DUE.c.token == bindparam("of_token"),
    DUE.c.beyond == bindparam("of_beyond"),
)
_MOVE: Final = update(DUE).where(*_THIS).values(beyond=bindparam("last"))
_END: Final = delete(DUE).where(*_THIS)


class Recomputing:
    """Computes figures, some cases at a time, so that whoever has timers to run can do so in between."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock
        self._next_look: datetime | None = None
        self._next_check: datetime | None = None

    def work(self) -> bool:
        """Compute the figures of some cases, if there are any to be; return whether there were."""
        now = self._clock()
        if self._next_check is None or now >= self._next_check:
            mark_missing(self._database)
            self._next_check, self._next_look = now + CHECK_EVERY, None
        if self._next_look is not None and now < self._next_look:
            return False
        worked = recompute(self._database, now)
        self._next_look = None if worked else now + LOOK_EVERY
        return worked


def mark_missing(database: Database) -> None:
    """Have the figures of ended cases that have none computed; cases whose log does not tell their end have none."""
    with database.read() as connection:
        lacking = list(connection.execute(_LACKING).scalars())
    if lacking:
        with database.write() as connection:
            figures_due.ask_for_missing(connection, sorted(lacking))


def recompute(database: Database, now: datetime) -> bool:
    """Compute the figures of the next cases that are to be computed at `now` (aware); return False for none.

    Several processes may do so at once.
    """
    with database.read() as connection:
        mark = connection.execute(_FIRST, {"now": now}).one_or_none()
        if mark is None:
            return False
        last, figures = _computed(connection, mark)
    try:
        with database.write() as connection:
            _write(connection, database.dialect, mark, last, figures)
    except WriteConflict:
        pass  # somebody else has moved the mark, or asked for it anew: the next turn begins where it stands
    return True


def _computed(connection: Connection, mark: AnyRow) -> tuple[str | None, list[CaseFigures]]:
    """Return the id of the last case of those looked at, None when all are done, with their figures."""
    which = {"of_definition": mark.definition_key, "beyond": mark.beyond, "most": CHUNK}
    cases = connection.execute(_MISSING if mark.only_missing else _ALL, which).all()
    if not cases:
        return None, []
    process = managed.of_definition(connection, mark.definition_key)
    return cases[-1].id, chunks.figures(connection, cases, lambda _: process)


def _write(connection: Connection, dialect: str, mark: AnyRow, last: str | None, figures: list[CaseFigures]) -> None:
    this: dict[str, Any] = {
        "of_definition": mark.definition_key,
        "of_token": mark.token,
        "of_beyond": mark.beyond,
    }
    # The mark first: it is locked until the commit, so that of two processes with the same cases only one writes them,
    # and a deployment that asks for all of them anew waits.
    moved = connection.execute(_END, this) if last is None else connection.execute(_MOVE, {**this, "last": last})
    if moved.rowcount != 1:
        raise WriteConflict(f"The figures of {mark.definition_key} were computed by somebody else.")
    if mark.only_missing:
        chunks.write_missing(connection, dialect, figures)
    else:
        chunks.write(connection, dialect, figures)
