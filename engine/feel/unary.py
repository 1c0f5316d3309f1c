"""Owns compiled unary tests: the cells of decision tables and the right side of `in` (DMN 1.5, 10.3.2.13)."""

from collections.abc import Callable
from typing import Any

from engine.feel import nodes
from engine.feel.comparison import compare, satisfies
from engine.feel.compiler import Environment, compile_node, compiles
from engine.feel.nodes import Name, walk
from engine.feel.scope import Code, Scope

_CONDITIONS = (nodes.Comparison, nodes.Conjunction, nodes.Disjunction, nodes.Between, nodes.In, nodes.Quantified)

TestCode = Callable[[Scope, Any], bool | None]
"""A compiled test: takes the scope and the input value."""


def compile_tests(node: nodes.Tests, environment: Environment) -> TestCode:
    """Return the closure that says whether an input value passes a cell."""
    if node.anything:
        return lambda scope, value: True
    passes = _any_of([_test(test, environment) for test in node.tests])
    if not node.negated:
        return passes

    def negated(scope: Scope, value: Any) -> bool | None:
        result = passes(scope, value)
        return None if result is None else not result

    return negated


def _any_of(tests: list[TestCode]) -> TestCode:
    if len(tests) == 1:
        return tests[0]

    def any_of(scope: Scope, value: Any) -> bool | None:
        result: bool | None = False
        for test in tests:
            passed = test(scope, value)
            if passed is True:
                return True
            if passed is None:
                result = None
        return result

    return any_of


def _test(node: nodes.Test, environment: Environment) -> TestCode:
    operand = compile_node(node.operand, environment)
    operator = node.operator
    if operator is not None:
        return lambda scope, value: compare(operator, value, operand(scope))
    if any(isinstance(part, Name) and part.name == "?" for part, _ in walk(node.operand)):
        return _condition(operand)
    if isinstance(node.operand, _CONDITIONS):
        return _decided(operand)
    if isinstance(node.operand, nodes.Literal) and isinstance(node.operand.value, str):
        return _text(node.operand.value)

    def test(scope: Scope, value: Any) -> bool | None:
        expected = operand(scope)
        if isinstance(value, list | dict) or isinstance(expected, list):
            scope.run.charge_walk(value)
            scope.run.charge_walk(expected)
        return satisfies(value, expected)

    return test


def _decided(operand: Code) -> TestCode:
    """Return the test of a condition that does not use the input.

    It decides alone, unless the input is a truth value itself.
    """

    def test(scope: Scope, value: Any) -> bool | None:
        result = operand(scope)
        if isinstance(result, bool) and not isinstance(value, bool):
            return result
        return satisfies(value, result)

    return test


def _text(expected: str) -> TestCode:
    def test(scope: Scope, value: Any) -> bool | None:
        return value == expected if type(value) is str else satisfies(value, expected)

    return test


def _condition(operand: Code) -> TestCode:
    def test(scope: Scope, value: Any) -> bool | None:
        result = operand(Scope({"?": value}, scope, scope.run))
        if result is None or isinstance(result, bool):
            return result
        if isinstance(value, list | dict) or isinstance(result, list):
            scope.run.charge_walk(value)
            scope.run.charge_walk(result)
        return satisfies(value, result)

    return test


@compiles(nodes.In)
def _in(node: nodes.In, environment: Environment) -> Code:
    value = compile_node(node.value, environment)
    passes = _any_of([_test(test, environment) for test in node.tests])
    return lambda scope: passes(scope, value(scope))
