"""Owns the marks of definitions whose figures are to be computed: setting and counting them; it computes nothing."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.persistence.models import CaseSummary, FiguresDue
from engine.persistence.statements import INSTANCE, table

SETTLING: Final = timedelta(seconds=10)
"""How long after a change the computing begins: a case that ends just then may still have read what was before."""

DUE: Final = table(FiguresDue)
_SUMMARY: Final = table(CaseSummary)
WITHOUT_FIGURES: Final = ~exists().where(_SUMMARY.c.instance_id == INSTANCE.c.id)

_KEYS: Final[Any] = bindparam("keys", expanding=True)
_MARKS: Final = select(DUE.c.definition_key, DUE.c.beyond, DUE.c.only_missing).where(DUE.c.definition_key.in_(_KEYS))
_LEFT: Final = (
    select(func.count())
    .select_from(INSTANCE)
    .where(
        INSTANCE.c.definition_key == bindparam("key"),
        INSTANCE.c.status != "active",
        INSTANCE.c.id > bindparam("beyond"),
    )
)
_LEFT_WITHOUT: Final = _LEFT.where(WITHOUT_FIGURES)
_HAS_CASES: Final = select(INSTANCE.c.id).where(INSTANCE.c.definition_key == bindparam("key")).limit(1)


def ask(connection: Connection, definition_keys: Iterable[str], now: datetime) -> None:
    """Have the figures of all ended cases of these definitions computed anew, from the first case on.

    What stands of an earlier computing is forgotten. `now` is an aware instant; it begins ten seconds later.
    """
    for key in definition_keys:
        if connection.execute(_HAS_CASES, {"key": key}).first() is None:
            continue
        facts = {"token": uuid.uuid4().hex, "only_missing": False, "beyond": "", "begin_at": now + SETTLING}
        new = _new(connection).values(definition_key=key, **facts)
        connection.execute(new.on_conflict_do_update(index_elements=["definition_key"], set_=facts))


def ask_for_missing(connection: Connection, definition_keys: Iterable[str]) -> None:
    """Have the figures of ended cases that have none computed; a computing that goes on already goes on."""
    for key in definition_keys:
        facts = {"token": uuid.uuid4().hex, "only_missing": True, "beyond": "", "begin_at": None}
        connection.execute(_new(connection).values(definition_key=key, **facts).on_conflict_do_nothing())


def waiting(connection: Connection, definition_keys: Sequence[str]) -> dict[str, int]:
    """Return how many ended cases of each of these definitions wait for their figures; those with none are left out.

    When nothing is to be computed that is one look at an empty table.
    """
    found = {}
    for mark in connection.execute(_MARKS, {"keys": list(definition_keys)}).all():
        left = _LEFT_WITHOUT if mark.only_missing else _LEFT
        count = connection.execute(left, {"key": mark.definition_key, "beyond": mark.beyond}).scalar_one()
        if count:
            found[mark.definition_key] = count
    return found


def _new(connection: Connection) -> Any:
    return (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(DUE)
