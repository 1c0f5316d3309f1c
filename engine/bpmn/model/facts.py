"""Owns what a process says about itself without being run: for definition lists, pages and checks; it judges nothing.

Facts are plain values with a JSON form, so that they can be stored beside the definition.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from engine.bpmn.model.document import (
    Document,
    all_flow_nodes,
    event_definitions,
    is_executable,
    message_place,
)
from engine.bpmn.model.extensions import (
    attribute,
    documentation,
    form_key,
    names_in,
    properties,
)
from engine.bpmn.model.start_facts import StartFacts, signals_of, starts_of
from engine.bpmn.model.xml import Element, bpmn, children_of, line_of, name_of
from engine.feel import is_expression
from engine.types import Json


@dataclass(frozen=True, slots=True)
class ElementFacts:
    """One activity, event or gateway. `kind` is its BPMN element name, `event` its event definition (`timer`, ...).

    `parent` is the id of the sub-process around it; `attached_to` that of the activity a boundary event stands on.
    `form_variable` is where a user task keeps the values of its form together; `compare` names the variables that its
    page compares: a reference to a record, and the values that are to become its next version.
    """

    id: str
    name: str
    kind: str
    lane: str | None = None
    line: int | None = None
    event: str | None = None
    parent: str | None = None
    attached_to: str | None = None
    form_variable: str | None = None
    compare: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CalledProcess:
    """A call activity: the key of the process it calls, and which version (`latest` or `deployment`)."""

    element_id: str
    key: str
    binding: str


@dataclass(frozen=True, slots=True)
class RegisterUse:
    """An element reads or writes a register; `register` is the key or name that the data store gives."""

    element_id: str
    register: str
    direction: Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """An element waits for a message, or starts a case. `form` checks the payload, kept under `result_variable`."""

    element_id: str
    name: str
    form: str | None
    result_variable: str | None
    starts: bool


@dataclass(frozen=True, slots=True)
class MessageSent:
    """An element sends a message; `destination` as written (literal or expression), None: inside the product."""

    element_id: str
    name: str
    destination: str | None


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """What a process says about itself.

    `properties` are the process's `camunda:property` entries (`title`, `organisation`, ...) as written. `startable`
    says that the people named as starters may start it from the list; `introduction` is what the start event's
    documentation tells them. Forms, decisions and groups are keys, each once, in document order.
    """

    key: str
    name: str
    file: str
    line: int | None = None
    documentation: str | None = None
    executable: bool = False
    version_tag: str | None = None
    starter_users: tuple[str, ...] = ()
    starter_groups: tuple[str, ...] = ()
    startable: bool = False
    owner_group: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    start_form: str | None = None
    introduction: str | None = None
    forms: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    latest_forms: tuple[str, ...] = ()
    latest_decisions: tuple[str, ...] = ()
    calls: tuple[CalledProcess, ...] = ()
    registers: tuple[RegisterUse, ...] = ()
    receives: tuple[MessageReceived, ...] = ()
    sends: tuple[MessageSent, ...] = ()
    groups: tuple[str, ...] = ()
    elements: tuple[ElementFacts, ...] = ()
    starts: tuple[StartFacts, ...] = ()
    signals: tuple[str, ...] = ()
    """names of the signals that it throws or waits for"""

    def element(self, element_id: str) -> ElementFacts | None:
        """Return the facts of one element, None when there is none of this id."""
        return next((element for element in self.elements if element.id == element_id), None)

    @property
    def time_zone(self) -> str | None:
        """Return the IANA name of the time zone in which its cron texts are read, None: UTC."""
        return self.properties.get("timeZone")

    @property
    def withdrawable(self) -> bool:
        """Return whether who handed a case in may withdraw it while it runs."""
        return self.properties.get("withdrawal") == "true"

    @property
    def callers(self) -> tuple[str, ...]:
        """Return the groups and roles whose process owners may deploy models that call it, besides its own."""
        return names_in(self.properties.get("callers"))

    def as_json(self) -> dict[str, Json]:
        """Return the facts as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Json]) -> "ProcessFacts":
        """Return the facts that `as_json` stored."""
        values = _tuples(stored)
        for name, kind in _PARTS.items():
            values[name] = tuple(kind(**_tuples(part)) for part in stored.get(name, ()))
        return cls(**values)


def _tuples(stored: Mapping[str, Json]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()}


_PARTS: Mapping[str, type] = {
    "calls": CalledProcess,
    "registers": RegisterUse,
    "receives": MessageReceived,
    "sends": MessageSent,
    "elements": ElementFacts,
    "starts": StartFacts,
}


def processes_in(content: bytes, file: str) -> list[ProcessFacts]:
    """Return the facts of every process in a BPMN file, pools that do not run too; raise `XmlRefused` if unreadable."""
    document = Document(content, file)
    return [process_facts(document, process) for process in document.processes]


