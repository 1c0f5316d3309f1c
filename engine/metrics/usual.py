"""The measures that every process has, each with what exactly it counts: the text of docs/measures.md.

It computes none of them.
"""

from typing import Final

from engine.metrics.measure import (
    CASES,
    MINUTES,
    SCORE,
    SECONDS,
    SHARE,
    TIMES,
    Kind,
    Measure,
    StatisticDefinition,
    spread,
)


def _volume(key: str, name: str, definition: str) -> Measure:
    return Measure(key, name, "volumes", CASES, definition, None, (StatisticDefinition(key, name, CASES, counts=True),))


def _time(key: str, name: str, definition: str) -> Measure:
    return Measure(key, name, "timings", SECONDS, definition, "lower", spread(key, name, SECONDS, "lower"))


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
        "The share of completed cases without a repeated step, without a task sent back, without a failure, and that no"
        " owner had to mend by hand (case.modified, token.moved, activity.skipped).",
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
