"""Owns the rule about names in expressions that nothing sets."""

from collections.abc import Iterator
from difflib import get_close_matches

from engine.bpmn.document import process_of
from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.lint.variables import Names, Variables
from engine.bpmn.xml import Element

_MAX_NAMES = 300
_SET_IT = "Correct the name, or set it before: by a form, a script, a parameter or a result variable."


def unset_name(scope: Scope) -> Iterator[Issue]:
    """Find names in expressions that no form, result, register, script or mapping sets, where all these are known."""
    variables, by_process = Variables(scope), dict[Element, Names]()
    for found in scope.expressions:
        process = process_of(found.owner)
        if found.parsed is None or process is None:
            continue
        if process not in by_process:
            by_process[process] = variables.of(process)
        names = by_process[process]
        for name in sorted(found.parsed.certain_names - names.known) if names.complete else ():
            close = get_close_matches(name, names.known, n=1) if len(names.known) < _MAX_NAMES else []
            yield Issue(
                found.element,
                f"{found.what} reads {name[:80]!r}, which nothing in the process sets, so it would be null.",
                f"Did you mean {close[0]!r}?" if close else _SET_IT,
            )


RULES = (Rule("unset-name", unset_name, "warning"),)
