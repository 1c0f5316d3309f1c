"""Owns the FEEL inside a decision model: compiles texts, collects findings about them and the names they read."""

import re
from collections.abc import Iterable
from typing import Any, Final

from lxml.etree import _Element as Element

from engine.decisions.document import child, line_of, local_name
from engine.errors import ExpressionRefused
from engine.feel.builtins import registry
from engine.feel.compiler import Environment
from engine.feel.cursor import Refusal
from engine.feel.free_names import Usage, usage
from engine.feel.interpreter import BUILTIN_NAMES, compile_node, compile_tests
from engine.feel.juel import is_expression, to_feel
from engine.feel.names import Names
from engine.feel.parser import parse_expression, parse_tests
from engine.feel.scope import Code, Scope
from engine.feel.unary import TestCode
from engine.types import Finding, Severity

MAX_WORDS: Final = 200_000
"""How many words and signs the expressions of one file may have together: reading them takes seconds."""

_BUILTINS = frozenset(registry.names())
_WORD: Final = re.compile(r"\w+|[^\w\s]")


def nothing(_scope: Scope) -> None:
    """Stand for logic that has a finding; a model with errors is never run."""


def _no_match(_scope: Scope, _value: Any) -> None:
    return None


class Expressions:
    """The expressions of one file. `known` are all names that the model and its imports declare."""

    def __init__(self, file: str, known: Iterable[str], environment: Environment) -> None:
        self.file, self.environment = file, environment
        self.known = frozenset(known)
        self.names = Names(sorted(self.known), BUILTIN_NAMES)
        self.findings: list[Finding] = []
        self.reads: set[str] = set()
        self.certain: set[str] = set()
        """those of `reads` that are no fields of what is filtered, and no functions"""
        self.bound: frozenset[str] = frozenset()
        self.default_language: str | None = None
        self._left = MAX_WORDS

    def find(
        self,
        rule: str,
        element: Element,
        message: str,
        remedy: str,
        *,
        warning: bool = False,
        parent: Element | None = None,
    ) -> None:
        """Add a finding about `element`, named by itself or the nearest element around it that has an id."""
        start = element if parent is None else parent
        named = next((entry for entry in (start, *start.iterancestors()) if entry.get("id")), start)
        severity: Severity = "warning" if warning else "error"
        line = line_of(element)
        self.findings.append(
            Finding(self.file, rule, message, remedy, line, named.get("id"), named.get("name"), severity)
        )

    def expression(self, element: Element, text: str, rule: str = "dmn-expression-syntax") -> Code:
        """Return the code of the expression in `element`, and of nothing when it cannot be used."""
        juel = local_name(element) in ("inputExpression", "literalExpression")
        if not self._is_feel(element, juel=juel) or not self._is_short(element, text):
            return nothing
        try:
            node = parse_expression(to_feel(text) if is_expression(text) else text, self.names)
            self._note(usage(node, self.bound), text)
            return compile_node(node, self.environment)
        except (ExpressionRefused, Refusal) as refused:
            self._refused(rule, element, text, refused)
            return nothing

    def tests(self, element: Element, text: str) -> TestCode:
        """Return the code of the unary tests in `element` (a cell or a list of allowed values)."""
        if not self._is_feel(element, juel=False) or not self._is_short(element, text):
            return _no_match
        try:
            node = parse_tests(text, self.names)
            self._note(usage(node, self.bound | {"?"}), text)
            return compile_tests(node, self.environment)
        except (ExpressionRefused, Refusal) as refused:
            self._refused("dmn-cell-syntax", element, text, refused)
            return _no_match

    def _refused(self, rule: str, element: Element, text: str, refused: ExpressionRefused | Refusal) -> None:
        where = f" (character {refused.position + 1})" if refused.position is not None else ""
        holder = child(element, "text")
        remedy = "Mend the expression; docs/feel.md lists what FEEL offers. Texts stand in double quotes."
        message = f"{text[:80]!r} cannot be used{where}: {refused.reason}"
        self.find(rule, holder if holder is not None else element, message, remedy, parent=element)

    def _note(self, found: Usage, text: str) -> None:
        for name, at in found.called.items():
            if name not in _BUILTINS and name not in self.known and name not in self.bound:
                raise ExpressionRefused(text, f"there is no function named {name!r}.", at)
        self.certain |= found.certain
        self.reads |= found.certain | found.possible | set(found.called)

    def _is_short(self, element: Element, text: str) -> bool:
        """Say whether there is room for one more expression; tell where there was none for the first time."""
        if self._left < 0:
            return False
        self._left -= sum(1 for _ in _WORD.finditer(text))
        if self._left < 0:
            what = (
                f"The expressions of the file have more than {MAX_WORDS:,} words up to here; what follows was not read."
            )
            self.find("dmn-too-large", element, what, "Split the model up, or keep such data in a register.")
        return self._left >= 0

    def _is_feel(self, element: Element, *, juel: bool) -> bool:
        language = element.get("expressionLanguage") or self.default_language
        if not language or "feel" in language.lower() or (juel and language.lower() == "juel"):
            return True
        self.find(
            "dmn-language",
            element,
            f"The expression is written in {language!r}, which is not run here.",
            "Write it in FEEL and set the expression language to FEEL, or remove the setting.",
        )
        return False
