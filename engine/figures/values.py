"""What a tally comes to, statistic by statistic: values, what they rest on, and why there is none; reads nothing.

What nobody recorded is None, never zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from engine.figures.tally import Spread, Sum, Tally
from engine.metrics import distribution
from engine.metrics.process import ManagedProcess, OwnMeasure
from engine.metrics.registry import PERCENTILES

INTERFACES: Final = {"messages": "message:", "operations": "operation:", "decisions": "decision:", "calls": "process:"}
"""The measures of interfaces, with the beginning of the labels that they count."""
TIMES: Final = {"cycle_time": "cycle", "waiting_time": "waiting", "working_time": "working", "idle_time": "idle"}
"""The measures of time, with the names of their spreads."""

_NONE_ENDED: Final = "No case ended in this period."
_NONE_COMPLETED: Final = "No case was completed in this period."


@dataclass(frozen=True, slots=True)
class Figure:
    """A value of a statistic. `cases` is how many cases it rests on; `why` says why there is no value."""

    value: float | None
    cases: int = 0
    approximate: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a period: how many cases started, the ages of those open at its end, what ended.

    `open` None: not known. `ages` (seconds, ascending) None: not asked for.
    """

    tally: Tally = field(default_factory=Tally)
    started: int = 0
    open: int | None = None
    ages: list[float] | None = None


def figures(told: Told, process: ManagedProcess) -> dict[str, Figure]:
    """Return every statistic of a process by its key (engine.metrics.registry.statistics_of)."""
    return dict(_usual(told, process)) | dict(_own(told, process))


def _usual(told: Told, process: ManagedProcess) -> Iterator[tuple[str, Figure]]:
    tally, ended = told.tally, told.tally.ended
    yield "started", _count(told.started)
    for status in ("completed", "withdrawn", "cancelled"):
        yield status, _count(tally.sum("cases", status).count)
    yield "open", Figure(None, why="Not kept for this filter.") if told.open is None else _count(told.open)
    yield from _backlog(told)
    for key, name in TIMES.items():
        yield from _spread(key, tally.spread(name), _NONE_ENDED)
    yield "people", _ended(len(tally.labels("person")), ended)
    yield "groups", _groups(tally)
    effort = tally.sum("effort")
    yield "effort", _mean(effort, "Nobody entered effort in this period.")
    yield "effort.total", _total(effort, "Nobody entered effort in this period.")
    hand_overs = tally.sum("hand_overs")
    yield "hand_overs", _share(hand_overs.total, ended, _NONE_ENDED)
    yield "hand_overs.share", _share(hand_overs.count, ended, _NONE_ENDED)
    yield "outcomes", _share(tally.completed, ended, _NONE_ENDED)
    yield from _trouble("failures", tally, ended)
    yield "first_time_right", _share(tally.sum("first_time_right").count, tally.completed, _NONE_COMPLETED)
    for key, beginning in INTERFACES.items():
        uses = sum(each.total for label, each in tally.labels("interface").items() if label.startswith(beginning))
        yield key, _ended(uses, ended)
    yield from _trouble("repeats", tally, ended)
    if process.send_backs:
        yield from _trouble("send_backs", tally, ended)
    else:
        nothing = Figure(None, why="The process does not say which outcomes mean that a task is sent back.")
        yield from (("send_backs", nothing), ("send_backs.total", nothing))
    yield from _feedback(tally, process)
    yield "priorities", _share(tally.sum("priority", "high").count, ended, _NONE_ENDED)


def _backlog(told: Told) -> Iterator[tuple[str, Figure]]:
    for ending in ("median", "p85"):
        value = distribution.exact_percentile(told.ages or (), PERCENTILES[ending][1])
        why = "No case was open." if told.ages is not None else "Known for the last period only."
        yield f"backlog_age.{ending}", Figure(value, len(told.ages or ()), why="" if value is not None else why)


