"""Owns the rules about gateways and the conditions on the flows that leave them."""

from collections.abc import Iterator

from engine.bpmn.lint.rule import Issue, Rule, with_article
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.document import ACTIVITIES, event_definitions
from engine.bpmn.model.graph import Flow, Graph
from engine.bpmn.model.xml import children_of, name_of

_AWAITED = {
    "conditionalEventDefinition",
    "messageEventDefinition",
    "signalEventDefinition",
    "timerEventDefinition",
}
_GATEWAY = "Put an exclusive or inclusive gateway in between, and the condition behind it."
_ANOTHER_GATEWAY = (
    "Make it an exclusive gateway (one way is taken) or an inclusive one (every way whose condition holds)."
)
_GATEWAYS = ("exclusiveGateway", "inclusiveGateway")
_DECIDING = frozenset(_GATEWAYS) | ACTIVITIES


def _deciding(scope: Scope, *kinds: str) -> Iterator[tuple[Graph, str, list[Flow], str | None]]:
    for graph in scope.graphs:
        for node in graph.of_kind(*kinds):
            identity = node.get("id") or ""
            yield graph, identity, graph.outgoing[identity], node.get("default")


def condition_missing(scope: Scope) -> Iterator[Issue]:
    """Find flows out of a deciding gateway that nothing decides about (BPMN 2.0.2, 10.6.2 and 10.6.3)."""
    for graph, identity, flows, default in _deciding(scope, *_GATEWAYS):
        for flow in flows if len(flows) > 1 else ():
            if flow.id != default and not flow.has_condition:
                yield Issue(
                    flow.element,
                    f"This flow to {_called(graph, flow.target)} leaves {_called(graph, identity)}, which has several "
                    "ways out, but has no condition.",
                    "Write a FEEL condition on it, or make it the gateway's default flow.",
                )


def no_default_flow(scope: Scope) -> Iterator[Issue]:
    """Find gateways and activities behind which the case stops if no condition holds."""
    for graph, identity, flows, default in _deciding(scope, *_DECIDING):
        if flows and not default and all(flow.has_condition for flow in flows):
            what = "gateway" if name_of(graph.nodes[identity]) in _GATEWAYS else "activity"
            yield Issue(
                graph.nodes[identity],
                f"The {what} has no default flow: if no condition is true, the case cannot go on.",
                "Make the flow for all other cases the default flow."
                if len(flows) > 1
                else "Draw a second flow, for all other cases, and make it the default flow; or remove the condition.",
            )


def default_with_condition(scope: Scope) -> Iterator[Issue]:
    """Find default flows that carry a condition, which is not looked at."""
    for _, _, flows, default in _deciding(scope, *_DECIDING):
        for flow in flows:
            if flow.id == default and flow.has_condition:
                yield Issue(
                    flow.element,
                    "This is the default flow, so its condition is not looked at.",
                    "Remove the condition, or make another flow the default.",
                )


def misplaced_condition(scope: Scope) -> Iterator[Issue]:
    """Find conditions and default flows behind elements that do not decide (BPMN 2.0.2, 13.3.1): they say nothing."""
    for graph in scope.graphs:
        for identity, node in graph.nodes.items():
            flows, kind = graph.outgoing[identity], name_of(node)
            decides = kind in _GATEWAYS or (kind in ACTIVITIES and any(flow.has_condition for flow in flows))
            for flow in flows if not decides else ():
                if flow.has_condition:
                    yield Issue(
                        flow.element,
                        f"A condition on a flow that leaves {with_article(node)} is not asked.",
                        _ANOTHER_GATEWAY if kind == "parallelGateway" else _GATEWAY,
                    )
                elif flow.id == node.get("default"):
                    yield Issue(
                        flow.element,
                        f"This is the default flow of {with_article(node)}, behind which no flow has a condition: it "
                        "says nothing.",
                        "Write a condition on each other flow, or remove the default.",
                    )


def event_gateway_target(scope: Scope) -> Iterator[Issue]:
    """Find event-based gateways with fewer than two ways out, or with others than waiting events behind them.

    BPMN 2.0.2, 10.6.6: catch events that wait, or receive tasks, and nothing else leads to them.
    """
    for graph in scope.graphs:
        for gateway in graph.of_kind("eventBasedGateway"):
            flows = graph.outgoing[gateway.get("id") or ""]
            if not flows[1:]:
                yield Issue(
                    gateway,
                    "An event-based gateway waits for the first of several events, but fewer than two follow it.",
                    "Connect it to two or more catch events, such as a message and a timer.",
                )
            for flow in flows:
                target = graph.nodes[flow.target]
                kinds = {name_of(definition) for definition in event_definitions(target)}
                waits = name_of(target) == "receiveTask" or (
                    name_of(target) == "intermediateCatchEvent" and kinds <= _AWAITED
                )
                if not waits:
                    yield Issue(
                        flow.element,
                        f"An event-based gateway leads to {with_article(target)}, which waits for nothing.",
                        "Put a receive task, or a catch event for a message, timer, signal or condition, behind it.",
                    )
                elif (
                    len(graph.incoming[flow.target]) > 1
                    or graph.boundaries.get(flow.target)
                    or next(children_of(target, "multiInstanceLoopCharacteristics"), None) is not None
                ):
                    yield Issue(
                        target,
                        "An element behind an event-based gateway has other flows into it, boundary events or repeats.",
                        "Let only the gateway lead to it, once, and take boundary events off.",
                    )


def _called(graph: Graph, identity: str) -> str:
    return repr(graph.nodes[identity].get("name") or identity)


RULES = (
    Rule("condition-missing", condition_missing),
    Rule("no-default-flow", no_default_flow, "warning"),
    Rule("default-with-condition", default_with_condition, "warning"),
    Rule("misplaced-condition", misplaced_condition),
    Rule("event-gateway-target", event_gateway_target),
)
