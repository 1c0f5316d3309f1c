"""Owns the two things that models hold, expressions and unary tests: parsed once, checked, evaluated many times.

Everything wrong with a text comes out here, as `ExpressionRefused`, so that a deployment can be refused before anything
runs.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from engine.errors import ExpressionRefused
from engine.feel.budget import STEPS, Run, size
from engine.feel.builtins import registry
from engine.feel.cursor import Refusal
from engine.feel.free_names import Usage, usage
from engine.feel.interpreter import BUILTIN_NAMES, Environment, compile_node, compile_tests, too_deep
from engine.feel.json_border import to_json
from engine.feel.juel import is_expression, to_feel
from engine.feel.names import Names
from engine.feel.nodes import Literal, Node
from engine.feel.parser import parse_expression, parse_tests
from engine.feel.scope import Code, Scope
from engine.feel.unary import TestCode
from engine.feel.values import native
from engine.types import Json

_CACHE = 4_096
_BUILTINS = frozenset(registry.names())
_AS_JSON = (bool, str, type(None))


class _Source:
    """What expressions and unary tests have in common: the text and the names it reads."""

    __slots__ = ("certain_names", "names", "source")

    def __init__(self, source: str, found: Usage) -> None:
        self.source = source
        self.certain_names = frozenset(found.certain - _BUILTINS)
        self.names = frozenset((found.certain | found.possible) - _BUILTINS)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.source[:60]!r}>"


class Expression(_Source):
    """A FEEL expression that parses. Make one with `parse`.

    `names` are the root names it may read from its context, so that a caller can pass just these; `certain_names`
    leaves out those that stand in a filter and may be fields of the filtered items.
    """

    __slots__ = ("_code",)

    def __init__(self, source: str, found: Usage, code: Code) -> None:
        super().__init__(source, found)
        self._code = code

    def value(
        self,
        context: Mapping[str, Any],
        *,
        now: datetime,
        time_zone: tzinfo = UTC,
        warnings: list[str] | None = None,
        steps: int = STEPS,
    ) -> Any:
        """Return the FEEL value for `context` (its mappings are read lazily, entry by entry).

        `now` (aware) is what now() and today() give, in `time_zone`. `warnings` collects, as sentences, why something
        became null. Raises `BudgetSpent` when it takes more than `steps` or makes values that are too large.
        """
        run = Run(now, time_zone, warnings, steps)
        try:
            value = self._code(Scope(context, None, run))
            if type(value) is list or type(value) is dict:
                size(value, load=False)
            return value
        except RecursionError:
            raise too_deep() from None

    def evaluate(
        self,
        context: Mapping[str, Any],
        *,
        now: datetime,
        time_zone: tzinfo = UTC,
        warnings: list[str] | None = None,
        steps: int = STEPS,
    ) -> Json:
        """Return the value as JSON.

        Whole numbers int, others float, dates and durations ISO 8601 text. Else as `value`.
        """
        run = Run(now, time_zone, warnings, steps)
        try:
            value = self._code(Scope(context, None, run))
            return value if type(value) in _AS_JSON else to_json(value, run)
        except RecursionError:
            raise too_deep() from None


class UnaryTests(_Source):
    """The content of a decision cell that parses. Make one with `parse_unary_tests`."""

    __slots__ = ("_code",)

    def __init__(self, source: str, found: Usage, code: TestCode) -> None:
        super().__init__(source, found)
        self._code = code

    def matches(
        self,
        value: Any,
        context: Mapping[str, Any],
        *,
        now: datetime,
        time_zone: tzinfo = UTC,
        warnings: list[str] | None = None,
        steps: int = STEPS,
    ) -> bool | None:
        """Say whether `value` passes; None when the cell cannot be applied to it. Else as `Expression.value`."""
        run = Run(now, time_zone, warnings, steps)
        try:
            return self._code(Scope(context, None, run), native(value))
        except RecursionError:
            raise too_deep() from None


def _refuse_unknown_functions(source: str, found: Usage, names: Iterable[str]) -> None:
    known = set(names)
    for name, at in found.called.items():
        if name not in _BUILTINS and name not in known:
            close = get_close_matches(name, _BUILTINS, n=1)
            hint = f" Did you mean {close[0]}()?" if close else " The built-in functions are listed in docs/feel.md."
            raise ExpressionRefused(source, f"there is no function named {name!r}.{hint}", at)


@lru_cache(256)
def declared(names: frozenset[str]) -> Names:
    """Return the declared names for the parser, the built-in functions among them."""
    return Names(sorted(names), BUILTIN_NAMES)


@lru_cache(_CACHE)
def _parsed(source: str, names: frozenset[str]) -> Expression:
    node: Node = parse_expression(source, declared(names))
    found = usage(node)
    _refuse_unknown_functions(source, found, names)
    try:
        return Expression(source, found, compile_node(node, Environment()))
    except Refusal as refusal:
        raise ExpressionRefused(source, refusal.reason, refusal.position) from None


@lru_cache(_CACHE)
def _parsed_tests(source: str, names: frozenset[str]) -> UnaryTests:
    node = parse_tests(source, declared(names))
    found = usage(node)
    _refuse_unknown_functions(source, found, names)
    try:
        return UnaryTests(source, found, compile_tests(node, Environment()))
    except Refusal as refusal:
        raise ExpressionRefused(source, refusal.reason, refusal.position) from None


def parse(source: str, names: Iterable[str] = ()) -> Expression:
    """Return the expression that `source` writes; `names` declares names with spaces or signs in them.

    Cached by both. Raises `ExpressionRefused` with the position and the reason.
    """
    return _parsed(source, frozenset(names))


def parse_unary_tests(source: str, names: Iterable[str] = ()) -> UnaryTests:
    """Return the unary tests that `source`, the content of a decision cell, writes.

    Cached. Raises `ExpressionRefused`.
    """
    return _parsed_tests(source, frozenset(names))


@lru_cache(_CACHE)
def _literal(text: str) -> Expression:
    return Expression(text, Usage(), compile_node(Literal(0, text), Environment()))


def text_or_expression(text: str, names: Iterable[str] = ()) -> Expression:
    """Return the expression in an attribute that may as well hold plain text, which then is the value itself.

    An expression begins with `=` or is written `${...}`. Raises `ExpressionRefused`.
    """
    return parse(to_feel(text), names) if is_expression(text) else _literal(text)
