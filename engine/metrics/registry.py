"""The measures that every process has, in eight kinds, with what exactly each counts; it computes none of them.

A measure has statistics, each with a key that targets and addresses name (`cycle_time.p85`). Which cases count: those
that started in the period for `started`, those open at its end for `open` and `backlog_age`, those that ended in it for
everything else. Days are UTC. `docs/measures.md` is made from this module (engine.metrics.manual).
"""

from dataclasses import dataclass
from typing import Final, Literal

from engine.metrics.process import ManagedProcess, OwnMeasure

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


def measures_of(process: ManagedProcess) -> list[Measure]:
    """Return the measures of a process: the usual ones in the order of the pages, then its own."""
    return [*MEASURES, *map(_own, process.measures)]


def statistics_of(process: ManagedProcess) -> dict[str, StatisticDefinition]:
    """Return every statistic that a target of this process may name, by its key, in the order of the pages."""
    return {each.key: each for measure in measures_of(process) for each in measure.statistics}


def measure_of(statistic: str) -> str:
    """Return the key of the measure that a statistic's key belongs to: `cycle_time` for `cycle_time.p85`."""
    return statistic.partition(".")[0]


def _volume(key: str, name: str, definition: str) -> Measure:
    return Measure(key, name, "volumes", CASES, definition, None, (StatisticDefinition(key, name, CASES, counts=True),))


def _spread(key: str, name: str, unit: str, better: Better | None) -> tuple[StatisticDefinition, ...]:
    """Return the statistics of a measure that each case has a value of: percentiles and mean."""
    found = [
        StatisticDefinition(f"{key}.{ending}", f"{name}, {words}", unit, better)
        for ending, (words, _) in PERCENTILES.items()
    ]
    return (*found, StatisticDefinition(f"{key}.mean", f"{name}, mean", unit, better))


def _time(key: str, name: str, definition: str) -> Measure:
    return Measure(key, name, "timings", SECONDS, definition, "lower", _spread(key, name, SECONDS, "lower"))


def _share_and_total(key: str, name: str, kind: Kind, share: str, total: str, definition: str) -> Measure:
    """Return a measure of something that happens several times in a case and should not happen at all."""
    statistics = (
        StatisticDefinition(key, share, SHARE, "lower"),
        StatisticDefinition(f"{key}.total", total, TIMES, "lower"),
    )
    return Measure(key, name, kind, SHARE, definition, "lower", statistics)


def _interface(key: str, name: str, definition: str) -> Measure:
    return Measure(key, name, "interfaces", TIMES, definition, None, (StatisticDefinition(key, name, TIMES),))


