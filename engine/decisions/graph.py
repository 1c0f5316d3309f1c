"""Owns the elements of a decision requirements graph (DMN 1.5, chapter 6) and how they lead to one another.

It evaluates nothing.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from engine.decisions.item_types import ItemTypes
from engine.decisions.table import Table
from engine.feel.compiler import TypeCheck
from engine.feel.scope import Code

Kind = Literal["inputData", "decision", "businessKnowledgeModel", "decisionService"]


@dataclass(eq=False, slots=True)
class Node:
    """An input, a decision, a business knowledge model or a decision service.

    `logic` gives a decision's value or a knowledge model's function. `check` conforms the value, `inbound` what a
    caller brings. `reads` are the names that the logic itself uses. A service has `parameters` and `outputs` instead of
    logic.
    """

    model: "Model"
    id: str
    name: str
    kind: Kind
    variable: str
    logic: Code
    check: TypeCheck | None = None
    inbound: TypeCheck | None = None
    table: Table | None = None
    requires: tuple["Node", ...] = ()
    parameters: tuple["Node", ...] = ()
    outputs: tuple["Node", ...] = ()
    reads: frozenset[str] = frozenset()
    line: int | None = None


@dataclass(eq=False, slots=True)
class Model:
    """One file: its elements by id, and the models it imports by the name it gives them."""

    file: str
    namespace: str
    types: ItemTypes
    inbound: ItemTypes
    nodes: dict[str, Node] = field(default_factory=dict)
    imports: "dict[str, Model]" = field(default_factory=dict)

    def find(self, href: str) -> Node | None:
        """Return the element that a reference (`#id` or `namespace#id`) names, here or in an imported model."""
        namespace, _, identity = href.rpartition("#")
        candidates = [model.nodes[identity] for model, _ in self._reachable() if identity in model.nodes]
        own = (node for node in candidates if node.model is self and namespace in ("", self.namespace))
        return next(own, None) or next((node for node in candidates if namespace == node.model.namespace), None)

    def named(self, name: str) -> Node | None:
        """Return the element with a name, here or in an imported model."""
        return next(
            (node for model, _ in self._reachable() for node in model.nodes.values() if node.name == name), None
        )

    def path_to(self, other: "Model") -> list[str]:
        """Return the import names that lead from here to `other`, empty when it is no import of this one."""
        return next((path for model, path in self._reachable() if model is other), [])

    def _reachable(self) -> "Iterator[tuple[Model, list[str]]]":
        """Yield this model and all it imports, nearest first, each once, with the import names that lead there."""
        seen: set[int] = {id(self)}
        waiting: deque[tuple[Model, list[str]]] = deque([(self, [])])
        while waiting:
            model, path = waiting.popleft()
            yield model, path
            for name, imported in model.imports.items():
                if id(imported) not in seen:
                    seen.add(id(imported))
                    waiting.append((imported, [*path, name]))


def below(node: Node) -> Iterator[Node]:
    """Yield `node` and everything it requires, each once."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if id(current) not in seen:
            seen.add(id(current))
            yield current
            waiting.extend((*current.requires, *current.outputs))


def cycle_through(node: Node) -> bool:
    """Say whether `node` requires itself, directly or by way of others."""
    return any(
        node in current.requires or node in current.outputs
        for current in below(node)
        if current.requires or current.outputs
    )
