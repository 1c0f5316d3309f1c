"""Owns what a process says of how it begins cases by itself, and which signals it knows; it judges nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, cast

from engine.bpmn.model.document import Document, event_definitions, signal_place
from engine.bpmn.model.timing import TIMERS, TimerKind
from engine.bpmn.model.xml import Element, children_of, name_of, text_of


@dataclass(frozen=True, slots=True)
class StartFacts:
    """A start event by which cases of the process begin by themselves.

    `name` is that of the message or signal, `timer` the kind of time (`timeDate`, ...) and its text.
    """

    element_id: str
    kind: Literal["message", "signal", "timer"]
    name: str | None = None
    timer: tuple[TimerKind, str] | None = None


def starts_of(document: Document, process: Element) -> Iterator[StartFacts]:
    """Yield the start events of a process that name an event, in document order."""
    for node in children_of(process, "startEvent"):
        identity = node.get("id") or ""
        for definition in event_definitions(node):
            kind = name_of(definition).removesuffix("EventDefinition")
            if kind == "message" and (message := document.message(definition)) is not None:
                yield StartFacts(identity, "message", (message.get("name") or "").strip())
            elif kind == "signal" and (signal := document.signal(definition)) is not None:
                yield StartFacts(identity, "signal", (signal.get("name") or "").strip())
            elif kind == "timer":
                for part in children_of(definition, *TIMERS):
                    yield StartFacts(identity, "timer", timer=(cast("TimerKind", name_of(part)), text_of(part)))


def signals_of(document: Document, nodes: Iterable[Element]) -> Iterator[str]:
    """Yield the name of the signal that each of `nodes` throws or waits for, an empty text for none."""
    for node in nodes:
        place = signal_place(node)
        signal = None if place is None else document.signal(place)
        yield "" if signal is None else (signal.get("name") or "").strip()
