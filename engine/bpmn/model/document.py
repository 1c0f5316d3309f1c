"""Owns the index of one BPMN file: elements by id, lanes, stores and messages; it judges nothing and runs nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from engine.bpmn.model.extensions import TRUE, extension_elements, properties
from engine.bpmn.model.xml import BPMN, Element, XmlRefused, bpmn, camunda, children_of, name_of, read_bpmn, text_of

TASKS: Final = frozenset(
    (
        "task",
        "userTask",
        "manualTask",
        "serviceTask",
        "scriptTask",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
    )
)
SUBPROCESSES: Final = frozenset(("subProcess", "transaction", "adHocSubProcess"))
ACTIVITIES: Final = TASKS | SUBPROCESSES | {"callActivity"}
GATEWAYS: Final = frozenset(
    ("exclusiveGateway", "inclusiveGateway", "parallelGateway", "eventBasedGateway", "complexGateway")
)
EVENTS: Final = frozenset(
    ("startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent")
)
FLOW_NODES: Final = ACTIVITIES | GATEWAYS | EVENTS
"""Everything that a sequence flow may join (BPMN 2.0.2, 10.2), by its element name."""

MAX_PROCESSES: Final = 100
"""Most processes in one file, pools that do not run included."""

EVENT_DEFINITION: Final = "EventDefinition"

Direction = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Association:
    """A data association of an element with a data store; `register` is what the store names: a key or a name."""

    direction: Direction
    register: str
    element: Element
    store: Element


class Document:
    """One BPMN file, read and indexed. Raises `XmlRefused` when `content` cannot be read."""

    def __init__(self, content: bytes, file: str) -> None:
        self.file = file
        self.root: Element = read_bpmn(content)
        if len(self.processes) > MAX_PROCESSES:
            raise XmlRefused(
                "file-too-large",
                f"The file has {len(self.processes)} processes; at most {MAX_PROCESSES} are read.",
                "Split it into several files.",
            )
        self.by_id: dict[str, Element] = {}
        self.participants: dict[str, Element] = {}
        self._lanes: dict[str, str] = {}
        self._associations: dict[Element, tuple[Association, ...]] = {}
        self._registers: dict[Element, str] = {}
        for element in self.root.iter(f"{{{BPMN}}}*"):
            identity = element.get("id")
            if identity:
                self.by_id.setdefault(identity, element)
            name = name_of(element)
            if name == "participant" and element.get("processRef"):
                self.participants.setdefault(element.get("processRef", "").rpartition(":")[2], element)
            elif name == "lane":
                # An inner lane comes later in the file than the lanes around it, and names the place more exactly.
                for reference in children_of(element, "flowNodeRef"):
                    self._lanes[text_of(reference)] = element.get("name") or element.get("id") or ""

    @property
    def processes(self) -> list[Element]:
        """Return the processes in document order, pools that do not run included."""
        return list(children_of(self.root, "process"))

    def resolve(self, reference: str | None) -> Element | None:
        """Return the element with this id, a namespace prefix left out if need be; None when there is none."""
        if not reference:
            return None
        found = self.by_id.get(reference)
        return self.by_id.get(reference.rpartition(":")[2]) if found is None else found

    def lane(self, node: Element) -> str | None:
        """Return the name of the lane in which a node stands, a sub-process's lane for what is within it."""
        current: Element | None = node
        while current is not None and current.tag != bpmn("process"):
            lane = self._lanes.get(current.get("id") or "")
            if lane:
                return lane
            current = current.getparent()
        return None

    def message(self, element: Element) -> Element | None:
        """Return the message that an event definition or task names by `messageRef`."""
        found = self.resolve(element.get("messageRef"))
        return found if found is not None and found.tag == bpmn("message") else None

    def signal(self, element: Element) -> Element | None:
        """Return the signal that an event definition names by `signalRef`."""
        found = self.resolve(element.get("signalRef"))
        return found if found is not None and found.tag == bpmn("signal") else None

    def thrown(self, definition: Element) -> tuple[str, str | None] | None:
        """Return kind (`error`, `escalation`) and code that a definition throws or catches, None for any other one.

        The code is that of what it names, else its name, else its id; None when it names nothing.
        """
        kind = name_of(definition).removesuffix(EVENT_DEFINITION)
        if kind not in ("error", "escalation"):
            return None
        named = self.resolve(definition.get(f"{kind}Ref"))
        if named is None or named.tag != bpmn(kind):
            return kind, None
        return kind, named.get(f"{kind}Code") or named.get("name") or named.get("id")

    def associations(self, node: Element) -> Sequence[Association]:
        """Return the node's data associations with data stores; stores are looked for in the whole file.

        In a collaboration the modeler puts a store that stands outside all pools into the first process.
        """
        if node not in self._associations:
            self._associations[node] = tuple(self._read_associations(node))
        return self._associations[node]

    def _read_associations(self, node: Element) -> Iterator[Association]:
        for element in children_of(node, "dataInputAssociation", "dataOutputAssociation"):
            reads = element.tag == bpmn("dataInputAssociation")
            for end in children_of(element, "sourceRef" if reads else "targetRef"):
                store = self.resolve(text_of(end))
                if store is not None and store.tag == bpmn("dataStoreReference"):
                    if store not in self._registers:
                        self._registers[store] = store_register(store)
                    yield Association("read" if reads else "write", self._registers[store], element, store)


