"""Owns the heat map as values: a figure for each element in five steps, legend and list in words; pure."""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from engine.metrics.amounts import number
from engine.views import Element
from engine.views.performance import ElementFigures
from webapp.performance.amounts import length
from webapp.steps import QUIET_KINDS

STEPS = 5

FIGURES: tuple[tuple[str, str], ...] = (
    ("waiting", "Waiting"),
    ("working", "Working"),
    ("elapsed", "Start to end"),
    ("frequency", "How often"),
    ("failures", "Failures"),
    ("rework", "Done again"),
)
HEADINGS = {
    "waiting": "Waits until claimed, mean",
    "working": "Worked on, mean",
    "elapsed": "Start to end, mean",
    "frequency": "Completed, times",
    "failures": "Failures",
    "rework": "Done again, times",
}
EXPLAINED = {
    "waiting": "How long a task waits, on average, until somebody claims it.",
    "working": "How long somebody has a task, on average, from claiming to completing it.",
    "elapsed": "How long a step takes, on average, from its start to its end: of a called process, all of it.",
    "frequency": "How often a step was completed.",
    "failures": "How often a step could not run.",
    "rework": "How often a step was done again in the same case.",
}

_VALUES: dict[str, Callable[[ElementFigures], float | None]] = {
    "waiting": lambda found: found.waiting_seconds,
    "working": lambda found: found.working_seconds,
    "elapsed": lambda found: found.elapsed_seconds,
    "frequency": lambda found: found.count,
    "failures": lambda found: found.failures,
    "rework": lambda found: found.repeats,
}
_TIMES = frozenset({"waiting", "working", "elapsed"})


@dataclass(frozen=True, slots=True)
class HeatLine:
    """An element with the chosen figure: `step` from 1 (least) to 5, 0 when there is nothing to show."""

    figures: ElementFigures
    value: float | None
    words: str
    step: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """A model coloured by one figure; `marks` is what the drawing reads: element id to step and words, as JSON."""

    figure: str
    lines: tuple[HeatLine, ...]
    legend: tuple[tuple[int, str], ...]
    marks: str
    untouched: tuple[Element, ...]
    """steps of the model that no case reached"""

    @property
    def empty(self) -> bool:
        """Return whether no element has anything of the figure."""
        return not self.legend


def heat_map(figure: str, found: Sequence[ElementFigures], elements: Sequence[Element]) -> HeatMap:
    """Return the heat map of one model by `figure` (a key of `FIGURES`).

    `found` are the figures of the model's elements, `elements` all its elements in reading order.
    """
    value_of = _VALUES[figure]
    values = {each.element_id: value_of(each) for each in found}
    most = max((value for value in values.values() if value), default=0.0)
    lines = [_line(each, values[each.element_id], most, figure) for each in found]
    order = {element.id: at for at, element in enumerate(elements)}
    lines.sort(key=lambda line: (-(line.value or 0), order.get(line.figures.element_id, len(order))))
    marks = {line.figures.element_id: [line.step, line.words] for line in lines if line.step}
    reached = {each.element_id for each in found}
    untouched = [each for each in elements if each.id not in reached and each.kind not in QUIET_KINDS]
    return HeatMap(
        figure,
        tuple(lines),
        _legend(figure, most, {line.step for line in lines}),
        json.dumps(marks, sort_keys=True),
        tuple(untouched),
    )


def words(figure: str, value: float | None) -> str:
    """Return a value of `figure` in words; empty for what was never measured."""
    if value is None:
        return ""
    return length(value) if figure in _TIMES else number(value)


def hottest(figure: str, found: Iterable[ElementFigures], models: Sequence[str]) -> str:
    """Return the model (a process key of `models`) whose element has most of `figure`; the first when none has any."""
    most = dict.fromkeys(models, 0.0)
    for each in found:
        if each.process_key in most:
            most[each.process_key] = max(most[each.process_key], value(figure, each) or 0)
    return max(most, key=lambda model: most[model])


def value(figure: str, found: ElementFigures) -> float | None:
    """Return the `figure` of an element; None for what was never measured."""
    return _VALUES[figure](found)


def _line(found: ElementFigures, value: float | None, most: float, figure: str) -> HeatLine:
    return HeatLine(found, value, words(figure, value), _step(value, most))


def _step(value: float | None, most: float) -> int:
    return min(STEPS, math.ceil(STEPS * value / most)) if value and most else 0


def _legend(figure: str, most: float, used: set[int]) -> tuple[tuple[int, str], ...]:
    return tuple((step, _bounds(figure, most, step)) for step in range(1, STEPS + 1) if step in used)


def _bounds(figure: str, most: float, step: int) -> str:
    least, greatest = most * (step - 1) / STEPS, most * step / STEPS
    if figure in _TIMES:
        return f"over {length(least)} to {length(greatest)}" if step > 1 else f"up to {length(greatest)}"
    first, last = math.floor(least) + 1, math.floor(greatest)
    return number(last) if first == last else f"{number(first)} to {number(last)}"
