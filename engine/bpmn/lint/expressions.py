"""Owns the places where expressions stand in a process, and parses what stands there; it judges no name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine import feel
from engine.bpmn import parameters
from engine.bpmn.cron import is_cron
from engine.bpmn.document import all_flow_nodes, event_definitions, mappings
from engine.bpmn.extensions import attribute, names_in, property_elements
from engine.bpmn.xml import Element, bpmn, camunda, children_of, name_of, text_of
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

TIMERS: Final = ("timeDuration", "timeDate", "timeCycle")

_LOOP_PARTS: Final = {
    "loopCardinality": "The loop cardinality",
    "completionCondition": "The completion condition",
    "loopCondition": "The loop condition",
}
_ISO_LIKE = re.compile(r"[+-]?P[\dT]|R\d*/|\d{4}-\d\d")


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression as it stands in the model.

    `owner` is the flow node, flow or process it belongs to, `element` what to show (its line), `what` says in words
    which part. Either `parsed` or `refused` is set.
    """

    owner: Element
    element: Element
    what: str
    source: str
    parsed: feel.Expression | None = None
    refused: ExpressionRefused | None = None

    @classmethod
    def of(cls, owner: Element, element: Element, what: str, source: str, *, text: bool = False) -> "Expression":
        """Parse `source`; `text` says that it may be plain text as well."""
        try:
            parsed = feel.text_or_expression(source) if text else feel.parse(feel.to_feel(source))
        except ExpressionRefused as error:
            return cls(owner, element, what, source, refused=error)
        return cls(owner, element, what, source, parsed=parsed)


def is_timer_text(source: str) -> bool:
    """Say whether a timer's text means to be ISO 8601 or cron, right or wrong, rather than an expression."""
    return _ISO_LIKE.match(source) is not None or is_cron(source)


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
                yield Expression.of(flow, part, "The condition", text_of(part))


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
                yield Expression.of(node, part, what, source, text=True)


def _loop(node: Element, loop: Element) -> Iterator[Expression]:
    collection = loop.get(camunda("collection"))
    if collection and collection.strip():
        yield Expression.of(node, loop, "camunda:collection", collection.strip())
    for part in children_of(loop, *_LOOP_PARTS):
        if text_of(part):
            yield Expression.of(node, part, _LOOP_PARTS[name_of(part)], text_of(part))


def _mappings(node: Element) -> Iterator[Expression]:
    if name_of(node) != "callActivity":
        return
    for direction, mapping in mappings(node):
        for name in ("source", "sourceExpression"):
            source = (mapping.get(name) or "").strip()
            if source:
                yield Expression.of(node, mapping, f"The {direction} mapping's {name}", source)
