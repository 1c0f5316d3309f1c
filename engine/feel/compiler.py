"""Owns turning the nodes of an expression into closures: which function compiles which node, and the simple nodes.

Compiling once and calling closures costs a fifth of walking the tree each time. Other modules of the interpreter add
their nodes with `compiles`; `interpreter` imports them all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from engine.feel import nodes
from engine.feel.budget import Run
from engine.feel.nodes import Node
from engine.feel.properties import read_path
from engine.feel.scope import MISSING, Code, Scope
from engine.feel.temporal import parse_temporal
from engine.feel.values import Function, native

TypeCheck = Callable[[Any, Run], Any]
"""Takes a value and the run and returns the value, converted to the type where DMN converts.

Raises `NoValue` when it does not conform.
"""


@dataclass(slots=True)
class Environment:
    """What an expression is compiled against: the types of the decision model by name."""

    types: Mapping[str, TypeCheck] = field(default_factory=dict)


_Kind = TypeVar("_Kind", bound=Node)
_COMPILERS: dict[type[Node], Callable[[Any, Environment], Code]] = {}
BUILTIN_FUNCTIONS: dict[str, Function] = {}
"""Function values of the built-ins; filled by `engine.feel.calls`."""


def compiles(
    kind: type[_Kind],
) -> Callable[[Callable[[_Kind, Environment], Code]], Callable[[_Kind, Environment], Code]]:
    """Register the decorated function as the compiler of nodes of `kind`."""

    def register(function: Callable[[_Kind, Environment], Code]) -> Callable[[_Kind, Environment], Code]:
        _COMPILERS[kind] = function
        return function

    return register


def compile_node(node: Node, environment: Environment) -> Code:
    """Return the closure that evaluates `node`."""
    return _COMPILERS[type(node)](node, environment)


@compiles(nodes.Literal)
def _literal(node: nodes.Literal, environment: Environment) -> Code:
    value = node.value
    return lambda scope: value


@compiles(nodes.TemporalLiteral)
def _temporal(node: nodes.TemporalLiteral, environment: Environment) -> Code:
    value = parse_temporal(node.text)
    if value is not None:
        return lambda scope: value

    def nothing(scope: Scope) -> None:
        scope.run.warn(node.at, f"{node.text[:40]!r} is no date, time or duration")

    return nothing


@compiles(nodes.Name)
def _name(node: nodes.Name, environment: Environment) -> Code:
    name, at = node.name, node.at
    builtin = BUILTIN_FUNCTIONS.get(name)
    # `a . b` may have been taken for one name where a name with a dot is declared; else it is a path.
    parts = [part.strip() for part in name.split(".")] if "." in name else []

    def look_up(scope: Scope) -> Any:
        level: Scope | None = scope
        while level is not None:
            value = level.values.get(name, MISSING)
            if value is not MISSING:
                return value if type(value) is str else native(value)
            level = level.parent
        if builtin is not None:
            return builtin
        if parts:
            return read_path(first(scope), tuple(parts[1:]), scope.run, at)
        scope.run.warn(at, f"nothing is named {name!r} here")
        return None

    if parts:
        first = _name(nodes.Name(at, parts[0]), environment)
    return look_up


@compiles(nodes.ListOf)
def _list(node: nodes.ListOf, environment: Environment) -> Code:
    items = [compile_node(item, environment) for item in node.items]
    return lambda scope: [item(scope) for item in items]


@compiles(nodes.ContextOf)
def _context(node: nodes.ContextOf, environment: Environment) -> Code:
    entries = [(name, compile_node(entry, environment)) for name, entry in node.entries]

    def build(scope: Scope) -> dict[str, Any]:
        values: dict[str, Any] = {}
        inner = Scope(values, scope, scope.run)  # later entries see earlier ones
        for name, entry in entries:
            values[name] = entry(inner)
        return values

    return build


@compiles(nodes.Path)
def _path(node: nodes.Path, environment: Environment) -> Code:
    base, steps, at = compile_node(node.base, environment), node.steps, node.at
    if len(steps) > 1:
        return lambda scope: read_path(base(scope), steps, scope.run, at)
    step = steps[0]

    def read(scope: Scope) -> Any:
        value = base(scope)
        if type(value) is dict:
            found = value.get(step, MISSING)
            if found is not MISSING:
                return native(found)
        return read_path(value, steps, scope.run, at)

    return read


@compiles(nodes.If)
def _if(node: nodes.If, environment: Environment) -> Code:
    condition, then, otherwise = (
        compile_node(part, environment) for part in (node.condition, node.then, node.otherwise)
    )
    return lambda scope: then(scope) if condition(scope) is True else otherwise(scope)