def store_register(store: Element) -> str:
    """Return the register that a data store reference names: its property `register`, else its name, else nothing."""
    return properties(store).get("register") or " ".join((store.get("name") or "").split())


def flow_nodes(scope: Element) -> Iterator[Element]:
    """Yield the flow nodes directly within a process or sub-process, in document order."""
    for child in scope.iterchildren(f"{{{BPMN}}}*"):
        if name_of(child) in FLOW_NODES:
            yield child


def all_flow_nodes(process: Element) -> Iterator[Element]:
    """Yield every flow node of a process, those within sub-processes included, in document order."""
    for child in process.iter(f"{{{BPMN}}}*"):
        if name_of(child) in FLOW_NODES:
            yield child


def is_event_subprocess(element: Element) -> bool:
    """Say whether an element is a sub-process that an event starts (BPMN 2.0.2, 10.3.5)."""
    return element.tag == bpmn("subProcess") and element.get("triggeredByEvent") in TRUE


def interrupts(event: Element) -> bool:
    """Say whether a boundary event, or the start event of an event sub-process, ends what it belongs to."""
    return event.get("isInterrupting" if name_of(event) == "startEvent" else "cancelActivity", "true") in TRUE


def kind_in_list(node: Element) -> tuple[str, str | None]:
    """Return kind and definition under which `engine.bpmn.model.elements` has a node.

    Event sub-processes, and by their definitions the start events in them, are `eventSubProcess` there.
    """
    kind, parent = name_of(node), node.getparent()
    definition = next((name_of(part).removesuffix(EVENT_DEFINITION) for part in event_definitions(node)), None)
    if kind == "startEvent" and parent is not None and is_event_subprocess(parent):
        return "eventSubProcess", definition or "none"
    return ("eventSubProcess" if is_event_subprocess(node) else kind), definition


def event_definitions(node: Element) -> Iterator[Element]:
    """Yield the event definitions within an event."""
    for child in node.iterchildren(f"{{{BPMN}}}*"):
        if name_of(child).endswith(EVENT_DEFINITION):
            yield child


def process_of(element: Element) -> Element | None:
    """Return the process around an element (or itself), None outside of all."""
    current: Element | None = element
    while current is not None and current.tag != bpmn("process"):
        current = current.getparent()
    return current


def is_executable(process: Element) -> bool:
    """Say whether a process is marked to be run."""
    return process.get("isExecutable") in ("true", "1")


def message_place(node: Element) -> Element | None:
    """Return what holds the node's `messageRef`: the task itself or its event definition; None without one."""
    if name_of(node) in ("sendTask", "receiveTask"):
        return node
    return next((part for part in event_definitions(node) if name_of(part) == "messageEventDefinition"), None)


def signal_place(node: Element) -> Element | None:
    """Return the event definition that holds the node's `signalRef`; None without one."""
    return next((part for part in event_definitions(node) if name_of(part) == "signalEventDefinition"), None)


def mappings(node: Element) -> list[tuple[str, Element]]:
    """Return the `camunda:in` and `camunda:out` elements of a call activity, each with `in` or `out`."""
    return [
        (direction, element)
        for element in extension_elements(node)
        for direction in ("in", "out")
        if element.tag == camunda(direction)
    ]
