"""Owns the elements of a decision requirements graph (DMN 1.5, chapter 6) and how they lead to one another.

It evaluates nothing.
"""

from collections import deque
from collections.abc import Iterable, Iterator
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
    caller brings. `reads` are the names that the logic itself uses, `certain` those that cannot be fields of what is
    filtered. A service has `parameters` and `outputs` instead of logic.
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
    certain: frozenset[str] = frozenset()
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


def circular(nodes: Iterable[Node]) -> set[Node]:
    """Return those of `nodes` that require themselves, directly or by way of others.

    They are found in one walk (Tarjan's strongly connected components), as a file may have thousands in a ring.
    """
    found, order, lowest, path = set[Node](), dict[Node, int](), dict[Node, int](), dict[Node, None]()
    for root in nodes:
        waiting = [(root, iter(_next(root)))] if root not in order else []
        if waiting:
            order[root] = lowest[root] = len(order)
            path[root] = None
        while waiting:
            node, following = waiting[-1]
            other = next(following, None)
            if other is None:
                waiting.pop()
                if waiting:
                    around = waiting[-1][0]
                    lowest[around] = min(lowest[around], lowest[node])
                if lowest[node] == order[node]:
                    found |= _component(path, node)
            elif other not in order:
                order[other] = lowest[other] = len(order)
                path[other] = None
                waiting.append((other, iter(_next(other))))
            elif other in path:
                lowest[node] = min(lowest[node], order[other])
    return found


def _component(path: dict[Node, None], first: Node) -> set[Node]:
    """Take what follows `first` on the path off it, and return it if it is a ring."""
    component = set[Node]()
    while first not in component:
        component.add(path.popitem()[0])
    return component if len(component) > 1 or first in _next(first) else set()


def _next(node: Node) -> tuple[Node, ...]:
    return (*node.requires, *node.outputs)
