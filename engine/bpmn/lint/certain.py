"""Owns the answer what is sure to happen, without anything that waits, once a token has left an element.

It looks at structure only: of a choice, what all ways out have in common is sure. Scripts, decisions and operations are
taken to succeed. Where it does not know, nothing is sure; what it says stays right when it gives up half-way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, Literal

from engine.bpmn.catalog import Catalog
from engine.bpmn.lint.components import components
from engine.bpmn.model.document import (
    Document,
    event_definitions,
    interrupts,
    is_event_subprocess,
    message_place,
    signal_place,
)
from engine.bpmn.model.extensions import TRUE, properties
from engine.bpmn.model.graph import Flow, Graph
from engine.bpmn.model.links import link_name
from engine.bpmn.model.xml import Element, children_of, name_of

Kind = Literal["message", "signal"]
Fact = tuple[str, str]
"""What is sure: `message` or `signal` with the name that is thrown, `wait` with the id of an event that is waited for,
`flow` with the number of a flow on which a token comes to a parallel join."""

KINDS: Final = ("message", "signal")

MAX_WORK: Final = 300_000
"""How many flows are looked at in one upload."""

_MAX_DEPTH: Final = 20
_FACTS_AT_ONCE: Final = 16
_QUIET: Final = frozenset(("task", "manualTask", "scriptTask", "businessRuleTask", "sendTask"))
_PASSING: Final = frozenset(("exclusiveGateway", "inclusiveGateway", "parallelGateway", "startEvent"))
_BREAKING: Final = frozenset(("signal", "conditional", "escalation"))
_ENDING: Final = frozenset(("terminate", "error"))
_NOTHING: Final[frozenset[Fact]] = frozenset()


def thrown(document: Document, node: Element) -> tuple[Kind, str] | None:
    """Return kind and name of what a node throws to others inside the product, None for nothing."""
    if name_of(node) not in ("sendTask", "intermediateThrowEvent", "endEvent"):
        return None
    place = message_place(node)
    if place is not None:
        named = None if properties(node).get("destination") else document.message(place)
        name = "" if named is None else (named.get("name") or "").strip()
        return ("message", name) if name else None
    place = signal_place(node)
    named = None if place is None else document.signal(place)
    name = "" if named is None else (named.get("name") or "").strip()
    return ("signal", name) if name else None


@dataclass(slots=True)
class _Part:
    """A process or sub-process: what is sure once a token comes to each node, and whether it ends without waiting."""

    graph: Graph
    document: Document
    depth: int
    joins: Mapping[str, frozenset[Fact]]
    one_at_a_time: bool
    """a branch may end the others, so only what all branches have in common is sure"""
    sure: dict[str, frozenset[Fact]] = field(default_factory=dict)
    quiet: bool = False


class Certain:
    """What is sure to happen in the processes of one upload."""

    def __init__(self, processes: Mapping[str, tuple[Document, Element]], catalog: Catalog) -> None:
        self._processes, self._catalog = processes, catalog
        self._parts: dict[Element, _Part | None] = {}
        self._left = MAX_WORK

    def after(self, document: Document, event: Element) -> frozenset[Fact]:
        """Return what is sure once `event` has occurred: a start, catch or boundary event, or a receive task."""
        scope = event.getparent()
        part = None if scope is None else self._part(document, scope, 0)
        return _NOTHING if part is None else self._onward(part, event.get("id") or "")

    def _part(self, document: Document, scope: Element, depth: int) -> _Part | None:
        """Return what is known of a process or sub-process; None for one that is looked at already, or cannot be."""
        if scope not in self._parts:
            self._parts[scope] = None
            if depth <= _MAX_DEPTH and self._left > 0:
                self._parts[scope] = self._looked_at(document, scope, depth)
        return self._parts[scope]

    def _looked_at(self, document: Document, scope: Element, depth: int) -> _Part | None:
        graph = Graph.of(scope)
        events = {name: set(_kinds(node)) for name, node in graph.nodes.items()}
        handlers = (
            start
            for node in graph.of_kind("subProcess")
            if is_event_subprocess(node)
            for start in children_of(node, "startEvent")
        )
        if any(interrupts(start) and set(_kinds(start)) & _BREAKING for start in handlers):
            return None
        joins = {
            name: frozenset(("flow", str(id(flow.element))) for flow in graph.incoming[name])
            for name, node in graph.nodes.items()
            if name_of(node) == "parallelGateway" and len(graph.incoming[name]) > 1
        }
        ending = any(kinds & _ENDING for name, kinds in events.items() if name_of(graph.nodes[name]) == "endEvent")
        part = _Part(graph, document, depth, joins, ending)
        part.sure = dict.fromkeys(graph.nodes, _NOTHING)
        part.quiet = not ending and all(self._passes(part, name) for name in graph.nodes if not _aside(graph, name))
        self._settle(part)
        return part

    def _settle(self, part: _Part) -> None:
        """Work out what is sure at each node, from nothing upwards, until it stays the same."""
        graph = part.graph
        splits = [name for name, flows in graph.outgoing.items() if len(flows) > 1]
        # What comes last is worked out first, so that most nodes are looked at once.
        waiting = dict.fromkeys(chain.from_iterable(components(graph.nodes, graph.successors)))
        while waiting and self._left > 0:
            name = next(iter(waiting))
            del waiting[name]
            found = self._at(part, name)
            self._left -= 1 + len(graph.outgoing[name]) + len(found) // _FACTS_AT_ONCE
            if found == part.sure[name]:
                continue
            part.sure[name] = found
            for source in (flow.source for flow in graph.incoming[name]):
                # What is behind an event is looked at with its activity, what is behind a join with what splits.
                host = graph.nodes[source].get("attachedToRef") or source
                waiting.update(dict.fromkeys(splits if source in part.joins else [host] if host in graph.nodes else []))

    def _at(self, part: _Part, name: str) -> frozenset[Fact]:
        """Return what is sure once a token has come to a node."""
        node = part.graph.nodes[name]
        if _is_caught(node):
            return frozenset((("wait", name),))
        found = self._done(part, node)
        if not self._passes(part, name):
            return found
        events = (event for event in part.graph.boundaries.get(name, ()) if interrupts(part.graph.nodes[event]))
        ways = [self._onward(part, each) for each in (name, *events)]
        return found | frozenset.intersection(*ways)

    def _done(self, part: _Part, node: Element) -> frozenset[Fact]:
        """Return what a node throws, by itself and by what runs within it."""
        loops = list(children_of(node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"))
        if any(name_of(loop).startswith("multi") or loop.get("testBefore") in TRUE for loop in loops):
            return _NOTHING  # it may not be done at all
        inner = self._within(part, node)
        if inner is None:
            said = thrown(part.document, node)
            return _NOTHING if said is None else frozenset((said,))
        starts = [inner.sure[name] for name, start in inner.graph.nodes.items() if _is_plain_start(start)]
        return frozenset(fact for fact in starts[0] if fact[0] in KINDS) if len(starts) == 1 else _NOTHING

    def _passes(self, part: _Part, name: str) -> bool:
        """Say whether a token that comes to a node is sure to leave it without waiting."""
        node = part.graph.nodes[name]
        kind, events = name_of(node), set(_kinds(node))
        if kind == "inclusiveGateway" and len(part.graph.incoming[name]) > 1:
            return False
        if kind == "serviceTask":
            operation = self._catalog.operation(properties(node).get("operation") or "")
            return operation is not None and operation.pure
        if kind in ("subProcess", "callActivity"):
            inner = self._within(part, node)
            return inner is not None and inner.quiet
        if kind in ("intermediateThrowEvent", "endEvent"):
            return not events & (_ENDING | {"escalation"})
        return kind in _QUIET or kind in _PASSING or link_name(node) is not None

    def _within(self, part: _Part, node: Element) -> _Part | None:
        """Return what runs within a sub-process or call activity, None for other nodes and what is not known."""
        if name_of(node) == "subProcess" and not is_event_subprocess(node):
            return self._part(part.document, node, part.depth + 1)
        called = self._processes.get((node.get("calledElement") or "").strip())
        return None if name_of(node) != "callActivity" or called is None else self._part(*called, part.depth + 1)

    def _onward(self, part: _Part, name: str) -> frozenset[Fact]:
        """Return what is sure once a token has left a node."""
        flows = part.graph.outgoing.get(name, [])
        if not flows:
            return _NOTHING
        node = part.graph.nodes[name]
        kind, preset = name_of(node), node.get("default")
        always = [flow for flow in flows if not flow.has_condition and flow.id != preset]
        if kind in ("exclusiveGateway", "inclusiveGateway", "eventBasedGateway") or not always:
            always = []
        if not always and all(flow.has_condition and flow.id != preset for flow in flows):
            return _NOTHING  # none may hold: then it fails
        if not always or part.one_at_a_time:
            return frozenset.intersection(*(self._along(part, flow) for flow in always or flows))
        return self._joined(part, frozenset().union(*(self._along(part, flow) for flow in always)))

    def _along(self, part: _Part, flow: Flow) -> frozenset[Fact]:
        if flow.target in part.joins:
            return frozenset((("flow", str(id(flow.element))),))
        return part.sure[flow.target]

    def _joined(self, part: _Part, found: frozenset[Fact]) -> frozenset[Fact]:
        """Add what is sure behind the parallel joins to which a token comes on every flow."""
        passed: set[str] = set()
        while True:
            ready = [name for name, needed in part.joins.items() if name not in passed and needed <= found]
            if not ready:
                return found
            passed.update(ready)
            self._left -= len(part.joins)
            found = found.union(*(self._onward(part, name) for name in ready))


def _kinds(node: Element) -> Iterator[str]:
    return (name_of(definition).removesuffix("EventDefinition") for definition in event_definitions(node))


def _is_plain_start(node: Element) -> bool:
    return name_of(node) == "startEvent" and not any(_kinds(node))


def _is_caught(node: Element) -> bool:
    """Say whether a node waits for one message or signal and nothing else."""
    if next(children_of(node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"), None) is not None:
        return False
    return name_of(node) == "receiveTask" or (
        name_of(node) == "intermediateCatchEvent" and set(_kinds(node)) <= {"message", "signal"}
    )


def _aside(graph: Graph, name: str) -> bool:
    """Say whether a node runs only when something has occurred: an event sub-process, or an event on an activity."""
    node = graph.nodes[name]
    return name_of(node) == "boundaryEvent" or is_event_subprocess(node)
