"""Owns the answer which variables a process sets, where that can be known from the models; it judges no use of them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from engine.bpmn import data_objects, parameters
from engine.bpmn.document import Document, all_flow_nodes, event_definitions, is_executable, mappings, process_of
from engine.bpmn.extensions import attribute, form_key, properties
from engine.bpmn.lint.scope import MAX_TEXT, Scope
from engine.bpmn.lint.scripts import Script
from engine.bpmn.xml import Element, camunda, children_of, name_of

ENGINE_NAMES: Final = frozenset(
    (
        "businessKey",
        "initiator",
        "loopCounter",
        "nrOfInstances",
        "nrOfActiveInstances",
        "nrOfCompletedInstances",
        "numberOfInstances",
        "numberOfActiveInstances",
        "numberOfCompletedInstances",
    )
)
"""Names that the engine sets: who started the case and under which key, and what multi-instance activities count."""

_MAX_NAMES = 2_000
_MAX_RELATIVES = 20


@dataclass(slots=True)
class Names:
    """The names that a process sets; `complete` is False when it may set others too, which cannot be known.

    `shares` are the processes whose variables it gets as a whole: called ones, or callers.
    """

    known: set[str] = field(default_factory=set)
    complete: bool = True
    shares: list[Element] = field(default_factory=list)

    def add(self, name: str | None) -> None:
        """Add a name, if it is one."""
        if name and name.strip():
            self.known.add(name.strip())

    def add_fields(self, fields: Collection[str] | None) -> None:
        """Add the names of a form's fields; None says that they cannot be known."""
        self.known.update(fields or ())
        self.complete &= fields is not None


class Variables:
    """What the processes of one upload set."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._own: dict[Element, Names] = {}
        self._home: dict[Element, Document] = {}
        self._by_key: dict[str, Element] = {}
        self._callers: dict[str, list[Element]] = {}
        self._left = MAX_TEXT
        for document in scope.models.values():
            for process in document.processes:
                if is_executable(process):
                    self._home[process] = document
                    self._by_key.setdefault(process.get("id") or "", process)
                    for node in all_flow_nodes(process):
                        if name_of(node) == "callActivity":
                            self._callers.setdefault((node.get("calledElement") or "").strip(), []).append(node)

    def of(self, process: Element) -> Names:
        """Return the names that are set in cases of `process`, by itself, by what it calls, and by what calls it."""
        found = Names(set(ENGINE_NAMES))
        visited, waiting = {process}, [process]
        while waiting:
            own = self._own_names(waiting.pop())
            found.known |= own.known
            found.complete &= own.complete
            new = [other for other in own.shares if other not in visited]
            visited.update(new)
            waiting.extend(new)
            if len(visited) > _MAX_RELATIVES:
                return Names(found.known, complete=False)
        return found

    def _own_names(self, process: Element) -> Names:
        if process not in self._own:
            found = Names()
            self._add_callers(process, found)
            for node in all_flow_nodes(process):
                self._add_node(self._home[process], node, found)
            self._own[process] = found if len(found.known) <= _MAX_NAMES else Names(complete=False)
        return self._own[process]

    def _add_callers(self, process: Element, found: Names) -> None:
        calls = self._callers.get(process.get("id") or "", [])
        started = attribute(process, "candidateStarterGroups") or attribute(process, "candidateStarterUsers")
        if not calls and not started:
            found.complete = False  # whatever calls it is not part of this upload
        for call in calls:
            incoming = [mapping for direction, mapping in mappings(call) if direction == "in"]
            for mapping in incoming:
                found.add(mapping.get("target"))
            caller = process_of(call)
            if caller is not None and (not mappings(call) or _everything(incoming)):
                found.shares.append(caller)

    def _add_node(self, document: Document, node: Element, found: Names) -> None:
        kind, named = name_of(node), properties(node)
        found.add(attribute(node, "resultVariable"))
        found.add(named.get("resultVariable"))
        if kind == "userTask" and named.get("formVariable"):
            found.add(named["formVariable"])
        elif kind == "userTask" or (kind == "startEvent" and not list(event_definitions(node))):
            self._add_form(form_key(node), found)
        for use in document.associations(node):
            register = self._scope.catalog.register(use.register)
            found.add(None if register is None else register.variable)
            found.complete &= register is not None
        for definition in event_definitions(node):
            for name in ("errorCodeVariable", "errorMessageVariable", "escalationCodeVariable"):
                found.add(attribute(definition, name))
        for loop in children_of(node, "multiInstanceLoopCharacteristics"):
            found.add(loop.get(camunda("elementVariable")))
        for parameter in parameters.drawn(node):
            found.add(parameter.name)
        for drawn in data_objects.uses(document, node):
            found.add(drawn.variable)
        if kind == "serviceTask":
            self._add_operation(named.get("operation"), found)
        elif kind == "scriptTask":
            self._add_script(Script.of(node) if self._left > 0 else None, found)
        elif kind == "callActivity":
            self._add_called(node, found)

    def _add_form(self, key: str | None, found: Names) -> None:
        if key is not None:
            found.add_fields(self._scope.catalog.form_fields(key))

    def _add_called(self, call: Element, found: Names) -> None:
        outgoing = [mapping for direction, mapping in mappings(call) if direction == "out"]
        for mapping in outgoing:
            found.add(mapping.get("target"))
        if not mappings(call) or _everything(outgoing):
            called = self._by_key.get((call.get("calledElement") or "").strip())
            if called is None:
                found.complete = False
            else:
                found.shares.append(called)

    def _add_operation(self, name: str | None, found: Names) -> None:
        operation = self._scope.catalog.operation(name or "")
        found.known.update(() if operation is None else (each.name for each in operation.outputs))

    def _add_script(self, script: Script | None, found: Names) -> None:
        if script is None or script.parsed is None:
            found.complete = False
            return
        self._left -= len(script.source)
        found.known |= script.parsed.assigns


def _everything(maps: list[Element]) -> bool:
    return any(mapping.get("variables") for mapping in maps)
