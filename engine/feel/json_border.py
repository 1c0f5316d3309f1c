"""Owns the way of FEEL values out into JSON.

The way in needs no copy: `values.native` converts what an expression looks at.

Numbers leave as int where they are whole, else as float; dates, times and durations leave as ISO 8601 text; functions
and ranges have no JSON form and leave as null with a warning.
"""

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from engine.errors import BudgetSpent
from engine.feel.budget import MAX_VALUE, Run
from engine.feel.rendering import text_of
from engine.feel.values import Months, described, is_whole, native

_AS_THEY_ARE = (str, bool, type(None))
_MAX_NESTING = 100
_MAX_DIGITS = 34


def to_json(value: Any, run: Run) -> Any:
    """Return `value` as JSON.

    Raises `BudgetSpent` for a value of too many parts or levels, shared parts counted each time.
    """
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, list | Mapping):
        return _Border(run).convert(value, 0)
    return _scalar(value, run)


class _Border:
    """One conversion; `left` is how many parts it may still make."""

    __slots__ = ("left", "run")

    def __init__(self, run: Run) -> None:
        self.run, self.left = run, MAX_VALUE

    def convert(self, value: Any, nesting: int) -> Any:
        self.left -= 1 + (len(value) >> 6 if isinstance(value, str) else 0)
        if self.left < 0:
            raise BudgetSpent(f"The result of an expression has more than {MAX_VALUE} parts.")
        if isinstance(value, list | tuple | Mapping):
            if nesting >= _MAX_NESTING:
                raise BudgetSpent(f"The result of an expression is nested more than {_MAX_NESTING} levels deep.")
            if isinstance(value, Mapping):
                return {str(name): self.convert(entry, nesting + 1) for name, entry in value.items()}
            return [self.convert(item, nesting + 1) for item in value]
        return value if type(value) in _AS_THEY_ARE else _scalar(native(value), self.run)


def _scalar(value: Any, run: Run) -> Any:
    if isinstance(value, Decimal):
        if is_whole(value):
            return int(value) if value.adjusted() < _MAX_DIGITS else _as_float(value, run)
        return _as_float(value, run)
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, date | time | timedelta | Months):
        return text_of(value)
    run.warn(None, f"{described(value)} cannot be kept as data")
    return None


def _as_float(value: Decimal, run: Run) -> float | None:
    number = float(value)
    if number in (float("inf"), float("-inf")):
        run.warn(None, "the number is too large to be kept as data")
        return None
    return number
