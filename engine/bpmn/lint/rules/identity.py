"""Owns the rules about processes and ids: something must run, and everything that runs must have an id of its own."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from engine.bpmn.case.case import MAX_NESTING
from engine.bpmn.lint.rule import Issue, Rule, in_words, with_article
from engine.bpmn.lint.scope import MAX_NODES, Scope
from engine.bpmn.model.document import all_flow_nodes, is_executable
from engine.bpmn.model.scripts import MAX_TEXT
from engine.bpmn.model.xml import BPMN, bpmn

_RESERVED = frozenset(("Start", "End", "Root", "StartEventSplit", "StartEventJoin"))
_RESERVED_ENDINGS = (".EndJoin", ".BoundaryEventSplit", ".BoundaryEventJoin")
_XML_NAME = re.compile(r"[^\W\d][\w.\-]*")


def no_executable_process(scope: Scope) -> Iterator[Issue]:
    """Find a file in which nothing is marked to be run."""
    if not scope.processes:
        yield Issue(
            next(iter(scope.document.processes), None),
            "No process in this file is marked as executable, so nothing would run.",
            "Select the process (or its pool) in the modeler and tick 'Executable'.",
        )


def missing_id(scope: Scope) -> Iterator[Issue]:
    """Find processes, flow nodes and flows without an id (BPMN 2.0.2, 8.3.1), and ids that XML does not allow."""
    for process in scope.processes:
        for element in (process, *all_flow_nodes(process), *process.iter(bpmn("sequenceFlow"))):
            identity = element.get("id")
            if not identity or not _XML_NAME.fullmatch(identity):
                yield Issue(
                    element,
                    f"{with_article(element).capitalize()} has {f'the id {identity[:80]!r}' if identity else 'no id'}.",
                    "Give it an id that begins with a letter and holds letters, digits, '_', '-' or '.' only.",
                )


def duplicate_id(scope: Scope) -> Iterator[Issue]:
    """Find ids that stand on more than one element of the file."""
    seen = Counter[str]()
    for element in scope.document.root.iter(f"{{{BPMN}}}*"):
        identity = element.get("id")
        if identity:
            seen[identity] += 1
            if seen[identity] > 1:
                yield Issue(
                    element,
                    f"The id {identity!r} is used more than once in this file.",
                    f"Give this {in_words(element)} an id of its own.",
                )


def duplicate_process(scope: Scope) -> Iterator[Issue]:
    """Find processes whose key another file of the same upload uses too."""
    others = {
        file: {process.get("id") for process in document.processes if is_executable(process)}
        for file, document in scope.models.items()
        if file != scope.document.file
    }
    for process in scope.processes:
        for file, keys in others.items():
            if process.get("id") in keys:
                yield Issue(
                    process,
                    f"The process key {process.get('id')!r} is used in {file} too.",
                    "Upload one of the two files, or give one of the processes another id.",
                )


def reserved_id(scope: Scope) -> Iterator[Issue]:
    """Find ids that the engine needs for itself: an element with such an id would be skipped or could not start."""
    for element in (*scope.processes, *scope.nodes):
        identity = element.get("id") or ""
        if identity in _RESERVED or identity.endswith(_RESERVED_ENDINGS):
            yield Issue(
                element,
                f"The id {identity!r} is reserved for the engine.",
                f"Choose another id for this {in_words(element)}, for instance {identity.replace('.', '_')}_1.",
            )


def process_too_large(scope: Scope) -> Iterator[Issue]:
    """Find processes with more elements than are read and checked with care."""
    for process in scope.large_processes:
        yield Issue(
            process,
            f"The process has more than {MAX_NODES} activities, events and gateways. Its details were not checked.",
            "Move a part of it to a process of its own and call that.",
        )
    if scope.large_processes:
        return
    for process in scope.processes:
        tag = bpmn("subProcess")
        deep = (each for each in process.iter(tag) if sum(1 for _ in each.iterancestors(tag)) >= MAX_NESTING)
        for node in islice(deep, 1):
            yield Issue(
                node, f"Sub-processes stand more than {MAX_NESTING} deep in one another.", "Call a process instead."
            )
    texts = (*scope.expressions, *scope.scripts)
    if texts and scope.too_much_text:
        yield Issue(
            scope.processes[0],
            f"The expressions or scripts of this file have more than {MAX_TEXT:,} characters, or many do not parse.",
            "Mend those that are found first; move rules into decision tables, and parts into processes of their own.",
        )


RULES = (
    Rule("no-executable-process", no_executable_process),
    Rule("missing-id", missing_id),
    Rule("duplicate-id", duplicate_id),
    Rule("duplicate-process", duplicate_process),
    Rule("reserved-id", reserved_id),
    Rule("process-too-large", process_too_large),
)
