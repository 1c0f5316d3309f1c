"""Owns the packed months: a day's cases come into their month with the day's mark, a rebuilding empties it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.measuring.rows import MARK
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
_ALL: Final = select(_MONTH.c.definition_key, _MONTH.c.month).order_by(_MONTH.c.definition_key, _MONTH.c.month)
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


def forget(connection: Connection, definition_keys: Sequence[str] | None) -> None:
    """Empty the months of these definitions, of all for None, and take the marks of all their days away.

    Whatever a month held, the days that come into it from now on are all that it holds.
    """
    months, marks, emptied = _ALL, delete(MARK), update(_MONTH)
    if definition_keys is not None:
        months = months.where(_MONTH.c.definition_key.in_(definition_keys))
        marks = marks.where(MARK.c.definition_key.in_(definition_keys))
        emptied = emptied.where(_MONTH.c.definition_key.in_(definition_keys))
    # The months first, in one order for all: who packs a day of them has committed its mark by then, or sets it after.
    connection.execute(months.with_for_update()).all()
    connection.execute(emptied.values(cases=0, content=Packed().encode()))
    connection.execute(marks)
