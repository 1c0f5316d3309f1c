"""What is shown of evaluations of a process (A215 and its like): lists, one with its figures and actions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from engine.metrics.periods import Period
from engine.views.cases import CaseRef
from engine.views.lists import Person
from engine.views.performance import Statistic

Effect = Literal["better", "worse", "unchanged", "more", "less", "too early", "too few cases", "not recorded"]
"""What became of a figure; `more` and `less` where neither is good in itself."""


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """An evaluation in a list. `missed` is how many targets its figures missed; `judged_at` None: it is still open."""

    case: CaseRef
    period: Period
    opened_at: datetime
    opened_by: Person
    judged_at: datetime | None
    judged_by: Person | None
    missed: int
    actions: int
    actions_open: int


@dataclass(frozen=True, slots=True)
class Evaluations:
    """The evaluations of a process, newest first, and whether the actor may open one now.

    `hindrance` says in a sentence why not. `suggested` is the period since the last evaluation.
    """

    process: str
    name: str
    reference: str | None
    rows: tuple[EvaluationRow, ...]
    suggested: Period
    may_open: bool
    hindrance: str | None = None
    due_on: date | None = None
    """the day on which the framework has the next one opened by itself"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the owners say is behind a target that was missed."""

    name: str
    cause: str


@dataclass(frozen=True, slots=True)
class ImprovementAction:
    """What an evaluation has agreed upon.

    `number` None: not recorded yet. `figure` is the statistic that it shall move, `then` its value when it was agreed
    and `now` at a later evaluation, where there was one. `task_id` is its task while it is open.
    """

    number: str | None
    action: str
    owner: str
    due: date | None
    state: Literal["open", "done", "dropped"]
    note: str | None = None
    figure: str | None = None
    unit: str = ""
    then: float | None = None
    now: float | None = None
    effect: Effect | None = None
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class EvaluationDetail:
    """One evaluation: the figures as they were when it was opened, what the owners found, what is done about it.

    `inside`: the actor is an owner of the process; others see the figures only, and the rest is empty.
    """

    process: str
    name: str
    reference: str | None
    title: str
    case: CaseRef
    period: Period
    opened_at: datetime
    opened_by: Person
    framework: tuple[str, str, int] | None
    """register, id and version of the framework that was in force"""
    figures: tuple[Statistic, ...]
    unknown_targets: tuple[str, ...]
    inside: bool
    trends: Mapping[str, tuple[tuple[date, float | None], ...]] = field(default_factory=dict)
    """of each statistic with a target: its values in this and up to eleven earlier periods, by first day"""
    judged_at: datetime | None = None
    judged_by: Person | None = None
    record: str | None = None
    """the number of the process evaluation, once it is judged"""
    findings: str = ""
    judgements: tuple[Judgement, ...] = ()
    actions: tuple[ImprovementAction, ...] = ()
    previous: tuple[ImprovementAction, ...] = ()
    """the actions of the evaluations before, with what had become of their figures when this one was opened"""
    framework_change: str | None = None
    """why the framework has to change; None: it has not"""
    task_id: str | None = None
    """the open task in which it is judged"""
