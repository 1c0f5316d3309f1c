"""Owns one evaluation of a requirements graph: each decision once, with what it requires in scope (DMN 1.5, 10.4).

A decision sees what it requires, by name. What is no element of the model is looked up in the caller's context, because
models made for Camunda read process variables without drawing input data.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.decisions.graph import Model, Node
from engine.decisions.table import Outcome
from engine.feel.budget import Run
from engine.feel.scope import MISSING, Scope
from engine.feel.values import Function, NoValue, native

_CALL_COST = 5


class _Outside(Mapping[str, Any]):
    """The caller's context without the names of the model's own decisions.

    Those are seen only where they are required.
    """

    __slots__ = ("_context", "_hidden")

    def __init__(self, context: Mapping[str, Any], hidden: frozenset[str]) -> None:
        self._context, self._hidden = context, hidden

    def __getitem__(self, name: str) -> Any:
        if name in self._hidden:
            raise KeyError(name)
        return self._context[name]

    def get(self, name: str, default: Any = None) -> Any:
        return default if name in self._hidden else self._context.get(name, default)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._context if name not in self._hidden)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Evaluation:
    """Values of a graph for one context.

    `inputs` may hold keys (namespace, name) too, where imported models share a name.
    """

    def __init__(self, run: Run, inputs: Mapping[Any, Any], known: Mapping[Node, Any] | None = None) -> None:
        self.run, self.inputs = run, inputs
        self.values: dict[Node, Any] = dict(known or {})
        self.outcomes: dict[Node, Outcome] = {}
        self._outside: dict[Model, Scope] = {}

    def value(self, node: Node) -> Any:
        """Return the value of an input, decision, knowledge model (a function) or service (a function)."""
        if node not in self.values:
            self.values[node] = None  # a cycle is a finding at deployment; here it must not run for ever
            self.values[node] = self._made(node)
        return self.values[node]

    def _made(self, node: Node) -> Any:
        if node.kind == "decision":
            return self._decision(node)
        if node.kind == "inputData":
            return self._input(node)
        return self._knowledge(node) if node.kind == "businessKnowledgeModel" else self._service(node)

    def _scope(self, node: Node) -> Scope:
        outside = self._outside.get(node.model)
        if outside is None:
            hidden = frozenset(other.name for other in node.model.nodes.values() if other.kind != "inputData")
            outside = self._outside[node.model] = Scope(
                _Outside(self.inputs, hidden) if hidden else self.inputs, None, self.run
            )
        return Scope(self._required(node), outside, self.run) if node.requires else outside

    def _required(self, node: Node) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for required in node.requires:
            value = self._input(required, node.model) if required.kind == "inputData" else self.value(required)
            target = values
            if required.model is not node.model:
                for step in node.model.path_to(required.model):
                    if step:
                        target = target.setdefault(step, {})
            target[required.name] = value
            target.setdefault(required.variable, value)
        for required in node.requires:  # Camunda names the result of a required table by its outputs
            if required.table is not None and required in self.outcomes:
                for name, value in _by_output(self.outcomes[required], required).items():
                    values.setdefault(name, value)
        return values

    def _decision(self, node: Node) -> Any:
        scope = self._scope(node)
        if node.table is not None:
            outcome = self.outcomes[node] = node.table.evaluate(scope)
            value = outcome.value
        else:
            value = node.logic(scope)
        return self._conformed(node, value)

    def _conformed(self, node: Node, value: Any) -> Any:
        if node.check is None or value is None:
            return value
        try:
            return node.check(value, self.run)
        except NoValue as reason:
            self.run.warn(None, f"The decision {node.name!r}: {reason}.")
            return None

    def _input(self, node: Node, reader: Model | None = None) -> Any:
        value = self._given(node, reader)
        if value is None or node.inbound is None:
            return native(value)
        try:
            return node.inbound(value, self.run)
        except NoValue as reason:
            self.run.warn(None, f"The input {node.name!r}: {reason}.")
            return None

    def _given(self, node: Node, reader: Model | None) -> Any:
        for key in ((node.model.namespace, node.name), node.name, node.variable):
            value = self.inputs.get(key, MISSING)
            if value is not MISSING:
                return value
        if reader is None or reader is node.model:
            self.run.warn(None, f"nothing is given for the input {node.name!r}")
            return None
        level: Any = self.inputs
        for step in (*reader.path_to(node.model), node.name):
            level = level.get(step) if isinstance(level, Mapping) else None
        return level

    def _knowledge(self, node: Node) -> Any:
        function = Function((), cost=_CALL_COST)
        self.values[node] = function  # the body may call itself
        scope = self._scope(node)
        made = node.logic(Scope({node.name: function}, scope, self.run))
        if not isinstance(made, Function):
            return None
        function.parameters, function.types, function.body = made.parameters, made.types, made.body
        function.result = node.check or made.result
        return function

    def _service(self, node: Node) -> Function:
        def body(run: Run, *arguments: Any) -> Any:
            inputs: dict[Any, Any] = {}
            known: dict[Node, Any] = {}
            for parameter, argument in zip(node.parameters, arguments, strict=True):
                if parameter.kind == "inputData":
                    inputs[parameter.name] = inputs[parameter.model.namespace, parameter.name] = argument
                else:
                    known[parameter] = argument
            inner = Evaluation(run, inputs, known)
            if len(node.outputs) == 1:
                return self._conformed(node, inner.value(node.outputs[0]))
            return self._conformed(node, {output.name: inner.value(output) for output in node.outputs})

        names = tuple(parameter.name for parameter in node.parameters)
        return Function(names, tuple(parameter.check for parameter in node.parameters), body, _CALL_COST)


def _by_output(outcome: Outcome, node: Node) -> Mapping[str, Any]:
    if node.table is None or node.check is not None:
        return {}
    if not node.table.policy.gives_list:
        return outcome.rules[0] if outcome.rules else {}
    return {output.name: [rule[output.name] for rule in outcome.rules] for output in node.table.outputs}
