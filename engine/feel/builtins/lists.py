"""Owns the functions that look into lists or make lists of lists (DMN 1.5, table 77)."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from engine.feel.budget import Run, size
from engine.feel.builtins.registry import builtin, call_back
from engine.feel.comparison import order, same
from engine.feel.values import Function, NoValue, native, whole

_SCALAR = (str, Decimal, bool)
_MAX_FLATTEN = 100


def _index(items: list[Any], position: Decimal) -> int:
    number = int(position) if position.adjusted() < 12 else 0
    if number == 0 or abs(number) > len(items):
        raise NoValue(f"the list of {len(items)} has no such position")
    return number - 1 if number > 0 else len(items) + number


@builtin("list contains(list: list, element: any)", deep=True)
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    """Say whether a value is in a list."""
    return any(same(item, element) for item in items)


@builtin("append(list: list, item: any*)")
def append(run: Run, items: list[Any], *more: Any) -> list[Any]:
    """Add items at the end."""
    return [*items, *more]


@builtin("sublist(list: list, start position: number, length: number?)")
def sublist(run: Run, items: list[Any], start: Decimal, length: Decimal | None) -> list[Any]:
    """Cut a list; the first item has position 1, the last -1."""
    index = _index(items, start)
    if length is None:
        return items[index:]
    if length < 1 or index + length > len(items):
        raise NoValue("the length leaves the list")
    return items[index : index + whole(length)]


@builtin("concatenate(list: list*)")
def concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    """Join lists."""
    return [item for items in lists for item in items]


@builtin("insert before(list: list, position: number, newItem: any)")
def insert_before(run: Run, items: list[Any], position: Decimal, new: Any) -> list[Any]:
    """Insert an item before a position."""
    index = _index(items, position)
    return [*items[:index], new, *items[index:]]


@builtin("remove(list: list, position: number)")
def remove(run: Run, items: list[Any], position: Decimal) -> list[Any]:
    """Leave out the item at a position."""
    index = _index(items, position)
    return items[:index] + items[index + 1 :]


@builtin("list replace(list: list, position: number, newItem: any)")
def list_replace(run: Run, items: list[Any], position: Decimal, new: Any) -> list[Any]:
    """Put another item at a position."""
    index = _index(items, position)
    return [*items[:index], new, *items[index + 1 :]]


@builtin("list replace(list: list, match: function, newItem: any)")
def list_replace_matching(run: Run, items: list[Any], match: Function, new: Any) -> list[Any]:
    """Put another item wherever match(item, newItem) is true."""
    replaced: list[Any] = []
    for item in items:
        decision = call_back(run, match, [native(item), new])
        if not isinstance(decision, bool):
            raise NoValue("the match function gives true or false")
        replaced.append(new if decision else item)
    return replaced


@builtin("reverse(list: list)")
def reverse(run: Run, items: list[Any]) -> list[Any]:
    """Turn a list round."""
    return items[::-1]


@builtin("index of(list: list, match: any)", deep=True)
def index_of(run: Run, items: list[Any], match: Any) -> list[Decimal]:
    """Return the positions at which a value stands."""
    return [Decimal(position) for position, item in enumerate(items, 1) if same(item, match)]


def _distinct(run: Run, items: Sequence[Any]) -> list[Any]:
    kept: list[Any] = []
    others: list[Any] = []
    seen: set[tuple[type, Any]] = set()
    for item in map(native, items):
        run.charge(1)
        if item is None or isinstance(item, _SCALAR):  # the usual case, without comparing each with each
            if (type(item), item) not in seen:
                seen.add((type(item), item))
                kept.append(item)
            continue
        run.charge(len(others) * size(item) // 4)
        if not any(same(item, other) for other in others):
            others.append(item)
            kept.append(item)
    return kept


@builtin("distinct values(list: list)", deep=True)
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    """Leave out repetitions."""
    return _distinct(run, items)


@builtin("union(list: list*)", deep=True)
def union(run: Run, *lists: list[Any]) -> list[Any]:
    """Join lists and leave out repetitions."""
    return _distinct(run, [item for items in lists for item in items])


@builtin("flatten(list: list)", deep=True)
def flatten(run: Run, items: list[Any]) -> list[Any]:
    """Replace lists within the list by their items, at every level."""
    flat: list[Any] = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            flat.append(item)
        else:
            waiting.pop()
        if len(waiting) > _MAX_FLATTEN:
            raise NoValue(f"the lists are nested more than {_MAX_FLATTEN} levels deep")
    return flat


@builtin("sort(list: list, precedes: function?)")
def sort(run: Run, items: list[Any], precedes: Function | None) -> list[Any]:
    """Sort by order, or by a function that says whether its first argument comes before its second."""
    run.charge(len(items) * len(items).bit_length() // 8)
    if precedes is None:
        return sorted(items, key=cmp_to_key(_order))
    function = precedes

    def compare(left: Any, right: Any) -> int:
        if call_back(run, function, [native(left), native(right)]) is True:
            return -1
        return 1 if call_back(run, function, [native(right), native(left)]) is True else 0

    return sorted(items, key=cmp_to_key(compare))


def _order(left: Any, right: Any) -> int:
    found = order(native(left), native(right))
    if found is None:
        raise NoValue("the items cannot be compared with one another")
    return found
