"""The measures that every process has, in eight kinds, with what exactly each counts; it computes none of them.

A measure has statistics, each with a key that targets and addresses name (`cycle_time.p85`). Which cases count: those
that started in the period for `started`, those open at its end for `open` and `backlog_age`, those that ended in it for
everything else. Days are UTC. `docs/measures.md` is made from this module (engine.metrics.manual).
"""

from engine.metrics.measure import (
    CASES,
    KINDS,
    MINUTES,
    PERCENTILES,
    SCORE,
    SECONDS,
    SHARE,
    TIMES,
    Better,
    Kind,
    Measure,
    StatisticDefinition,
    spread,
)
from engine.metrics.process import ManagedProcess, OwnMeasure
from engine.metrics.usual import MEASURES

__all__ = [
    "CASES",
    "KINDS",
    "MEASURES",
    "MINUTES",
    "PERCENTILES",
    "SCORE",
    "SECONDS",
    "SHARE",
    "TIMES",
    "Better",
    "Kind",
    "Measure",
    "StatisticDefinition",
    "measure_of",
    "measures_of",
    "statistics_of",
]


def measures_of(process: ManagedProcess) -> list[Measure]:
    """Return the measures of a process: the usual ones in the order of the pages, then its own."""
    return [*MEASURES, *map(_own, process.measures)]


def statistics_of(process: ManagedProcess) -> dict[str, StatisticDefinition]:
    """Return every statistic that a target of this process may name, by its key, in the order of the pages."""
    return {each.key: each for measure in measures_of(process) for each in measure.statistics}


def measure_of(statistic: str) -> str:
    """Return the key of the measure that a statistic's key belongs to: `cycle_time` for `cycle_time.p85`."""
    return statistic.partition(".")[0]


def _own(own: OwnMeasure) -> Measure:
    better: Better | None = own.better or None
    definition = own.definition or _told(own)
    unit, statistics = _own_statistics(own, better)
    return Measure(own.key, own.name, "own", unit, definition, better, statistics)


def _own_statistics(own: OwnMeasure, better: Better | None) -> tuple[str, tuple[StatisticDefinition, ...]]:
    if own.kind == "duration":
        return SECONDS, spread(own.key, own.name, SECONDS, better)
    if own.kind == "ratio":
        unit = SHARE if own.unit in ("%", SHARE) else own.unit
        return unit, (StatisticDefinition(own.key, own.name, unit, better),)
    if own.kind == "count":
        unit = own.unit or TIMES
        total = StatisticDefinition(own.key, f"{own.name}, total", unit, better)
        return unit, (total, StatisticDefinition(f"{own.key}.mean", f"{own.name} for each case, mean", unit, better))
    total = StatisticDefinition(f"{own.key}.total", f"{own.name}, total", own.unit, better)
    return own.unit, (*spread(own.key, own.name, own.unit, better), total)


def _told(own: OwnMeasure) -> str:
    """Return what an owner's measure counts, for owners who did not say it in their own words."""
    if own.kind == "duration":
        return "From the first event that the process names as its beginning to the first one after it that ends it."
    if own.kind == "ratio":
        return f"{own.numerator} divided by {own.denominator}."
    if own.kind == "count":
        return "How many events of the kind that the process names there were in the cases that ended."
    return f"The number at {own.field} in the data of the cases that ended."