def process_facts(document: Document, process: Element) -> ProcessFacts:
    """Return the facts of one process of `document`."""
    key = process.get("id") or ""
    participant = document.participants.get(key)
    named = properties(process)
    nodes = list(all_flow_nodes(process))
    starts = [start for start in children_of(process, "startEvent") if not list(event_definitions(start))]
    users = names_in(attribute(process, "candidateStarterUsers"))
    groups = names_in(attribute(process, "candidateStarterGroups"))
    return ProcessFacts(
        key=key,
        name=process.get("name") or (participant.get("name") if participant is not None else None) or key,
        file=document.file,
        line=line_of(process),
        documentation=documentation(process) or (documentation(participant) if participant is not None else None),
        executable=is_executable(process),
        version_tag=attribute(process, "versionTag"),
        starter_users=users,
        starter_groups=groups,
        startable=bool(starts) and bool(users or groups) and not _off_list(process),
        owner_group=named.get("ownerGroup"),
        properties=named,
        start_form=next(filter(None, map(form_key, starts)), None),
        introduction=next(filter(None, map(documentation, starts)), None),
        forms=_once(form_key(node) for node in _form_places(nodes)),
        decisions=_once(attribute(node, "decisionRef") for node in nodes),
        latest_forms=_latest(_form_places(nodes), form_key, "formRefBinding"),
        latest_decisions=_latest(nodes, lambda node: attribute(node, "decisionRef"), "decisionRefBinding"),
        calls=tuple(_calls(nodes)),
        registers=tuple(
            RegisterUse(node.get("id") or "", use.register, use.direction)
            for node in nodes
            for use in document.associations(node)
        ),
        receives=tuple(_received(document, nodes)),
        sends=tuple(_sent(document, nodes)),
        groups=_once((*groups, named.get("ownerGroup"), *_task_groups(nodes))),
        elements=tuple(_elements(document, nodes)),
        starts=tuple(starts_of(document, process)),
        signals=_once(signals_of(document, nodes)),
    )


def _off_list(process: Element) -> bool:
    return attribute(process, "isStartableInTasklist") in ("false", "0")


def _once(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name and not is_expression(name)))


def _latest(nodes: Iterable[Element], key: Callable[[Element], str | None], binding: str) -> tuple[str, ...]:
    """Return the keys that every element naming them binds to the latest version."""
    bound: dict[str, bool] = {}
    for node in nodes:
        name = key(node)
        if name:
            bound[name] = bound.get(name, True) and attribute(node, binding) == "latest"
    return tuple(name for name, latest in bound.items() if latest)


def _form_places(nodes: list[Element]) -> Iterable[Element]:
    return (node for node in nodes if name_of(node) in ("startEvent", "userTask") or message_place(node) is not None)


def _task_groups(nodes: list[Element]) -> Iterable[str]:
    for node in nodes:
        yield from names_in(attribute(node, "candidateGroups"))


def _calls(nodes: list[Element]) -> Iterable[CalledProcess]:
    for node in nodes:
        called = (node.get("calledElement") or "").strip()
        if name_of(node) == "callActivity" and called:
            binding = attribute(node, "calledElementBinding") or "latest"
            yield CalledProcess(node.get("id") or "", called, binding)


def _received(document: Document, nodes: list[Element]) -> Iterable[MessageReceived]:
    for node in nodes:
        place, kind = message_place(node), name_of(node)
        if place is None or kind in ("sendTask", "intermediateThrowEvent", "endEvent"):
            continue
        message, parent = document.message(place), node.getparent()
        yield MessageReceived(
            element_id=node.get("id") or "",
            name=(message.get("name") or "") if message is not None else "",
            form=form_key(node),
            result_variable=properties(node).get("resultVariable"),
            starts=kind == "startEvent" and parent is not None and parent.tag == bpmn("process"),
        )


def _sent(document: Document, nodes: list[Element]) -> Iterable[MessageSent]:
    for node in nodes:
        place = message_place(node)
        if place is not None and name_of(node) in ("sendTask", "intermediateThrowEvent", "endEvent"):
            message = document.message(place)
            name = (message.get("name") or "") if message is not None else ""
            yield MessageSent(node.get("id") or "", name, properties(node).get("destination"))


def _elements(document: Document, nodes: list[Element]) -> Iterable[ElementFacts]:
    for node in nodes:
        definition = next(iter(event_definitions(node)), None)
        parent = node.getparent()
        inner = parent is not None and parent.tag != bpmn("process")
        yield ElementFacts(
            id=node.get("id") or "",
            name=" ".join((node.get("name") or "").split()),
            kind=name_of(node),
            lane=document.lane(node),
            line=line_of(node),
            event=None if definition is None else name_of(definition).removesuffix("EventDefinition"),
            parent=parent.get("id") if parent is not None and inner else None,
            attached_to=node.get("attachedToRef"),
            form_variable=properties(node).get("formVariable"),
            compare=names_in(properties(node).get("compare")),
        )
