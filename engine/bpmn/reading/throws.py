"""Owns the reading of what events throw and catch by code: errors and escalations (BPMN 2.0.2, 10.5.5)."""

from typing import Any, Final

from engine.bpmn.model.document import interrupts
from engine.bpmn.model.extensions import attribute
from engine.bpmn.model.xml import Element, camunda, name_of
from engine.bpmn.reading.nodes import NodeReader
from engine.bpmn.specs.catching import Catching, Kind

_KINDS: Final[dict[str, Kind]] = {"errorEventDefinition": "error", "escalationEventDefinition": "escalation"}


def thrown_by(reader: NodeReader, definition: Element) -> dict[str, Any]:
    """Return the `code` of what an event definition throws, of an error also its `message`."""
    kind = _KINDS[name_of(definition)]
    named, code = _named(reader, definition, kind)
    if kind == "escalation":
        return {"code": code}
    message = None if named is None else named.get(camunda("errorMessage")) or named.get("name")
    return {"code": code, "message": message}


def caught_by(reader: NodeReader, definition: Element) -> Catching | None:
    """Return what an event definition catches by code, None for one that waits for something else."""
    kind = _KINDS.get(name_of(definition))
    if kind is None:
        return None
    if kind == "error" and not interrupts(reader.node):
        reader.refuse("An error always interrupts what it belongs to.", "Draw the event with a solid line.")
    return Catching(
        kind,
        _named(reader, definition, kind)[1],
        attribute(definition, f"{kind}CodeVariable"),
        attribute(definition, "errorMessageVariable") if kind == "error" else None,
    )


def _named(reader: NodeReader, definition: Element, kind: Kind) -> tuple[Element | None, str | None]:
    """Return the error or escalation that a definition names, None when it names none, and its code."""
    reference = definition.get(f"{kind}Ref")
    named = reader.document.resolve(reference)
    if reference and (named is None or name_of(named) != kind):
        reader.refuse(f"There is no {kind} {reference!r}.", f"Choose an {kind}.")
    thrown = reader.document.thrown(definition)
    return named, None if thrown is None else thrown[1]
