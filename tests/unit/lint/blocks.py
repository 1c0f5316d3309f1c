"""Models made of blocks within blocks, and a slow, plain walk over all their states to compare the lint's with."""

import random
from collections.abc import Iterator
from itertools import chain, combinations, count
from typing import Final

from engine.bpmn.model.graph import Graph
from engine.bpmn.model.xml import name_of

KINDS: Final = {"x": "exclusiveGateway", "p": "parallelGateway", "o": "inclusiveGateway", "t": "manualTask"}
_Marking = tuple[tuple[str, int], ...]


class Blocks:
    """A model under construction: `flows` are pairs of names; the first letter of a name says what it is."""

    def __init__(self, chance: random.Random, size: int) -> None:
        self.chance, self.left, self.flows = chance, size, list[tuple[str, str]]()
        self.splits: list[tuple[str, str]] = []
        """split and join of each block in which branches part"""
        self._numbers = count(1)
        last = self.block("s1")
        self.flows.append((last, "e1"))

    def _new(self, kind: str) -> str:
        self.left -= 1
        return f"{kind}{next(self._numbers)}"

    def block(self, before: str) -> str:
        """Draw a block behind `before`, and return its last node."""
        shape = self.chance.choice("tsxpol") if self.left > 3 else "t"
        if shape == "t":
            task = self._new("t")
            self.flows.append((before, task))
            return task
        if shape == "s":
            return self.block(self.block(before))
        if shape == "l":  # a loop: back from an exclusive gateway to one before
            into, out = self._new("x"), self._new("x")
            self.flows.append((before, into))
            self.flows.append((self.block(into), out))
            if self.chance.random() < 0.5:
                self.flows.append((self.block(out), into))
            else:
                self.flows.append((out, into))
            return out
        split, join = self._new(shape), self._new(shape)
        self.splits.append((split, join))
        self.flows.append((before, split))
        for _ in range(self.chance.randint(2, 3)):
            self.flows.append((self.block(split), join))
        return join

    def renamed(self, names: dict[str, str]) -> list[tuple[str, str]]:
        """Return the flows with some nodes under other names, and so of another kind."""
        return [(names.get(source, source), names.get(target, target)) for source, target in self.flows]


class Walk:
    """What the token game says of a model, by BPMN 2.0.2, 13.4, marking by marking: tokens on flows, any number.

    `whole` is false when there are more than `most` markings: nothing is known then.
    """

    def __init__(self, graph: Graph, most: int = 1_000) -> None:
        self.graph, self.stuck, self.piled, self.whole = graph, False, False, True
        self.seen = set[_Marking]()
        self.ends = {flow.id: flow for flows in graph.outgoing.values() for flow in flows}
        starts = [name for name, node in graph.nodes.items() if name_of(node) == "startEvent"]
        waiting = [tuple((flow.id, 1) for name in starts for flow in graph.outgoing[name])]
        while waiting:
            marking = waiting.pop()
            if marking in self.seen:
                continue
            self.seen.add(marking)
            if len(self.seen) > most:
                self.whole = False
                return
            following = list(self._following(dict(marking)))
            self.stuck |= bool(marking) and not following
            for tokens in following:
                # At a plain end event any number of tokens may arrive: nothing follows that could be done twice.
                if any(number > 1 and not self._at_end(flow) for flow, number in tokens.items()):
                    self.piled = True
                else:
                    kept = {flow: 1 for flow, number in tokens.items() if number}
                    waiting.append(tuple(sorted(kept.items())))

    def _at_end(self, flow: str) -> bool:
        return name_of(self.graph.nodes[self.ends[flow].target]) == "endEvent"

    def _following(self, tokens: dict[str, int]) -> Iterator[dict[str, int]]:
        for name, node in self.graph.nodes.items():
            into = [flow.id for flow in self.graph.incoming[name]]
            here = [flow for flow in into if tokens.get(flow)]
            if not here:
                continue
            kind = name_of(node)
            together = len(into) > 1 and kind in ("parallelGateway", "inclusiveGateway")
            if together and kind == "parallelGateway" and len(here) < len(into):
                continue
            if together and kind == "inclusiveGateway" and self._awaits(name, here, into, tokens):
                continue
            for used in [here] if together else [[flow] for flow in here]:
                for taken in self._taken(kind, [flow.id for flow in self.graph.outgoing[name]]):
                    found = dict(tokens)
                    for flow in used:
                        found[flow] -= 1
                    for flow in taken:
                        found[flow] = found.get(flow, 0) + 1
                    yield found

    def _taken(self, kind: str, out: list[str]) -> list[list[str]]:
        if kind == "exclusiveGateway":
            return [[flow] for flow in out] or [[]]
        if kind == "inclusiveGateway":
            sizes = (combinations(out, size) for size in range(1, len(out) + 1))
            return [list(chosen) for chosen in chain.from_iterable(sizes)] or [[]]
        return [out]

    def _awaits(self, join: str, here: list[str], into: list[str], tokens: dict[str, int]) -> bool:
        """Say whether a token elsewhere can get to an empty flow of an inclusive join, and to no full one."""
        for flow, number in tokens.items():
            if number and self.ends[flow].target != join:
                reached = self._reached(self.ends[flow].target, join)
                if reached & set(into) - set(here) and not reached & set(here):
                    return True
        return False

    def _reached(self, start: str, join: str) -> set[str]:
        """Return the flows to which a token at `start` can get without passing `join`."""
        found, waiting, visited = set[str](), [start], {start}
        while waiting:
            for flow in self.graph.outgoing[waiting.pop()]:
                found.add(flow.id)
                if flow.target != join and flow.target not in visited:
                    visited.add(flow.target)
                    waiting.append(flow.target)
        return found
