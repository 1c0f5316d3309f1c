"""Owns the places where expressions stand in a process, and parses what stands there; it judges no name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from engine import feel
from engine.bpmn.lint.layers import View
from engine.bpmn.model.document import all_flow_nodes, event_definitions, mappings
from engine.bpmn.model.extensions import attribute, names_in, property_elements
from engine.bpmn.model.timing import TIMERS, is_timer_text
from engine.bpmn.model.xml import Element, bpmn, camunda, children_of, name_of, text_of
from engine.bpmn.reading import parameters
from engine.errors import ExpressionRefused

TEXT_ATTRIBUTES: Final = ("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority")
"""Attributes of a user task that hold plain text or an expression."""

FEEL_PROPERTIES: Final = {
    "process": ("title", "organisation", "originator", "priority", "channel", "services"),
    "userTask": ("outcome",),
    "sendTask": ("correlationKey", "payload"),
    "intermediateThrowEvent": ("correlationKey", "payload"),
    "endEvent": ("correlationKey", "payload"),
    "receiveTask": ("correlationKey",),
    "intermediateCatchEvent": ("correlationKey",),
    "boundaryEvent": ("correlationKey",),
    "startEvent": ("correlationKey",),
}
"""Properties whose value is FEEL, with or without `=`, by the element they stand on."""

TEXT_PROPERTIES: Final = {
    "sendTask": ("destination", "timeToLive"),
    "intermediateThrowEvent": ("destination", "timeToLive"),
    "endEvent": ("destination", "timeToLive"),
}
"""Properties whose value is plain text or an expression."""

REGISTER_SETTINGS: Final = ("status", "when", "body", "new")
"""What `REGISTER.setting` properties may set on an activity that writes a register."""


_LOOP_PARTS: Final[Mapping[str, tuple[str, View]]] = {
    "loopCardinality": ("The loop cardinality", "around"),
    "completionCondition": ("The completion condition", "completion"),
    "loopCondition": ("The loop condition", "loop"),
}


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as it stands in the model.

    `owner` is the flow node, flow or process it belongs to, `element` what to show (its line), `what` says in words
    which part, `view` from where it sees variables. Either `parsed` or `refused` is set.
    """

    owner: Element
    element: Element
    what: str
    source: str
    parsed: feel.Expression | None = None
    refused: ExpressionRefused | None = None
    view: View = "inside"

    @classmethod
    def of(
        cls, owner: Element, element: Element, what: str, source: str, view: View = "inside", *, text: bool = False
    ) -> "Expression":
        """Parse `source`; `text` says that it may be plain text as well."""
        try:
            parsed = feel.text_or_expression(source) if text else feel.parse(feel.to_feel(source))
        except ExpressionRefused as error:
            return cls(owner, element, what, source, refused=error)
        return cls(owner, element, what, source, parsed=parsed, view=view)


def expressions_of(process: Element) -> Iterator[Expression]:
    """Yield every expression of a process, in document order of what they belong to."""
    yield from _properties(process)
    for node in all_flow_nodes(process):
        yield from _properties(node)
        yield from _attributes(node)
        yield from _events(node)
        for loop in children_of(node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
            yield from _loop(node, loop)
        yield from _mappings(node)
        yield from _parameters(node)
    for flow in process.iter(bpmn("sequenceFlow")):
        for part in children_of(flow, "conditionExpression"):
            if text_of(part):
                yield Expression.of(flow, part, "The condition", text_of(part), "flow")


def _properties(element: Element) -> Iterator[Expression]:
    kind = name_of(element)
    for name, value, entry in property_elements(element):
        setting = name.rpartition(".")[2] if "." in name else ""
        if not value:
            continue
        if name in FEEL_PROPERTIES.get(kind, ()) or setting in ("when", "body"):
            yield Expression.of(element, entry, f"The property {name!r}", value)
        elif name in TEXT_PROPERTIES.get(kind, ()) or setting == "status":
            yield Expression.of(element, entry, f"The property {name!r}", value, text=True)


def _attributes(node: Element) -> Iterator[Expression]:
    for name in TEXT_ATTRIBUTES if name_of(node) == "userTask" else ():
        several = name in ("candidateUsers", "candidateGroups")
        source = attribute(node, name)
        for piece in names_in(source) if several else (source,):
            if piece and feel.is_expression(piece):
                yield Expression.of(node, node, f"camunda:{name}", piece, text=True)


def _events(node: Element) -> Iterator[Expression]:
    for definition in event_definitions(node):
        for part in children_of(definition, *TIMERS):
            source = text_of(part)
            if source and not is_timer_text(source):
                yield Expression.of(node, part, "The timer", source)
        for part in children_of(definition, "condition"):
            if text_of(part):
                yield Expression.of(node, part, "The condition", text_of(part))


def _parameters(node: Element) -> Iterator[Expression]:
    for parameter in parameters.drawn(node):
        for part, source in parameters.texts(parameter):
            if feel.is_expression(source):
                what = f"The {parameter.direction} parameter {parameter.name!r}"
                view: View = "begin" if parameter.direction == "input" else "result"
                yield Expression.of(node, part, what, source, view, text=True)


def _loop(node: Element, loop: Element) -> Iterator[Expression]:
    collection = loop.get(camunda("collection"))
    if collection and collection.strip():
        yield Expression.of(node, loop, "camunda:collection", collection.strip(), "around")
    for part in children_of(loop, *_LOOP_PARTS):
        if text_of(part):
            what, view = _LOOP_PARTS[name_of(part)]
            yield Expression.of(node, part, what, text_of(part), view)


def _mappings(node: Element) -> Iterator[Expression]:
    if name_of(node) != "callActivity":
        return
    for direction, mapping in mappings(node):
        for name in ("source", "sourceExpression"):
            source = (mapping.get(name) or "").strip()
            if source:
                view: View = "inside" if direction == "in" else "called"
                yield Expression.of(node, mapping, f"The {direction} mapping's {name}", source, view)