MEASURES: Final[tuple[Measure, ...]] = (
    _volume("started", "Started", "Cases that began in the period (case.started), whatever became of them."),
    _volume("completed", "Completed", "Cases that reached an end of their model in the period (case.completed)."),
    _volume(
        "withdrawn",
        "Withdrawn",
        "Cases that their originator withdrew in the period (case.cancelled, marked as withdrawn).",
    ),
    _volume(
        "cancelled",
        "Cancelled",
        "Cases that an owner of the process ended in the period (case.cancelled, not marked as withdrawn).",
    ),
    _volume(
        "open",
        "Open",
        "Cases that had started and not ended at the end of the period, or now while the period still runs.",
    ),
    Measure(
        "backlog_age",
        "Age of open cases",
        "volumes",
        SECONDS,
        "How long the open cases had been open at the end of the period, or now while the period still runs.",
        "lower",
        (
            StatisticDefinition("backlog_age.median", "Age of open cases, median", SECONDS, "lower"),
            StatisticDefinition("backlog_age.p85", "Age of open cases, 85th percentile", SECONDS, "lower"),
        ),
    ),
    _time(
        "cycle_time",
        "Cycle time",
        "From the start of a case to its end (case.started to case.completed or case.cancelled), nights and weekends"
        " included.",
    ),
    _time(
        "waiting_time",
        "Waiting time",
        "The part of the cycle time in which at least one task for people was open and nobody had claimed any"
        " (activity.started of a user task, up to task.claimed or its end).",
    ),
    _time(
        "working_time",
        "Working time",
        "The part of the cycle time in which somebody had claimed a task (task.claimed or task.assigned, up to"
        " task.released or the end of the task). Time at work on other things counts too: nobody stops a clock.",
    ),
    _time(
        "idle_time",
        "Idle time",
        "The rest of the cycle time: no task for people was open; the case waited for a timer, a message or a machine."
        " Waiting, working and idle time add up to the cycle time.",
    ),
    Measure(
        "people",
        "People",
        "resources",
        "people",
        "How many people completed tasks of the cases that ended (activity.completed of user tasks); each with their"
        " cases and tasks.",
        None,
        (StatisticDefinition("people", "People", "people"),),
    ),
    Measure(
        "groups",
        "Groups",
        "resources",
        "groups",
        "How many groups were offered the tasks that were completed (the groups in activity.started of user tasks);"
        " each with its cases and tasks. Not recorded for cases from before the log named groups.",
        None,
        (StatisticDefinition("groups", "Groups", "groups"),),
    ),
    Measure(
        "effort",
        "Effort",
        "resources",
        MINUTES,
        "The minutes of work that people entered when they completed tasks, for cases in which somebody entered any.",
        "lower",
        (
            StatisticDefinition("effort", "Effort for each case, mean", MINUTES, "lower"),
            StatisticDefinition("effort.total", "Effort, total", MINUTES),
        ),
    ),
    Measure(
        "hand_overs",
        "Hand-overs",
        "resources",
        TIMES,
        "How often somebody completed a task and somebody else the next one of the same case (activity.completed of"
        " user tasks, by time).",
        "lower",
        (
            StatisticDefinition("hand_overs", "Hand-overs for each case, mean", TIMES, "lower"),
            StatisticDefinition("hand_overs.share", "Cases with a hand-over", SHARE, "lower"),
        ),
    ),
    Measure(
        "outcomes",
        "Outcomes",
        "success",
        SHARE,
        "Which end of its model each completed case reached (the outcome in case.completed). The number is the share of"
        " ended cases that were completed, neither withdrawn nor cancelled.",
        "higher",
        (StatisticDefinition("outcomes", "Completed out of ended", SHARE, "higher"),),
    ),
    _share_and_total(
        "failures",
        "Failures",
        "success",
        "Cases with a failure",
        "Failures, total",
        "Steps that could not run (failure.recorded): the share of ended cases that had one, and how many in all.",
    ),
    Measure(
        "first_time_right",
        "First time right",
        "success",
        SHARE,
        "The share of completed cases without a repeated step, without a task sent back, and without a failure.",
        "higher",
        (StatisticDefinition("first_time_right", "First time right", SHARE, "higher"),),
    ),
    _interface(
        "messages",
        "Messages",
        "How often messages were sent and received (message.sent, message.received), by name of the message.",
    ),
    _interface(
        "operations",
        "Operations",
        "How often named operations were carried out (activity.completed with the interface operation:NAME), by name.",
    ),
    _interface(
        "decisions",
        "Decisions",
        "How often decision tables were asked (activity.completed with the interface decision:KEY), by decision.",
    ),
    _interface(
        "calls",
        "Called processes",
        "How often other processes were called (activity.completed with the interface process:KEY), by process.",
    ),
    _share_and_total(
        "repeats",
        "Repeated steps",
        "rework",
        "Cases with a repeated step",
        "Repeated steps, total",
        "Tasks, sub-processes and calls that a case entered again after it had been there before (events marked as"
        " rework, each task once; gateways and events do not count): the share of ended cases that had one, and how"
        " many in all.",
    ),
    _share_and_total(
        "send_backs",
        "Sent back",
        "rework",
        "Cases that were sent back",
        "Sent back, total",
        "Tasks completed with an outcome that the process names as sending back: the share of ended cases that had one,"
        " and how many in all. Not recorded when the process names none.",
    ),
    Measure(
        "feedback",
        "Satisfaction",
        "feedback",
        SCORE,
        "What originators answered to the question at closure, 1 to 5 (feedback.given; an answer that was changed"
        " counts as it is now), for cases that ended in the period.",
        "higher",
        (StatisticDefinition("feedback", "Satisfaction, mean", SCORE, "higher"),),
    ),
    Measure(
        "feedback_rate",
        "Answered",
        "feedback",
        SHARE,
        "The share of completed cases whose originator answered the question at closure. Not recorded when the process"
        " asks none.",
        "higher",
        (StatisticDefinition("feedback_rate", "Answered", SHARE, "higher"),),
    ),
    Measure(
        "priorities",
        "Priorities",
        "priorities",
        SHARE,
        "Ended cases by priority as it was set at their start (case.started): low 0 to 39, normal 40 to 69, high 70 to"
        " 100; each with its median cycle time. The number is the share of high ones.",
        None,
        (StatisticDefinition("priorities", "High priority", SHARE),),
    ),
)
"""The measures that every process has, in the order of the pages."""


def _own(own: OwnMeasure) -> Measure:
    better: Better | None = own.better or None
    definition = own.definition or _told(own)
    unit, statistics = _own_statistics(own, better)
    return Measure(own.key, own.name, "own", unit, definition, better, statistics)


def _own_statistics(own: OwnMeasure, better: Better | None) -> tuple[str, tuple[StatisticDefinition, ...]]:
    if own.kind == "duration":
        return SECONDS, _spread(own.key, own.name, SECONDS, better)
    if own.kind == "ratio":
        unit = SHARE if own.unit in ("%", SHARE) else own.unit
        return unit, (StatisticDefinition(own.key, own.name, unit, better),)
    if own.kind == "count":
        unit = own.unit or TIMES
        total = StatisticDefinition(own.key, f"{own.name}, total", unit, better)
        return unit, (total, StatisticDefinition(f"{own.key}.mean", f"{own.name} for each case, mean", unit, better))
    total = StatisticDefinition(f"{own.key}.total", f"{own.name}, total", own.unit, better)
    return own.unit, (*_spread(own.key, own.name, own.unit, better), total)


def _told(own: OwnMeasure) -> str:
    """Return what an owner's measure counts, for owners who did not say it in their own words."""
    if own.kind == "duration":
        return "From the first event that the process names as its beginning to the first one after it that ends it."
    if own.kind == "ratio":
        return f"{own.numerator} divided by {own.denominator}."
    if own.kind == "count":
        return "How many events of the kind that the process names there were in the cases that ended."
    return f"The number at {own.field} in the data of the cases that ended."
