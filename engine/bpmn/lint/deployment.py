"""Owns what rules look at that concerns all files of an upload together: worked out once, when a rule first asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.bpmn.catalog import Catalog
from engine.bpmn.lint.components import components
from engine.bpmn.lint.form_uses import UnsetRead, unset_reads
from engine.bpmn.lint.rings import Rings
from engine.bpmn.lint.throws import Throws
from engine.bpmn.lint.variables import Variables
from engine.bpmn.model.document import Document, all_flow_nodes, is_executable


@dataclass
class Deployment:
    """The models of an upload that could be read, by file name, and what is beside them."""

    models: Mapping[str, Document]
    catalog: Catalog

    @cached_property
    def variables(self) -> Variables:
        """Return which names the processes set."""
        return Variables(self.models, self.catalog)

    @cached_property
    def unset_reads(self) -> Sequence[UnsetRead]:
        """Return what forms read that no place has which uses them."""
        return tuple(unset_reads(self.models, self.catalog, self.variables))

    @cached_property
    def process_names(self) -> Mapping[str, str]:
        """Return the names of the processes that can be called, by their keys."""
        own = (process for document in self.models.values() for process in document.processes if is_executable(process))
        return {facts.key: facts.name for facts in self.catalog.deployed_processes()} | {
            process.get("id") or "": (process.get("name") or "").strip() for process in own
        }

    @cached_property
    def throws(self) -> Throws:
        """Return which errors and escalations the processes throw."""
        return Throws(self.models)

    @cached_property
    def recursive(self) -> frozenset[tuple[str, str]]:
        """Return the calls, as caller and called process, by which a process comes to call itself."""
        calls = {
            process.get("id") or "": {(node.get("calledElement") or "").strip() for node in all_flow_nodes(process)}
            for document in self.models.values()
            for process in document.processes
        }
        groups = (set(group) for group in components(calls, lambda key: calls.get(key, ())))
        return frozenset((key, called) for group in groups for key in group for called in calls.get(key, set()) & group)

    @cached_property
    def rings(self) -> Rings:
        """Return the events that lead to one another for ever."""
        return Rings(self.models, self.catalog)
