"""Owns equality, order and membership of FEEL values (DMN 1.5, tables 53 and 54, 10.3.2.13.2); None is "not defined".

Whoever compares lists or contexts of unknown size charges the budget before (`Run.charge_walk`).
"""

from datetime import datetime, time
from decimal import Decimal
from typing import Any

from engine.feel.temporal import order_of
from engine.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE_TIME,
    FUNCTION,
    LIST,
    NULL,
    RANGE,
    TIME,
    Range,
    kind,
    native,
)  # fmt: skip

_UNORDERED = frozenset((NULL, BOOLEAN, LIST, CONTEXT, FUNCTION, RANGE, "unknown"))


def equal(left: Any, right: Any) -> bool | None:
    """Say whether two values are equal; None when their kinds differ."""
    if left is None or right is None:
        return left is right
    of_kind = kind(left)
    if of_kind != kind(right):
        return None
    if of_kind == LIST:
        return len(left) == len(right) and all(same(x, y) for x, y in zip(left, right, strict=True))
    if of_kind == CONTEXT:
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if of_kind == RANGE:
        return (
            left.start_included == right.start_included
            and left.end_included == right.end_included
            and same(left.start, right.start)
            and same(left.end, right.end)
            and left.operator == right.operator
        )
    if of_kind in (TIME, DATE_TIME):
        return (left.tzinfo is None) == (right.tzinfo is None) and order_of(left) == order_of(right)
    if of_kind == FUNCTION:
        return left is right
    return bool(left == right)


def same(left: Any, right: Any) -> bool:
    """Say whether two host or FEEL values are certainly equal."""
    return equal(native(left), native(right)) is True


def order(left: Any, right: Any) -> int | None:
    """Return -1, 0 or 1 as `left` is below, at or above `right`; None when they have no order."""
    if type(left) is Decimal and type(right) is Decimal:
        return -1 if left < right else (1 if left > right else 0)
    of_kind = kind(left)
    if of_kind != kind(right) or of_kind in _UNORDERED:
        return None
    if isinstance(left, time | datetime):
        if (left.tzinfo is None) != (right.tzinfo is None):
            return None
        left, right = order_of(left), order_of(right)
    return -1 if left < right else (0 if left == right else 1)


def compare(operator: str, left: Any, right: Any) -> bool | None:
    """Apply one of = != < <= > >=; None when the comparison is not defined for these kinds."""
    if operator == "=":
        return equal(left, right)
    if operator == "!=":
        result = equal(left, right)
        return None if result is None else not result
    sign = order(left, right)
    if sign is None:
        return None
    if operator == "<":
        return sign < 0
    if operator == "<=":
        return sign <= 0
    if operator == ">":
        return sign > 0
    return sign >= 0


def both(left: bool | None, right: bool | None) -> bool | None:
    """Join two truth values by FEEL's three-valued `and` (DMN 1.5, table 50)."""
    if left is False or right is False:
        return False
    return True if left is True and right is True else None


def in_range(value: Any, bounds: Range) -> bool | None:
    """Say whether `value` lies within `bounds`; None when it cannot be compared with its ends."""
    if bounds.operator == "open":
        return None
    if bounds.operator in ("=", "!="):
        return compare(bounds.operator, value, bounds.start)
    open_ended = bounds.operator is not None
    low = (
        True
        if open_ended and bounds.start is None
        else compare(">=" if bounds.start_included else ">", value, bounds.start)
    )
    high = (
        True if open_ended and bounds.end is None else compare("<=" if bounds.end_included else "<", value, bounds.end)
    )
    return both(low, high)


def satisfies(value: Any, test: Any) -> bool | None:
    """Say whether an input `value` passes a unary test whose expression gave `test`.

    A value, a range or a list of them.
    """
    if isinstance(test, Range):
        return equal(value, test) if isinstance(value, Range) else in_range(value, test)
    if isinstance(test, list):
        if isinstance(value, list):
            return equal(value, test) is True or any(isinstance(item, list) and same(value, item) for item in test)
        items = [native(item) for item in test]
        return any((in_range(value, item) if isinstance(item, Range) else equal(value, item)) is True for item in items)
    if isinstance(value, list) and test is not None:
        if len(value) == 1:
            return satisfies(native(value[0]), test)
        return any(satisfies(native(item), test) is True for item in value)
    return equal(value, test)
