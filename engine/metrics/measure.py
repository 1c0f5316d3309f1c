"""What a measure and its statistics are, their kinds and units; which ones there are is not said here."""

from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["volumes", "timings", "resources", "success", "interfaces", "rework", "feedback", "priorities", "own"]
Better = Literal["lower", "higher"]

KINDS: Final[dict[str, str]] = {
    "volumes": "Volumes",
    "timings": "Timings",
    "resources": "Resources",
    "success": "Success and errors",
    "interfaces": "Interfaces",
    "rework": "Rework",
    "feedback": "Customer feedback",
    "priorities": "Priorities",
    "own": "Measures of this process",
}
"""The kinds in the order of the pages, with their headings."""

SECONDS: Final = "seconds"
MINUTES: Final = "minutes"
SHARE: Final = "share"
SCORE: Final = "score"
CASES: Final = "cases"
TIMES: Final = "times"

PERCENTILES: Final[dict[str, tuple[str, float]]] = {
    "median": ("median", 0.5),
    "p85": ("85th percentile", 0.85),
    "p95": ("95th percentile", 0.95),
}
"""The endings of statistics that are percentiles: words and quantile."""


@dataclass(frozen=True, slots=True)
class StatisticDefinition:
    """One number of a measure, as targets name it. `unit` is as in engine.views.performance.Statistic.

    `better` None: neither more nor less of it is good in itself, so that a target has to say which way it goes.
    `counts`: the number is itself a count of cases, so that a small one is no small sample.
    """

    key: str
    name: str
    unit: str
    better: Better | None = None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: `definition` says in plain words what is counted, from which events, for which cases."""

    key: str
    name: str
    kind: Kind
    unit: str
    definition: str
    better: Better | None
    statistics: tuple[StatisticDefinition, ...]


def spread(key: str, name: str, unit: str, better: Better | None) -> tuple[StatisticDefinition, ...]:
    """Return the statistics of a measure that each case has a value of: percentiles and mean."""
    found = [
        StatisticDefinition(f"{key}.{ending}", f"{name}, {words}", unit, better)
        for ending, (words, _) in PERCENTILES.items()
    ]
    return (*found, StatisticDefinition(f"{key}.mean", f"{name}, mean", unit, better))
