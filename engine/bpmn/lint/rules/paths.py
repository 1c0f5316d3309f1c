"""Owns the rules about the way through a process: starts, ends, flows that lead somewhere, elements reached."""

from collections.abc import Iterator

from engine.bpmn.lint.rule import Issue, Rule, in_words, with_article
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.data_objects import is_data_object
from engine.bpmn.model.document import event_definitions, is_event_subprocess, is_executable, process_of
from engine.bpmn.model.graph import Graph
from engine.bpmn.model.xml import Element, bpmn, children_of, name_of, text_of

_REFERENCES = {
    "dataObjectRef": "dataObject",
    "errorRef": "error",
    "escalationRef": "escalation",
    "messageRef": "message",
    "signalRef": "signal",
}
_ADHOC = bpmn("adHocSubProcess")
"""It is refused, and has neither start nor end events."""


def _starts(graph: Graph) -> list[Element]:
    return list(graph.of_kind("startEvent"))


def no_start_event(scope: Scope) -> Iterator[Issue]:
    """Find processes and sub-processes without a start event."""
    for graph in scope.graphs:
        if not _starts(graph) and graph.scope.tag != _ADHOC:
            yield Issue(
                graph.scope,
                f"The {in_words(graph.scope)} has no start event, so nothing in it would begin.",
                "Draw a start event and connect it to the first activity.",
            )


def several_start_events(scope: Scope) -> Iterator[Issue]:
    """Find scopes that could begin at more than one plain start event; in a sub-process any second start counts."""
    for graph in scope.graphs:
        top = graph.scope.tag == bpmn("process")
        for extra in [start for start in _starts(graph) if not top or not list(event_definitions(start))][1:]:
            yield Issue(
                extra,
                f"The {in_words(graph.scope)} has more than one {'plain start event' if top else 'start event'}.",
                "Keep one of them; a process may have others that a message, a signal or a timer starts."
                if top
                else "Keep one of them, and draw another sub-process for the other.",
            )


def no_end_event(scope: Scope) -> Iterator[Issue]:
    """Find processes and sub-processes without an end event."""
    for graph in scope.graphs:
        if graph.nodes and not list(graph.of_kind("endEvent")) and graph.scope.tag != _ADHOC:
            yield Issue(
                graph.scope,
                f"The {in_words(graph.scope)} has no end event, so no case would show an outcome.",
                "Draw an end event behind the last activity; its name is the outcome of the case.",
            )


def broken_flow(scope: Scope) -> Iterator[Issue]:
    """Find sequence flows that do not join two elements of the same process or sub-process (BPMN 2.0.2, 7.6.1)."""
    for graph in scope.graphs:
        for element in graph.broken:
            ends = [element.get(end) or "" for end in ("sourceRef", "targetRef")]
            lost = [end for end in ends if scope.document.resolve(end) is None]
            if lost:
                yield Issue(
                    element,
                    f"The flow from {ends[0]!r} to {ends[1]!r} leads to an element that does not exist: {lost[0]!r}.",
                    "Delete the flow, or connect both its ends again.",
                )
            else:
                yield Issue(
                    element,
                    f"The flow from {ends[0]!r} to {ends[1]!r} leaves its process or sub-process.",
                    "Let it end at the border of the sub-process, or use a message between pools.",
                )


def unknown_reference(scope: Scope) -> Iterator[Issue]:
    """Find references to elements that the file does not have, or that are of another kind than is referred to."""
    resolve = scope.document.resolve
    for process in scope.processes:
        for element in process.iter():
            for name, kind in _REFERENCES.items():
                reference = element.get(name)
                found = resolve(reference)
                if reference and (found is None or found.tag != bpmn(kind)):
                    yield _lost(element, name, reference)
            # Reads take their source from a store, writes their target; the other end is a place within the activity.
            end = {bpmn("dataInputAssociation"): "sourceRef", bpmn("dataOutputAssociation"): "targetRef"}.get(
                element.tag
            )
            if end is not None:
                places = [text_of(place) for place in children_of(element, end)]
                for place in places or [""]:
                    store = resolve(place)
                    if store is None or not (store.tag == bpmn("dataStoreReference") or is_data_object(store)):
                        yield _lost(element, end, place)
    for graph in scope.graphs:
        for source, flows in graph.outgoing.items():
            default = graph.nodes[source].get("default")
            if default and default not in {flow.id for flow in flows}:
                yield _lost(graph.nodes[source], "default", default)


