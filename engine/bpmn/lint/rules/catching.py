"""Owns the rules about errors and escalations: caught twice, caught where nothing throws them, thrown to nobody."""

from collections.abc import Iterator

from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.lint.throws import TECHNICAL, Throws
from engine.bpmn.model.document import Document, event_definitions, is_event_subprocess
from engine.bpmn.model.extensions import attribute
from engine.bpmn.model.xml import Element, bpmn, children_of, name_of

_MAX_PLACES = 200


def _caught(document: Document, event: Element) -> tuple[str, str | None] | None:
    """Return kind and code that an event catches, None for one that waits for something else."""
    return next(filter(None, map(document.thrown, event_definitions(event))), None)


def _starts(process: Element) -> Iterator[Element]:
    """Yield the start events of the event sub-processes directly within a process or sub-process."""
    for sub in children_of(process, "subProcess"):
        if is_event_subprocess(sub):
            yield from children_of(sub, "startEvent")


def _catchers(scope: Scope) -> Iterator[list[Element]]:
    """Yield the events that look at the same throws: on one activity, or of one process or sub-process."""
    for graph in scope.graphs:
        for host, identities in graph.boundaries.items():
            if host in graph.nodes:
                yield [graph.nodes[identity] for identity in identities if identity in graph.nodes]
        yield list(_starts(graph.scope))


def caught_twice(scope: Scope) -> Iterator[Issue]:
    """Find events for an error or escalation that another event in the same place catches: the first one does."""
    for events in _catchers(scope):
        seen: set[tuple[str, str | None]] = set()
        for event in events:
            caught = _caught(scope.document, event)
            if caught is not None and caught in seen:
                yield Issue(
                    event,
                    f"Another event here catches {_said(*caught)} already, so this one never occurs.",
                    "Delete one of them, or give it another code.",
                )
            if caught is not None:
                seen.add(caught)


def never_thrown(scope: Scope) -> Iterator[Issue]:
    """Find events for an error or escalation that nothing within what they belong to throws, where that is known."""
    throws = scope.deployment.throws
    left = _MAX_PLACES
    for graph in scope.small_graphs:
        for event in (*graph.of_kind("boundaryEvent"), *_starts(graph.scope)):
            caught = _caught(scope.document, event)
            if caught is None or left <= 0:
                continue
            left -= 1
            kind, code = caught
            host = graph.nodes.get(event.get("attachedToRef") or "")
            if name_of(event) == "startEvent":
                thrown = throws.within(scope.document, graph.scope, without=event.getparent())
            elif host is not None:
                thrown = throws.within(scope.document, host)
                if code is None and kind == "error" and name_of(host) in TECHNICAL:
                    continue
            else:
                continue
            if not thrown.fits(kind, code):
                yield Issue(
                    event,
                    f"Nothing in there throws {_said(kind, code)}, so this event never occurs.",
                    "Choose what is thrown there, or delete the event.",
                )


def never_caught(scope: Scope) -> Iterator[Issue]:
    """Find escalations that no event around them catches, in processes that nobody calls: they would only be noted."""
    throws = scope.deployment.throws
    for node in scope.of_kind("endEvent", "intermediateThrowEvent"):
        thrown = _caught(scope.document, node)
        if thrown is not None and thrown[0] == "escalation" and not _is_caught(scope, throws, node, thrown[1]):
            yield Issue(
                node,
                f"No event around catches {_said(*thrown)}: it would only stand as a warning in the log.",
                "Draw an event sub-process or a boundary event for it, or throw nothing.",
            )


def _is_caught(scope: Scope, throws: Throws, node: Element, code: str | None) -> bool:
    """Say whether an escalation is caught, or may be in a process around that is not part of the upload."""
    fitting = {("escalation", None), ("escalation", code)}
    inner, around = node, node.getparent()
    while around is not None:
        starts = [start for start in _starts(around) if start.getparent() is not inner]
        if any(_caught(scope.document, start) in fitting for start in starts):
            return True
        if around.tag == bpmn("process"):
            started = attribute(around, "candidateStarterGroups") or attribute(around, "candidateStarterUsers")
            return not started or (around.get("id") or "") in throws.called
        parent = around.getparent()
        for event in children_of(parent, "boundaryEvent") if parent is not None else ():
            if event.get("attachedToRef") == around.get("id") and _caught(scope.document, event) in fitting:
                return True
        inner, around = around, parent
    return True


def _said(kind: str, code: str | None) -> str:
    return f"the {kind} {code[:80]!r}" if code is not None else f"any {kind}"


RULES = (
    Rule("caught-twice", caught_twice, "warning"),
    Rule("never-thrown", never_thrown, "warning"),
    Rule("never-caught", never_caught, "warning"),
)
