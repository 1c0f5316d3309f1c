"""Owns what in a model reads variables by name: expressions, scripts, decisions, data objects; not what sets them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from engine import feel, scripting
from engine.bpmn.lint.layers import View
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model import data_objects
from engine.bpmn.model.document import ACTIVITIES
from engine.bpmn.model.extensions import attribute, names_in, properties
from engine.bpmn.model.xml import Element, name_of

OF_CAMUNDA: Final = "execution"
"""What scripts of Camunda 7 ask for variables."""


@dataclass(frozen=True, slots=True)
class Use:
    """Something reads a variable.

    `names` are those that it may go by; `owner` is the flow node, flow or process that reads, `element` what to show,
    `what` says in words which part of it; `view` is from where it is read. `fails` says that it does not go on without
    the variable; else it is null there. `filled` asks for the value of a data object; `script` is the task, where a
    script reads a name before it could have set it. `given` are names that are known in this place beside variables.
    """

    owner: Element
    element: Element
    what: str
    names: tuple[str, ...]
    view: View = "inside"
    fails: bool = False
    filled: bool = False
    script: Element | None = None
    given: frozenset[str] = frozenset()


def uses(scope: Scope) -> Iterator[Use]:
    """Yield what is read in the processes of a file that are to be run."""
    yield from _expressions(scope)
    for script in scope.scripts:
        needed = {} if script.parsed is None or script.not_run else scripting.first_reads(script.parsed.source)
        for name, line in needed.items():
            if name == OF_CAMUNDA:
                continue  # a rule of its own says what to write instead
            what = f"Line {line} of the script"
            yield Use(script.task, script.element, what, (name,), fails=True, script=script.task)
    for node in scope.nodes:
        kind = name_of(node)
        if kind == "businessRuleTask":
            yield from _decision(scope, node)
        elif kind == "userTask":
            for name in names_in(properties(node).get("compare")):
                yield Use(node, node, "The property 'compare'", (name,))
        for drawn in data_objects.uses(scope.document, node) if kind in ACTIVITIES else ():
            if drawn.direction == "read":
                what = f"The data object {drawn.name[:80]!r}, which is read here,"
                yield Use(node, drawn.element, what, (drawn.variable,), "around", fails=True, filled=True)


def _expressions(scope: Scope) -> Iterator[Use]:
    for found in scope.expressions:
        names, given = frozenset() if found.parsed is None else found.parsed.certain_names, frozenset[str]()
        if names and found.view == "result" and name_of(found.owner) == "serviceTask":
            operation = scope.catalog.operation(properties(found.owner).get("operation") or "")
            given = names if operation is None else frozenset(each.name for each in operation.outputs)
            names -= given
        for name in sorted(names):
            yield Use(found.owner, found.element, found.what, (name,), found.view, given=given)


def _decision(scope: Scope, task: Element) -> Iterator[Use]:
    key = attribute(task, "decisionRef")
    if key and not feel.is_expression(key):
        for names in scope.catalog.decision_inputs(key) or ():
            yield Use(task, task, f"The decision {key[:80]!r}", tuple(sorted(names)))
