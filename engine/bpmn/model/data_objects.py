"""Owns what data objects stand for (BPMN 2.0.2, 10.4.1): variables of the process or sub-process around them.

It judges nothing and runs nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine.bpmn.model.document import Direction, Document
from engine.bpmn.model.extensions import properties
from engine.bpmn.model.xml import Element, bpmn, children_of, text_of

_OBJECTS: Final = (bpmn("dataObject"), bpmn("dataObjectReference"))
_NO_WORD: Final = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Use:
    """An element reads or writes a data object, by a data association."""

    direction: Direction
    variable: str
    name: str
    element: Element
    object: Element


def is_data_object(element: Element | None) -> bool:
    """Say whether an element is a data object or a reference to one."""
    return element is not None and element.tag in _OBJECTS


def uses(document: Document, node: Element) -> Iterator[Use]:
    """Yield the data objects that a node reads and writes, in document order."""
    for association in children_of(node, "dataInputAssociation", "dataOutputAssociation"):
        reads = association.tag == bpmn("dataInputAssociation")
        for end in children_of(association, "sourceRef" if reads else "targetRef"):
            found = document.resolve(text_of(end))
            if found is not None and is_data_object(found):
                direction: Direction = "read" if reads else "write"
                yield Use(direction, variable_of(document, found), name_of(document, found), association, found)


def drawn_in(document: Document, scope: Element) -> dict[str, str]:
    """Return the data objects drawn directly in a process or sub-process: by variable the name in the picture.

    An object without a name is what its references call it.
    """
    found: dict[str, str] = {}
    references = list(children_of(scope, "dataObjectReference"))
    referred = {reference.get("dataObjectRef") for reference in references}
    alone = [each for each in children_of(scope, "dataObject") if each.get("id") not in referred]
    for element in (*references, *alone):
        found.setdefault(variable_of(document, element), name_of(document, element))
    return found


def variable_of(document: Document, element: Element) -> str:
    """Return the variable that a data object or a reference to it stands for.

    It is the property `variable` of either; else the object's name, else the reference's without `[state]`, made into a
    name: lower case, `_` between words; else the object's id.
    """
    named = _both(document, element)
    for part in named:
        if "variable" in properties(part):
            return properties(part)["variable"]
    return _as_name(_given_name(named)) or named[-1].get("id") or ""


def name_of(document: Document, element: Element) -> str:
    """Return what a data object is called in the picture, else its id."""
    both = _both(document, element)
    return _given_name(both) or both[-1].get("id") or ""


def _given_name(both: list[Element]) -> str:
    names = (_without_state(" ".join((part.get("name") or "").split())) for part in reversed(both))
    return next(filter(None, names), "")


def _without_state(name: str) -> str:
    """Return a name without the `[state]` at its end."""
    begins = name.find("[", name.rfind("]", 0, -1) + 1) if name.endswith("]") else -1
    return name if begins < 0 else name[:begins].rstrip()


def _both(document: Document, element: Element) -> list[Element]:
    """Return a reference and its object, or one of them alone."""
    other = document.resolve(element.get("dataObjectRef"))
    return [element] if other is None or other.tag != _OBJECTS[0] else [element, other]


def _as_name(text: str) -> str:
    found = _NO_WORD.sub("_", text).strip("_").lower()
    return f"_{found}" if found[:1].isdigit() else found