def _feedback(tally: Tally, process: ManagedProcess) -> Iterator[tuple[str, Figure]]:
    scores = tally.labels("feedback")
    answers = sum(each.count for each in scores.values())
    points = sum(int(score) * each.count for score, each in scores.items())
    asks = process.feedback is not None
    why = "Nobody answered in this period." if asks else "The process asks no question at closure."
    yield "feedback", _share(points, answers, why)
    if asks:
        yield "feedback_rate", _share(answers, tally.completed, _NONE_COMPLETED)
    else:
        yield "feedback_rate", Figure(None, why=why)


def _trouble(name: str, tally: Tally, ended: int) -> Iterator[tuple[str, Figure]]:
    found = tally.sum(name)
    yield name, _share(found.count, ended, _NONE_ENDED)
    yield f"{name}.total", _ended(found.total, ended)


def _groups(tally: Tally) -> Figure:
    groups = tally.labels("group")
    if groups:
        return _ended(len(groups), tally.ended)
    return Figure(None, why="The log names no groups for these cases." if tally.ended else _NONE_ENDED)


def _own(told: Told, process: ManagedProcess) -> Iterator[tuple[str, Figure]]:
    volumes = {
        "started": Sum(told.started, told.started),
        **{name: _cases(told.tally, name) for name in ("completed", "withdrawn", "cancelled")},
    }
    if told.open is not None:
        volumes["open"] = Sum(told.open, told.open)
    sums = volumes | {each.key: told.tally.sum(f"own:{each.key}") for each in process.measures if each.kind != "ratio"}
    for measure in process.measures:
        why = "Not recorded in any case that ended in this period."
        if measure.kind == "ratio":
            yield measure.key, _ratio(measure, sums, process)
            continue
        found = sums[measure.key]
        if measure.kind == "count":
            yield measure.key, _total(found, why)
            yield f"{measure.key}.mean", _mean(found, why)
            continue
        yield from _spread(measure.key, told.tally.spread(f"own:{measure.key}"), why)
        if measure.kind == "field":
            yield f"{measure.key}.total", _total(found, why)


def _cases(tally: Tally, status: str) -> Sum:
    count = tally.sum("cases", status).count
    return Sum(count, count)


def _ratio(measure: OwnMeasure, sums: Mapping[str, Sum], process: ManagedProcess) -> Figure:
    above, below = sums.get(measure.numerator or ""), sums.get(measure.denominator or "")
    if above is None or below is None:
        missing = measure.numerator if above is None else measure.denominator
        return Figure(None, why=f"There is no measure {missing!r} to divide.")
    own = {each.key for each in process.measures}
    for key, each in ((measure.numerator, above), (measure.denominator, below)):
        if key in own and not each.count:
            return Figure(None, why=f"{_name(key, process)} was not recorded in any case that ended in this period.")
    if not below.total:
        return Figure(
            None, below.count, why=f"{_name(measure.denominator, process)} is 0: there is nothing to divide by."
        )
    return Figure(above.total / below.total, below.count)


def _name(key: str | None, process: ManagedProcess) -> str:
    return next((each.name for each in process.measures if each.key == key), (key or "").capitalize())


def _spread(key: str, spread: Spread, why: str) -> Iterator[tuple[str, Figure]]:
    found, approximate = spread.percentiles([share for _, share in PERCENTILES.values()])
    count = spread.sum.count
    if not count:
        why_not = Figure(None, why=why)
        yield from ((f"{key}.{ending}", why_not) for ending in (*PERCENTILES, "mean"))
        return
    for ending, value in zip(PERCENTILES, found, strict=True):
        yield f"{key}.{ending}", Figure(value, count, approximate)
    yield f"{key}.mean", Figure(spread.sum.total / count, count)


def _count(count: int) -> Figure:
    return Figure(float(count), count)


def _ended(value: float, ended: int) -> Figure:
    return Figure(float(value), ended) if ended else Figure(None, why=_NONE_ENDED)


def _share(part: float, whole: int, why: str) -> Figure:
    return Figure(part / whole, whole) if whole else Figure(None, why=why)


def _mean(found: Sum, why: str) -> Figure:
    return Figure(found.total / found.count, found.count) if found.count else Figure(None, why=why)


def _total(found: Sum, why: str) -> Figure:
    return Figure(found.total, found.count) if found.count else Figure(None, why=why)
