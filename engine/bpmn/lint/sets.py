"""Owns the answer which names one element of a process sets; it knows no other element, and judges nothing."""

from collections.abc import Collection
from dataclasses import dataclass, field

from engine.bpmn.catalog import Catalog
from engine.bpmn.model.document import Document, event_definitions, mappings
from engine.bpmn.model.extensions import attribute, extension_elements, form_key, properties
from engine.bpmn.model.scripts import Script
from engine.bpmn.model.xml import Element, children_of, name_of
from engine.bpmn.reading import parameters

_CODE = ("class", "delegateExpression", "expression", "type")
_UNREAD = frozenset(("connector", "executionListener", "formData", "formProperty", "taskListener"))
_VARIABLES = ("errorCodeVariable", "errorMessageVariable", "escalationCodeVariable")


@dataclass(slots=True)
class Sets:
    """The names that an element sets: where it stands itself (`inside`), `around` it, and as what an instance `brings`.

    `complete` is False when it may set others too, which cannot be known.
    """

    inside: set[str] = field(default_factory=set)
    around: set[str] = field(default_factory=set)
    brings: set[str] = field(default_factory=set)
    complete: bool = True

    def add(self, *names: str | None) -> None:
        """Add names that are set where the element stands; None is none."""
        self.inside.update(name for name in names if name)

    def add_all(self, names: Collection[str] | None) -> None:
        """Add names that are set where the element stands; None says that they cannot be known."""
        self.inside.update(names or ())
        self.complete &= names is not None


def sets_of(catalog: Catalog, document: Document, node: Element) -> Sets:
    """Return what `node` sets by itself: what a process that it calls sets, and scripts, are left out."""
    found, kind, named = Sets(), name_of(node), properties(node)
    instances = next(children_of(node, "multiInstanceLoopCharacteristics"), None) is not None
    found.add(attribute(node, "resultVariable"))
    if (instances and kind != "receiveTask") or kind == "serviceTask":
        found.around.update(filter(None, (named.get("resultVariable"),)))
    else:
        found.add(named.get("resultVariable"))
    if kind == "userTask":
        found.add(named.get("completedBy"))
    if kind == "userTask" and named.get("formVariable"):
        found.add(named["formVariable"])
    elif kind == "userTask" or (kind == "startEvent" and not list(event_definitions(node))):
        key = form_key(node)
        found.add_all(() if key is None else catalog.form_fields(key))
    for use in document.associations(node):
        register = catalog.register(use.register)
        found.complete &= register is not None
        if register is not None and (use.direction == "write" or register.singleton):
            found.add(register.variable)
    for definition in event_definitions(node):
        found.add(*(attribute(definition, name) for name in _VARIABLES))
    for direction, mapping in mappings(node):
        if direction == "out":
            found.add((mapping.get("target") or "").strip())
    found.complete &= not _elsewhere(node)
    outputs = {each.name for each in parameters.drawn(node) if each.direction == "output"}
    (found.brings if instances else found.around).update(filter(None, outputs))
    if kind == "serviceTask" and instances and not outputs:
        operation = catalog.operation(named.get("operation") or "")
        found.complete &= operation is not None
        found.brings.update(() if operation is None else (each.name for each in operation.outputs))
    return found


def _elsewhere(node: Element) -> bool:
    """Say whether a node has its work described in a way that is not read here, and that may set anything."""
    if name_of(node) == "serviceTask" and not properties(node).get("operation"):
        return True
    if any(attribute(node, name) for name in _CODE):
        return True
    return any(name_of(each) in _UNREAD for each in extension_elements(node))


def add_script(found: Sets, script: Script | None) -> None:
    """Add what a script sets; None is one that was not read."""
    found.add_all(None if script is None or script.parsed is None else script.parsed.assigns)
