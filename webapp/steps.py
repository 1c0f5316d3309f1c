"""Owns the diagram in words: the steps of a case's models, each with its state; a pure function of two views."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from engine import events
from engine.views import CaseModel, Element, TimelineEntry

QUIET_KINDS = frozenset(
    {"exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway", "sequenceFlow"}
)
"""What only directs the flow: it is in the diagram, and would be noise in a list to read."""

BESIDE_KINDS = frozenset({"boundaryEvent", "eventSubProcessStart"})
"""What is listened for beside the step at which a case stands: the case is not there, and may never be."""

_BEGIN_AND_END: Final[Mapping[str, int]] = {
    events.ACTIVITY_STARTED: 1,
    events.ACTIVITY_COMPLETED: -1,
    events.ACTIVITY_CANCELLED: -1,
    events.ACTIVITY_SKIPPED: -1,
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step: `state` is `here`, `may come`, `done`, `skipped` or `ahead`; `times` counts its completions."""

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
    """Return for each of `models` its steps in reading order with what `timeline` says of them.

    A case that stands in a called process stands at the call activities on the way there, too.
    """
    completed: dict[tuple[str, str], int] = {}
    running: dict[tuple[str, str], int] = {}
    skipped: set[tuple[str, str]] = set()
    for entry in timeline:
        if entry.kind == events.ACTIVITY_SKIPPED and entry.element_id:
            skipped.add((entry.process_key, entry.element_id))
        if entry.kind == events.ACTIVITY_COMPLETED and entry.element_id:
            place = (entry.process_key, entry.element_id)
            completed[place] = completed.get(place, 0) + 1
        if entry.kind in _BEGIN_AND_END and entry.element_id:
            place = (entry.process_key, entry.element_id)
            running[place] = max(0, running.get(place, 0) + _BEGIN_AND_END[entry.kind])
    return [_model(_with_calls(model, running), completed, skipped) for model in models]


def _with_calls(model: CaseModel, running: Mapping[tuple[str, str], int]) -> CaseModel:
    """Return the model with the call activities that run among what is active in it."""
    calls = (each.id for each in model.elements if each.kind == "callActivity")
    active = [each for each in calls if running.get((model.process_key, each)) and each not in model.active]
    return replace(model, active=(*model.active, *active))


def _model(model: CaseModel, completed: dict[tuple[str, str], int], skipped: set[tuple[str, str]]) -> ModelSteps:
    lines = [
        _line(element, model, completed.get((model.process_key, element.id), 0), skipped)
        for element in model.elements
        if element.kind not in QUIET_KINDS
    ]
    kinds = {element.id: element.kind for element in model.elements}
    active = [element_id for element_id in model.active if kinds.get(element_id) not in BESIDE_KINDS]
    done = [element_id for process_key, element_id in completed if process_key == model.process_key]
    return ModelSteps(model, lines, ",".join(active), ",".join(done))


def _line(element: Element, model: CaseModel, times: int, skipped: set[tuple[str, str]]) -> StepLine:
    passed = "skipped" if (model.process_key, element.id) in skipped else "ahead"
    stands = "may come" if element.kind in BESIDE_KINDS else "here"
    state = stands if element.id in model.active else "done" if times else passed
    return StepLine(element, state, times)
