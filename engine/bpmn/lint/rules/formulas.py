"""Owns the rules about expressions: each must parse, in the language that is run; `engine.feel` says what is wrong."""

from collections.abc import Iterator

from engine.bpmn.lint.expressions import TIMERS
from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.xml import bpmn, text_of

_LANGUAGES = frozenset(("", "feel", "https://www.omg.org/spec/DMN/20191111/FEEL/"))
_TIMERS = frozenset(bpmn(name) for name in TIMERS)
_TIMES = (
    "Write a duration such as P3D, a date such as 2026-03-31T10:30:00Z, in a cycle R/P1D or a cron text such as "
    "0 9 * * MON, or FEEL that gives one of these, see docs/feel.md."
)


def expression(scope: Scope) -> Iterator[Issue]:
    """Find expressions that do not parse, call functions that do not exist, or cannot be translated into FEEL."""
    for found in scope.expressions:
        if found.refused is not None:
            at = f" at character {found.refused.position + 1}" if found.refused.position is not None else ""
            yield Issue(
                found.element,
                f"{found.what} {found.source[:120]!r} cannot be used{at}: {found.refused.reason}",
                _TIMES if found.element.tag in _TIMERS else "Write it in FEEL, see docs/feel.md.",
            )


def expression_language(scope: Scope) -> Iterator[Issue]:
    """Find conditions in another language than FEEL or `${...}`, such as scripts."""
    for process in scope.processes:
        for part in process.iter(bpmn("conditionExpression"), bpmn("completionCondition"), bpmn("loopCardinality")):
            language = (part.get("language") or "").strip()
            if text_of(part) and language not in _LANGUAGES:
                yield Issue(
                    part,
                    f"The expression is written in {language[:80]!r}, which is not run here.",
                    "Write it in FEEL, and remove the language.",
                )


RULES = (
    Rule("expression", expression),
    Rule("expression-language", expression_language),
)
