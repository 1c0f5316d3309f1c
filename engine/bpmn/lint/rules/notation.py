"""Owns the rules about BPMN elements and plain attributes: what is not on the allow-list is refused, never skipped."""

from collections.abc import Iterator
from difflib import get_close_matches

from engine.bpmn.lint import attributes
from engine.bpmn.lint.rule import Issue, Rule, with_article
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.document import EVENT_DEFINITION, EVENTS, FLOW_NODES, event_definitions, kind_in_list
from engine.bpmn.model.elements import UNKNOWN, Support, support
from engine.bpmn.model.xml import BPMN, Element, bpmn, name_of, namespace_of

_OTHER_PROCESSES = bpmn("process")


def _elements(scope: Scope) -> Iterator[Element]:
    """Yield the BPMN elements that count: the definitions' children, and all within the processes that run."""
    yield scope.document.root
    for child in scope.document.root.iterchildren(f"{{{BPMN}}}*"):
        if child.tag != _OTHER_PROCESSES:
            yield child
    for process in scope.processes:
        yield from process.iter(f"{{{BPMN}}}*")


def _support(element: Element) -> Support:
    if name_of(element) in EVENTS and sum(1 for _ in event_definitions(element)) > 1:
        return Support("refused", "An event with several definitions is not run.", "Draw one event for each of them.")
    return support(*kind_in_list(element)) if name_of(element) in FLOW_NODES else support(name_of(element))


def _in_event(element: Element) -> bool:
    parent = element.getparent()
    return name_of(element).endswith(EVENT_DEFINITION) and parent is not None and name_of(parent) in EVENTS


def unsupported_element(scope: Scope) -> Iterator[Issue]:
    """Find elements that the engine does not run, by `engine.bpmn.model.elements`; their parts are passed over."""
    refused: set[Element] = set()
    for element in _elements(scope):
        parent = element.getparent()
        if parent in refused:
            refused.add(element)
            continue
        found = _support(element)
        if found.status != "refused" or _in_event(element):
            continue
        refused.add(element)
        kind = name_of(element)
        definition = next((name_of(part) for part in event_definitions(element)), None) if kind in EVENTS else None
        what = f"{kind} with {definition}" if definition else kind
        unknown = " It is not an element of BPMN 2.0 either." if found is UNKNOWN and _is_misspelt(kind) else ""
        yield Issue(element, f"The element {what} is not run here. {found.why}{unknown}", found.remedy)


def _is_misspelt(kind: str) -> bool:
    return kind not in attributes.OTHER_ELEMENTS


def unknown_attribute(scope: Scope) -> Iterator[Issue]:
    """Find attributes without a namespace that BPMN 2.0.2 does not give to the element: they would be ignored."""
    for element in _elements(scope):
        allowed = attributes.allowed(name_of(element))
        if allowed is None:
            continue
        for name in map(str, element.attrib):
            if not namespace_of(name) and name not in allowed:
                close = get_close_matches(name, allowed, n=1)
                yield Issue(
                    element,
                    f"{with_article(element).capitalize()} has no attribute {name[:80]!r}, so it would be ignored.",
                    f"Did you mean {close[0]!r}?" if close else "Remove it.",
                )


def unsupported_attribute_value(scope: Scope) -> Iterator[Issue]:
    """Find attribute values that are none, or that ask for behaviour that the engine does not have."""
    for element in _elements(scope):
        for name, value in ((str(name), str(value)) for name, value in element.items()):
            allowed = attributes.VALUES.get(name)
            if allowed is not None and value not in allowed:
                usual = f"Use {' or '.join(repr(choice) for choice in sorted(allowed))}, or leave it out."
                yield Issue(
                    element,
                    f"The attribute {name} of {with_article(element)} may not be {value[:80]!r} here.",
                    attributes.INSTEAD.get(name, usual),
                )


RULES = (
    Rule("unsupported-element", unsupported_element),
    Rule("unknown-attribute", unknown_attribute),
    Rule("unsupported-value", unsupported_attribute_value),
)
