"""Owns what rules look at: one file, what runs in it, and what is beside it; it finds nothing itself."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from engine.bpmn.catalog import Catalog
from engine.bpmn.document import SUBPROCESSES, Document, all_flow_nodes, is_executable
from engine.bpmn.lint.expressions import Expression, expressions_of
from engine.bpmn.lint.graph import Graph
from engine.bpmn.lint.soundness import Soundness, explore
from engine.bpmn.xml import Element, bpmn, name_of


class Scope:
    """One file under check. `models` are all models of the upload that could be read, this one too, by file name."""

    def __init__(self, document: Document, catalog: Catalog, models: Mapping[str, Document]) -> None:
        self.document, self.catalog, self.models = document, catalog, models

    @cached_property
    def processes(self) -> list[Element]:
        """Return the processes that are to be run: rules leave the others alone."""
        return [process for process in self.document.processes if is_executable(process)]

    @cached_property
    def nodes(self) -> list[Element]:
        """Return every flow node of the processes that are to be run, in document order."""
        return [node for process in self.processes for node in all_flow_nodes(process)]

    @cached_property
    def graphs(self) -> list[Graph]:
        """Return the graphs of the processes that are to be run and of their sub-processes."""
        found = []
        for process in self.processes:
            found.append(Graph.of(process))
            found.extend(Graph.of(scope) for scope in process.iter(*(bpmn(name) for name in SUBPROCESSES)))
        return found

    @cached_property
    def soundness(self) -> list[tuple[Graph, Soundness]]:
        """Return what the states of each graph show; graphs that are large or not connected are left out."""
        return [(graph, explore(graph)) for graph in self.graphs if not graph.is_large and not graph.broken]

    @cached_property
    def expressions(self) -> list[Expression]:
        """Return every expression of the processes that are to be run, parsed or refused."""
        return [expression for process in self.processes for expression in expressions_of(process)]

    def of_kind(self, *kinds: str) -> Iterator[Element]:
        """Yield the flow nodes whose element name is one of `kinds`, in document order."""
        return (node for node in self.nodes if name_of(node) in kinds)

    @cached_property
    def process_keys(self) -> frozenset[str]:
        """Return the keys of the processes in the whole upload that are to be run."""
        return frozenset(
            process.get("id") or ""
            for document in self.models.values()
            for process in document.processes
            if is_executable(process)
        )

    def process_exists(self, key: str) -> bool:
        """Say whether a process can be called by this key: one of the upload, or one that the catalog knows."""
        return key in self.process_keys or self.catalog.process_exists(key)
