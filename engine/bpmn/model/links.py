"""Owns link events (BPMN 2.0.2, 10.5.1): a throw and a catch of the same name in one scope are one sequence flow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.bpmn.model.document import event_definitions
from engine.bpmn.model.xml import Element, name_of


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a link event: which, what, how to mend it."""

    element: Element
    message: str
    remedy: str


def link_name(node: Element) -> str | None:
    """Return the name of the link that an event throws or catches, empty when it names none; None for other nodes."""
    for definition in event_definitions(node):
        if name_of(definition) == "linkEventDefinition":
            return " ".join((definition.get("name") or "").split())
    return None


def pairs(nodes: Mapping[str, Element]) -> Iterator[tuple[str, str]]:
    """Yield the ids of throw and catch for every throwing link event among `nodes` that has its catch."""
    catches: dict[str, str] = {}
    for identity, node in nodes.items():
        name = link_name(node)
        if name and name_of(node) == "intermediateCatchEvent":
            catches.setdefault(name, identity)
    for identity, node in nodes.items():
        name = link_name(node)
        if name in catches and name_of(node) == "intermediateThrowEvent":
            yield identity, catches[name]


def problems(nodes: Mapping[str, Element], leaving: set[str], entered: set[str]) -> Iterator[Problem]:
    """Yield what is wrong with the link events among `nodes`; sequence flows leave `leaving` and enter `entered`."""
    throws, catches = _names(nodes, "intermediateThrowEvent"), _names(nodes, "intermediateCatchEvent")
    caught: set[str] = set()
    for identity, node in nodes.items():
        name, catching = link_name(node), name_of(node) == "intermediateCatchEvent"
        if name is None:
            continue
        if not name:
            yield Problem(node, "The link has no name.", "Give throw and catch event the same link name.")
        elif catching and name in caught:
            yield Problem(
                node, f"The link {name!r} leads to more than one catch event.", "Keep one, or give it another name."
            )
        elif catching and name not in throws:
            yield Problem(
                node,
                f"No throw event of this process or sub-process leads to the link {name!r}.",
                "Draw one, or delete it.",
            )
        elif not catching and name not in catches:
            yield Problem(
                node,
                f"The link {name!r} has no catch event in the same process or sub-process.",
                "Draw one with this link name; a link does not cross the border of a sub-process.",
            )
        if catching:
            caught.add(name)
        if identity in (entered if catching else leaving):
            yield Problem(
                node,
                "A sequence flow leads " + ("into a catching" if catching else "out of a throwing") + " link event.",
                "Delete the flow: the link is the flow.",
            )


def _names(nodes: Mapping[str, Element], kind: str) -> set[str]:
    names = (link_name(node) for node in nodes.values() if name_of(node) == kind)
    return {name for name in names if name}
