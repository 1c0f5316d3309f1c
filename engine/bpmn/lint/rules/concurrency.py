"""Owns the rules about parallel branches: joins that wait for ever, activities run twice, records written twice."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations

from engine.bpmn.lint.rule import Issue, Rule, in_words
from engine.bpmn.lint.scope import Scope
from engine.bpmn.lint.soundness import MAX_STATES
from engine.bpmn.model.document import all_flow_nodes, event_definitions, interrupts, is_event_subprocess
from engine.bpmn.model.extensions import properties
from engine.bpmn.model.graph import Graph
from engine.bpmn.model.xml import Element, children_of, name_of

_MAX_BRANCHES = 12
_DECIDING = frozenset(("exclusiveGateway", "eventBasedGateway"))


def deadlock(scope: Scope) -> Iterator[Issue]:
    """Find joins at which a case can wait for a branch that never comes."""
    for graph, found in scope.soundness:
        for name in found.stuck:
            yield Issue(
                graph.nodes[name],
                "The case can get stuck here: this join may wait for a branch that was not taken.",
                "Join branches with the same kind of gateway that split them.",
            )


def lack_of_synchronisation(scope: Scope) -> Iterator[Issue]:
    """Find elements that parallel branches reach one by one, so that what follows is done more than once."""
    for graph, found in scope.soundness:
        for name in found.piled:
            yield Issue(
                graph.nodes[name],
                f"Parallel branches meet before this {in_words(graph.nodes[name])} without being joined, so it may be "
                "done once for each.",
                "Join the branches with a parallel or inclusive gateway before it.",
            )


def too_many_states(scope: Scope) -> Iterator[Issue]:
    """Find processes and sub-processes of which the two rules above have not seen every state."""
    seen = {id(graph) for graph, found in scope.soundness if found.complete}
    for graph in scope.graphs:
        if id(graph) not in seen and not graph.broken:
            yield Issue(
                graph.scope,
                f"The branches of this {in_words(graph.scope)} can stand in so many combinations that {MAX_STATES:,} "
                "or fewer of them were looked at: there may be places where a case gets stuck that were not seen.",
                "Put branches that belong together into a sub-process: each is looked at by itself.",
            )


def parallel_writes(scope: Scope) -> Iterator[Issue]:
    """Find registers that two parallel branches write: the second finds a record that has moved on."""
    for graph in scope.small_graphs:
        written = {name: _written(scope, graph, name) for name in graph.nodes}
        if not _repeated(written.values()):
            continue
        # Branches that race to a terminate end event: whichever is first cancels the others.
        ending = {name for name in graph.nodes if written[name] and _terminates(graph, name)}
        told: set[tuple[str, str]] = set()
        for one, other in _branches(graph):
            for name in sorted(one - other):
                for rival in sorted(other - one) if written[name] else ():
                    for register in sorted(written[name] & written[rival]):
                        if (rival, register) in told or (name, register) in told or {name, rival} <= ending:
                            continue
                        told.update(((name, register), (rival, register)))
                        yield Issue(
                            graph.nodes[name],
                            f"A parallel branch writes the register {register!r} too, at {_label(graph, rival)}.",
                            "Write the record in one branch only, or after the branches have joined.",
                        )


def _written(scope: Scope, graph: Graph, name: str) -> frozenset[str]:
    """Return the registers that a node changes records of, or that are changed within it if it is a sub-process."""
    found = set()
    for node in all_flow_nodes(graph.nodes[name]):
        written = {use.register for use in scope.document.associations(node) if use.direction == "write"}
        named = properties(node) if written else {}
        for register in written:
            facts = scope.catalog.register(register)
            if facts is None or named.get(f"{facts.key}.new") != "true":
                found.add(register)
    return frozenset(found)


def _terminates(graph: Graph, name: str) -> bool:
    after = graph.reachable([flow.target for flow in graph.outgoing[name]])
    return any(
        name_of(definition) == "terminateEventDefinition"
        for identity in after
        for definition in event_definitions(graph.nodes[identity])
    )


def _repeated(written: Iterable[frozenset[str]]) -> bool:
    counted = Counter(register for registers in written for register in registers)
    return any(count > 1 for count in counted.values())


def _label(graph: Graph, name: str) -> str:
    return repr(graph.nodes[name].get("name") or name)


def _branches(graph: Graph) -> Iterator[tuple[set[str], set[str]]]:
    """Yield, for each place where paths part without a decision, what two of them lead to."""
    for name, node in graph.nodes.items():
        flows = [flow for flow in graph.outgoing[name] if name_of(node) == "inclusiveGateway" or not flow.has_condition]
        if name_of(node) not in _DECIDING and flows[1:]:
            reached = [graph.reachable([flow.target], without=name) for flow in flows[:_MAX_BRANCHES]]
            yield from combinations(reached, 2)
        for event in graph.boundaries.get(name, ()):
            if not interrupts(graph.nodes[event]):
                yield graph.reachable([event]), graph.reachable([name], without=event)
    beside = [name for name, node in graph.nodes.items() if is_event_subprocess(node) and _runs_beside(node)]
    for name in beside[:_MAX_BRANCHES]:
        yield {name}, set(graph.nodes) - {name}


def _runs_beside(event_subprocess: Element) -> bool:
    return not all(map(interrupts, children_of(event_subprocess, "startEvent")))


RULES = (
    Rule("deadlock", deadlock, "warning"),
    Rule("lack-of-synchronisation", lack_of_synchronisation, "warning"),
    Rule("too-many-states", too_many_states, "warning"),
    Rule("parallel-writes", parallel_writes, "warning"),
)
