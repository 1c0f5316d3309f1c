"""Owns the ways to joins: which flow of one version is which of another, and whether a token would wait for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from engine.bpmn.specs.activity import Activity
from engine.bpmn.specs.gateways import ParallelGateway
from engine.bpmn.specs.process import ProcessSpec

if TYPE_CHECKING:
    from engine.bpmn.case.case import Case
    from engine.bpmn.specs.element import Element


@dataclass(slots=True)
class Ways:
    """The ways to the joins of one version, worked out once each."""

    known: dict[tuple[str, str], dict[str, frozenset[str]]] = field(default_factory=dict)

    def starved(self, case: "Case") -> "set[tuple[UUID | None, ProcessSpec, Element]]":
        """Return the joins that a token waits at or may get to while none can get to another flow that they wait for.

        Each comes with the id of the activity that its scope runs for (None: the case itself), and its scope.
        """
        found: set[tuple[UUID | None, ProcessSpec, Element]] = set()
        for scope in case.scopes():
            at = {token.element.name for token in scope.live.values()}
            for join in scope.spec.elements():
                if isinstance(join, ParallelGateway) and len(join.incoming) > 1:
                    waiting = join.waiting(scope)
                    reach = self._reach(scope.spec, join)
                    open_ = [flow in waiting or bool(reach[flow] & at - {join.name}) for flow in join.incoming]
                    if any(open_) and not all(open_):
                        found.add((None if scope.host is None else scope.host.id, scope.spec, join))
        return found

    def _reach(self, spec: ProcessSpec, join: ParallelGateway) -> dict[str, frozenset[str]]:
        place = (spec.name, join.name)
        if place not in self.known:
            before = _before(spec)
            ends = _sources(spec)
            self.known[place] = {flow: _reaching(before, ends[flow], join.name) for flow in join.incoming}
        return self.known[place]


def flows_into(
    old: ProcessSpec, join: "Element", new: ProcessSpec, image: "Element", images: "Mapping[str, Element]"
) -> dict[str, str]:
    """Return which flows into `image` stand for which into `join`: by id, else by source, else the last one left.

    What is left is a pair only if it is one on either side. `images` are the elements of `new` by the ids of those of
    `old` that they stand for.
    """
    found = {flow: flow for flow in join.incoming if flow in image.incoming}
    before, after = _sources(old), _sources(new)
    for flow in join.incoming:
        source = images.get(before[flow])
        there = [
            each
            for each in image.incoming
            if source is not None and each not in found.values() and after[each] == source.name
        ]
        if flow not in found and len(there) == 1:
            found[flow] = there[0]
    left = [flow for flow in join.incoming if flow not in found]
    free = [flow for flow in image.incoming if flow not in found.values()]
    if len(left) == len(free) == 1:
        found[left[0]] = free[0]
    return found


def _sources(spec: ProcessSpec) -> dict[str, str]:
    return {flow.id: element.name for element in spec.elements() for flow in element.flows}


def _before(spec: ProcessSpec) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {element.name: set() for element in spec.elements()}
    for element in spec.elements():
        for following in element.following():
            found[following.name].add(element.name)
        if isinstance(element, Activity):
            for event in element.boundaries:
                found[event.name].add(element.name)
    return found


def _reaching(before: dict[str, set[str]], start: str, join: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        current = waiting.pop()
        if current != join and current not in found:
            found.add(current)
            waiting.extend(before[current])
    return frozenset(found)
