"""Owns calling: functions written in FEEL, functions of a decision model, and the way to the built-ins."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.feel import nodes
from engine.feel.budget import Run
from engine.feel.builtins import registry
from engine.feel.compiler import BUILTIN_FUNCTIONS, Environment, compile_node, compiles
from engine.feel.conformance import type_check
from engine.feel.loops import round_cost
from engine.feel.scope import Code, Scope
from engine.feel.values import Function, NoValue, described
from engine.types.counting import counted


def call_function(function: Function, arguments: Sequence[Any], run: Run) -> Any:
    """Call `function` with arguments by position; raise `NoValue` when they do not fit."""
    if function.builtin:
        return registry.invoke(function.builtin, arguments, (), run)
    if function.body is None:
        raise NoValue("the function has no body")
    if len(arguments) != len(function.parameters):
        raise NoValue(f"the function takes {counted(len(function.parameters), 'argument')}, not {len(arguments)}")
    if function.types:
        arguments = [
            value if check is None or value is None else check(value, run)
            for value, check in zip(arguments, function.types, strict=True)
        ]
    run.charge(function.cost)
    run.enter()
    try:
        value = function.body(run, *arguments)
    finally:
        run.calls -= 1
    return value if function.result is None or value is None else function.result(value, run)


def call_by_name(function: Function, arguments: Mapping[str, Any], run: Run) -> Any:
    """Call `function` with named arguments; raise `NoValue` when they do not fit."""
    if function.builtin:
        return registry.invoke(function.builtin, (), tuple(arguments.items()), run)
    if set(arguments) != set(function.parameters):
        wanted = ", ".join(function.parameters)
        raise NoValue(f"the function takes the arguments ({wanted}), not ({', '.join(arguments)})")
    return call_function(function, [arguments[name] for name in function.parameters], run)


@compiles(nodes.Call)
def _call(node: nodes.Call, environment: Environment) -> Code:
    function = compile_node(node.function, environment)
    positional = [compile_node(argument, environment) for argument in node.positional]
    named = [(name, compile_node(argument, environment)) for name, argument in node.named]
    # A variable may be named like a built-in (`count`); where it is called, the built-in is meant.
    fallback = BUILTIN_FUNCTIONS.get(node.function.name) if isinstance(node.function, nodes.Name) else None

    def evaluate(scope: Scope) -> Any:
        called, run = function(scope), scope.run
        if type(called) is not Function:
            if fallback is None:
                run.warn(node.at, f"{described(called)} cannot be called")
                return None
            called = fallback
        try:
            if not named:
                return call_function(called, [argument(scope) for argument in positional], run)
            return call_by_name(called, {name: argument(scope) for name, argument in named}, run)
        except NoValue as reason:
            run.warn(node.at, str(reason))
            return None

    return evaluate


@compiles(nodes.Lambda)
def _lambda(node: nodes.Lambda, environment: Environment) -> Code:
    parameters = tuple(name for name, _ in node.parameters)
    written = tuple(of_type for _, of_type in node.parameters)
    checks = tuple(type_check(of_type, environment) for of_type in written)
    body, cost = compile_node(node.body, environment), round_cost(node.body)

    def evaluate(scope: Scope) -> Function:
        def run_body(run: Run, *arguments: Any) -> Any:
            return body(Scope(dict(zip(parameters, arguments, strict=True)), scope, run))

        return Function(parameters, checks, run_body, cost, written=written)

    return evaluate


def _call_back(run: Run, function: Function, arguments: Sequence[Any]) -> Any:
    return call_function(function, arguments, run)


registry.set_caller(_call_back)
BUILTIN_FUNCTIONS.update({name: Function((), builtin=name) for name in registry.names()})
