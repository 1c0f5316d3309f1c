"""Owns the diagram in words: the steps of a case's models, each with its state; a pure function of two views."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine import events
from engine.views import CaseModel, Element, TimelineEntry

QUIET_KINDS = frozenset(
    {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway", "sequenceFlow"}
)
"""What only directs the flow: it is in the diagram, and would be noise in a list to read."""


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step: `state` is `here`, `done`, `skipped` or `ahead`; `times` counts how often it was completed."""

    element: Element
    state: str
    times: int


@dataclass(frozen=True, slots=True)
class ModelSteps:
    """A model with its steps, and the element ids that the drawn diagram marks."""

    model: CaseModel
    lines: Sequence[StepLine]
    active: str
    done: str


def steps(models: Iterable[CaseModel], timeline: Iterable[TimelineEntry]) -> list[ModelSteps]:
    """Return for each of `models` its steps in reading order with what `timeline` says of them."""
    completed: dict[tuple[str, str], int] = {}
    skipped: set[tuple[str, str]] = set()
    for entry in timeline:
        if entry.kind == events.ACTIVITY_SKIPPED and entry.element_id:
            skipped.add((entry.process_key, entry.element_id))
        if entry.kind == events.ACTIVITY_COMPLETED and entry.element_id:
            place = (entry.process_key, entry.element_id)
            completed[place] = completed.get(place, 0) + 1
    return [_model(model, completed, skipped) for model in models]


def _model(model: CaseModel, completed: dict[tuple[str, str], int], skipped: set[tuple[str, str]]) -> ModelSteps:
    lines = [
        _line(element, model, completed.get((model.process_key, element.id), 0), skipped)
        for element in model.elements
        if element.kind not in QUIET_KINDS
    ]
    done = [element_id for process_key, element_id in completed if process_key == model.process_key]
    return ModelSteps(model, lines, ",".join(model.active), ",".join(done))


def _line(element: Element, model: CaseModel, times: int, skipped: set[tuple[str, str]]) -> StepLine:
    passed = "skipped" if (model.process_key, element.id) in skipped else "ahead"
    state = "here" if element.id in model.active else "done" if times else passed
    return StepLine(element, state, times)
