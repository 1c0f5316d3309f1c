"""Owns where the processes of an upload use forms, and which names that a form reads are known not to be there.

A user task's form sees the variables that the task sees, and the records that it shows. A start form, and the form that
checks a message, see their own fields only.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from engine import feel
from engine.bpmn.catalog import Catalog
from engine.bpmn.lint.variables import Variables
from engine.bpmn.model.document import Document, all_flow_nodes, event_definitions, is_executable, message_place
from engine.bpmn.model.extensions import attribute, form_key
from engine.bpmn.model.xml import Element, bpmn, name_of
from engine.forms_protocol import FormRead

_THROWING = frozenset(("sendTask", "intermediateThrowEvent", "endEvent"))


MAX_WORK: Final = 100_000
"""How often a name is looked for in a place, in one upload; what is left then is not judged."""


@dataclass(frozen=True)
class FormUse:
    """A flow node that shows a form, or checks a message with it; only `of_task` lets it see more than its fields."""

    document: Document
    node: Element
    of_task: bool
    catalog: Catalog
    variables: Variables

    def lacks(self, name: str) -> bool:
        """Say whether a form is known not to see `name` here."""
        return not self.of_task or (name not in self._shown and self.variables.unset(name, self.node, "inside"))

    def seen(self) -> set[str]:
        """Return the names that a form sees here beside its own."""
        return self.variables.seen(self.node, "inside") | self._shown if self.of_task else set()

    @cached_property
    def _shown(self) -> frozenset[str]:
        """Return the variables of the records that the page of the task may show."""
        registers = (self.catalog.register(use.register) for use in self.document.associations(self.node))
        return frozenset(register.variable for register in registers if register is not None)


@dataclass(frozen=True, slots=True)
class UnsetRead:
    """The form `key` reads a name that none of the places has which use it."""

    key: str
    read: FormRead
    uses: Sequence[FormUse]


def unset_reads(models: Mapping[str, Document], catalog: Catalog, variables: Variables) -> Iterator[UnsetRead]:
    """Yield what the forms read that the processes use, where none of these places is known to have it.

    Forms that deployed processes outside the upload use are left out: they may have the name.
    """
    own = {process.get("id") for document in models.values() for process in document.processes}
    others = (facts for facts in catalog.deployed_processes() if facts.key not in own)
    elsewhere = frozenset(key for facts in others for key in facts.forms)
    left = MAX_WORK
    for key, uses in _uses(models, catalog, variables).items():
        for read in () if key in elsewhere else catalog.form_reads(key):
            left -= len(uses)
            if left < 0:
                return
            if all(use.lacks(read.name) for use in uses):
                yield UnsetRead(key, read, uses)


def _uses(models: Mapping[str, Document], catalog: Catalog, variables: Variables) -> dict[str, list[FormUse]]:
    """Return where the processes that are to be run use each form, by its key."""
    found: dict[str, list[FormUse]] = {}
    for document in models.values():
        for process in filter(is_executable, document.processes):
            for node in all_flow_nodes(process):
                key = form_key(node)
                of_task = name_of(node) == "userTask"
                if key and not feel.is_expression(key) and (of_task or _is_received(node) or _starts(process, node)):
                    found.setdefault(key, []).append(FormUse(document, node, of_task, catalog, variables))
    return found


def _is_received(node: Element) -> bool:
    return message_place(node) is not None and name_of(node) not in _THROWING


def _starts(process: Element, node: Element) -> bool:
    """Say whether people start cases at `node`, so that they get its form."""
    return (
        node.tag == bpmn("startEvent")
        and node.getparent() is process
        and not list(event_definitions(node))
        and bool(attribute(process, "candidateStarterGroups") or attribute(process, "candidateStarterUsers"))
        and attribute(process, "isStartableInTasklist") not in ("false", "0")
    )
