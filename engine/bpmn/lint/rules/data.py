"""Owns the rules about what activities take in and bring out, how they loop, links, and who does a task."""

from collections.abc import Iterator

from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model import data_objects
from engine.bpmn.model.document import ACTIVITIES
from engine.bpmn.model.xml import bpmn, children_of, name_of, text_of
from engine.bpmn.reading import parameters
from engine.bpmn.specs.standard_loop import is_maximum


def parameter(scope: Scope) -> Iterator[Issue]:
    """Find input and output parameters that cannot be run: without a name, twice, scripts."""
    for node in scope.nodes:
        if name_of(node) in ACTIVITIES:
            for problem in parameters.problems(node):
                yield Issue(problem.element, problem.message, problem.remedy)


def endless_loop(scope: Scope) -> Iterator[Issue]:
    """Find loop markers that say neither when to stop nor how often to go round (BPMN 2.0.2, 10.3.8)."""
    for node in scope.nodes:
        for loop in children_of(node, "standardLoopCharacteristics"):
            maximum = (loop.get("loopMaximum") or "").strip()
            if maximum and not is_maximum(maximum):
                yield Issue(
                    node, f"The loop's maximum is {maximum[:80]!r}.", "Write a whole number from 1, or leave it out."
                )
            elif not maximum and not any(text_of(part) for part in children_of(loop, "loopCondition")):
                yield Issue(
                    node,
                    "The activity loops, but nothing says when it stops.",
                    "Write a loop condition: while it is true, the activity is done again. Or set a maximum.",
                )


def link_event(scope: Scope) -> Iterator[Issue]:
    """Find link events without a counterpart of the same name in their process or sub-process."""
    for graph in scope.graphs:
        for problem in graph.link_problems():
            yield Issue(problem.element, problem.message, problem.remedy)


def data_object(scope: Scope) -> Iterator[Issue]:
    """Find data objects that something other than an activity reads, and variables that are no names."""
    for node in scope.nodes:
        kind = name_of(node)
        for use in data_objects.uses(scope.document, node) if kind not in ACTIVITIES else ():
            if use.direction == "read" or kind.endswith("Gateway"):
                yield Issue(
                    use.element,
                    f"A {kind} does not {use.direction} data objects: activities do.",
                    "Join the data object to an activity.",
                )
    for process in scope.processes:
        for element in process.iter(bpmn("dataObject"), bpmn("dataObjectReference")):
            variable = data_objects.variable_of(scope.document, element)
            if variable and not variable.isidentifier():
                yield Issue(
                    element,
                    f"The data object stands for the variable {variable[:80]!r}, which is no name of a variable.",
                    "Set the property variable to a name without spaces and dots.",
                )


def task_without_kind(scope: Scope) -> Iterator[Issue]:
    """Find tasks without a kind: nobody does them, the case passes (BPMN 2.0.2, 13.3.3)."""
    for task in scope.of_kind("task"):
        yield Issue(
            task,
            "A task without a kind says nothing about who does it: the case passes it at once.",
            "Choose a kind: user task for people, service task for an operation, manual task for work outside.",
        )


RULES = (
    Rule("parameter", parameter),
    Rule("endless-loop", endless_loop),
    Rule("link-event", link_event),
    Rule("data-object", data_object),
    Rule("task-without-kind", task_without_kind, "warning"),
)
