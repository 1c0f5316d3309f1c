"""Owns which charts are drawn of a measure, each with the same as a table; webapp.charts draws them. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from engine.errors import InputRefused
from engine.metrics import targets
from engine.metrics.amounts import number
from engine.metrics.registry import MINUTES, SCORE, SECONDS, SHARE, StatisticDefinition
from engine.views.performance import AgeBand, MeasureFigures, Statistic
from webapp import charts
from webapp.performance.amounts import MINUTE, amount, effort, length, percent

LEAST_POINTS = 2
"""One point is no trend."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with its heading, and the same as a table of two columns."""

    title: str
    picture: Markup
    columns: tuple[str, str]
    rows: tuple[tuple[str, str], ...]


def trend(measure: MeasureFigures) -> Drawing | None:
    """Return the first statistic of `measure` over the periods; None where there is too little to draw."""
    return trend_of(measure.statistics[0], measure.trend, "trend") if measure.statistics else None


def target_trend(measure: MeasureFigures, found: Statistic) -> Drawing | None:
    """Return a statistic of `measure` that has a target over the periods; None where there is too little to draw."""
    points = measure.trend if found is measure.statistics[0] else measure.other_trends.get(found.key, ())
    return trend_of(found, points, "target")


def trend_of(found: Statistic, points: Sequence[tuple[date, float | None]], place: str) -> Drawing | None:
    """Return the values of a statistic over the periods (by first day), with its target.

    `place` tells charts of one statistic on one page apart. None for fewer than two values, where nothing was ever
    counted, and for values below zero, where the axes begin.
    """
    values = [value for _, value in points if value is not None]
    if len(values) < LEAST_POINTS or not any(values) or min(values) < 0:
        return None
    scale, factor, words = _axis(found.unit)
    scaled = [(_day(day), None if value is None else value * factor) for day, value in points]
    picture = charts.trend(f"{place}-{identity(found.key)}", found.name, scaled, words, scale, _target(found, factor))
    rows = tuple((_day(day), amount(value, found.unit)) for day, value in points)
    return Drawing(found.name, picture, ("Period from", found.name), rows)


def backlog(bands: Sequence[AgeBand]) -> Markup:
    """Return the open cases by age as bars; empty when there is none."""
    rows = [charts.Bar(band_words(band), band.count, number(band.count)) for band in bands]
    return charts.bars("backlog", "Open cases by age", rows)


def parts(measure: MeasureFigures) -> Markup:
    """Return the parts of a measure as bars; empty when it has none."""
    rows = [charts.Bar(part.name or part.label, part.count, number(part.count)) for part in measure.parts]
    return charts.bars(f"parts-{identity(measure.key)}", measure.name, rows)


def split(measures: Sequence[MeasureFigures]) -> Drawing | None:
    """Return the parts of the cycle time; None when there is none."""
    rows = [charts.Bar(name, share, percent(share)) for name, share in time_split(measures)]
    title = "Where the cycle time goes"
    picture = charts.bars("time-split", title, rows)
    table = tuple((row.label, row.words) for row in rows)
    return Drawing(title, picture, ("Part of the cycle time", "Share"), table) if picture else None


def time_split(measures: Sequence[MeasureFigures]) -> list[tuple[str, float]]:
    """Return the parts of the cycle time with their shares of it, the greatest first; nothing without a cycle time."""
    means = {
        measure.key: (measure.name, statistic.value or 0)
        for measure in measures
        for statistic in measure.statistics
        if statistic.key == f"{measure.key}.mean"
    }
    parts = [means[key] for key in ("waiting_time", "working_time", "idle_time") if key in means]
    whole = sum(value for _, value in parts)
    return sorted(((name, value / whole) for name, value in parts), key=lambda part: -part[1]) if whole else []


def band_words(band: AgeBand) -> str:
    """Return the ages of a band in words."""
    if band.until_days is None:
        return f"{band.from_days} days and more"
    return f"{band.from_days} to under {band.until_days} days" if band.from_days else f"under {band.until_days} days"


def identity(key: str) -> str:
    """Return a key as part of an id that is unique on a page."""
    return "".join(letter if letter.isalnum() else "-" for letter in key)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _axis(unit: str) -> tuple[charts.Scale, float, Callable[[float], str]]:
    """Return how values of a unit are scaled, by what they are multiplied for that, and how the axis writes them."""
    if unit == SECONDS:
        return "seconds", 1, length
    if unit == MINUTES:
        return "seconds", MINUTE, lambda seconds: effort(seconds / MINUTE)
    if unit == SHARE:
        return "share", 1, percent
    return "score" if unit == SCORE else "count", 1, number


def _target(found: Statistic, factor: float) -> charts.Target | None:
    if found.target is None:
        return None
    try:
        target = targets.parse(found.target, StatisticDefinition(found.key, found.name, found.unit))
    except InputRefused:
        return None  # in words that are no plain bound: the table says them
    return charts.Target(target.value * factor, found.target)
