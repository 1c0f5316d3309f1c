"""Owns the rules about service tasks: an operation that is there, its inputs, when a failed call is tried again."""

from collections.abc import Iterator
from difflib import get_close_matches

from engine import feel
from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model import retries
from engine.bpmn.model.extensions import properties
from engine.bpmn.model.xml import Element, camunda, text_of
from engine.bpmn.reading import parameters
from engine.operations import Operation, ValueType
from engine.operations.values import Misfit, fitting, from_text
from engine.types import Json


def operation_missing(scope: Scope) -> Iterator[Issue]:
    """Find service tasks that do not say what is to be done."""
    for task in scope.of_kind("serviceTask"):
        if not properties(task).get("operation"):
            yield Issue(
                task,
                "The service task does not say which operation does its work.",
                "Add the property operation; the page Operations (below Processes) and `comity operations` list them.",
            )


def unknown_operation(scope: Scope) -> Iterator[Issue]:
    """Find service tasks whose operation is not there."""
    for task in scope.of_kind("serviceTask"):
        name = properties(task).get("operation")
        if name and scope.catalog.operation(name) is None:
            yield Issue(
                task,
                f"There is no operation {name[:80]!r}.",
                "Correct the name; the page Operations (below Processes) and `comity operations` list them. A new one "
                "comes with a package that brings it.",
            )


def operation_input(scope: Scope) -> Iterator[Issue]:
    """Find inputs that an operation asks for and does not get, that it does not have, and texts of the wrong type."""
    for task in scope.of_kind("serviceTask"):
        operation = scope.catalog.operation(properties(task).get("operation") or "")
        if operation is None:
            continue
        given = {each.name: each for each in parameters.drawn(task) if each.direction == "input"}
        for each in operation.inputs:
            if each.required and each.name not in given:
                yield Issue(
                    task,
                    f"The operation {operation.name!r} needs the input {each.name!r} ({each.type}): {each.help}",
                    "Add an input parameter of this name.",
                )
        for name, parameter in given.items():
            yield from _input_issues(operation, name, parameter.element)


def _input_issues(operation: Operation, name: str, element: Element) -> Iterator[Issue]:
    declared = operation.input(name)
    if declared is None:
        names = [each.name for each in operation.inputs]
        close = get_close_matches(name, names, n=1)
        yield Issue(
            element,
            f"The operation {operation.name!r} has no input {name[:80]!r}.",
            f"Did you mean {close[0]!r}?" if close else f"It has: {', '.join(names) or 'none'}.",
        )
        return
    inner = next(element.iterchildren(), None)
    if inner is None:
        said = _misfit(declared.type, text_of(element), required=declared.required)
    else:
        made: Json = [] if inner.tag == camunda("list") else {}
        said = _said(declared.type, made)
    if said:
        yield Issue(
            element, f"The input {name!r} of the operation {operation.name!r} {said}", f"It is: {declared.help}"
        )


def _misfit(kind: ValueType, text: str, *, required: bool) -> str:
    if not text:
        return "is empty, but has to be given." if required else ""
    return "" if feel.is_expression(text) else _said(kind, from_text(text, kind))


def _said(kind: ValueType, value: Json) -> str:
    try:
        fitting(value, kind)
    except Misfit as error:
        return str(error)
    return ""


def retry_cycle(scope: Scope) -> Iterator[Issue]:
    """Find service tasks whose retries are no list of durations."""
    for task in scope.of_kind("serviceTask"):
        element = retries.element_of(task)
        try:
            retries.of(task)
        except retries.NotRetries as error:
            yield Issue(
                element,
                f"When a failed call is tried again cannot be read: {error}.",
                "Write R3/PT10M (three times, 10 minutes before each), or the waits one by one: PT1M,PT10M,PT1H.",
            )


RULES = (
    Rule("operation-missing", operation_missing),
    Rule("unknown-operation", unknown_operation),
    Rule("operation-input", operation_input),
    Rule("retry-cycle", retry_cycle),
)
