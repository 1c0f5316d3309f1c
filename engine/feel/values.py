"""Owns the values that FEEL computes with and their kinds; it refuses to know how they are compared, added or written.

Numbers are `Decimal` of 34 digits, dates and times those of `datetime`, lists and contexts those of the host. Any
`Mapping` is a context and is read entry by entry, so that a lazily loaded record costs only what an expression asks of
it. Values of the host become FEEL values one by one, when they are looked up (`native`).
"""

import decimal
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

NUMBERS = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emax=6144,
    Emin=-6143,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
"""Decimal arithmetic as DMN 1.5, 10.3.2.3.1 asks for it: IEEE 754-2008 decimal128."""

NUMBER, STRING, BOOLEAN, NULL = "number", "string", "boolean", "null"
DATE, TIME, DATE_TIME = "date", "time", "date and time"
DAYS, MONTHS = "days and time duration", "years and months duration"
LIST, CONTEXT, RANGE, FUNCTION, FOREIGN = "list", "context", "range", "function", "unknown"


class NoValue(Exception):
    """An operation has no result by the standard: it gives null. The text says why, for a warning."""


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration."""

    months: int


@dataclass(slots=True, eq=False)
class Range:
    """A range. `operator` is set when it was written with one (`(> 5)`), then the other end is open and None."""

    start_included: bool
    start: Any
    end: Any
    end_included: bool
    operator: str | None = None


def bounded(operator: str, value: Any) -> Range | None:
    """Return the range that `(operator value)` writes; None when its end is null."""
    if operator in ("=", "!="):
        return Range(operator == "=", value, value, operator == "=", operator)
    if value is None:
        return None
    if operator in ("<", "<="):
        return Range(False, None, value, operator == "<=", operator)
    return Range(operator == ">=", value, None, False, operator)


@dataclass(slots=True, eq=False)
class Function:
    """A function value.

    With `builtin` it stands for the built-in of that name. Otherwise `body` takes the run and the arguments, after
    `types` (one check or None per parameter; a check takes value and run, and returns the conformed value or raises
    `NoValue`) have seen them, and `result` sees what comes out. `written` are the types as written.
    """

    parameters: tuple[str, ...]
    types: tuple[Callable[[Any, Any], Any] | None, ...] = ()
    body: Callable[..., Any] | None = None
    cost: int = 1
    result: Callable[[Any, Any], Any] | None = None
    builtin: str | None = None
    written: tuple[Any, ...] = ()


_KINDS: dict[type, str] = {
    Decimal: NUMBER,
    int: NUMBER,
    float: NUMBER,
    str: STRING,
    bool: BOOLEAN,
    type(None): NULL,
    date: DATE,
    time: TIME,
    datetime: DATE_TIME,
    timedelta: DAYS,
    Months: MONTHS,
    list: LIST,
    tuple: LIST,
    dict: CONTEXT,
    Range: RANGE,
    Function: FUNCTION,
}
_NATIVE = frozenset(_KINDS) - {int, float, tuple}
_EXACT = 10**34
_MAX_BITS = 13_000


def kind(value: Any) -> str:
    """Return the FEEL kind of `value`."""
    return _KINDS.get(type(value)) or (CONTEXT if isinstance(value, Mapping) else FOREIGN)


def native(value: Any) -> Any:
    """Return the FEEL value of a host value: numbers as Decimal, tuples as lists, what FEEL does not know as None."""
    return value if type(value) in _NATIVE else _converted(value)


def _converted(value: Any) -> Any:
    if isinstance(value, int):
        if -_EXACT < value < _EXACT:
            return Decimal(value)
        return number_of(str(value)) if value.bit_length() < _MAX_BITS else None
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, Mapping | list):
        return value
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, str):
        return str.__str__(value)
    return None


def number_of(text: str) -> Decimal | None:
    """Return the number that `text` writes, rounded to 34 digits; None when it is out of range."""
    try:
        return NUMBERS.create_decimal(text)
    except decimal.DecimalException:
        return None


def is_whole(number: Decimal) -> bool:
    """Say whether `number` is an integer."""
    return number == number.to_integral_value()


def whole(number: Decimal) -> int:
    """Return `number` as int; raise `NoValue` when it is none, or absurdly large."""
    if not is_whole(number) or number.adjusted() > 18:
        raise NoValue(f"{number:.6g} is not a whole number of usual size")
    return int(number)


def described(value: Any) -> str:
    """Return the kind of `value` with an article, as messages name it."""
    name = kind(value)
    return name if name == NULL else f"a {name}"
