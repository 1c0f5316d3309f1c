"""Owns the rules about expressions: each must parse, in the language that is run; `engine.feel` says what is wrong."""

import re
from collections.abc import Iterator

from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.document import ACTIVITIES
from engine.bpmn.model.timing import TIMERS
from engine.bpmn.model.xml import bpmn, children_of, name_of, text_of
from engine.errors import ExpressionRefused

_EMBEDDED = re.compile(r"[$#]\{[^{}]*\}")
_LANGUAGES = frozenset(("", "feel", "https://www.omg.org/spec/DMN/20191111/FEEL/"))
_TIMERS = frozenset(bpmn(name) for name in TIMERS)
_SIGNS = "FEEL compares with a single =, and joins conditions by the words and, or: see docs/feel.md."
_LOOKED_AT = 1_000
_QUOTED = re.compile(r'"[^"]*"')
_LOOKS = (
    (re.compile(r"==|&&|\|\|"), _SIGNS),
    (
        re.compile(r"['\u2018-\u201f\u00ab\u00bb]"),
        'Texts stand in straight double quotes: status = "open". See docs/feel.md.',
    ),
    (re.compile(r"<>|=!"), "Unequal is written !=, see docs/feel.md."),
    (re.compile(r"!(?!=)"), "Not is written not(...), see docs/feel.md."),
    (
        re.compile(r"^[^(\[]*\d,\d"),
        "Numbers are written with a point, and without signs between thousands: 1000.50. See docs/feel.md.",
    ),
)
"""What people write who know another language, and what it is in FEEL."""

_TIMES = (
    "Write a duration such as P3D, a date such as 2026-03-31T10:30:00Z, in a cycle R/P1D or a cron text such as "
    "0 9 * * MON, or FEEL that gives one of these, see docs/feel.md."
)


def expression(scope: Scope) -> Iterator[Issue]:
    """Find expressions that do not parse, call functions that do not exist, or cannot be translated into FEEL."""
    for found in scope.expressions:
        if found.refused is not None:
            at = _place(found.source, found.refused)
            message = f"{found.what} {found.source[:120]!r} cannot be used{at}: {found.refused.reason}"
            if found.element.tag in _TIMERS:
                why = f"{at.strip()}: {found.refused.reason}".removeprefix(": ")
                yield Issue(found.element, f"{found.what} {found.source[:120]!r} is no time, nor FEEL {why}", _TIMES)
            else:
                yield Issue(found.element, message, _advice(found.source))


def _place(source: str, refused: ExpressionRefused) -> str:
    """Return at which character of what stands in the file an expression is wrong: a leading `=` or `${` counts."""
    if refused.position is None:
        return ""
    return f" at character {max(source.find(refused.source), 0) + refused.position + 1}"


def _advice(source: str) -> str:
    """Return what mends an expression that does not parse, by what it looks like."""
    if source.startswith(("$", "#")):
        return "Write it in FEEL, see docs/feel.md."
    shown = _QUOTED.sub("", source[:_LOOKED_AT])
    advice = (said for sign, said in _LOOKS if sign.search(shown))
    return next(advice, "Write it in FEEL, see docs/feel.md.")


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


def expression_in_text(scope: Scope) -> Iterator[Issue]:
    """Find expressions in texts that are shown or compared as they stand: names, documentation, codes."""
    for node in scope.nodes:
        texts = [("name", node, node.get("name") or "")] if name_of(node) in ACTIVITIES else []
        texts += [("documentation", part, text_of(part)) for part in children_of(node, "documentation")]
        for what, element, text in texts:
            if _EMBEDDED.search(text):
                yield Issue(
                    element,
                    f"The {what} is shown as it is written, with {text[:80]!r}.",
                    "Write a fixed text; what differs belongs into the form, or into the process's property title.",
                )
    for definition in children_of(scope.document.root, "error", "escalation"):
        for name in ("errorCode", "escalationCode"):
            code = definition.get(name) or ""
            if _EMBEDDED.search(code):
                yield Issue(
                    definition,
                    f"The code {code[:80]!r} is compared as it is written.",
                    "Write a fixed code, one for each thing that is caught otherwise.",
                )


RULES = (
    Rule("expression", expression),
    Rule("expression-in-text", expression_in_text, "warning"),
    Rule("expression-language", expression_language),
)
