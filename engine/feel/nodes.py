"""Owns the shapes of a parsed expression and what can be read off them (depth, weight, free names).

It evaluates nothing.

Chains of operators, filters of paths and the like are kept flat (`Sum` of many terms), because Python's stack is the
limit on how deep an expression may be. `at` is the character at which a node begins, for messages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any


@dataclass(slots=True)
class Node:
    """Anything that stands in an expression."""

    at: int = field(compare=False)


@dataclass(slots=True)
class Literal(Node):
    """A number, text, truth value or null."""

    value: Decimal | str | bool | None


@dataclass(slots=True)
class TemporalLiteral(Node):
    """`@"2026-03-31"`: a date, time or duration."""

    text: str


@dataclass(slots=True)
class Name(Node):
    """A variable or function by name."""

    name: str


@dataclass(slots=True)
class ListOf(Node):
    """`[1, 2]`."""

    items: tuple[Node, ...]


@dataclass(slots=True)
class ContextOf(Node):
    """`{a: 1}`."""

    entries: tuple[tuple[str, Node], ...]


@dataclass(slots=True)
class RangeOf(Node):
    """`[1..5)`."""

    start_included: bool
    start: Node
    end: Node
    end_included: bool


@dataclass(slots=True)
class Bound(Node):
    """A range of one sided form: `(> 5)`."""

    operator: str
    operand: Node


@dataclass(slots=True)
class Conjunction(Node):
    """Terms joined by `and`."""

    terms: tuple[Node, ...]


@dataclass(slots=True)
class Disjunction(Node):
    """Terms joined by `or`."""

    terms: tuple[Node, ...]


@dataclass(slots=True)
class Arithmetic(Node):
    """A chain of one precedence: `first` and then (operator, operand), from left to right."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(slots=True)
class Negation(Node):
    """Unary minus."""

    operand: Node


@dataclass(slots=True)
class Comparison(Node):
    """One of = != < <= > >=."""

    operator: str
    left: Node
    right: Node


@dataclass(slots=True)
class Between(Node):
    """`value between low and high`."""

    value: Node
    low: Node
    high: Node


@dataclass(slots=True)
class Test(Node):
    """One unary test.

    With `operator` a comparison of the input with `operand`, without it a value, range or condition.
    """

    operator: str | None
    operand: Node


@dataclass(slots=True)
class In(Node):
    """`value in tests`; true when one of the tests passes."""

    value: Node
    tests: tuple[Test, ...]


@dataclass(slots=True)
class Tests(Node):
    """The content of a decision cell; `anything` is the dash."""

    negated: bool
    anything: bool
    tests: tuple[Test, ...]


@dataclass(slots=True)
class If(Node):
    """`if condition then ... else ...`."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(slots=True)
class Steps(Node):
    """`1..10` as the domain of an iteration."""

    start: Node
    end: Node


@dataclass(slots=True)
class For(Node):
    """`for name in domain return body`."""

    iterators: tuple[tuple[str, Node], ...]
    body: Node


@dataclass(slots=True)
class Quantified(Node):
    """`some` and `every`; `stop` is the truth value that ends the search."""

    stop: bool
    iterators: tuple[tuple[str, Node], ...]
    body: Node


@dataclass(slots=True)
class Path(Node):
    """`base.step.step`."""

    base: Node
    steps: tuple[str, ...]


@dataclass(slots=True)
class Filter(Node):
    """`base[condition]`: a filter or a position."""

    base: Node
    condition: Node


@dataclass(slots=True)
class Call(Node):
    """A call; its arguments are positional or named, never both."""

    function: Node
    positional: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]


@dataclass(slots=True)
class Lambda(Node):
    """`function(parameters) body`."""

    parameters: tuple[tuple[str, "TypeNode | None"], ...]
    body: Node


@dataclass(slots=True)
class InstanceOf(Node):
    """`value instance of type`."""

    value: Node
    type: "TypeNode"


@dataclass(slots=True)
class TypeNode(Node):
    """A type as written. `name` alone, or list<...>, range<...>, context<...>, function<...>->... with its parts."""

    name: str
    items: tuple["TypeNode", ...] = ()
    entries: tuple[tuple[str, "TypeNode"], ...] = ()
    result: "TypeNode | None" = None


_FIELD_NAMES: dict[type[Node], tuple[str, ...]] = {}


def _field_names(kind: type[Node]) -> tuple[str, ...]:
    found = _FIELD_NAMES.get(kind)
    if found is None:
        found = _FIELD_NAMES[kind] = tuple(entry.name for entry in fields(kind) if entry.name != "at")
    return found


def _nodes_in(value: Any) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _nodes_in(part)


def children(node: Node) -> list[Node]:
    """Return the nodes directly below `node`."""
    return [child for name in _field_names(type(node)) for child in _nodes_in(getattr(node, name))]


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Yield every node from `root` down with its depth (root: 1), without using Python's stack."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in children(node))


def depth(root: Node) -> int:
    """Return how many levels deep `root` is."""
    return max(level for _, level in walk(root))


def weight(root: Node) -> int:
    """Return how many nodes `root` has: what one evaluation of it costs at most, loops apart."""
    return sum(1 for _ in walk(root))
