"""Owns the search for rings in a graph: which nodes lead to one another. It knows not what the nodes are."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

_Node = TypeVar("_Node", bound=Hashable)


def components(nodes: Iterable[_Node], after: Callable[[_Node], Iterable[_Node]]) -> Iterator[tuple[_Node, ...]]:
    """Yield the strongly connected components (Tarjan's) of what can be reached from `nodes`, single nodes too.

    Each is in the order in which its nodes were found. One walk, so that thousands in a ring take no time.
    """
    order, lowest, path = dict[_Node, int](), dict[_Node, int](), dict[_Node, None]()
    for root in nodes:
        waiting: list[tuple[_Node, Iterator[_Node]]] = []
        if root not in order:
            waiting.append((root, iter(after(root))))
            order[root] = lowest[root] = len(order)
            path[root] = None
        while waiting:
            node, following = waiting[-1]
            other = next(following, None)
            if other is not None and other not in order:
                order[other] = lowest[other] = len(order)
                path[other] = None
                waiting.append((other, iter(after(other))))
            elif other is not None:
                if other in path:
                    lowest[node] = min(lowest[node], order[other])
            else:
                waiting.pop()
                if waiting:
                    around = waiting[-1][0]
                    lowest[around] = min(lowest[around], lowest[node])
                if lowest[node] == order[node]:
                    yield _taken(path, node)


def _taken(path: dict[_Node, None], first: _Node) -> tuple[_Node, ...]:
    """Take `first`, and what follows it on the path, off the path."""
    found: list[_Node] = []
    while not found or found[-1] != first:
        found.append(path.popitem()[0])
    return tuple(reversed(found))
