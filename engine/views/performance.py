"""What the performance pages, exports and evaluations are told; seconds, minutes and shares are plain numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from engine.metrics.periods import Period

Light = Literal["green", "amber", "red", "grey", "none"]
"""red: target missed; amber: met, but within 10 % of it; grey: under five cases; none: there is no target."""


@dataclass(frozen=True, slots=True)
class FigureFilter:
    """Which cases count. None: all. `priority` is a band: low (0-39), normal (40-69), high (70-100)."""

    period: Period
    version: int | None = None
    service: str | None = None
    organisation: str | None = None
    priority: Literal["low", "normal", "high"] | None = None
    group: str | None = None

    @property
    def plain(self) -> bool:
        """Return whether daily sums can answer: only period and version are asked for."""
        return self.service is None and self.organisation is None and self.priority is None and self.group is None


@dataclass(frozen=True, slots=True)
class Statistic:
    """One number of a measure: the measure's own, or its median, 85th or 95th percentile.

    `key` is what targets and addresses name, such as `cycle_time.p85`; `value` None: not recorded. `approximate`:
    taken from buckets, within 5 %. `cases` is how many cases the number rests on. `unit` is `seconds`, `minutes`,
    `share` (0 to 1), `score` (1 to 5), a word for what is counted such as `cases` or `times`, or the owner's own word.
    """

    key: str
    name: str
    unit: str
    value: float | None
    cases: int
    approximate: bool = False
    before: float | None = None
    """the same number one period earlier"""
    target: str | None = None
    """the framework's target in words, such as "at most 5 days" """
    light: Light = "none"
    why: str = ""
    """why the light is what it is; where there is no value, why there is none"""


@dataclass(frozen=True, slots=True)
class Share:
    """One of the parts that a measure falls into: an outcome, a person, an interface, a priority.

    `label` is what addresses name, `name` what people read. `count` is how many cases (of scores: answers), `share`
    their share of the measure's cases, from 0 to 1; a case may have several people, groups and interfaces. `total` is
    how often altogether: tasks of a person or group, uses of an interface. `cycle_seconds` is the median cycle time of
    these cases, where it is known by part (priorities).
    """

    label: str
    count: int
    share: float
    total: float | None = None
    name: str = ""
    cycle_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class MeasureFigures:
    """A measure in a period. `kind` is one of the eight kinds (engine.metrics.registry) or `own`."""

    key: str
    name: str
    kind: str
    definition: str
    statistics: tuple[Statistic, ...]
    parts: tuple[Share, ...] = ()
    trend: tuple[tuple[date, float | None], ...] = ()
    """the first statistic's value in this and up to eleven earlier periods of the same length, by first day

    Of what takes long to read, only this period and the one before (engine.figures.trend).
    """
    other_trends: Mapping[str, tuple[tuple[date, float | None], ...]] = field(default_factory=dict)
    """the same of every other statistic that has a target, by its key"""
    selected: bool = True
    """whether the framework in force names it among the measures that it looks at (a framework may name none: all)"""


@dataclass(frozen=True, slots=True)
class ElementFigures:
    """What happened at one element of a model, in the cases that count. Seconds are means per completion."""

    process_key: str
    element_id: str
    name: str
    kind: str
    count: int
    repeats: int
    failures: int
    elapsed_seconds: float | None
    waiting_seconds: float | None
    working_seconds: float | None


@dataclass(frozen=True, slots=True)
class AgeBand:
    """How many open cases are this old; `until_days` None: older than all bands before."""

    from_days: int
    until_days: int | None
    count: int


@dataclass(frozen=True, slots=True)
class ProcessOverview:
    """A line of the overview: a managed process with its light and why it shows it."""

    key: str
    name: str
    reference: str | None
    managed: bool
    light: Light
    why: str
    open: int
    started: int
    completed: int
    period: Period
    framework: tuple[str, str, int] | None = None
    """register, id and version of the framework in force"""
    computing: int = 0
    """how many ended cases, whenever they ended, wait for their figures: until then the numbers are not whole"""


@dataclass(frozen=True, slots=True)
class Performance:
    """A process in a period: its measures by kind, what stands open, and what the filters may be set to."""

    key: str
    name: str
    reference: str | None
    filter: FigureFilter
    measures: tuple[MeasureFigures, ...]
    backlog: tuple[AgeBand, ...]
    definitions: tuple[tuple[str, str], ...]
    """id and name of the newest version of each definition whose cases count, and of those they call"""
    choices: Mapping[str, tuple[tuple[str, str], ...]]
    """for version, service, organisation, group: value and words of what occurs"""
    framework: tuple[str, str, int] | None
    unknown_targets: tuple[str, ...] = ()
    """targets of the framework that fit no measure, in words"""
    computing: int = 0
    """as of `ProcessOverview`"""
    may_see_cases: bool = False
    """whether the actor may look at the cases behind the figures: owners may, admins may not"""


@dataclass(frozen=True, slots=True)
class CaseBehind:
    """A case that a figure counts. `value` is its own figure where it has one."""

    instance_id: str
    number: str
    title: str
    status: str
    outcome: str | None
    started_at: datetime
    ended_at: datetime | None
    value: float | None
    unit: str
