"""Owns the rules about event sub-processes and about events that wait for a condition."""

from collections.abc import Iterator

from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.document import event_definitions, interrupts, is_event_subprocess
from engine.bpmn.model.xml import children_of, name_of, text_of


def event_sub_process(scope: Scope) -> Iterator[Issue]:
    """Find event sub-processes that are drawn into the flow, or do not say what starts them (BPMN 2.0.2, 10.3.5)."""
    for graph in scope.graphs:
        for identity, node in graph.nodes.items():
            if not is_event_subprocess(node):
                continue
            for flow in (*graph.incoming[identity], *graph.outgoing[identity]):
                yield Issue(
                    flow.element,
                    "A sequence flow leads into an event sub-process, or out of it: it is started by its event.",
                    "Delete the flow, or make it a plain sub-process.",
                )
            for event in graph.boundaries.get(identity, ()):
                yield Issue(
                    graph.nodes[event],
                    "A boundary event is on an event sub-process.",
                    "Put what it handles into a sub-process inside, or draw another event sub-process.",
                )
            for loop in children_of(node, "multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
                yield Issue(
                    loop,
                    "An event sub-process is repeated: it runs once for each time that its event occurs.",
                    "Put a repeated sub-process inside.",
                )
            for start in children_of(node, "startEvent"):
                kinds = {name_of(definition) for definition in event_definitions(start)}
                if "errorEventDefinition" in kinds and not interrupts(start):
                    yield Issue(
                        start,
                        "An error always interrupts, but the event is drawn as not interrupting.",
                        "Draw the start event with a solid line.",
                    )


def not_interrupting_start(scope: Scope) -> Iterator[Issue]:
    """Find start events elsewhere that are drawn as not interrupting: there is nothing that they could leave alone."""
    for start in scope.of_kind("startEvent"):
        around = start.getparent()
        if around is not None and not is_event_subprocess(around) and not interrupts(start):
            yield Issue(
                start,
                "Only the start event of an event sub-process can leave what is around it alone.",
                "Draw it with a solid line, or make its sub-process an event sub-process.",
            )


def condition_event(scope: Scope) -> Iterator[Issue]:
    """Find events that wait for a condition without saying which (BPMN 2.0.2, 10.5.5)."""
    for node in scope.nodes:
        for definition in event_definitions(node):
            if name_of(definition) == "conditionalEventDefinition":
                parts = list(children_of(definition, "condition"))
                if len(parts) != 1 or not text_of(parts[0]):
                    yield Issue(
                        definition,
                        "The event does not say for which condition it waits.",
                        "Write the condition in FEEL, such as `amount > 1000`.",
                    )


RULES = (
    Rule("event-sub-process", event_sub_process),
    Rule("not-interrupting-start", not_interrupting_start, "warning"),
    Rule("condition-event", condition_event),
)