def _lost(element: Element, name: str, reference: str) -> Issue:
    return Issue(
        element,
        f"The {in_words(element)} refers by {name} to {reference!r}, which is not there or of another kind.",
        "Choose an existing one in the modeler, or remove the reference.",
    )


def message_flow_within(scope: Scope) -> Iterator[Issue]:
    """Find message flows between elements of one process (BPMN 2.0.2, 9.4.3: they join two pools)."""
    for flow in scope.document.root.iter(bpmn("messageFlow")):
        source, target = (scope.document.resolve(flow.get(end)) for end in ("sourceRef", "targetRef"))
        if source is None or target is None:
            continue
        within = process_of(source)
        if within is not None and process_of(target) is within and is_executable(within):
            ends = " to ".join(repr((each.get("name") or each.get("id") or "")[:80]) for each in (source, target))
            yield Issue(
                flow,
                f"A message flow leads from {ends} in the same pool, where it has no effect.",
                "Draw a sequence flow instead; between branches use a message or signal event.",
            )


def misplaced_flow(scope: Scope) -> Iterator[Issue]:
    """Find flows into start and boundary events and out of end events (BPMN 2.0.2, 10.5.2 and 10.5.3)."""
    for graph in scope.graphs:
        for identity, node in graph.nodes.items():
            kind = name_of(node)
            if kind in ("startEvent", "boundaryEvent") and graph.incoming[identity]:
                yield Issue(
                    graph.incoming[identity][0].element,
                    f"A sequence flow leads into {with_article(node)}, which begins a path.",
                    "Let the flow lead to the element behind it.",
                )
            if kind == "endEvent" and graph.outgoing[identity]:
                yield Issue(
                    graph.outgoing[identity][0].element,
                    "A sequence flow leaves an end event, which ends its path.",
                    "Use an intermediate event, or delete the flow.",
                )


def _compensates(node: Element) -> bool:
    """Say whether a node belongs to a compensation, which is refused as such and is not joined by flows."""
    definition = next(children_of(node, "compensateEventDefinition"), None)
    return node.get("isForCompensation") == "true" or definition is not None


def unreachable(scope: Scope) -> Iterator[Issue]:
    """Find elements that no path from a start event reaches: they would never run."""
    for graph in scope.graphs:
        starts = [start.get("id") or "" for start in _starts(graph)]
        if not starts:
            continue
        starts += [node.get("id") or "" for node in graph.of_kind("subProcess") if is_event_subprocess(node)]
        reached = graph.reachable(starts)
        for identity, node in graph.nodes.items():
            if identity not in reached and not _compensates(node):
                yield Issue(
                    node,
                    f"No path from a start event leads to this {in_words(node)}, so it would never run.",
                    "Connect it with a sequence flow, or delete it.",
                )


def dangling(scope: Scope) -> Iterator[Issue]:
    """Find elements other than end events from which no flow leads on: the path ends there without an outcome."""
    for graph in scope.graphs:
        for identity, node in graph.nodes.items():
            kind = name_of(node)
            begun_otherwise = is_event_subprocess(node) or _compensates(node)
            if kind != "endEvent" and not graph.outgoing[identity] and not begun_otherwise:
                yield Issue(
                    node,
                    f"No sequence flow leaves this {in_words(node)}: its path ends here.",
                    "Connect it to what comes next, or to an end event if nothing does.",
                )


RULES = (
    Rule("no-start-event", no_start_event),
    Rule("several-start-events", several_start_events),
    Rule("no-end-event", no_end_event),
    Rule("broken-flow", broken_flow),
    Rule("unknown-reference", unknown_reference),
    Rule("misplaced-flow", misplaced_flow),
    Rule("message-flow-within", message_flow_within, "warning"),
    Rule("unreachable", unreachable),
    Rule("dangling", dangling, "warning"),
)
