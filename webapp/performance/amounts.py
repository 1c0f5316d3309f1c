"""Owns how a figure reads: its value with the unit in words, its light as a sign and a word; it looks nothing up."""

from dataclasses import dataclass

from engine.metrics.amounts import NOT_RECORDED, number
from engine.metrics.registry import MEASURES, MINUTES, SCORE, SECONDS, SHARE
from engine.views.performance import Light

MINUTE, HOUR, DAY = 60, 3_600, 86_400
LEAST = 0.1
"""The least of what is counted that is told as a number: less of it would read as nothing."""
_USUAL = frozenset(measure.key for measure in MEASURES)
UNITS = {SECONDS: "time", MINUTES: "time", SHARE: "per cent", SCORE: "1 to 5"}
"""What units are called that do not speak for themselves."""

_MEASURED = frozenset((SECONDS, MINUTES, SHARE, SCORE))
_ONE = {"people": "person"}


@dataclass(frozen=True, slots=True)
class LightWords:
    """How a light is shown: a sign and a word that say the same as its colour, and `order`, the worst first."""

    sign: str
    word: str
    order: int


LIGHTS: dict[Light, LightWords] = {
    "red": LightWords("✗", "Missed", 0),
    "amber": LightWords("!", "Only just met", 1),
    "green": LightWords("✓", "Met", 2),
    "grey": LightWords("?", "Too few cases", 3),
    "none": LightWords("·", "No target", 4),
}


def measure_anchor(measure: str, process: str) -> str:
    """Return the id that a measure has on the page of definitions; own measures are told apart by their process."""
    return measure if measure in _USUAL else f"own-{process}-{measure}"


def length(seconds: float) -> str:
    """Return a length of time in at most two units, such as "3 d 4 h"; nothing is rounded away to an empty text."""
    if seconds < 0:
        return f"-{length(-seconds)}"
    if round(seconds) < MINUTE:
        return f"{round(seconds)} s" if seconds >= 1 or seconds == 0 else "under 1 s"
    if round(seconds / MINUTE) < HOUR // MINUTE:
        return f"{round(seconds / MINUTE)} min"
    if round(seconds / MINUTE) < DAY // MINUTE:
        hours, minutes = divmod(round(seconds / MINUTE), 60)
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(seconds / HOUR), 24)
    return f"{days:,} d {hours} h" if hours else f"{days:,} d"


def effort(minutes: float) -> str:
    """Return minutes of work in hours and minutes: nobody knows how long a day of work is."""
    hours, rest = divmod(round(minutes), HOUR // MINUTE)
    return " ".join([f"{hours:,} h"] * bool(hours) + [f"{rest} min"] * bool(rest or not hours))


def percent(share: float) -> str:
    """Return a share of 1 as per cent; only what is whole or nothing reads as 100 or 0."""
    if share > 0 and number(share * 100) == "0":
        return "under 0.1 %"
    if share < 1 and number(share * 100) == "100":
        return "over 99.9 %"
    return f"{number(share * 100)} %"


def amount(value: float | None, unit: str) -> str:
    """Return `value` with its unit in words, "not recorded" for None; `unit` is one of engine.metrics.registry."""
    if value is None:
        return NOT_RECORDED
    if unit == SECONDS:
        return length(value)
    if unit == MINUTES:
        return effort(value)
    if unit == SHARE:
        return percent(value)
    if unit == SCORE:
        return f"{number(value)} of 5"
    if 0 < value < LEAST:
        return f"under {number(LEAST)} {unit}".rstrip()
    word = _ONE.get(unit, unit.removesuffix("s")) if number(value) == "1" else unit
    return f"{number(value)} {word}".rstrip()


def change(now: float | None, before: float | None, unit: str) -> str:
    """Return what became of a figure since the period before, such as "1 d 2 h more"; empty where nobody can say."""
    if now is None or before is None:
        return ""
    if amount(now, unit) == amount(before, unit):
        return "unchanged"
    word = "more" if now > before else "less" if unit in _MEASURED else "fewer"
    if unit in (SECONDS, MINUTES):
        return f"{amount(abs(now - before), unit)} {word}"
    apart = _between(now * 100, before * 100) if unit == SHARE else _between(now, before)
    if not apart:
        return f"slightly {word}"
    if unit in (SHARE, SCORE):
        return f"{number(apart)} {'points ' if unit == SHARE else ''}{word}"
    return f"{amount(apart, unit)} {word}"


def _between(now: float, before: float) -> float:
    """Return the difference of two numbers as they are shown: 3.9 and 3.2 are 0.7 apart, whatever was rounded."""
    return round(abs(round(now, 1) - round(before, 1)), 1)
