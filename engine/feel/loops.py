"""Owns what repeats: `for`, `some`, `every` and filters; every round is charged before it runs."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.feel import nodes
from engine.feel.compiler import Environment, compile_node, compiles
from engine.feel.nodes import Node, weight
from engine.feel.scope import Code, Scope
from engine.feel.values import NoValue, Range, described, is_whole, kind, native

_DAY = timedelta(days=1)
_Iterators = list[tuple[str, Code]]


class _Span:
    """The values from `start` to `end`, made one by one."""

    __slots__ = ("end", "start")

    def __init__(self, start: Any, end: Any) -> None:
        self.start, self.end = start, end

    def __iter__(self) -> Iterator[Any]:
        value, end = self.start, self.end
        step: Any = (1 if value <= end else -1) if isinstance(value, Decimal) else (_DAY if value <= end else -_DAY)
        upwards = value <= end
        while value <= end if upwards else value >= end:
            yield value
            if value == end:
                return  # one more step could leave the calendar
            value = value + step


def _span(start: Any, end: Any) -> _Span:
    if isinstance(start, Decimal) and isinstance(end, Decimal) and is_whole(start) and is_whole(end):
        return _Span(start, end)
    if (
        isinstance(start, date)
        and isinstance(end, date)
        and not isinstance(start, datetime)
        and not isinstance(end, datetime)
    ):
        return _Span(start, end)
    raise NoValue("a loop runs over whole numbers or dates only")


@compiles(nodes.Steps)
def _steps(node: nodes.Steps, environment: Environment) -> Code:
    start, end = compile_node(node.start, environment), compile_node(node.end, environment)
    return lambda scope: _span(start(scope), end(scope))


def _domain(value: Any) -> Iterable[Any]:
    if isinstance(value, list | _Span):
        return value
    if isinstance(value, Range):
        return _within(value)
    if value is None:
        raise NoValue("there is nothing to loop over: the list is null")
    return [value]


def _within(bounds: Range) -> Iterable[Any]:
    start, end = bounds.start, bounds.end
    if start is None or end is None:
        raise NoValue("a loop cannot run over a range without end")
    span = _span(start, end)
    step: Any = 1 if isinstance(start, Decimal) else _DAY
    try:
        span.start = start if bounds.start_included else start + step
        span.end = end if bounds.end_included else end - step
    except OverflowError as error:
        raise NoValue("the range leaves the calendar") from error
    return span if span.start <= span.end else []


def _rounds(scope: Scope, iterators: _Iterators, depth: int, cost: int) -> Iterator[Scope]:
    name, domain = iterators[depth]
    run = scope.run
    for value in _domain(domain(scope)):
        run.charge(cost)
        inner = Scope({name: native(value)}, scope, run)
        if depth + 1 < len(iterators):
            yield from _rounds(inner, iterators, depth + 1, cost)
        else:
            yield inner


def _compiled(iterators: tuple[tuple[str, Node], ...], environment: Environment) -> _Iterators:
    return [(name, compile_node(domain, environment)) for name, domain in iterators]


def round_cost(body: Node) -> int:
    """Return what one round of `body` costs: a step, and one for every four nodes."""
    return 1 + weight(body) // 4


@compiles(nodes.For)
def _for(node: nodes.For, environment: Environment) -> Code:
    return for_loop(
        _compiled(node.iterators, environment), compile_node(node.body, environment), round_cost(node.body), node.at
    )


def for_loop(iterators: _Iterators, body: Code, cost: int, at: int) -> Code:
    """Return the code of a `for`; `partial` names the results so far (DMN 1.5, 10.3.2.14)."""

    def evaluate(scope: Scope) -> list[Any] | None:
        results: list[Any] = []
        outer = Scope({"partial": results}, scope, scope.run)
        try:
            for inner in _rounds(outer, iterators, 0, cost):
                results.append(body(inner))  # noqa: PERF401 - `partial` is this list, as it grows
        except NoValue as reason:
            scope.run.warn(at, str(reason))
            return None
        return results

    return evaluate


@compiles(nodes.Quantified)
def _quantified(node: nodes.Quantified, environment: Environment) -> Code:
    body = compile_node(node.body, environment)
    return quantified(node.stop, _compiled(node.iterators, environment), body, round_cost(node.body), node.at)


def quantified(stop: bool, iterators: _Iterators, body: Code, cost: int, at: int) -> Code:
    """Return the code of `some` (stop at true) or `every` (stop at false)."""

    def evaluate(scope: Scope) -> bool | None:
        result: bool | None = not stop
        try:
            for inner in _rounds(scope, iterators, 0, cost):
                value: object = body(inner)
                if value is stop:
                    return stop
                if value is not None and not isinstance(value, bool):
                    raise NoValue(f"the condition gives {described(value)}, which is neither true nor false")
                if value is None:
                    result = None
        except NoValue as reason:
            scope.run.warn(at, str(reason))
            return None
        return result

    return evaluate


@compiles(nodes.Filter)
def _filter(node: nodes.Filter, environment: Environment) -> Code:
    base, condition = compile_node(node.base, environment), compile_node(node.condition, environment)
    return filtering(base, condition, round_cost(node.condition), node.at, _maybe_index(node.condition))


def _maybe_index(condition: Node) -> bool:
    inner = condition.operand if isinstance(condition, nodes.Negation) else condition
    if isinstance(inner, nodes.Literal):
        return isinstance(inner.value, Decimal)
    return isinstance(inner, nodes.Name | nodes.Arithmetic | nodes.Call | nodes.Path)


def filtering(base: Code, condition: Code, cost: int, at: int, maybe_index: bool) -> Code:
    """Return the code of `base[condition]`: the items that pass, or the item at a position (DMN 1.5, 10.3.2.5)."""

    def evaluate(scope: Scope) -> Any:
        value, run = base(scope), scope.run
        items = value if isinstance(value, list) else [] if value is None else [value]
        if maybe_index:
            # A position does not depend on an item, so it is asked for once, also when the list is empty.
            first = native(items[0]) if items else None
            position = condition(_item_scope(first, scope))
            if isinstance(position, Decimal):
                return _item_at(items, position, scope, at)
        kept: list[Any] = []
        for item in map(native, items):
            run.charge(cost)
            result = condition(_item_scope(item, scope))
            if result is True:
                kept.append(item)
            elif isinstance(result, Decimal):
                return _item_at(items, result, scope, at)
            elif result is not None and result is not False:
                run.warn(at, f"a filter needs true, false or a position, not {described(result)}")
                return None
        return kept

    return evaluate


def _item_scope(item: Any, scope: Scope) -> Scope:
    if type(item) is dict or kind(item) == "context":
        # An entry named `item` of the context hides the item itself.
        return Scope(item, Scope({"item": item}, scope, scope.run), scope.run)
    return Scope({"item": item}, scope, scope.run)


def _item_at(items: list[Any], position: Decimal, scope: Scope, at: int) -> Any:
    count = len(items)
    if is_whole(position):
        if 1 <= position <= count:
            return native(items[int(position) - 1])
        if -count <= position <= -1:
            return native(items[count + int(position)])
    scope.run.warn(at, f"the list of {count} has no item at this position")
    return None
