"""Owns the reading of a process into specs that can run: a SpiffWorkflow parser for what is on our list.

What it cannot read it refuses with file, line and element; the lint says the same earlier and more kindly. Sequence
flows are followed in a loop, not by recursion, and in the order of the file, not of the diagram.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser

from engine import feel
from engine.bpmn.case.context import ProcessSource
from engine.bpmn.model import elements
from engine.bpmn.model.document import (
    Document,
    event_definitions,
    flow_nodes,
    interrupts,
    is_event_subprocess,
    kind_in_list,
)
from engine.bpmn.model.graph import Graph
from engine.bpmn.model.xml import Element as XmlElement
from engine.bpmn.model.xml import bpmn, children_of, line_of, text_of
from engine.bpmn.reading.event_subprocesses import misplaced
from engine.bpmn.reading.kinds import READERS
from engine.bpmn.reading.nodes import NodeReader
from engine.bpmn.specs.activity import Activity
from engine.bpmn.specs.boundary import BoundaryEvent, CatchingBoundaryEvent
from engine.bpmn.specs.element import Element, Flow
from engine.bpmn.specs.events import CatchEvent, EndEvent, StartEvent
from engine.bpmn.specs.gateways import EventBasedGateway, ExclusiveGateway, InclusiveGateway, ParallelGateway
from engine.bpmn.specs.process import ProcessSpec
from engine.bpmn.specs.tasks import ReceiveTask
from engine.errors import DefinitionRefused, ExpressionRefused
from engine.types import Finding

RULE: Final = "cannot-run"
"""The rule that findings of this module name."""


class ModelParser(BpmnParser):  # type: ignore[misc]  # SpiffWorkflow carries no types
    """Reads one process of a file, with its sub-processes."""

    PARSER_CLASSES: Mapping[str, object] = {}
    OVERRIDE_PARSER_CLASSES: Mapping[str, object] = {bpmn(kind): reader for kind, reader in READERS.items()}

    def __init__(self, source: ProcessSource) -> None:
        super().__init__()
        self.source, self.document = source, Document(source.content, source.file)
        self.specs: dict[str, ProcessSpec] = {}

    def read(self) -> ProcessSpec:
        """Return the process. Its sub-processes are in `specs` too, named `process/sub-process`."""
        node = self.document.resolve(self.source.key)
        if node is None or node.tag != bpmn("process"):
            self.refuse(None, f"The file has no process {self.source.key!r}.", "Deploy the file that defines it.")
        spec: ProcessSpec = ProcessReader(self, node, self.namespaces, {}, filename=self.source.file).get_spec()
        return spec

    def refuse(self, node: XmlElement | None, message: str, remedy: str) -> NoReturn:
        """Raise `DefinitionRefused` for `node`."""
        raise DefinitionRefused(
            [
                Finding(
                    file=self.source.file,
                    rule=RULE,
                    message=message,
                    remedy=remedy,
                    line=None if node is None else line_of(node),
                    element_id=None if node is None else node.get("id"),
                    element_name=None if node is None else node.get("name"),
                )
            ]
        )


class ProcessReader(ProcessParser):  # type: ignore[misc]  # SpiffWorkflow carries no types
    """Reads one process or sub-process."""

    parser: ModelParser
    node: XmlElement
    spec: ProcessSpec

    def _parse(self) -> None:
        is_process = self.node.tag == bpmn("process")
        key = self.parser.source.key
        name = key if is_process else f"{key}/{self.node.get('id')}"
        self.graph = Graph.of(self.node)
        self.spec = ProcessSpec(name, key, self.filename, is_process=is_process)
        self.parser.specs[name] = self.spec
        self._check()
        for node in self.graph.nodes.values():
            self.parse_node(node)
        self._join_flows()
        self._attach_boundaries()
        starts = [element for element in self.spec.elements() if isinstance(element, StartEvent)]
        plain = [start for start in starts if start.trigger is None]
        if not starts or len(plain) > 1 or (not is_process and len(starts) > 1):
            self.parser.refuse(
                self.node,
                f"Plain start events: {len(plain)}; start events with an event: {len(starts) - len(plain)}.",
                "Draw one plain start event; a process may have others, each with a message, a signal or a timer.",
            )
        self.spec.starts, self.spec.entry = tuple(starts), (plain or starts)[0]

    def parse_node(self, node: XmlElement) -> Element:
        """Read one flow node."""
        reader, spec_class = self.parser._get_parser_class(node.tag)  # noqa: SLF001 - SpiffWorkflow's own way to ask
        support = elements.support(*kind_in_list(node))
        if support.status != "runs" or reader is None:
            self.parser.refuse(node, support.why or elements.UNKNOWN.why, support.remedy)
        if sum(1 for _ in event_definitions(node)) > 1:
            self.parser.refuse(node, "An event can wait for one thing only.", "Draw one event for each.")
        node_reader: NodeReader = reader(self, spec_class, node, self.nsmap)
        try:
            return node_reader.parse_node()
        except ExpressionRefused as error:
            self.parser.refuse(node, str(error), "Mend the expression.")

    def _check(self) -> None:
        for broken in self.graph.broken:
            self.parser.refuse(broken, "A sequence flow leads out of its process.", "Join it to two elements of it.")
        for problem in self.graph.link_problems():
            self.parser.refuse(problem.element, problem.message, problem.remedy)
        starts = [
            start.get("id")
            for node in self.graph.nodes.values()
            if is_event_subprocess(node)
            for start in children_of(node, "startEvent")
        ]
        nodes = sum(1 for _ in flow_nodes(self.node))
        if len(self.graph.nodes) != nodes or len({*self.graph.nodes, *starts}) != nodes + len(starts):
            self.parser.refuse(self.node, "An element has no id, or that of another.", "Give each element its own id.")

    def _join_flows(self) -> None:
        for identity, outgoing in self.graph.outgoing.items():
            source = self.spec.element(identity)
            default = self.graph.nodes[identity].get("default")
            assert source is not None  # noqa: S101 - every node of the graph has been read
            flows = []
            for flow in outgoing:
                target = self.spec.element(flow.target)
                assert target is not None  # noqa: S101 - as above
                source.connect(target)
                target.incoming = (*target.incoming, flow.id)
                is_default = bool(default) and flow.id == default
                condition = None if is_default else self._condition(flow.element)
                flows.append(Flow(flow.id, target, condition, is_default))
            source.flows = tuple(flows)
            self._check_flows(source)
        for_others = self._waiting_for_others()
        for element in self.spec.elements():
            if isinstance(element, InclusiveGateway):
                incoming = self.graph.incoming[element.name]
                element.reach = {flow.id: self._reaching(flow.source, element.name) - for_others for flow in incoming}
                element.instead = {
                    flow.id: self._reaching(flow.source, element.name, beside=False) for flow in incoming
                }

    def _condition(self, flow: XmlElement) -> feel.Expression | None:
        for part in children_of(flow, "conditionExpression"):
            source = text_of(part)
            if part.get("language") not in (None, "", "feel", "https://www.omg.org/spec/DMN/20191111/FEEL/"):
                self.parser.refuse(flow, "A condition is in a language that is not run.", "Write it in FEEL.")
            if source:
                try:
                    return feel.parse(feel.to_feel(source))
                except ExpressionRefused as error:
                    self.parser.refuse(flow, str(error), "Mend the condition.")
        return None

    def _check_flows(self, source: Element) -> None:
        node = self.graph.nodes[source.name]
        plain = [flow for flow in source.flows if flow.condition is None and not flow.default]
        if isinstance(source, ExclusiveGateway) and len(source.flows) > 1 and plain:
            self.parser.refuse(
                node,
                "A flow out of the exclusive gateway has no condition.",
                "Give it one, or make it the default flow.",
            )
        if isinstance(source, ParallelGateway | EventBasedGateway | StartEvent) and any(
            flow.condition is not None or flow.default for flow in source.flows
        ):
            self.parser.refuse(node, "A condition here would not be asked.", "Put an exclusive gateway in between.")
        if isinstance(source, EndEvent) and source.flows:
            self.parser.refuse(node, "An end event has an outgoing flow.", "End the branch, or use a throw event.")
        if isinstance(source, StartEvent | BoundaryEvent | CatchingBoundaryEvent) and self.graph.incoming[source.name]:
            self.parser.refuse(node, "Such an event cannot have an incoming flow.", "Join the flow to what follows it.")
        if isinstance(source, EventBasedGateway):
            for flow in source.flows:
                racing = isinstance(flow.target, CatchEvent) or (
                    isinstance(flow.target, ReceiveTask)
                    and not flow.target.has_instances
                    and not self.graph.boundaries.get(flow.target.name)
                )
                if not racing or len(self.graph.incoming[flow.target.name]) != 1:
                    self.parser.refuse(
                        node,
                        f"{flow.target.label!r} cannot follow an event-based gateway.",
                        "Let timers, messages and plain receive tasks follow, each reached from there only.",
                    )

    def _waiting_for_others(self) -> frozenset[str]:
        """Return the ids of events that wait on behalf of a token elsewhere, of which they take the place."""
        boundaries = (node for node in self.graph.of_kind("boundaryEvent") if interrupts(node))
        races = (self.graph.outgoing[node.get("id") or ""] for node in self.graph.of_kind("eventBasedGateway"))
        return frozenset(
            [*(node.get("id") or "" for node in boundaries), *(flow.target for race in races for flow in race)]
        )

    def _reaching(self, start: str, gateway: str, *, beside: bool = True) -> frozenset[str]:
        """Return the ids of the elements from which a token can get to `start` without passing `gateway`.

        `beside` counts boundary events that do not interrupt as ways out: such a way is no other one for the token.
        """
        found: set[str] = set()
        waiting = [start]
        while waiting:
            current = waiting.pop()
            if current == gateway or current in found:
                continue
            found.add(current)
            waiting.extend(flow.source for flow in self.graph.incoming[current])
            host = self.graph.nodes[current].get("attachedToRef")
            if host in self.graph.nodes and (beside or interrupts(self.graph.nodes[current])):
                waiting.append(host)
        return frozenset(found)

    def _attach_boundaries(self) -> None:
        for host_id, identities in self.graph.boundaries.items():
            host = self.spec.element(host_id)
            attached: Sequence[Element | None] = [self.spec.element(identity) for identity in identities]
            for event in attached:
                node = self.graph.nodes[event.name] if event is not None else self.node
                if not isinstance(host, Activity):
                    self.parser.refuse(node, "A boundary event is not on an activity.", "Put it on one.")
                if isinstance(event, CatchingBoundaryEvent) and host.kind not in elements.THROWING[event.catches.kind]:
                    self.parser.refuse(
                        node,
                        f"A {host.kind} throws no {event.catches.kind}.",
                        f"Put the event on one of: {', '.join(sorted(elements.THROWING[event.catches.kind]))}.",
                    )
            if isinstance(host, Activity):
                host.boundaries = tuple(event for event in attached if isinstance(event, BoundaryEvent))
                host.catchers = tuple(event for event in attached if isinstance(event, CatchingBoundaryEvent))
        for handler in self.spec.handlers:
            wrong = misplaced(handler)
            if wrong is not None:
                self.parser.refuse(
                    self.graph.nodes[handler.name],
                    wrong,
                    "It stands by itself: what it waits for starts it, once each time.",
                )
