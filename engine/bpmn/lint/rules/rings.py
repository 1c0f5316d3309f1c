"""Owns the rule about cases that start or reach one another for ever."""

from collections.abc import Iterator
from typing import Final

from engine.bpmn.lint.rings import Event, Rings
from engine.bpmn.lint.rule import Issue, Rule
from engine.bpmn.lint.scope import Scope
from engine.bpmn.model.document import process_of

_MOST_TOLD: Final = 6


def endless_ring(scope: Scope) -> Iterator[Issue]:
    """Find events that are sure to lead to one another in a ring, by messages and signals, and nothing waits in it."""
    rings = scope.deployment.rings
    for ring in rings.rings:
        first = ring.events[0]
        if first.document is scope.document:
            yield Issue(
                first.element,
                f"Nothing in this ring waits, and no gateway leads out of it, so it goes on {_until(ring.events)}: "
                f"{_told(rings, ring.events)}.",
                "Let it wait in between (a timer, a user task), or draw a gateway by which it can end.",
            )


def _until(events: tuple[Event, ...]) -> str:
    return "for ever" if all(event.starts for event in events) else "as long as the cases in it run"


def _told(rings: Rings, events: tuple[Event, ...]) -> str:
    """Return the ring by ids, with what leads from each event to the next; a long one without its middle."""
    following = (*events[1:], events[0])
    said = [_step(rings, event, after) for event, after in zip(events, following, strict=True)]
    if len(said) > _MOST_TOLD:
        said[_MOST_TOLD - 1 : -1] = [f"({len(said) - _MOST_TOLD:,} more)"]
    return " > ".join((*said, events[0].id))


def _step(rings: Rings, event: Event, following: Event) -> str:
    kind, name = following.name
    process = process_of(event.element)
    where = "" if process is None else f" in {(process.get('id') or '')[:80]}"
    by = rings.thrower(event, following.name)
    return f"{event.id[:80]}{where} > {kind} {name[:80]!r}{f' from {by[:80]}' if by else ''}"


RULES = (Rule("endless-ring", endless_ring, "warning"),)
