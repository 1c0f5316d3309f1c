"""Owns the rules about who does what with which form: starters, owners, candidates, groups, forms."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches

from engine import feel
from engine.bpmn.lint import vendor
from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.document import message_place
from engine.bpmn.model.extensions import attribute, form_key, names_in, properties
from engine.bpmn.model.xml import Element, name_of

_PEOPLE = frozenset(("camunda:assignee", "camunda:candidateUsers"))
_INITIATOR = frozenset(("id", "name", "organisation"))
_INITIATOR_FIELD = re.compile(r"(?<![\w.])initiator\.([^\W\d]\w*)")
_MAX_NAMES = 300
_CLOSE = 0.75
_ANY_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)


def unassigned_task(scope: Scope) -> Iterator[Issue]:
    """Find user tasks without assignee or candidates: nobody would see them."""
    for task in scope.of_kind("userTask"):
        if not any(attribute(task, name) for name in ("assignee", "candidateUsers", "candidateGroups")):
            yield Issue(
                task,
                "The user task has no assignee and no candidates, so it stands in nobody's list.",
                "Set candidate groups, candidate users or an assignee.",
            )


def task_without_form(scope: Scope) -> Iterator[Issue]:
    """Find user tasks without a form: they can only be ticked off."""
    for task in scope.of_kind("userTask"):
        if not form_key(task):
            yield Issue(
                task,
                "The user task has no form, so it can only be marked as done.",
                "Set a form reference, if something is to be filled in.",
            )


def process_without_owner(scope: Scope) -> Iterator[Issue]:
    """Find processes that no group owns: only process owners in general would see what fails in them."""
    for process in scope.processes:
        if not properties(process).get("ownerGroup"):
            yield Issue(
                process,
                "The process has no owner group.",
                "Add the extension property ownerGroup with the group's id.",
            )


def _groups(scope: Scope) -> Iterator[tuple[Element, str]]:
    for process in scope.processes:
        for name in names_in(attribute(process, "candidateStarterGroups")):
            yield process, name
        owner = properties(process).get("ownerGroup")
        if owner:
            yield process, owner
    for task in scope.of_kind("userTask"):
        for name in names_in(attribute(task, "candidateGroups")):
            if not feel.is_expression(name):
                yield task, name


def unknown_group(scope: Scope) -> Iterator[Issue]:
    """Find groups that do not exist (yet)."""
    for element, name in _groups(scope):
        if not scope.catalog.group_exists(name):
            yield Issue(
                element,
                f"There is no group or role {name!r}.",
                "Correct its id, or ask an administrator to create the group.",
            )


def unknown_form(scope: Scope) -> Iterator[Issue]:
    """Find forms that do not exist."""
    for node in scope.nodes:
        if name_of(node) in ("startEvent", "userTask") or message_place(node) is not None:
            key = form_key(node)
            if key and not feel.is_expression(key) and not scope.catalog.form_exists(key):
                yield Issue(node, f"There is no form {key!r}.", _form_remedy(scope, key))


def _form_remedy(scope: Scope, key: str) -> str:
    identity = key.rpartition("/")[2].removesuffix(".form")
    if identity != key and scope.catalog.form_exists(identity):
        return f"Did you mean {identity!r}? It is the id of the form that counts, not the name of its file."
    if key.startswith(vendor.FORM_PAGES):
        return "Pages of your own are not shown. Make a .form file with the same fields, and write its id."
    return "Correct the form's key, or upload the .form file together with the model."


def unknown_decision(scope: Scope) -> Iterator[Issue]:
    """Find decisions that do not exist."""
    for task in scope.of_kind("businessRuleTask"):
        key = attribute(task, "decisionRef")
        if key and not feel.is_expression(key) and not scope.catalog.decision_exists(key):
            yield Issue(
                task,
                f"There is no decision {key!r}.",
                "Correct the decision's id, or upload the .dmn file together with the model.",
            )


def unknown_process(scope: Scope) -> Iterator[Issue]:
    """Find called processes that do not exist."""
    for call in scope.of_kind("callActivity"):
        key = (call.get("calledElement") or "").strip()
        if key and not feel.is_expression(key) and not scope.process_exists(key):
            meant = _meant(scope.deployment.process_names, key)
            remedy = "Correct the process's id, or upload its file together with the model."
            if meant is not None:
                remedy = f"Did you mean {meant!r}? It is the id of a process that counts, not its name."
            yield Issue(call, f"There is no process {key!r}.", remedy)


def _meant(names: Mapping[str, str], key: str) -> str | None:
    """Return the id of the process whose name is `key`, else one that is nearly the same."""
    named = (each for each, name in names.items() if name.lower() == key.lower())
    close = get_close_matches(key, names, n=1, cutoff=_CLOSE) if len(names) <= _MAX_NAMES else []
    return next(named, None) or next(iter(close), None)


def invalid_task_value(scope: Scope) -> Iterator[Issue]:
    """Find due dates, follow-up dates and priorities of user tasks that are neither valid text nor an expression."""
    for task in scope.of_kind("userTask"):
        for name in ("dueDate", "followUpDate"):
            value = attribute(task, name)
            if value and not feel.is_expression(value) and not is_moment(value):
                yield Issue(
                    task,
                    f"camunda:{name} is {value[:80]!r}, which is no date, no date and time and no duration.",
                    "Write for instance P3D, 2026-03-31T10:30:00Z, or an expression after '='.",
                )
        priority = attribute(task, "priority")
        if priority and not feel.is_expression(priority) and not priority.removeprefix("-").isdecimal():
            yield Issue(
                task,
                f"camunda:priority is {priority[:80]!r}, which is no whole number.",
                "Write a whole number (50 is usual), or an expression after '='.",
            )


def is_moment(text: str) -> bool:
    """Say whether a text is an ISO 8601 date, date-time or duration."""
    try:
        feel.to_instant(text, _ANY_INSTANT)
    except feel.ExpressionRefused:
        return False
    return True


def initiator_not_a_person(scope: Scope) -> Iterator[Issue]:
    """Find uses of `initiator` as if it were somebody's id, and fields of it that there are none of."""
    for found in scope.expressions:
        if found.parsed is None or "initiator" not in found.parsed.certain_names:
            continue
        source = found.parsed.source.strip()
        if source == "initiator" and found.what in _PEOPLE:
            yield Issue(
                found.element,
                f"{found.what} is 'initiator', which is no person's id but a context with id, name and organisation.",
                "Write ${initiator.id}.",
            )
        for name in _INITIATOR_FIELD.findall(source):
            if name not in _INITIATOR:
                yield Issue(
                    found.element,
                    f"{found.what} reads initiator.{name[:80]}, but of who started the case the engine knows only id, "
                    "name and organisation: it would be null.",
                    "Ask for it in a form, or let an operation look it up by initiator.id.",
                )


RULES = (
    Rule("initiator", initiator_not_a_person),
    Rule("unassigned-task", unassigned_task, "warning"),
    Rule("task-without-form", task_without_form, "warning"),
    Rule("process-without-owner", process_without_owner, "warning"),
    Rule("unknown-group", unknown_group, "warning"),
    Rule("unknown-form", unknown_form),
    Rule("unknown-decision", unknown_decision),
    Rule("unknown-process", unknown_process),
    Rule("invalid-task-value", invalid_task_value),
)
