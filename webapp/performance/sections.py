"""Owns how the figures of a process are laid out to be read: targets first, the worst on top, then by kind; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from engine.metrics.registry import KINDS, PERCENTILES
from engine.types.counting import counted
from engine.views.performance import Light, MeasureFigures, Performance, Share, Statistic
from webapp.performance import drawings
from webapp.performance.amounts import LIGHTS, amount, change
from webapp.performance.drawings import Drawing

SPREAD = (*PERCENTILES, "mean", "total")
SPREAD_HEADINGS = ("Median", "85th percentile", "95th percentile", "Mean", "Total")
"""The columns of measures that each case has a value of."""

MOST_NAMED = 3
"""How many targets the verdict names: more would be the table again."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A statistic of a measure in words."""

    measure: str
    statistic: Statistic

    @property
    def name(self) -> str:
        """Return its name, which no other figure of the process has."""
        return self.statistic.name

    @property
    def value(self) -> str:
        """Return the value with its unit."""
        return amount(self.statistic.value, self.statistic.unit)

    @property
    def before(self) -> str:
        """Return the value one period earlier with its unit."""
        return amount(self.statistic.before, self.statistic.unit)

    @property
    def change(self) -> str:
        """Return what became of it since."""
        return change(self.statistic.value, self.statistic.before, self.statistic.unit)


@dataclass(frozen=True, slots=True)
class Spread:
    """A measure whose statistics are read side by side: a figure for each of `SPREAD`, None where it has none."""

    measure: str
    name: str
    figures: tuple[Figure | None, ...]
    cases: int


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a measure with the same as bars; `has_total` and `has_time` say which columns there are."""

    measure: str
    name: str
    rows: tuple[Share, ...]
    picture: Markup

    @property
    def has_total(self) -> bool:
        """Return whether some part says how often altogether."""
        return any(row.total is not None for row in self.rows)

    @property
    def has_time(self) -> bool:
        """Return whether some part has a cycle time of its own."""
        return any(row.cycle_seconds is not None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Section:
    """One of the kinds of measures with everything that is shown of it."""

    key: str
    title: str
    spreads: tuple[Spread, ...]
    figures: tuple[Figure, ...]
    drawings: tuple[Drawing, ...]
    parts: tuple[Parts, ...]

    @property
    def has_targets(self) -> bool:
        """Return whether some of the figures in rows has a target."""
        return any(figure.statistic.target for figure in self.figures)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the headings of the spreads; the last one only where some spread has a total."""
        return SPREAD_HEADINGS if any(spread.figures[-1] for spread in self.spreads) else SPREAD_HEADINGS[:-1]


def sections(performance: Performance) -> list[Section]:
    """Return the sections of a process's page; a kind without a measure has none."""
    found = []
    for kind, title in KINDS.items():
        measures = [measure for measure in performance.measures if measure.kind == kind]
        # What the framework looks at comes first; nothing is hidden.
        measures.sort(key=lambda measure: not measure.selected)
        if measures:
            found.append(_section(kind, title, measures))
    return found


def targeted(performance: Performance) -> list[tuple[Figure, Drawing | None]]:
    """Return the figures that have a target, each with its trend, the worst first."""
    found = [
        (Figure(measure.key, statistic), drawings.target_trend(measure, statistic))
        for measure in performance.measures
        for statistic in measure.statistics
        if statistic.target is not None
    ]
    return sorted(found, key=lambda pair: LIGHTS[pair[0].statistic.light].order)


def verdict(figures: Sequence[Figure]) -> tuple[Light, str, str]:
    """Return the light of a process, what that means, and which figures it is about.

    `figures` are those with targets, the worst first.
    """
    if not figures:
        return "none", "No target is set.", "The framework of the process can set some."
    light = figures[0].statistic.light
    alike = [figure for figure in figures if figure.statistic.light == light]
    count = f"{len(alike)} of {counted(len(figures), 'target')}"
    if light == "green":
        return light, "Every target is met." if len(alike) == len(figures) else f"{count} met.", ""
    if light in {"grey", "none"}:
        return light, f"{count} cannot be judged yet.", "There are too few cases, or nothing was recorded."
    named = "; ".join(f"{each.name}: {each.value}, target {each.statistic.target}" for each in alike[:MOST_NAMED])
    more = "; and more" if len(alike) > MOST_NAMED else ""
    return light, f"{count} {'missed' if light == 'red' else 'only just met'}.", f"{named}{more}."


def is_empty(performance: Performance) -> bool:
    """Return whether no case started or ended in the period; cases that merely stood open do not count."""
    counted = {"started", "completed", "withdrawn", "cancelled"}
    volumes = (statistic for measure in performance.measures for statistic in measure.statistics)
    return not any(statistic.value for statistic in volumes if statistic.key in counted)


def _section(kind: str, title: str, measures: Sequence[MeasureFigures]) -> Section:
    drawn = [drawing for measure in measures if (drawing := drawings.trend(measure))]
    if kind == "timings" and (split := drawings.split(measures)):
        drawn.insert(0, split)
    return Section(
        kind,
        title,
        tuple(_spread(measure) for measure in measures if _is_spread(measure)),
        tuple(Figure(one.key, each) for one in measures if not _is_spread(one) for each in one.statistics),
        tuple(drawn),
        tuple(Parts(each.key, each.name, each.parts, drawings.parts(each)) for each in measures if _has_parts(each)),
    )


def _has_parts(measure: MeasureFigures) -> bool:
    # The parts of a time are its priorities, which have a section of their own.
    return bool(measure.parts) and not _is_spread(measure)


def _is_spread(measure: MeasureFigures) -> bool:
    return {f"{measure.key}.{ending}" for ending in PERCENTILES} <= {each.key for each in measure.statistics}


def _spread(measure: MeasureFigures) -> Spread:
    found = {each.key.removeprefix(f"{measure.key}."): Figure(measure.key, each) for each in measure.statistics}
    cases = max(each.cases for each in measure.statistics)
    return Spread(measure.key, measure.name, tuple(found.get(ending) for ending in SPREAD), cases)
