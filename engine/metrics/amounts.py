"""How a figure reads in a sentence: its value with the unit in words; it knows no measure."""

from decimal import Decimal
from typing import Final

from engine.metrics.registry import CASES, MINUTES, SCORE, SECONDS, SHARE

NOT_RECORDED: Final = "not recorded"
_LENGTHS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
ONE: Final = {CASES: "case", "times": "time", "people": "person", "groups": "group"}
"""How one of what is counted is called."""


def amount(value: float | None, unit: str) -> str:
    """Return `value` (in `unit`) in words, such as "6.2 days" or "90 %"; "not recorded" for None."""
    if value is None:
        return NOT_RECORDED
    if unit == SECONDS:
        return _length(value)
    if unit == MINUTES:
        return _length(value * 60)
    if unit == SHARE:
        return f"{number(value * 100)} %"
    if unit == SCORE:
        return f"{number(value)} of 5"
    return f"{number(value)} {counted(value, unit)}".rstrip()


def counted(value: float, unit: str) -> str:
    """Return what is counted, as it is called when there are so many."""
    return ONE.get(unit, unit) if value == 1 else unit


def number(value: float) -> str:
    """Return a number with at most one place behind the point, thousands apart."""
    return f"{value:,.1f}".removesuffix(".0")


def exact(value: Decimal) -> str:
    """Return a number with all its places, and none that say nothing."""
    return f"{value.normalize():f}"


def _length(seconds: float) -> str:
    size, name = next((each for each in _LENGTHS if abs(seconds) >= each[0]), _LENGTHS[-1])
    shown = number(seconds / size)
    return f"{shown} {name}" if shown == "1" else f"{shown} {name}s"
