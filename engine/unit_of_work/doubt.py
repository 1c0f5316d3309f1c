"""Owns what happens when the connection breaks after the commit of a step was sent: it finds out whether it counts.

The server knows, by the number of the transaction, whatever kind of step it was and whatever came after it. SQLite
always says how a commit ended.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, text

from engine.errors import DatabaseUnavailable, OutcomeUnknown
from engine.persistence.database import Database
from engine.unit_of_work.saving import Stale

_ENDED: Final = text("SELECT pg_xact_status(CAST(:number AS xid8))").bindparams(bindparam("number"))
_PATIENCE_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.05


@dataclass(slots=True)
class Mark:
    """What tells the transaction of a step from all others; `number` is PostgreSQL's own, None in SQLite."""

    number: str | None = None


@contextmanager
def saving(database: Database, mark: Mark) -> Iterator[Connection]:
    """Yield a connection in a writing transaction, whose number the block gives to `mark`.

    When no answer comes to the commit, the server is asked how it ended: the block ends as ever, or `Stale` is raised.
    Raises `OutcomeUnknown` only if that cannot be found out either.
    """
    try:
        with database.write() as connection:
            yield connection
    except OutcomeUnknown as unknown:
        if not _counts(database, mark, unknown):
            raise Stale from None


def _counts(database: Database, mark: Mark, unknown: OutcomeUnknown) -> bool:
    """Return whether the transaction was committed; wait a while for a server that is away, or still at work on it."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while mark.number is not None and time.monotonic() < until:
        try:
            with database.read() as connection:
                ended: str | None = connection.execute(_ENDED, {"number": mark.number}).scalar_one()
        except DatabaseUnavailable:
            ended = "unknown"  # it may be back soon
        except Exception:  # noqa: BLE001 - whatever it is, the answer is the same: nobody knows
            break
        if ended in ("committed", "aborted"):
            return ended == "committed"
        if ended is None:
            break  # so long ago that the server has forgotten it
        time.sleep(_PAUSE_SECONDS)
    raise unknown from None
