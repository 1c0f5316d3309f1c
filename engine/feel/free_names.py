"""Owns the question which variables an expression reads; it evaluates nothing and knows no function library."""

from collections.abc import Iterator

from engine.feel.nodes import Call, ContextOf, Filter, For, Lambda, Name, Node, Quantified, Test, children


class Usage:
    """What an expression reads.

    Within a filter a name may be a field of the filtered item, so it is only `possible`.
    """

    __slots__ = ("called", "certain", "possible")

    def __init__(self) -> None:
        self.certain: set[str] = set()
        self.possible: set[str] = set()
        self.called: dict[str, int] = {}


def usage(root: Node, bound: frozenset[str] = frozenset()) -> Usage:
    """Collect the root names that `root` reads from outside, names in `bound` left out.

    `called` maps the names of called functions to the positions of the calls.
    """
    found = Usage()
    waiting: list[_Visit] = [(root, bound, False)]
    while waiting:
        node, known, filtered = waiting.pop()
        if isinstance(node, Name):
            if node.name not in known:
                (found.possible if filtered else found.certain).add(node.name)
        elif isinstance(node, Call) and isinstance(node.function, Name):
            waiting.extend(_visits_of_call(node, node.function, known, filtered, found))
        else:
            waiting.extend((child, names, filtered or inside) for child, names, inside in _visits(node, known))
    return found


_Visit = tuple[Node, frozenset[str], bool]
"""A node to look at, the names that are bound there, and whether it stands in a filter."""


def _visits_of_call(
    node: Call, function: Name, known: frozenset[str], filtered: bool, found: Usage
) -> Iterator[_Visit]:
    if function.name not in known:
        if filtered:
            found.possible.add(function.name)
        else:
            found.called.setdefault(function.name, function.at)
    yield from ((argument, known, filtered) for argument in node.positional)
    yield from ((argument, known, filtered) for _, argument in node.named)


def _visits(node: Node, known: frozenset[str]) -> Iterator[_Visit]:
    """Yield the nodes below `node` with the names that are bound for each."""
    match node:
        case For(iterators=iterators, body=body) | Quantified(iterators=iterators, body=body):
            inner = known | {"partial"} if isinstance(node, For) else known
            for name, domain in iterators:
                yield domain, inner, False
                inner = inner | {name}
            yield body, inner, False
        case ContextOf(entries=entries):
            inner = known
            for name, value in entries:
                yield value, inner | {name} if isinstance(value, Lambda) else inner, False  # it may call itself
                inner = inner | {name}
        case Lambda(parameters=parameters, body=body):
            yield body, known | {name for name, _ in parameters}, False
        case Filter(base=base, condition=condition):
            yield base, known, False
            yield condition, known | {"item"}, True
        case Test(operand=operand):
            yield operand, known | {"?"}, False
        case _:
            yield from ((child, known, False) for child in children(node))
