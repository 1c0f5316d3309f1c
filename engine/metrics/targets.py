"""Targets as people write them ("at most 5 days"): reading, writing, judging a figure by one; it looks no figure up."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from engine.errors import InputRefused
from engine.metrics.amounts import ONE, amount, counted, exact
from engine.metrics.registry import MINUTES, SCORE, SECONDS, SHARE, StatisticDefinition
from engine.views.performance import Light

Direction = Literal["at most", "at least", "under", "over"]

FEWEST_CASES: Final = 5
"""Fewer cases judge nothing."""
NEAR: Final = 0.1
"""A target is met only just when the figure lies within this share of it."""
LONGEST: Final = 100

_DIRECTIONS: Final[dict[str, Direction]] = {
    "at most": "at most",
    "no more than": "at most",
    "not more than": "at most",
    "up to": "at most",
    "within": "at most",
    "<=": "at most",
    "≤": "at most",
    "at least": "at least",
    "no less than": "at least",
    "not less than": "at least",
    ">=": "at least",
    "≥": "at least",
    "under": "under",
    "below": "under",
    "less than": "under",
    "fewer than": "under",
    "<": "under",
    "over": "over",
    "above": "over",
    "more than": "over",
    ">": "over",
}
_LENGTHS: Final[dict[str, int]] = {
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("h", "hour", "hours"), 3_600),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1),
}
_WRITTEN: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"))
_BEGINNING: Final = re.compile(
    "(" + "|".join(re.escape(each) for each in sorted(_DIRECTIONS, key=len, reverse=True)) + r")(?![a-z])\s*"
)
_PART: Final = re.compile(r"(-?\d{1,12}(?:\.\d{1,9})?)\s*([^\d\s.,-][^\d]*?)?\s*(?=\d|$)")
_SCORES: Final = frozenset(("", "point", "points", "of 5", "of five", "/ 5", "/5"))
_OF_FIVE: Final = re.compile(r"\s*(?:of\s+|/\s*)5$")
_LOWEST, _HIGHEST = 1.0, 5.0
_FINEST = Decimal("0.001")
_LONGEST_SECONDS = 10_000_000_000
"""Three hundred years: more digits than that a figure does not hold to the millisecond."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should be: `value` in the statistic's `unit`. `str` writes it so that `parse` reads the same."""

    statistic: str
    unit: str
    direction: Direction
    value: float

    def __str__(self) -> str:
        return f"{self.direction} {_written(self.value, self.unit)}"

    def met(self, value: float) -> bool:
        """Return whether a figure meets the target."""
        if self.direction == "at most":
            return value <= self.value
        if self.direction == "at least":
            return value >= self.value
        return value < self.value if self.direction == "under" else value > self.value

    @property
    def margin(self) -> float:
        """Return how near to the target a figure that meets it is only just met.

        A tenth of the target; where figures have a best value (shares, scores) at most a tenth of the way there, so
        that the best is never only just good enough.
        """
        if self.unit == SHARE:
            return NEAR * min(self.value, 1 - self.value)
        if self.unit == SCORE:
            return NEAR * min(self.value - _LOWEST, _HIGHEST - self.value)
        return NEAR * abs(self.value)


def parse(text: str, statistic: StatisticDefinition) -> Target:
    """Return the target that `text` sets for a statistic.

    It may begin with a direction ("at most", "<="); without one it goes the way that is better for the statistic.
    Raises `InputRefused` under the key `target` for a text that is none, a unit that does not fit, or a missing
    direction.
    """
    said = " ".join(text.casefold().split())
    if not said or len(said) > LONGEST:
        raise _refused(statistic, text)
    beginning = _BEGINNING.match(said)
    rest = said[beginning.end() :] if beginning else said
    value = _value(rest, text, statistic)
    if beginning is not None:
        direction = _DIRECTIONS[beginning[1]]
    elif statistic.better is None:
        raise _no_direction(statistic, value)
    else:
        direction = "at most" if statistic.better == "lower" else "at least"
    return Target(statistic.key, statistic.unit, direction, value)


def judge(value: float | None, cases: int | None, target: Target | None) -> tuple[Light, str]:
    """Return the light of a figure that rests on `cases` cases, and why it is that one.

    `cases` None: the figure is itself a count of cases, so that there is no sample to be too small.
    """
    if target is None:
        return "none", ""
    if value is None:
        return "grey", f"Not recorded; the target is {target}."
    if cases is not None and cases < FEWEST_CASES:
        rest = "1 case" if cases == 1 else f"{cases} cases"
        return "grey", f"{rest} only: too few to judge by the target, {target}."
    said = f"{amount(value, target.unit)}; the target is {target}."
    if not target.met(value):
        return "red", said
    near = abs(value - target.value) < target.margin
    return ("amber", f"Only just met: {said}") if near else ("green", said)


