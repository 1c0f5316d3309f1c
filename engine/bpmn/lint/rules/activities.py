"""Owns the rules about what single activities need: a decision, a process to call, items to repeat over, a script."""

from collections.abc import Iterator

from engine.bpmn.lint.rule import Issue, Rule, in_words
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.document import all_flow_nodes, message_place
from engine.bpmn.model.extensions import attribute, form_key, names_in, properties
from engine.bpmn.model.scripts import PYTHON
from engine.bpmn.model.xml import camunda, children_of, text_of


def decision_missing(scope: Scope) -> Iterator[Issue]:
    """Find business rule tasks that do not name a decision."""
    for task in scope.of_kind("businessRuleTask"):
        if not attribute(task, "decisionRef"):
            yield Issue(
                task,
                "The business rule task does not say which decision.",
                "Choose the implementation DMN and write the decision's key as the decision reference.",
            )


def result_missing(scope: Scope) -> Iterator[Issue]:
    """Find business rule tasks and received messages whose content goes nowhere."""
    for node in scope.nodes:
        if message_place(node) is not None and form_key(node) and not properties(node).get("resultVariable"):
            yield Issue(
                node,
                "What the message brings is checked with a form, but not kept: there is no result variable.",
                "Add the property resultVariable with a variable's name.",
            )
    for task in scope.of_kind("businessRuleTask"):
        if attribute(task, "decisionRef") and not attribute(task, "resultVariable"):
            yield Issue(
                task,
                "The decision's result is not kept, because the task has no result variable.",
                "Write a variable's name as the result variable.",
            )


def called_process_missing(scope: Scope) -> Iterator[Issue]:
    """Find call activities that do not say what they call."""
    for call in scope.of_kind("callActivity"):
        if not (call.get("calledElement") or "").strip():
            yield Issue(
                call,
                "The call activity does not say which process it calls.",
                "Choose BPMN as the called element and write the process's key.",
            )


def recursive_call(scope: Scope) -> Iterator[Issue]:
    """Find processes that call themselves, directly or by way of others in the upload."""
    for process in scope.processes:
        key = process.get("id") or ""
        for node in all_flow_nodes(process):
            called = (node.get("calledElement") or "").strip()
            if called and (key, called) in scope.deployment.recursive:
                yield Issue(
                    node,
                    f"The process {key!r} calls itself" + (f" by way of {called!r}." if called != key else "."),
                    "Draw a loop, or start a new case by a message.",
                )


def nothing_to_repeat(scope: Scope) -> Iterator[Issue]:
    """Find multi-instance activities without a collection or a cardinality, or with both (BPMN 2.0.2, 10.3.8)."""
    for node in scope.nodes:
        for loop in children_of(node, "multiInstanceLoopCharacteristics"):
            collection = (loop.get(camunda("collection")) or "").strip()
            cardinality = any(text_of(part) for part in children_of(loop, "loopCardinality"))
            if bool(collection) == cardinality:
                yield Issue(
                    node,
                    "The multi-instance activity has "
                    + (
                        "both a collection and a cardinality."
                        if cardinality
                        else "neither a collection nor a cardinality."
                    ),
                    "Set the collection (a list) with an element variable, or the loop cardinality (a number).",
                )
            elif loop.get(camunda("elementVariable")) and not collection:
                yield Issue(
                    node,
                    "There is an element variable, but no collection to take elements from.",
                    "Set the collection, or remove the element variable.",
                )


def script_format(scope: Scope) -> Iterator[Issue]:
    """Find script tasks in a language other than Python, or without a script."""
    for script in scope.scripts:
        if script.language.lower() not in PYTHON:
            yield Issue(
                script.task,
                f"The script's format is {script.language[:40]!r}." if script.language else "The script has no format.",
                "Write the script in Python, with the format python: variables are there by their names, and names "
                "that it assigns become variables.",
            )
        elif not script.source.strip():
            yield Issue(script.task, "The script task has no script.", "Write one, or delete the task.")


def script_refused(scope: Scope) -> Iterator[Issue]:
    """Find scripts that do not parse, or that use statements which the sandbox does not run."""
    for script in scope.scripts:
        if script.refused is not None:
            yield Issue(script.element, f"The script cannot be run: {script.refused}", "Mend the script.")
        elif script.not_run is not None:
            line, word = script.not_run
            yield Issue(
                script.element,
                f"Line {line} of the script uses {word!r}, which is not run.",
                "Write plain statements and functions; the case's variables are there by their names.",
            )
        elif script.parsed is not None and "execution" in script.parsed.reads - script.parsed.assigns:
            yield Issue(
                script.element,
                "The script reads 'execution', which is not there.",
                'Write amount instead of execution.getVariable("amount"), and amount = 1 instead of setVariable.',
            )


def script_change_lost(scope: Scope) -> Iterator[Issue]:
    """Find variables that a script changes within, and does not set: they stay as they were."""
    for script in scope.scripts:
        if script.parsed is None or script.not_run is not None:
            continue
        for name in sorted(script.parsed.changes):
            yield Issue(
                script.element,
                f"The script changes what is in {name!r} and does not set {name!r}: the change is lost.",
                f"Write {name} = {name} as the last line, or set it at once: {name} = [*{name}, 1] for a list, "
                f'{name} = {{**{name}, "key": 1}} for a context.',
            )


def task_without_name(scope: Scope) -> Iterator[Issue]:
    """Find user tasks without a name: they would stand nameless in worklists and logs."""
    for node in scope.of_kind("userTask"):
        if not (node.get("name") or "").strip():
            yield Issue(node, f"This {in_words(node)} has no name.", "Name it after what is to be done.")


def user_task_property(scope: Scope) -> Iterator[Issue]:
    """Find user tasks that keep something under a name that is none, or do not say which two variables to compare."""
    for task in scope.of_kind("userTask"):
        named = properties(task)
        person = named.get("completedBy")
        if person is not None and not person.isidentifier():
            yield Issue(
                task,
                f"Who completes the task cannot be kept under {person[:80]!r}.",
                "Give completedBy a name of letters, digits and _, such as approved_by.",
            )
        variable, compared = named.get("formVariable"), names_in(named.get("compare"))
        if variable is not None and (not variable.isidentifier() or form_key(task) is None):
            yield Issue(
                task,
                f"The values of the form cannot be kept under {variable[:80]!r}."
                if form_key(task)
                else "There is no form whose values could be kept under a variable.",
                "Give the task a form, and formVariable a name of letters, digits and _.",
            )
        if "compare" in named and (len(compared) not in (2, 3) or not all(name.isidentifier() for name in compared)):
            yield Issue(
                task,
                f"The property compare is {named['compare'][:80]!r}, not the names of two or three variables.",
                "Write the variable of the record and that of its proposed values, such as `framework, draft`.",
            )


RULES = (
    Rule("decision-missing", decision_missing),
    Rule("result-missing", result_missing, "warning"),
    Rule("called-process-missing", called_process_missing),
    Rule("recursive-call", recursive_call),
    Rule("nothing-to-repeat", nothing_to_repeat),
    Rule("user-task-property", user_task_property),
    Rule("script-format", script_format),
    Rule("script-refused", script_refused),
    Rule("script-change-lost", script_change_lost, "warning"),
    Rule("task-without-name", task_without_name, "warning"),
)
