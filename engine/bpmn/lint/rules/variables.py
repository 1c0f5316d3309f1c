"""Owns the rule about names that are read and that nothing sets."""

import builtins
from collections.abc import Iterator
from typing import Final

from engine.bpmn.lint import meant
from engine.bpmn.lint.layers import COUNTER, COUNTS
from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.lint.uses import Use, uses
from engine.bpmn.lint.variables import Variables
from engine.bpmn.model.xml import Element, name_of

_SET_IT = "Correct the name, or set it before: by a form, a script, a parameter or a result variable."
_OF_PYTHON: Final = frozenset(dir(builtins))


def unset_name(scope: Scope) -> Iterator[Issue]:
    """Find names that no form, result, register, script or mapping sets where they are read, if all these are known."""
    variables = scope.deployment.variables
    for use in uses(scope):
        if all(variables.unset(name, use.owner, use.view, use.script, filled=use.filled) for name in use.names):
            message, remedy = _said(variables, use)
            yield Issue(use.element, message, remedy)


def _said(variables: Variables, use: Use) -> tuple[str, str]:
    """Return what is wrong with a use of a name that nothing sets, and how to mend it."""
    name, shown = use.names[0], " or ".join(repr(name[:80]) for name in use.names)
    if use.script is not None:
        if not variables.unset(name, use.owner, use.view, filled=use.filled):
            why = "before it has set it, and nothing else in the process does, so the script would fail."
            return f"{use.what} reads {shown} {why}", f"Set it first, for instance {name[:80]} = 0 in the line above."
        if name in _OF_PYTHON:
            return f"{use.what} uses {shown}, which scripts do not have here.", "Write it in another way."
    reads = "stands for the variable" if use.filled else "reads"
    effect = "the case would fail here" if use.fails else "it would be null"
    effect = "the script would fail" if use.script is not None else effect
    elsewhere = _elsewhere(variables, use, name)
    if elsewhere is not None:
        return f"{use.what} {reads} {shown}, which {elsewhere[0]} only, so {effect}.", elsewhere[1]
    where = "the called process" if use.view == "called" else "the process"
    message = f"{use.what} {reads} {shown}, which nothing in {where} sets, so {effect}."
    return message, _meant(variables, use)


def _meant(variables: Variables, use: Use) -> str:
    """Return what mends a name that nothing sets."""
    known = (variables.seen(use.owner, use.view) | use.given).difference(use.names)
    close = meant.close(use.names, known)
    if close is not None:
        return f"Did you mean {close!r}?"
    in_feel = meant.in_feel(use.names[0]) if use.script is None else None
    if in_feel is not None:
        return in_feel
    if use.what.startswith("The decision "):
        return f"{_SET_IT} A text in a decision stands in double quotes."
    return _SET_IT


def _elsewhere(variables: Variables, use: Use, name: str) -> tuple[str, str] | None:
    """Return where a name is known, if it is not where it is read, and what helps."""
    if name == COUNTER or name in COUNTS:
        place = "activities that are repeated have" if name == COUNTER else "completion conditions have"
        return place, "Read it there, or count by a variable of your own."
    owner = next(iter(variables.owners(name, use.owner)), None) if use.view != "called" else None
    if owner is None:
        return None
    remedy = "Hand it on by an output parameter of that activity, or set it outside."
    return f"{_named(owner)} has", remedy


def _named(node: Element) -> str:
    return repr((" ".join((node.get("name") or "").split()) or node.get("id") or name_of(node))[:80])


RULES = (Rule("unset-name", unset_name, "warning"),)
