"""Owns the walk over the states that one process or sub-process can be in, to find where tokens get stuck or pile up.

It looks at structure only: every condition may be true or false, every event may occur. It knows no data, and of an
element only what it does with tokens (BPMN 2.0.2, 13.3 and 13.4). It gives up after `MAX_STATES` states.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Final

from engine.bpmn.document import event_definitions
from engine.bpmn.lint.graph import Graph
from engine.bpmn.xml import name_of

MAX_STATES: Final = 3_000
"""How many states of one graph are looked at."""

_MAX_SUBSETS = 4
_State = frozenset[int]
"""The flows, by number, on which a token stands."""


@dataclass(slots=True)
class Soundness:
    """What was found: ids of joins at which a token can wait for ever, and of elements that several tokens reach."""

    stuck: list[str] = field(default_factory=list)
    piled: list[str] = field(default_factory=list)
    complete: bool = True
    work: int = 0


def explore(graph: Graph, max_work: int) -> Soundness:
    """Return what the states of `graph` show; `complete` is False when there were too many to see all.

    `max_work` bounds the tokens that are moved, summed over all states.
    """
    return _Walk(graph).result(max_work)


class _Walk:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        flows = [flow for flows in graph.outgoing.values() for flow in flows]
        self.target = [flow.target for flow in flows]
        number = {id(flow.element): index for index, flow in enumerate(flows)}
        self.out = {name: [number[id(flow.element)] for flow in flows] for name, flows in graph.outgoing.items()}
        self.into = {name: [number[id(flow.element)] for flow in flows] for name, flows in graph.incoming.items()}
        self.kind = {name: name_of(node) for name, node in graph.nodes.items()}
        # A plain end event takes any number of tokens at once, so none needs to stand before it.
        self.sinks = {flow for flow, name in enumerate(self.target) if self._is_sink(name)}
        # A token on a chain of plain activities is as good as one at the chain's end: far fewer states.
        last = [self._last_of_chain(flow) for flow in range(len(flows))]
        self.head = {last[number]: flow.target for number, flow in enumerate(flows) if not self._is_plain(flow.source)}
        self.out = {name: [last[flow] for flow in out] for name, out in self.out.items()}
        self.late = {name: graph.reachable([name]) for name in graph.nodes} if self._has_late_joins() else {}
        self.ends = {name for name in graph.nodes if self._ends_everything(name)}

    def _is_plain(self, name: str) -> bool:
        return len(self.into[name]) == len(self.out[name]) == 1 and name not in self.graph.boundaries

    def _last_of_chain(self, flow: int) -> int:
        seen = {flow}
        while True:
            name = self.target[flow]
            if not self._is_plain(name) or self.out[name][0] in seen | self.sinks:
                return flow
            flow = self.out[name][0]
            seen.add(flow)

    def _has_late_joins(self) -> bool:
        return any(kind == "inclusiveGateway" and self.into[name][1:] for name, kind in self.kind.items())

    def _is_sink(self, name: str) -> bool:
        return self.kind[name] == "endEvent" and not list(event_definitions(self.graph.nodes[name]))

    def _ends_everything(self, name: str) -> bool:
        kinds = {name_of(definition) for definition in event_definitions(self.graph.nodes[name])}
        return self.kind[name] == "endEvent" and bool(kinds & {"terminateEventDefinition", "errorEventDefinition"})

    def result(self, max_work: int) -> Soundness:
        found = Soundness()
        starts = [name for name, kind in self.kind.items() if kind == "startEvent"]
        waiting: list[_State] = [frozenset(self.out[name]) - self.sinks for name in starts]
        seen = set(waiting)
        while waiting:
            state = waiting.pop()
            moved = False
            if found.work > max_work:
                found.complete = False
                return found
            for following, piled in self._steps(state):
                moved = True
                found.work += 1 + len(state)
                if piled is not None:
                    name = self.head.get(piled, self.target[piled])
                    if name not in found.piled:
                        found.piled.append(name)
                elif following not in seen:
                    if len(seen) >= MAX_STATES:
                        found.complete = False
                        return found
                    seen.add(following)
                    waiting.append(following)
            if state and not moved:
                found.stuck.extend(
                    name for name in sorted({self.target[flow] for flow in state}) if name not in found.stuck
                )
        return found

    def _steps(self, state: _State) -> Iterator[tuple[_State, int | None]]:
        """Yield each state that may follow, or the flow on which a second token would come to stand."""
        for name in sorted({self.target[flow] for flow in state}):
            here = [flow for flow in self.into[name] if flow in state]
            kind = self.kind[name]
            if name in self.ends:
                yield frozenset(), None
            elif kind == "parallelGateway" and self.into[name][1:]:
                if len(here) == len(self.into[name]):
                    yield from self._fired(state, here, self.out[name])
            elif kind == "inclusiveGateway" and self.into[name][1:]:
                if self._none_to_come(state, name):
                    for taken in self._choices(name):
                        yield from self._fired(state, here, taken)
            else:
                for flow, taken in product(here, self._choices(name)):
                    yield from self._fired(state, [flow], taken)

    def _fired(self, state: _State, used: list[int], put: list[int]) -> Iterator[tuple[_State, int | None]]:
        rest = state.difference(used)
        put = [flow for flow in put if flow not in self.sinks]
        piled = next((flow for flow in put if flow in rest), None)
        yield rest.union(put), piled

    def _choices(self, name: str) -> list[list[int]]:
        out, kind = self.out[name], self.kind[name]
        if kind in ("exclusiveGateway", "eventBasedGateway"):
            return [[flow] for flow in out] or [[]]
        if kind == "inclusiveGateway":
            sizes = range(1, len(out) + 1) if len(out) <= _MAX_SUBSETS else (1, len(out))
            return [list(chosen) for size in sizes for chosen in combinations(out, size)] or [[]]
        found = [out]
        for event in self.graph.boundaries.get(name, ()):
            interrupts = self.graph.nodes[event].get("cancelActivity") != "false"
            found.append(self.out[event] if interrupts else [*out, *self.out[event]])
        return found

    def _none_to_come(self, state: _State, join: str) -> bool:
        """Say whether no other token can still reach an inclusive join (BPMN 2.0.2, 13.4.3)."""
        return not any(self.target[flow] != join and join in self.late[self.target[flow]] for flow in state)