def _value(rest: str, text: str, statistic: StatisticDefinition) -> float:
    if statistic.unit in (SECONDS, MINUTES):
        return _length(rest, text, statistic)
    if statistic.unit == SCORE:
        rest = _OF_FIVE.sub("", rest)
    parts = _parts(rest)
    if len(parts) != 1:
        raise _refused(statistic, text)
    ((amount_text, unit),) = parts
    if unit not in _units(statistic.unit):
        raise _refused(statistic, text)
    value = float(Decimal(amount_text) / 100) if statistic.unit == SHARE else float(amount_text)
    if not _possible(value, statistic):
        raise _refused(statistic, text)
    return value


def _length(rest: str, text: str, statistic: StatisticDefinition) -> float:
    parts = _parts(rest)
    if not parts or any(unit not in _LENGTHS or number.startswith("-") for number, unit in parts):
        raise _refused(statistic, text)
    seconds = sum((Decimal(number) * _LENGTHS[unit] for number, unit in parts), Decimal(0)).quantize(_FINEST)
    if seconds > _LONGEST_SECONDS:
        raise _refused(statistic, text)
    return float(seconds if statistic.unit == SECONDS else seconds / 60)


def _parts(rest: str) -> list[tuple[str, str]]:
    """Return numbers with their units in the order in which they stand; nothing when anything else stands there."""
    found, at = [], 0
    while at < len(rest):
        part = _PART.match(rest, at)
        if part is None:
            return []
        found.append((part[1], (part[2] or "").strip()))
        at = part.end()
    return found


def _units(unit: str) -> frozenset[str]:
    if unit == SHARE:
        return frozenset(("%", "percent", "per cent"))
    if unit == SCORE:
        return _SCORES
    word = " ".join(unit.casefold().split())
    return frozenset(("", word, ONE.get(word, word)))


def _possible(value: float, statistic: StatisticDefinition) -> bool:
    if statistic.unit == SHARE:
        return 0 <= value <= 1
    if statistic.unit == SCORE:
        return _LOWEST <= value <= _HIGHEST
    return value >= 0 or statistic.unit not in ("cases", "times", "people", "groups")


def _written(value: float, unit: str) -> str:
    """Return a value so that `parse` reads exactly the same number again."""
    number = Decimal(repr(value))
    if unit in (SECONDS, MINUTES):
        seconds = (number if unit == SECONDS else number * 60).quantize(_FINEST)
        for size, name in _WRITTEN:
            if seconds and seconds % size == 0:
                return f"{exact(seconds / size)} {name}{'' if seconds == size else 's'}"
        return f"{exact(seconds)} second{'' if seconds == 1 else 's'}"
    if unit == SHARE:
        return f"{exact(number * 100)} %"
    if unit == SCORE:
        return exact(number)
    return f"{exact(number)} {counted(value, unit)}".rstrip()


def _no_direction(statistic: StatisticDefinition, value: float) -> InputRefused:
    said = _written(value, statistic.unit)
    sentence = f"{statistic.name} is neither good nor bad in itself: say which way, such as "
    return InputRefused({"target": [f"{sentence}'at most {said}' or 'at least {said}'."]})


def _refused(statistic: StatisticDefinition, text: str) -> InputRefused:
    way = "at least" if statistic.better == "higher" else "at most"
    said = " ".join(text.split())[:LONGEST]
    heading = f"{statistic.name} {_measured(statistic.unit)}"
    return InputRefused({"target": [f"{heading}: write such as '{way} {_example(statistic.unit)}', not '{said}'."]})


def _measured(unit: str) -> str:
    if unit in (SECONDS, MINUTES):
        return "is measured in days or hours" if unit == SECONDS else "is measured in hours or minutes"
    if unit == SHARE:
        return "is a share from 0 to 100 %"
    if unit == SCORE:
        return "is a mean of points from 1 to 5"
    return f"is a number of {unit}" if unit else "is a plain number"


def _example(unit: str) -> str:
    if unit == SECONDS:
        return "5 days"
    if unit == MINUTES:
        return "90 minutes"
    if unit == SHARE:
        return "90 %"
    return "4" if unit == SCORE else f"20 {unit}".rstrip()
