"""Owns the graph of one process or sub-process: nodes joined by sequence flows and links; it judges nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.bpmn.model import links
from engine.bpmn.model.document import flow_nodes
from engine.bpmn.model.xml import Element, children_of, name_of, text_of


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow, or a link from its throw event (`element`, `id`); both ends are ids of nodes of the graph."""

    id: str
    source: str
    target: str
    element: Element

    @property
    def has_condition(self) -> bool:
        """Say whether a condition with some text stands on it."""
        return any(text_of(part) for part in children_of(self.element, "conditionExpression"))


@dataclass(slots=True)
class Graph:
    """A process or sub-process (`scope`) as nodes by id and flows by end; flows with an end elsewhere are `broken`."""

    scope: Element
    nodes: dict[str, Element] = field(default_factory=dict)
    outgoing: dict[str, list[Flow]] = field(default_factory=dict)
    incoming: dict[str, list[Flow]] = field(default_factory=dict)
    boundaries: dict[str, list[str]] = field(default_factory=dict)
    broken: list[Element] = field(default_factory=list)

    @classmethod
    def of(cls, scope: Element) -> "Graph":
        """Return the graph of what stands directly within `scope`."""
        graph = cls(scope)
        for node in flow_nodes(scope):
            identity = node.get("id")
            if identity and identity not in graph.nodes:
                graph.nodes[identity] = node
                graph.outgoing[identity], graph.incoming[identity] = [], []
        for node in graph.of_kind("boundaryEvent"):
            graph.boundaries.setdefault(node.get("attachedToRef") or "", []).append(node.get("id") or "")
        for element in children_of(scope, "sequenceFlow"):
            source, target = element.get("sourceRef") or "", element.get("targetRef") or ""
            if source in graph.nodes and target in graph.nodes:
                flow = Flow(element.get("id") or "", source, target, element)
                graph.outgoing[source].append(flow)
                graph.incoming[target].append(flow)
            else:
                graph.broken.append(element)
        for throw, catch in links.pairs(graph.nodes):
            link = Flow(throw, throw, catch, graph.nodes[throw])
            graph.outgoing[throw].append(link)
            graph.incoming[catch].append(link)
        return graph

    def link_problems(self) -> Iterator[links.Problem]:
        """Yield what is wrong with the link events."""
        flows = [flow for flows in self.outgoing.values() for flow in flows if name_of(flow.element) == "sequenceFlow"]
        return links.problems(self.nodes, {flow.source for flow in flows}, {flow.target for flow in flows})

    def of_kind(self, *kinds: str) -> Iterator[Element]:
        """Yield the nodes whose element name is one of `kinds`, in document order."""
        return (node for node in self.nodes.values() if name_of(node) in kinds)

    def successors(self, identity: str) -> Iterator[str]:
        """Yield the ids of the nodes that may come right after one, boundary events on it included."""
        yield from (flow.target for flow in self.outgoing[identity])
        yield from self.boundaries.get(identity, ())

    @property
    def size(self) -> int:
        """Return the number of nodes and flows."""
        return len(self.nodes) + sum(map(len, self.outgoing.values()))

    def reachable(self, starts: Iterable[str], without: str | None = None, avoiding: str | None = None) -> set[str]:
        """Return the ids of all nodes that may come after `starts`, these included.

        No path leads on from `without`, nor into `avoiding`.
        """
        found = set(starts)
        waiting = list(found)
        while waiting:
            current = waiting.pop()
            for following in self.successors(current) if current != without else ():
                if following not in found and following != avoiding:
                    found.add(following)
                    waiting.append(following)
        return found
