"""Owns the functions that make one value of many (sum, max, mean, all, ....

DMN 1.5, table 77). All take a list or several values.
"""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel.arithmetic import calculate
from engine.feel.budget import Run
from engine.feel.builtins.registry import add
from engine.feel.comparison import order
from engine.feel.values import DAYS, MONTHS, NUMBER, NUMBERS, NoValue, kind, native


def _numbers(values: list[Any]) -> list[Decimal]:
    converted = [native(value) for value in values]
    if not all(type(value) is Decimal for value in converted):
        raise NoValue("the list may hold numbers only")
    return converted


def _extreme(sign: int) -> Callable[[list[Any]], Any]:
    def extreme(values: list[Any]) -> Any:
        if not values:
            return None
        best = native(values[0])
        for value in map(native, values):
            found = order(value, best)
            if found is None:
                raise NoValue("the values cannot be compared with one another")
            if found == sign:
                best = value
        return best

    return extreme


def total(values: list[Any]) -> Any:
    """Add numbers or durations; null for an empty list."""
    if not values:
        return None
    result = native(values[0])
    if kind(result) not in (NUMBER, DAYS, MONTHS):
        raise NoValue("the list may hold numbers, or durations, only")
    for value in values[1:]:
        result = calculate("+", result, native(value))
    return result


def _mean(values: list[Any]) -> Any:
    if not values:
        raise NoValue("the list is empty")
    return NUMBERS.divide(total(_numbers(values)), Decimal(len(values)))


def _product(values: list[Any]) -> Any:
    result: Decimal | None = None
    for value in _numbers(values):
        result = value if result is None else NUMBERS.multiply(result, value)
    return result


def _median(values: list[Any]) -> Any:
    ordered, count = sorted(_numbers(values)), len(values)
    if not ordered:
        return None
    if count % 2:
        return ordered[count // 2]
    return NUMBERS.divide(NUMBERS.add(ordered[count // 2 - 1], ordered[count // 2]), Decimal(2))


def _standard_deviation(values: list[Any]) -> Any:
    numbers = _numbers(values)
    if len(numbers) < 2:
        raise NoValue("the list needs two numbers or more")
    mean = _mean(numbers)
    squares = [NUMBERS.power(NUMBERS.subtract(number, mean), Decimal(2)) for number in numbers]
    return NUMBERS.sqrt(NUMBERS.divide(total(squares), Decimal(len(numbers) - 1)))


def _mode(values: list[Any]) -> Any:
    counts = Counter(_numbers(values))
    most = max(counts.values(), default=0)
    return sorted(number for number, count in counts.items() if count == most)


def _all_or_any(stop: bool) -> Callable[[list[Any]], bool | None]:
    def decide(values: list[Any]) -> bool | None:
        if any(value is stop for value in values):
            return stop
        return None if any(not isinstance(value, bool) for value in values) else not stop

    return decide


def _register(name: str, function: Callable[[list[Any]], Any]) -> None:
    def of_list(run: Run, values: list[Any]) -> Any:
        return function(values)

    def of_several(run: Run, *values: Any) -> Any:
        run.charge(len(values))
        return function(list(values))

    add(f"{name}(list: list)", of_list)
    add(f"{name}(value: any*)", of_several)


_AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "min": _extreme(-1),
    "max": _extreme(1),
    "sum": total,
    "mean": _mean,
    "product": _product,
    "median": _median,
    "stddev": _standard_deviation,
    "mode": _mode,
    "all": _all_or_any(False),
    "any": _all_or_any(True),
}
for _name, _function in _AGGREGATES.items():
    _register(_name, _function)


def count(run: Run, values: list[Any]) -> Decimal:
    """Count the items of a list."""
    return Decimal(len(values))


add("count(list: list)", count)
