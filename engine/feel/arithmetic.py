"""Owns + - * / ** and unary minus on FEEL values (DMN 1.5, tables 57 to 60).

Texts are joined where the budget is at hand.

Each function returns a value or raises `NoValue` with the reason, which becomes null and a warning.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal, DecimalException
from typing import Any

from engine.feel.temporal import add_duration, add_months, add_to_time, duration_of, midnight, order_of, seconds_of
from engine.feel.values import (
    DATE,
    DATE_TIME,
    DAYS,
    MONTHS,
    NUMBER,
    NUMBERS,
    STRING,
    TIME,
    Months,
    NoValue,
    described,
    kind,
)

_NUMERIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBERS.add, "-": NUMBERS.subtract, "*": NUMBERS.multiply, "/": NUMBERS.divide, "**": NUMBERS.power,
}  # fmt: skip
_VERBS = {
    "+": "added to",
    "-": "subtracted from",
    "*": "multiplied with",
    "/": "divided by",
    "**": "raised to the power of",
}


def calculate(operator: str, left: Any, right: Any) -> Any:
    """Apply `operator` to two FEEL values; raise `NoValue` when it is not defined for them or out of range."""
    try:
        if type(left) is Decimal and type(right) is Decimal:
            return _NUMERIC[operator](left, right)
        result = _BY_OPERATOR[operator](left, right, kind(left), kind(right))
    except (OverflowError, DecimalException) as error:
        raise NoValue("the result is out of range" if right else "nothing can be divided by zero") from error
    if result is None:
        first, second = (right, left) if operator == "-" else (left, right)
        raise NoValue(f"{described(first)} cannot be {_VERBS[operator]} {described(second)}{_hint(left, right)}")
    return result


def _hint(left: Any, right: Any) -> str:
    kinds = {kind(left), kind(right)}
    if STRING in kinds and kinds & {DATE, DATE_TIME, TIME, DAYS, MONTHS}:
        return "; turn the text into a date or duration first, with date(), date and time() or duration()"
    if kinds == {STRING, NUMBER}:
        return "; convert one of them, with string() or number()"
    return ""


def _add(left: Any, right: Any, of: str, to: str) -> Any:
    if of == to == STRING or of == to == DAYS:
        return left + right
    if of == to == MONTHS:
        return Months(left.months + right.months)
    if of in (DAYS, MONTHS) and to in (DATE, TIME, DATE_TIME):
        left, right, of, to = right, left, to, of
    if of in (DATE, DATE_TIME) and to == DAYS:
        return add_duration(left, right)
    if of in (DATE, DATE_TIME) and to == MONTHS:
        return add_months(left, right.months)
    return add_to_time(left, right) if of == TIME and to == DAYS else None


def _subtract(left: Any, right: Any, of: str, to: str) -> Any:
    if of == to == DAYS:
        return left - right
    if of == to == MONTHS:
        return Months(left.months - right.months)
    if of in (DATE, DATE_TIME) and to in (DATE, DATE_TIME):
        return _difference(left if of == DATE_TIME else midnight(left), right if to == DATE_TIME else midnight(right))
    if of == to == TIME:
        return order_of(left) - order_of(right) if (left.tzinfo is None) == (right.tzinfo is None) else None
    if of in (DATE, DATE_TIME) and to == DAYS:
        return add_duration(left, -right)
    if of in (DATE, DATE_TIME) and to == MONTHS:
        return add_months(left, -right.months)
    return add_to_time(left, -right) if of == TIME and to == DAYS else None


def _difference(left: datetime, right: datetime) -> timedelta:
    if (left.tzinfo is None) != (right.tzinfo is None):
        raise NoValue("one date-time has a time zone and the other has none")
    return order_of(left) - order_of(right)


def _multiply(left: Any, right: Any, of: str, to: str) -> Any:
    if of == NUMBER:
        left, right, of, to = right, left, to, of
    if to == NUMBER and of == DAYS:
        return duration_of(NUMBERS.multiply(seconds_of(left), right))
    return _months(NUMBERS.multiply(Decimal(left.months), right)) if to == NUMBER and of == MONTHS else None


def _divide(left: Any, right: Any, of: str, to: str) -> Any:
    if of == DAYS and to == NUMBER:
        return duration_of(NUMBERS.divide(seconds_of(left), right))
    if of == MONTHS and to == NUMBER:
        return _months(NUMBERS.divide(Decimal(left.months), right))
    if of == to == DAYS:
        return NUMBERS.divide(seconds_of(left), seconds_of(right))
    return NUMBERS.divide(Decimal(left.months), Decimal(right.months)) if of == to == MONTHS else None


def _power(left: Any, right: Any, of: str, to: str) -> Any:
    return None


def _months(number: Decimal) -> Months:
    if number.adjusted() > 12:
        raise OverflowError
    return Months(int(number.to_integral_value(ROUND_DOWN)))


_BY_OPERATOR: dict[str, Callable[[Any, Any, str, str], Any]] = {
    "+": _add, "-": _subtract, "*": _multiply, "/": _divide, "**": _power,
}  # fmt: skip


def negated(value: Any) -> Any:
    """Return minus `value`; raise `NoValue` when it is neither number nor duration."""
    of = kind(value)
    if of == NUMBER:
        return NUMBERS.minus(value)
    if of == MONTHS:
        return Months(-value.months)
    if of == DAYS:
        try:
            return -value
        except OverflowError as error:
            raise NoValue("the result is out of range") from error
    raise NoValue(f"{described(value)} has no negative")
