"""Owns the reading of Camunda's attributes, properties and mappings off a BPMN element; it decides nothing about them.

The lint, the facts and the interpreter's parser read them here, so that all of them see the same model.
"""

import re
from collections.abc import Iterator
from typing import Final

from engine.bpmn.model.xml import Element, bpmn, camunda, children_of, text_of

_FORM_PREFIX = re.compile(r"(?:camunda-forms|operaton-forms):(?:deployment|app):(?:.*/)?", re.DOTALL)

TRUE: Final = frozenset(("true", "1"))
"""How XML Schema writes true."""


def extension_elements(element: Element) -> Iterator[Element]:
    """Yield what stands in the element's `extensionElements`, in document order."""
    for container in element.iterchildren(bpmn("extensionElements")):
        yield from container.iterchildren()


def attribute(element: Element, name: str) -> str | None:
    """Return the text of the `camunda:` attribute `name`, stripped; None when it is absent or blank."""
    return (element.get(camunda(name)) or "").strip() or None


def property_elements(element: Element) -> Iterator[tuple[str, str, Element]]:
    """Yield name, value and element of each `camunda:property` that has a name."""
    for group in extension_elements(element):
        if group.tag == camunda("properties"):
            for entry in group.iterchildren(camunda("property")):
                name = (entry.get("name") or "").strip()
                if name:
                    yield name, (entry.get("value") or "").strip(), entry


def properties(element: Element) -> dict[str, str]:
    """Return the element's `camunda:property` entries that have a value; the first of a name counts."""
    found: dict[str, str] = {}
    for name, value, _ in property_elements(element):
        if value:
            found.setdefault(name, value)
    return found


def form_key(element: Element) -> str | None:
    """Return the key of the form that a start event, user task or message element names, None when it names none.

    `camunda:formRef` counts before `camunda:formKey`, that before the property `form`. Of
    `camunda-forms:deployment:need.form` the key is `need`.
    """
    named = attribute(element, "formRef") or attribute(element, "formKey") or properties(element).get("form")
    if named is None:
        return None
    plain, prefixes = _FORM_PREFIX.subn("", named, count=1)
    return plain.removesuffix(".form") if prefixes else named


def names_in(text: str | None) -> tuple[str, ...]:
    """Return the parts of a comma-separated text such as `camunda:candidateGroups`; commas within expressions stay."""
    if (text or "").lstrip().startswith("="):
        return ((text or "").strip(),)
    found: list[str] = []
    opened = 0
    for piece in (text or "").split(","):
        if opened > 0:
            found[-1] += f",{piece}"
        else:
            found.append(piece)
        opened = max(0, opened + piece.count("{") - piece.count("}"))
    return tuple(part for part in (piece.strip() for piece in found) if part)


def documentation(element: Element) -> str | None:
    """Return the element's documentation, None when there is none."""
    return "\n".join(filter(None, (text_of(child) for child in children_of(element, "documentation")))) or None
