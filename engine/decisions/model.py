"""Owns the decisions of a file as the engine uses them: by id, with the names they need, evaluated on a context."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from types import MappingProxyType
from typing import Any

from engine.decisions.evaluation import Evaluation
from engine.decisions.graph import Model, Node, below
from engine.decisions.result import DecisionResult
from engine.feel.budget import MAX_CALLS, STEPS, Run
from engine.feel.builtins import registry
from engine.feel.calls import call_by_name
from engine.feel.interpreter import too_deep
from engine.feel.json_border import to_json
from engine.feel.values import Function, NoValue

_BUILTINS = frozenset(registry.names())


class Decision:
    """One decision."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.id, self.name, self.line = node.id, node.name, node.line

    @cached_property
    def names(self) -> frozenset[str]:
        """Return the names of the context that it, and what it requires, may read."""
        return _names(self._node)

    @cached_property
    def inputs(self) -> frozenset[frozenset[str]]:
        """Return what it, and what it requires, is sure to read from the context: for each the names it may go by."""
        hidden: dict[Model, frozenset[str]] = {}
        return frozenset(needed for node in _asked(self._node) for needed in _inputs(node, hidden))

    def __repr__(self) -> str:
        return f"<Decision {self.id!r}>"

    def evaluate(
        self,
        context: Mapping[str, Any],
        *,
        now: datetime,
        time_zone: tzinfo = UTC,
        warnings: list[str] | None = None,
        steps: int = STEPS,
    ) -> DecisionResult:
        """Return what the decision gives for `context`, whose mappings are read lazily; `now` is aware.

        Raises `StepFailed` when the decision cannot be made (rules contradict the hit policy, an input is not allowed),
        `BudgetSpent` when it takes too much. `warnings` collects why something became null.
        """
        run = Run(now, time_zone, warnings, steps)
        evaluation = Evaluation(run, context)
        try:
            value = to_json(evaluation.value(self._node), run)
            outcome = evaluation.outcomes.get(self._node)
            if outcome is None:
                return DecisionResult(self.name, value, ({self._node.variable: value},))
            rules = tuple({name: to_json(entry, run) for name, entry in rule.items()} for rule in outcome.rules)
            return DecisionResult(self.name, value, rules)
        except RecursionError:
            raise too_deep() from None


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """The decisions of one file by id, and the names of all inputs that they need."""

    graph: Model
    decisions: Mapping[str, Decision]

    @property
    def names(self) -> frozenset[str]:
        """The names of the context that the decisions may read."""
        return frozenset().union(*(decision.names for decision in self.decisions.values()))

    def invoke(
        self,
        name: str,
        inputs: Mapping[Any, Any],
        *,
        now: datetime,
        time_zone: tzinfo = UTC,
        warnings: list[str] | None = None,
        steps: int = STEPS,
        max_calls: int = MAX_CALLS,
    ) -> Any:
        """Return the FEEL value of the decision, knowledge model or service called `name`.

        The latter take `inputs` as arguments.
        """
        node = self.graph.named(name)
        if node is None:
            raise KeyError(name)
        run = Run(now, time_zone, warnings, steps, max_calls)
        try:
            value = Evaluation(run, inputs).value(node)
            if not isinstance(value, Function) or node.kind == "decision":
                return value
            return call_by_name(value, {key: inputs[key] for key in value.parameters if key in inputs}, run)
        except NoValue as reason:
            run.warn(None, str(reason))
            return None
        except RecursionError:
            raise too_deep() from None


def model_of(graph: Model) -> DecisionModel:
    """Return the public view of a compiled file."""
    decisions = {node.id: Decision(node) for node in graph.nodes.values() if node.kind == "decision"}
    return DecisionModel(graph, MappingProxyType(decisions))


def _names(node: Node) -> frozenset[str]:
    """Return the names that `node` and all it requires read from outside the model."""
    needed: set[str] = set()
    for current in below(node):
        if current.kind == "inputData":
            needed |= {current.name, current.variable} if current.variable else {current.name}
        provided = {name for required in current.requires for name in (required.name, required.variable)}
        for required in current.requires:
            if required.table is not None:
                provided |= {output.name for output in required.table.outputs}
        needed |= current.reads - provided - {current.name}
    decisions = {other.name for other in node.model.nodes.values() if other.kind != "inputData"}
    return frozenset(needed - decisions - _BUILTINS)


def _asked(node: Node) -> Iterator[Node]:
    """Yield `node` and what it requires; a service gets its inputs from who calls it, so what is in it is left out."""
    seen, waiting = set[Node](), [node]
    while waiting:
        current = waiting.pop()
        if current not in seen and current.kind != "decisionService":
            seen.add(current)
            yield current
            waiting.extend(current.requires)


def _inputs(node: Node, hidden: dict[Model, frozenset[str]]) -> Iterator[frozenset[str]]:
    """Yield what the logic of one element is sure to read from the context. Inputs of imported models are not told.

    `hidden` keeps the names that each model does not take from the context.
    """
    if node.model not in hidden:
        made = (other.name for other in node.model.nodes.values() if other.kind != "inputData")
        hidden[node.model] = _BUILTINS.union(made, node.model.imports)
    inputs: dict[str, frozenset[str]] = {}
    provided = {node.name, node.variable}
    for required in node.requires:
        if required.kind == "inputData" and required.model is node.model:
            both = frozenset((required.name, required.variable))
            inputs |= dict.fromkeys(both, both)
        else:
            provided |= {required.name, required.variable}
            provided |= set() if required.table is None else {output.name for output in required.table.outputs}
    for name in node.certain - provided - hidden[node.model]:
        yield inputs.get(name, frozenset((name,)))
