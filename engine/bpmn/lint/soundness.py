"""Owns the walk over the states that one process or sub-process can be in, to find where tokens get stuck or pile up.

It looks at structure only: every condition may be true or false, every event may occur. It knows no data, and of an
element only what it does with tokens (BPMN 2.0.2, 13.3 and 13.4). It gives up after `MAX_STATES` states. An event that
does not interrupt may occur at any time, but not again while a token is on the path that it alone leads to: there, more
than one token is what its author means. Of more than `_MAX_SUBSETS` ways that may be taken together, each alone and all
of them are tried.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import Final

from engine.bpmn.model.document import event_definitions
from engine.bpmn.model.graph import Graph
from engine.bpmn.model.xml import name_of

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
        self.source = [flow.source for flow in flows]
        self.target = [flow.target for flow in flows]
        number = {id(flow.element): index for index, flow in enumerate(flows)}
        self.out = {name: [number[id(flow.element)] for flow in flows] for name, flows in graph.outgoing.items()}
        self.into = {name: [number[id(flow.element)] for flow in flows] for name, flows in graph.incoming.items()}
        self.kind = {name: name_of(node) for name, node in graph.nodes.items()}
        # A plain end event takes any number of tokens at once, so none needs to stand before it.
        self.sinks = {flow for flow, name in enumerate(self.target) if self._is_sink(name)}
        # A token on a chain of plain activities is as good as one at the chain's end: far fewer states.
        last = self._ends_of_chains()
        self.head = {last[number]: flow.target for number, flow in enumerate(flows) if not self._is_plain(flow.source)}
        self.out = {name: [last[flow] for flow in out] for name, out in self.out.items()}
        self.ends = {name for name in graph.nodes if self._ends_everything(name)}
        self.choices = {name: list(self._choices(name)) for name in graph.nodes}
        self.work = 0
        self._reach: dict[tuple[int, bool], frozenset[str]] = {}
        self._aside: dict[str, frozenset[int]] = {}
        self._before: dict[str, set[str]] = {}
        for name in graph.nodes:
            for following in graph.successors(name):
                self._before.setdefault(following, set()).add(name)

    def _is_plain(self, name: str) -> bool:
        return len(self.into[name]) == len(self.out[name]) == 1 and name not in self.graph.boundaries

    def _ends_of_chains(self) -> list[int]:
        """Return for each flow the last one of the chain of plain nodes that it leads into; in a ring, some flow."""
        last: dict[int, int] = {}
        for start in range(len(self.target)):
            path, flow = dict.fromkeys([start]), start
            while flow not in last:
                following = self.out[self.target[flow]][0] if self._is_plain(self.target[flow]) else flow
                if following in path or following in self.sinks:
                    break
                path[following] = None
                flow = following
            last.update(dict.fromkeys(path, last.get(flow, flow)))
        return [last[flow] for flow in range(len(self.target))]

    def _is_sink(self, name: str) -> bool:
        return self.kind[name] == "endEvent" and not list(event_definitions(self.graph.nodes[name]))

    def _ends_everything(self, name: str) -> bool:
        kinds = {name_of(definition) for definition in event_definitions(self.graph.nodes[name])}
        return self.kind[name] == "endEvent" and bool(kinds & {"terminateEventDefinition", "errorEventDefinition"})

    def _runs_beside(self, name: str) -> bool:
        node = self.graph.nodes[name]
        return self.kind[name] == "boundaryEvent" and node.get("cancelActivity") == "false"

    def _only_through(self, event: str) -> frozenset[int]:
        """Return the flows that a token can come to stand on only after a boundary event that does not interrupt."""
        if event not in self._aside:
            starts = [name for name, kind in self.kind.items() if kind == "startEvent"]
            elsewhere = self.graph.reachable(starts, avoiding=event)
            path = self.graph.reachable([event]) - elsewhere
            self._aside[event] = frozenset(flow for name in path for flow in self.out[name])
            self.work += len(elsewhere) + len(path)
        return self._aside[event]

    def result(self, max_work: int) -> Soundness:
        """Return what the states show, as far as `max_work` goes."""
        found = self._result(max_work)
        found.work = self.work
        return found

    def _result(self, max_work: int) -> Soundness:
        found = Soundness()
        starts = [name for name, kind in self.kind.items() if kind == "startEvent"]
        waiting: list[_State] = [frozenset(self.out[name]) - self.sinks for name in starts]
        seen = set(waiting)
        while waiting:
            state = waiting.pop()
            moved = False
            for following, piled in self._steps(state):
                moved = True
                self.work += 1 + len(state)
                if self.work > max_work:
                    found.complete = False
                    return found
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
                if self._none_to_come(state, name, here):
                    for taken, _ in self.choices[name]:
                        yield from self._fired(state, here, taken)
            else:
                for flow, (taken, beside) in product(here, self.choices[name]):
                    if beside is None or not self._only_through(beside) & state:
                        yield from self._fired(state, [flow], taken)

    def _fired(self, state: _State, used: list[int], put: list[int]) -> Iterator[tuple[_State, int | None]]:
        rest = state.difference(used)
        put = [flow for flow in put if flow not in self.sinks]
        piled = next((flow for flow in put if flow in rest), None)
        yield rest.union(put), piled

    def _choices(self, name: str) -> Iterator[tuple[list[int], str | None]]:
        """Yield what may be taken together, with the event that occurs if it runs beside its activity."""
        out, kind = self.out[name], self.kind[name]
        if kind in ("exclusiveGateway", "eventBasedGateway"):
            yield from (([flow], None) for flow in out)
        elif kind == "inclusiveGateway":
            yield from ((taken, None) for taken in self._subsets(name, [], out))
        else:
            drawn = [(flow, number) for flow, number in zip(self.graph.outgoing[name], out, strict=True)]
            always = [number for flow, number in drawn if not flow.has_condition]
            asked = [number for flow, number in drawn if flow.has_condition]
            yield from ((taken, None) for taken in (self._subsets(name, always, asked) if asked else [out]))
            for event in self.graph.boundaries.get(name, ()):
                if self._runs_beside(event):
                    yield [*out, *self.out[event]], event
                else:
                    yield self.out[event], None
        if not out:
            yield [], None

    def _subsets(self, name: str, always: list[int], asked: list[int]) -> Iterator[list[int]]:
        """Yield what may be taken where each of `asked` may be taken or not, and the default flow if none is."""
        preset = self.graph.nodes[name].get("default")
        default = [
            number for flow, number in zip(self.graph.outgoing[name], self.out[name], strict=True) if flow.id == preset
        ]
        always, asked = ([number for number in numbers if number not in default] for numbers in (always, asked))
        if default or always:
            yield [*always, *default]
        for size in range(1, len(asked) + 1) if len(asked) <= _MAX_SUBSETS else (1, len(asked)):
            yield from ([*always, *chosen] for chosen in combinations(asked, size))

    def _none_to_come(self, state: _State, join: str, here: list[int]) -> bool:
        """Say whether every token that can reach an empty flow of an inclusive join could reach a full one (13.4.3)."""
        full = frozenset[str]().union(*(self._reaching(flow, join, beside=False) for flow in here))
        empty = frozenset[str]().union(*(self._reaching(flow, join) for flow in self.into[join] if flow not in here))
        waited_for = empty - full
        return not any(self.target[flow] in waited_for for flow in state if self.target[flow] != join)

    def _reaching(self, flow: int, join: str, *, beside: bool = True) -> frozenset[str]:
        """Return the elements from which a token can get to a flow into `join` without passing it.

        `beside` counts boundary events that do not interrupt as ways out: such a way is no other one for the token.
        """
        if (flow, beside) not in self._reach:
            found, waiting = set[str](), [self.source[flow]]
            while waiting:
                name = waiting.pop()
                if name != join and name not in found:
                    found.add(name)
                    waiting.extend(self._before.get(name, ()) if beside or not self._runs_beside(name) else ())
            self._reach[flow, beside] = frozenset(found)
            self.work += len(found)
        return self._reach[flow, beside]
