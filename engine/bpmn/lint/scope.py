"""Owns what rules look at: one file, what runs in it, and what is beside it; it finds nothing itself."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from engine.bpmn.lint.deployment import Deployment
from engine.bpmn.lint.expressions import Expression, expressions_of
from engine.bpmn.lint.soundness import Soundness, explore
from engine.bpmn.model.document import SUBPROCESSES, Document, all_flow_nodes, is_executable
from engine.bpmn.model.graph import Graph
from engine.bpmn.model.scripts import MAX_TEXT, Script
from engine.bpmn.model.xml import Element, bpmn, name_of

MAX_NODES: Final = 1_000
"""Most activities, events and gateways in one process: nobody could read its picture."""

MAX_SIZE: Final = 3_000
"""Most nodes and flows for which checks are made whose time grows faster than the model."""

MAX_WORK: Final = 400_000
"""How much is done to find states: tokens moved, summed over the states of a file. About a quarter of a second."""

_COST_OF_REFUSAL: Final = 20


class Scope:
    """One file under check, and the deployment that it is part of."""

    def __init__(self, document: Document, deployment: Deployment) -> None:
        self.document, self.deployment = document, deployment
        self.catalog, self.models = deployment.catalog, deployment.models
        self.too_much_text = False
        """whether `expressions` or `scripts` left something out"""

    @cached_property
    def processes(self) -> list[Element]:
        """Return the processes that are to be run: rules leave the others alone."""
        return [process for process in self.document.processes if is_executable(process)]

    @cached_property
    def large_processes(self) -> list[Element]:
        """Return those of the processes that have more than `MAX_NODES` flow nodes."""
        return [process for process in self.processes if sum(1 for _ in all_flow_nodes(process)) > MAX_NODES]

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
    def small_graphs(self) -> list[Graph]:
        """Return the graphs for checks whose time grows faster than the model: as many as `MAX_SIZE` allows."""
        found, size = [], 0
        for graph in self.graphs:
            size += graph.size
            if size > MAX_SIZE:
                break
            found.append(graph)
        return found

    @cached_property
    def soundness(self) -> list[tuple[Graph, Soundness]]:
        """Return what the states of each small graph show; those with broken flows are left out."""
        found, work = [], MAX_WORK
        for graph in self.small_graphs:
            if not graph.broken:
                shown = explore(graph, work)
                work -= shown.work
                found.append((graph, shown))
        return found

    @cached_property
    def expressions(self) -> list[Expression]:
        """Return the expressions of the processes that are to be run, parsed or refused, as far as `MAX_TEXT` goes."""
        found: list[Expression] = []
        left = MAX_TEXT
        for expression in (one for process in self.processes for one in expressions_of(process)):
            if left < 0:
                self.too_much_text = True
                break
            # A text that is refused may have cost many tries before it was.
            left -= len(expression.source) * (1 if expression.refused is None else _COST_OF_REFUSAL)
            found.append(expression)
        return found

    @cached_property
    def scripts(self) -> list[Script]:
        """Return the scripts of the script tasks that are to be run, as far as `MAX_TEXT` goes."""
        found: list[Script] = []
        left = MAX_TEXT
        for task in self.of_kind("scriptTask"):
            if left < 0:
                self.too_much_text = True
                break
            script = Script.of(task)
            left -= len(script.source)
            found.append(script)
        return found

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
