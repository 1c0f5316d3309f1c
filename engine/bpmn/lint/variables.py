"""Owns the answer which variables a process sets, where that can be known from the models; it judges no use of them."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from engine.bpmn.document import Document, all_flow_nodes, is_executable, mappings, message_place, process_of
from engine.bpmn.extensions import attribute, form_key, properties
from engine.bpmn.lint.scope import Scope
from engine.bpmn.lint.scripts import parsed_script
from engine.bpmn.xml import Element, camunda, children_of, name_of

ENGINE_NAMES = frozenset(("loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances"))
"""Names that multi-instance activities set by themselves."""


@dataclass(slots=True)
class Names:
    """The names that a process sets; `complete` is False when it may set others too, which cannot be known."""

    known: set[str]
    complete: bool = True

    def add(self, names: "Names") -> None:
        """Add what another source sets."""
        self.known |= names.known
        self.complete &= names.complete


def variables_of(scope: Scope, process: Element) -> Names:
    """Return the names that are set in cases of `process`, by itself, by what it calls, and by what calls it."""
    return _Collection(scope).of(scope.document, process)


class _Collection:
    """One walk over a process and its relatives; `visited` stops it from going round."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.visited: set[Element] = set()
        self.by_key: dict[str, tuple[Document, Element]] = {}
        self.calls: dict[str, list[tuple[Document, Element]]] = {}
        for document in scope.models.values():
            for process in document.processes:
                if is_executable(process):
                    self.by_key.setdefault(process.get("id") or "", (document, process))
                    for node in all_flow_nodes(process):
                        if name_of(node) == "callActivity":
                            called = (node.get("calledElement") or "").strip()
                            self.calls.setdefault(called, []).append((document, node))

    def of(self, document: Document, process: Element) -> Names:
        found = Names(set(ENGINE_NAMES))
        if process in self.visited:
            return found
        self.visited.add(process)
        for names in self._parts(document, process):
            found.add(names)
        return found

    def _parts(self, document: Document, process: Element) -> Iterator[Names]:
        yield from self._from_callers(process)
        for node in all_flow_nodes(process):
            kind = name_of(node)
            if kind in ("startEvent", "userTask"):
                yield self._form(form_key(node))
            if message_place(node) is not None and kind not in ("sendTask", "endEvent", "intermediateThrowEvent"):
                yield self._payload(node)
            for name in (attribute(node, "resultVariable"), properties(node).get("resultVariable")):
                if name:
                    yield Names({name})
            for use in document.associations(node):
                register = self.scope.catalog.register(use.register)
                yield Names(set(), complete=False) if register is None else Names({register.variable})
            for loop in children_of(node, "multiInstanceLoopCharacteristics"):
                yield Names({loop.get(camunda("elementVariable")) or ""})
            if kind == "scriptTask":
                yield _assigned(node)
            elif kind == "callActivity":
                yield self._called(node)

    def _from_callers(self, process: Element) -> Iterator[Names]:
        callers = self.calls.get(process.get("id") or "", [])
        started = attribute(process, "candidateStarterGroups") or attribute(process, "candidateStarterUsers")
        if not callers and not started:
            yield Names(set(), complete=False)  # whatever calls it is not part of this upload
        for document, call in callers:
            maps = [mapping for direction, mapping in mappings(call) if direction == "in"]
            yield Names({mapping.get("target") or "" for mapping in maps})
            caller = process_of(call)
            if caller is not None and (not mappings(call) or any(mapping.get("variables") for mapping in maps)):
                yield self.of(document, caller)

    def _called(self, call: Element) -> Names:
        maps = [mapping for direction, mapping in mappings(call) if direction == "out"]
        if mappings(call) and not any(mapping.get("variables") for mapping in maps):
            return Names({mapping.get("target") or "" for mapping in maps})
        called = self.by_key.get((call.get("calledElement") or "").strip())
        return self.of(*called) if called else Names(set(), complete=False)

    def _form(self, key: str | None) -> Names:
        if key is None:
            return Names(set())
        fields = self.scope.catalog.form_fields(key)
        return Names(set(), complete=False) if fields is None else Names(set(fields))

    def _payload(self, node: Element) -> Names:
        """Return what a received message sets: the property `resultVariable`, told elsewhere, or nothing."""
        return Names(set()) if properties(node).get("resultVariable") else self._form(form_key(node))


def _assigned(task: Element) -> Names:
    source = "".join("".join(map(str, script.itertext())) for script in children_of(task, "script"))
    tree = parsed_script(source)
    if isinstance(tree, str):
        return Names(set(), complete=False)
    found = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    return Names(found)
