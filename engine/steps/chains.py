"""Owns when cases that start one another come to an end: how many there may be in a row without a pause.

Two processes that start each other by messages would else go on for ever, and nobody would have asked for it.
"""

from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.errors import StepFailed
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow

LONGEST: Final = 20
"""The most cases in a row, each started by a message or signal of the one before."""

PAUSE: Final = timedelta(hours=1)
"""A case that sends only so long after its own start begins a new row: one that comes every day may go on for ever."""

_SENDER: Final = select(sql.INSTANCE.c.chain, sql.INSTANCE.c.started_at).where(
    sql.INSTANCE.c.id == bindparam("instance")
)


def place(connection: Connection, message: AnyRow) -> int:
    """Return which place in its row a case has that a message, or signal, of the inbox starts.

    0: no case sent it, or one that had been running for longer. What it depends on never changes.
    """
    if message.sender_id is None:
        return 0
    sender = connection.execute(_SENDER, {"instance": message.sender_id}).one_or_none()
    if sender is None or message.received_at - sender.started_at >= PAUSE:
        return 0
    found: int = sender.chain + 1
    return found


def too_long(start: AnyRow) -> StepFailed:
    """Return why a start beyond the longest chain fails."""
    return StepFailed(
        f"{LONGEST} cases have started one another in a row, each within an hour of its own start, and this would be "
        "one more: do the processes send each other messages or signals without end? It is not tried again by itself. "
        "Try it again by hand to start the case all the same; the count then begins anew.",
        start.element_id,
    )
