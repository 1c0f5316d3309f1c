"""Owns the packed months: a day's cases come into their month, in the transaction that marks the day."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.metrics.packed import Packed, PackedCase
from engine.persistence.models import PackedMonth
from engine.persistence.statements import table

_MONTH: Final = table(PackedMonth)
_THIS: Final = (
    _MONTH.c.definition_key == bindparam("of_definition"),
    _MONTH.c.month == bindparam("of_month"),
)
_HELD: Final = select(_MONTH.c.content).where(*_THIS).with_for_update()
_WRITE: Final = update(_MONTH).where(*_THIS).values(cases=bindparam("count"), content=bindparam("packed"))
_NEW: Final[Mapping[str, Any]] = {
    "sqlite": sqlite.insert(_MONTH).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(_MONTH).on_conflict_do_nothing(),
}


def put_day(connection: Connection, dialect: str, definition_key: str, day: date, cases: Sequence[PackedCase]) -> None:
    """Hold `cases` as those of a day in its month, in place of what was held of it.

    The month stays locked until the commit: who sums up another day of it waits, and finds this one there.
    """
    month = day.replace(day=1)
    empty = {"definition_key": definition_key, "month": month, "cases": 0, "content": Packed().encode()}
    connection.execute(_NEW[dialect], empty)
    this = {"of_definition": definition_key, "of_month": month}
    packed = Packed.decode(connection.execute(_HELD, this).scalar_one())
    packed.put(day, cases)
    connection.execute(_WRITE, {**this, "count": packed.count, "packed": packed.encode()})
