"""Owns the question which variables an expression reads; it evaluates nothing and knows no function library."""

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

    `called` maps functions to positions.
    """
    found = Usage()
    waiting: list[tuple[Node, frozenset[str], bool]] = [(root, bound, False)]
    while waiting:
        node, known, filtered = waiting.pop()
        match node:
            case Name(name=name):
                if name not in known:
                    (found.possible if filtered else found.certain).add(name)
            case Call(function=Name(name=name, at=at), positional=positional, named=named):
                if name not in known and not filtered:
                    found.called.setdefault(name, at)
                elif name not in known:
                    found.possible.add(name)
                waiting.extend((argument, known, filtered) for argument in positional)
                waiting.extend((argument, known, filtered) for _, argument in named)
            case For(iterators=iterators, body=body) | Quantified(iterators=iterators, body=body):
                inner = known | {"partial"} if isinstance(node, For) else known
                for name, domain in iterators:
                    waiting.append((domain, inner, filtered))
                    inner = inner | {name}
                waiting.append((body, inner, filtered))
            case ContextOf(entries=entries):
                inner = known
                for name, value in entries:
                    recursive = inner | {name} if isinstance(value, Lambda) else inner
                    waiting.append((value, recursive, filtered))
                    inner = inner | {name}
            case Lambda(parameters=parameters, body=body):
                waiting.append((body, known | {name for name, _ in parameters}, filtered))
            case Filter(base=base, condition=condition):
                waiting.append((base, known, filtered))
                waiting.append((condition, known | {"item"}, True))
            case Test(operand=operand):
                waiting.append((operand, known | {"?"}, filtered))
            case _:
                waiting.extend((child, known, filtered) for child in children(node))
    return found
