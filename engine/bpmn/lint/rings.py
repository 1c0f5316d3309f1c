"""Owns the rings of events that go on for ever: a start or catch event that is sure to lead to another one, and back.

What is sure within a process is found by `engine.bpmn.lint.certain`; here it is joined by the names of messages and
signals. A message starts a case when no case can be waiting for it; a signal starts one always. A waiting event counts
where it is sure to wait again: beside something else that waits, or because it is come back to.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.bpmn.catalog import Catalog
from engine.bpmn.lint.certain import KINDS, Certain, Fact, thrown
from engine.bpmn.lint.components import components
from engine.bpmn.model.document import (
    Document,
    all_flow_nodes,
    event_definitions,
    flow_nodes,
    interrupts,
    is_event_subprocess,
    is_executable,
    message_place,
    process_of,
    signal_place,
)
from engine.bpmn.model.extensions import properties
from engine.bpmn.model.xml import Element, bpmn, name_of

_WAITS = frozenset(("userTask", "receiveTask", "eventBasedGateway", "intermediateCatchEvent"))


@dataclass(eq=False, slots=True)
class Event:
    """A start or catch event by which a ring may go on. `name` is the kind and name of what it waits for."""

    document: Document
    element: Element
    name: Fact
    starts: bool
    leads_to: "list[Event | Fact]" = field(default_factory=list)
    """what it is sure to throw, and itself if it is sure to take that"""

    @property
    def id(self) -> str:
        """Return the element's id."""
        return self.element.get("id") or ""


@dataclass(frozen=True, slots=True)
class Ring:
    """Events of which each is sure to lead to the next one, and the last one to the first."""

    events: tuple[Event, ...]


class Rings:
    """The rings in the processes of one upload."""

    def __init__(self, models: Mapping[str, Document], catalog: Catalog) -> None:
        self._catalog = catalog
        self._processes: dict[str, tuple[Document, Element]] = {}
        for document in models.values():
            for process in document.processes:
                if is_executable(process):
                    self._processes.setdefault(process.get("id") or "", (document, process))

    @cached_property
    def rings(self) -> tuple[Ring, ...]:
        """Return one ring of each group of events that lead to one another, in the order of the files."""
        events = [event for document, process in self._processes.values() for event in _events(document, process)]
        number = {event: place for place, event in enumerate(events)}
        takers = self._join(events)

        def after(node: Event | Fact) -> Iterable[Event | Fact]:
            return node.leads_to if isinstance(node, Event) else takers.get(node, ())

        found = []
        nodes: list[Event | Fact] = [*events]
        for group in components(nodes, after):
            members = sorted((each for each in group if isinstance(each, Event)), key=number.__getitem__)
            ring = _shortest(members[0], after, set(group)) if members else None
            if ring is not None:
                found.append(Ring(ring))
        return tuple(sorted(found, key=lambda ring: number[ring.events[0]]))

    def thrower(self, event: Event, name: Fact) -> str | None:
        """Return the id of an element of the event's process that throws `name`, None if a called process does."""
        process = process_of(event.element)
        nodes = () if process is None else all_flow_nodes(process)
        return next((node.get("id") for node in nodes if thrown(event.document, node) == name), None)

    def _join(self, events: list[Event]) -> dict[Fact, list[Event]]:
        """Let each event lead to what it is sure to throw, and return by that the events that are sure to take it."""
        certain = Certain(self._processes, self._catalog)
        awaited = Counter(event.name for event in events if not event.starts)
        found: dict[Fact, list[Event]] = {}
        for event in events:
            after = certain.after(event.document, event.element)
            event.leads_to += sorted(fact for fact in after if fact[0] in KINDS)
            kind, element = event.name[0], event.element
            if event.starts:
                sure = kind == "signal" or not (awaited[event.name] or event.name in self._awaited_elsewhere)
            elif kind == "signal":
                sure = _stays(element) and _beside_others(element)
                if _stays(element) and not sure and event.name in after:
                    event.leads_to.append(event)  # within the step, before what is around it can end
            else:
                alone = awaited[event.name] == 1 and event.name not in self._awaited_elsewhere
                sure = alone and _waits_again(event, after)
            if sure:
                found.setdefault(event.name, []).append(event)
        return found

    @cached_property
    def _awaited_elsewhere(self) -> frozenset[Fact]:
        """The messages for which cases of deployed processes may wait that are not part of the upload."""
        others = (facts for facts in self._catalog.deployed_processes() if facts.key not in self._processes)
        return frozenset(
            ("message", received.name) for facts in others for received in facts.receives if not received.starts
        )


def _events(document: Document, process: Element) -> Iterator[Event]:
    for node in all_flow_nodes(process):
        kind = name_of(node)
        if kind not in ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"):
            continue
        for word, place, named in (
            ("message", message_place(node), document.message),
            ("signal", signal_place(node), document.signal),
        ):
            found = None if place is None else named(place)
            name = "" if found is None else (found.get("name") or "").strip()
            if name:
                yield Event(document, node, (word, name), kind == "startEvent" and node.getparent() is process)


def _waits_again(event: Event, after: frozenset[Fact]) -> bool:
    """Say whether an event is sure to take the next message, too: one with a correlation key may not."""
    if properties(event.element).get("correlationKey"):
        return False
    return _beside_others(event.element) if _stays(event.element) else ("wait", event.id) in after


def _stays(node: Element) -> bool:
    """Say whether an event goes on waiting when it has occurred: it does not interrupt what it belongs to."""
    parent = node.getparent()
    handles = name_of(node) == "startEvent" and parent is not None and is_event_subprocess(parent)
    return (handles or name_of(node) == "boundaryEvent") and not interrupts(node)


def _beside_others(node: Element) -> bool:
    """Say whether something waits beside what an event does, so that the event is waited for as well."""
    if name_of(node) == "boundaryEvent":
        return True
    handler = node.getparent()
    around = None if handler is None else handler.getparent()
    inner = () if around is None else (each for each in flow_nodes(around) if not is_event_subprocess(each))
    return any(
        name_of(part) in _WAITS and not any(name_of(each).startswith("link") for each in event_definitions(part))
        for each in inner
        for part in (each, *each.iterdescendants(bpmn("userTask"), bpmn("receiveTask"), bpmn("intermediateCatchEvent")))
    )


def _shortest(
    first: Event, after: Callable[[Event | Fact], Iterable[Event | Fact]], group: set[Event | Fact]
) -> tuple[Event, ...] | None:
    """Return the events on the shortest way from one back to itself within its group, None when there is no way."""
    came: dict[Event | Fact, Event | Fact] = {}
    waiting: list[Event | Fact] = [first]
    for node in waiting:
        for other in after(node):
            if other is first:
                path = [node]
                while path[-1] is not first:
                    path.append(came[path[-1]])
                return tuple(each for each in reversed(path) if isinstance(each, Event))
            if other in group and other not in came:
                came[other] = node
                waiting.append(other)
    return None
