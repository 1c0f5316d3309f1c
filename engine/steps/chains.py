"""Owns when cases that start one another come to an end: how many in a row, and how many that stem from one case.

Processes that start each other by messages would else go on for ever, or grow into millions, and nobody would have
asked for it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, func, literal, select

from engine.errors import StepFailed
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow

LONGEST: Final = 20
"""The most cases in a row, each started by a message or signal of the one before."""

LARGEST: Final = 1000
"""The most cases of one process that stem from one case, besides those that this very case starts."""

COUNTED: Final = 2
"""From which place in a row cases are counted: how many one case starts is a list of its own length, and is meant."""

PAUSE: Final = timedelta(hours=1)
"""A case that sends only so long after its own start begins a new row: one that comes every day may go on for ever."""

_SENDER: Final = select(sql.INSTANCE.c.chain, sql.INSTANCE.c.root_id, sql.INSTANCE.c.started_at).where(
    sql.INSTANCE.c.id == bindparam("instance")
)
_TREE: Final = select(func.count()).select_from(
    select(literal(1))
    .where(
        sql.INSTANCE.c.root_id == bindparam("root"),
        sql.INSTANCE.c.definition_key == bindparam("key"),
        sql.INSTANCE.c.chain >= COUNTED,
    )
    .limit(bindparam("most"))
    .subquery()
)
"""How many cases of a process stem from a case, read from an index and no further than it matters."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new case stands among those that led to it; one that no case led to stands at the beginning."""

    chain: int = 0
    """its place in a row of cases of which each has started the next"""
    root: str | None = None
    """the id of the case with which the row began, None for this one"""
    others: int = 0
    """how many cases of its process stem from that case already, where they are counted; at most `LARGEST`"""


def place(connection: Connection, message: AnyRow, definition_key: str) -> Place:
    """Return where a case of the process `definition_key` stands that a message, or signal, of the inbox starts.

    At the beginning, if no case sent it, or one that had been running for longer. Chain and root depend on nothing that
    ever changes; one more statement counts the others.
    """
    if message.sender_id is None:
        return Place()
    sender = connection.execute(_SENDER, {"instance": message.sender_id}).one_or_none()
    if sender is None or message.received_at - sender.started_at >= PAUSE:
        return Place()
    chain, root, others = sender.chain + 1, sender.root_id or message.sender_id, 0
    if COUNTED <= chain <= LONGEST:
        counted = {"root": root, "key": definition_key, "most": LARGEST}
        others = connection.execute(_TREE, counted).scalar_one()
    return Place(chain, root, others)


def refused(found: Place, start: AnyRow) -> StepFailed | None:
    """Return why a case may not begin at a start event (a row of its table) in such a place, None when it may."""
    if found.chain > LONGEST:
        what = f"{LONGEST} cases have started one another in a row, each within an hour of its own start"
    elif found.others >= LARGEST:
        what = (
            f"{LARGEST} cases of this process stem from one case, by way of others that it started, each within an "
            "hour of its own start"
        )
    else:
        return None
    return StepFailed(
        f"{what}, and this would be one more: do the processes send each other messages or signals without end? It is "
        "not tried again by itself. Try it again by hand to start the case all the same; the count then begins anew.",
        start.element_id,
    )
