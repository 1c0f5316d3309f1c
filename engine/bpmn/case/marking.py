"""Owns the question whether the tokens of one scope can still get to its end, from wherever they stand.

It looks at structure only, as the lint does: every condition may be true or false, every event may occur. Of an element
it knows only what it does with tokens (BPMN 2.0.2, 13.3 and 13.4). It gives up after `MAX_STATES` states.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from engine.bpmn.case.scope import Scope
from engine.bpmn.case.token import Token
from engine.bpmn.specs.element import Element, Flow
from engine.bpmn.specs.events import EndEvent, ErrorEndEvent, TerminateEndEvent
from engine.bpmn.specs.gateways import (
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    Join,
    ParallelGateway,
)

MAX_STATES: Final = 2_000
_MAX_SUBSETS: Final = 4
_MAX_TOKENS: Final = 100

Place = tuple[Element, str | None]
"""Where a token stands: an element, and for one that waits at a join the flow that it came by."""

_State = frozenset[tuple[Place, int]]


def places(scope: Scope) -> list[Place]:
    """Return where the tokens of `scope` stand that keep it open; those that belong to another one are left out."""
    return [place_of(token) for token in scope.live.values() if token.owner is None and not is_listener(token)]


def place_of(token: Token) -> Place:
    """Return where `token` stands."""
    return (token.element, token.flow if _waits(token.element) else None)


def is_listener(token: Token) -> bool:
    """Say whether the token only listens for what starts an event sub-process: no other one rests at a start event."""
    return token.element.listens


def can_end(start: Iterable[Place]) -> bool:
    """Say whether tokens at these places can all be gone some time; yes, when that takes too long to find out."""
    first = _state(Counter(map(_come_to, start)))
    waiting, seen = [first], {first}
    while waiting:
        state = waiting.pop()
        if not state:
            return True
        for following in _steps(Counter(dict(state))):
            after = _state(following)
            if after not in seen:
                if len(seen) >= MAX_STATES or following.total() > _MAX_TOKENS:
                    return True
                seen.add(after)
                waiting.append(after)
    return False


def _state(tokens: Counter[Place]) -> _State:
    return frozenset(tokens.items())


def _steps(tokens: Counter[Place]) -> Iterator[Counter[Place]]:
    """Yield the states that may come next, by letting one element do what it does.

    What stands at no join goes on whatever the others do, so it is enough to look at one such token, in each way in
    which it may go on: branches need not be tried in every order.
    """
    free = next((place for place in tokens if not _waits(place[0])), None)
    if free is None:
        for join in dict.fromkeys(element for element, _ in tokens):
            used = _united(join, tokens)
            if used:
                for flows in _choices(join):
                    yield _moved(tokens, used, flows)
        return
    element = free[0]
    if isinstance(element, TerminateEndEvent | ErrorEndEvent):
        yield Counter()
        return
    for flows in _choices(element):
        yield _moved(tokens, [free], flows)
    followed = {flow.target for flow in element.flows}
    for event in element.following():
        if event not in followed:  # a boundary event, or the other end of a link
            yield _moved(tokens, [free] if getattr(event, "interrupts", True) else [], event.flows)


def _waits(element: Element) -> bool:
    return isinstance(element, Join) and len(element.incoming) > 1


def _united(join: Element, tokens: Counter[Place]) -> list[Place]:
    """Return the tokens that the join takes when it fires; none, when it cannot yet."""
    here: list[Place] = [(element, flow) for element, flow in tokens if element is join]
    flows = {flow for _, flow in here}
    if isinstance(join, ParallelGateway):
        return here if all(flow in flows for flow in join.incoming) else []
    if isinstance(join, InclusiveGateway):
        elsewhere = {element.name for element, _ in tokens if element is not join}
        return [] if join.may_still_get(flows, elsewhere) else here
    return here


def _choices(element: Element) -> list[list[Flow]]:
    """Return the flows that may be taken together, in each way in which the element may go on."""
    flows = list(element.flows)
    if isinstance(element, EndEvent) or not flows:
        return [[]]
    if isinstance(element, ExclusiveGateway | EventBasedGateway):
        return [[flow] for flow in flows]
    if isinstance(element, ParallelGateway) or all(flow.condition is None and not flow.default for flow in flows):
        return [flows]
    sizes = range(1, len(flows) + 1) if len(flows) <= _MAX_SUBSETS else (1, len(flows))
    return [list(chosen) for size in sizes for chosen in combinations(flows, size)]


def _moved(tokens: Counter[Place], used: Iterable[Place], flows: Iterable[Flow]) -> Counter[Place]:
    after = tokens.copy()
    after.subtract(used)
    for flow in flows:
        after[_come_to((flow.target, flow.id if _waits(flow.target) else None))] += 1
    return +after


def _come_to(place: Place) -> Place:
    """Return where a token at `place` comes to by itself: what has but one way to go on need not be looked at."""
    element, flow = place
    seen = {element}
    while not _waits(element) and len(element.flows) == 1 and element.following() == [element.flows[0].target]:
        flow = element.flows[0].id
        element = element.flows[0].target
        if element in seen:
            break
        seen.add(element)
    return (element, flow if _waits(element) else None)
