"""Owns the compiled operators.

Arithmetic, comparisons, three-valued logic and ranges; the rules themselves lie elsewhere.
"""

from typing import Any

from engine.feel import nodes
from engine.feel.arithmetic import calculate, negated
from engine.feel.comparison import both, compare, order
from engine.feel.compiler import Environment, compile_node, compiles
from engine.feel.scope import Code, Scope
from engine.feel.values import STRING, NoValue, Range, bounded, described, kind, native


@compiles(nodes.Arithmetic)
def _arithmetic(node: nodes.Arithmetic, environment: Environment) -> Code:
    first = compile_node(node.first, environment)
    rest = [(operator, compile_node(operand, environment), operand.at) for operator, operand in node.rest]

    def evaluate(scope: Scope) -> Any:
        value, run = first(scope), scope.run
        for operator, operand, at in rest:
            other = operand(scope)
            try:
                if type(value) is str and type(other) is str and operator == "+":
                    run.charge_text(len(value) + len(other))
                value = calculate(operator, value, other)
            except NoValue as reason:
                run.warn(at, str(reason))
                value = None
        return value

    return evaluate


@compiles(nodes.Negation)
def _negation(node: nodes.Negation, environment: Environment) -> Code:
    operand = compile_node(node.operand, environment)

    def evaluate(scope: Scope) -> Any:
        try:
            return negated(operand(scope))
        except NoValue as reason:
            scope.run.warn(node.at, str(reason))
            return None

    return evaluate


@compiles(nodes.Conjunction)
def _conjunction(node: nodes.Conjunction, environment: Environment) -> Code:
    terms = [(compile_node(term, environment), term.at) for term in node.terms]

    def evaluate(scope: Scope) -> bool | None:
        result: bool | None = True
        for term, at in terms:
            value = term(scope)
            if value is False:
                return False
            if value is not True:
                result = None
                _warn_truth(value, scope, at)
        return result

    return evaluate


@compiles(nodes.Disjunction)
def _disjunction(node: nodes.Disjunction, environment: Environment) -> Code:
    terms = [(compile_node(term, environment), term.at) for term in node.terms]

    def evaluate(scope: Scope) -> bool | None:
        result: bool | None = False
        for term, at in terms:
            value = term(scope)
            if value is True:
                return True
            if value is not False:
                result = None
                _warn_truth(value, scope, at)
        return result

    return evaluate


def _warn_truth(value: Any, scope: Scope, at: int) -> None:
    if value is not None:
        scope.run.warn(at, f"{described(value)} is neither true nor false")


def _single(value: Any) -> Any:
    """Return the one item of a list of one, else the value: FEEL's implicit conversion (DMN 1.5, 10.3.2.9.4)."""
    return native(value[0]) if type(value) is list and len(value) == 1 else value


@compiles(nodes.Comparison)
def _comparison(node: nodes.Comparison, environment: Environment) -> Code:
    operator, at = node.operator, node.at
    left, right = compile_node(node.left, environment), compile_node(node.right, environment)

    def order_of(scope: Scope) -> bool | None:
        first, second = left(scope), right(scope)
        result = compare(operator, _single(first), _single(second))
        if result is None:
            _warn_comparison(first, second, scope, at)
        return result

    def equality(scope: Scope) -> bool | None:
        first, second = left(scope), right(scope)
        if type(first) is str and type(second) is str:
            return (first == second) is (operator == "=")
        if type(first) is list and type(second) is not list and second is not None:
            first = _single(first)
        elif type(second) is list and type(first) is not list and first is not None:
            second = _single(second)
        if isinstance(first, _COMPOUND) and isinstance(second, _COMPOUND):
            scope.run.charge_walk(first)
            scope.run.charge_walk(second)
        result = compare(operator, first, second)
        if result is None:
            _warn_comparison(first, second, scope, at)
        return result

    return equality if operator in ("=", "!=") else order_of


_COMPOUND = (list, dict)


def _warn_comparison(left: Any, right: Any, scope: Scope, at: int) -> None:
    run = scope.run
    if run.warnings is None:
        return
    kinds = {kind(left), kind(right)}
    hint = ""
    if STRING in kinds and any("date" in name or "time" in name or "duration" in name for name in kinds):
        hint = "; turn the text into a date first, with date(), date and time() or duration()"
    run.warn(at, f"{described(left)} and {described(right)} cannot be compared{hint}")


@compiles(nodes.Between)
def _between(node: nodes.Between, environment: Environment) -> Code:
    value, low, high = (compile_node(part, environment) for part in (node.value, node.low, node.high))

    def evaluate(scope: Scope) -> bool | None:
        found, least, most = value(scope), low(scope), high(scope)
        result = both(compare(">=", found, least), compare("<=", found, most))
        if result is None:
            _warn_comparison(found, least, scope, node.at)
        return result

    return evaluate


@compiles(nodes.RangeOf)
def _range(node: nodes.RangeOf, environment: Environment) -> Code:
    start, end = compile_node(node.start, environment), compile_node(node.end, environment)
    if isinstance(node.start, nodes.Literal) and isinstance(node.end, nodes.Literal):
        low, high = node.start.value, node.end.value
        if low is not None and high is not None and (order(low, high) or 0) < 0:
            constant = Range(node.start_included, low, high, node.end_included)
            return lambda scope: constant

    def evaluate(scope: Scope) -> Range | None:
        low, high = start(scope), end(scope)
        if low is None and high is None:
            scope.run.warn(node.at, "both ends of a range are null")
            return None
        if low is None or high is None:
            return Range(
                node.start_included and low is not None, low, high, node.end_included and high is not None, "open"
            )
        sign = order(low, high)
        if sign is None or sign > 0:
            scope.run.warn(node.at, "a range needs a start that is not after its end, of the same kind")
            return None
        return Range(node.start_included, low, high, node.end_included)

    return evaluate


@compiles(nodes.Bound)
def _bound(node: nodes.Bound, environment: Environment) -> Code:
    operator, operand = node.operator, compile_node(node.operand, environment)

    return lambda scope: bounded(operator, operand(scope))
