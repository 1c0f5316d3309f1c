"""Owns what an operator may do with each token of a case, and why not; it changes nothing.

The rules keep a case from being left where it cannot go on: a token that belongs to another one stays with it, a join
gets no token that came by none of its flows, and the tokens of a scope can get to its end afterwards if they could
before.
"""

from engine.bpmn.case import marking
from engine.bpmn.case.case import Case
from engine.bpmn.case.scope import Scope
from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import layers
from engine.bpmn.specs.activity import Activity
from engine.bpmn.specs.element import Element
from engine.bpmn.specs.events import CatchEvent
from engine.bpmn.specs.gateways import EventBasedGateway, Join
from engine.errors import NotMendable
from engine.types import Json
from engine.types.by_hand import Layer, Place, Standing, Target


def standing(case: Case) -> Standing:
    """Return where the tokens of `case` stand, outer ones first, and its variables."""
    seen: list[dict[str, Json]] = [case.data]
    found = [Layer(None, "The case", dict(case.data))]
    for token in case.tokens():
        own = layers(token)[0]
        if all(own is not each for each in seen):
            seen.append(own)
            found.append(Layer(str(token.id), _owner_of(token, own), dict(own)))
    # A boundary event and an event in a race are told by what they belong to.
    places = [_place(token) for token in case.tokens() if _stands_for_itself(token)]
    return Standing(places, found)


def _place(token: Token) -> Place:
    element, stays = token.element, why_it_stays(token)
    host = token.scope.host
    return Place(
        task_id=str(token.id),
        process_key=element.process_key,
        element_id=element.name,
        name=_numbered(token),
        kind=element.kind,
        within=None if host is None else host.element.label,
        stays=None if stays is None else str(stays),
        unskippable=None if (why := why_not_skipped(token)) is None else str(why),
        targets=() if stays is not None else targets(token),
    )


def _stands_for_itself(token: Token) -> bool:
    return not marking.is_listener(token) and (token.owner is None or token.element.has_instances or _races(token))


def _numbered(token: Token) -> str:
    index = token.notes.get("index")
    return token.element.label if token.owner is None or index is None else f"{token.element.label} ({index + 1})"


def _owner_of(token: Token, own: dict[str, Json]) -> str:
    """Return whose the variables `own` are that `token` has in front of all others."""
    current = token
    while True:
        if current.data is own:
            return _numbered(current)
        host = current.scope.host
        if host is None or current.scope.data is own:
            return current.element.label if host is None else _numbered(host)
        current = host


def _races(token: Token) -> bool:
    owner = None if token.owner is None else token.scope.live.get(token.owner)
    return owner is not None and isinstance(owner.element, EventBasedGateway)


def why_it_stays(token: Token) -> NotMendable | None:
    """Return why a token cannot be moved, None when it can."""
    element = token.element
    if marking.is_listener(token):
        return NotMendable(
            f"What starts {element.label!r} only listens: it is no token of the flow.", "Move the token that you mean."
        )
    if token.owner is not None:
        owner = token.scope.live[token.owner]
        if _races(token):
            remedy = "Move the gateway's token, or skip this event: then it wins."
            return NotMendable(f"{element.label!r} is in a race at {owner.element.label!r}.", remedy)
        if element.has_instances:
            remedy = "Move the activity as a whole, or skip this instance."
            return NotMendable(f"{element.label!r} is one of several instances.", remedy)
        remedy = "Move the activity: its events go with it."
        return NotMendable(f"{element.label!r} belongs to {owner.element.label!r}.", remedy)
    if isinstance(element, Join):
        remedy = "Move, or skip, what it waits for."
        return NotMendable(f"{element.label!r} counts on the token that waits there.", remedy)
    if not element.incoming:
        return NotMendable(f"No flow leads to {element.label!r}.", "Skip it, or cancel the case.")
    return None


def why_not_skipped(token: Token) -> NotMendable | None:
    """Return why what a token stands at cannot be skipped, None when it can."""
    element = token.element
    if isinstance(element, Activity) or (isinstance(element, CatchEvent) and not marking.is_listener(token)):
        return None
    if isinstance(element, EventBasedGateway):
        return NotMendable(f"{element.label!r} waits for one of its events.", "Skip the event that shall win.")
    if token.owner is not None:
        return NotMendable(
            f"{element.label!r} belongs to an activity.", "Skip the activity, or move it to what follows."
        )
    return NotMendable(
        f"{element.label!r} is nothing that can be skipped.", "Skip an activity or an event that is waited for."
    )


def why_not_entered(token: Token, element: Element, *, could_end: bool | None = None) -> NotMendable | None:
    """Return why `token`, which may be moved, cannot be moved to `element` of its scope, None when it can.

    `could_end` says whether the scope could get to its end as it is; None: not known.
    """
    if not element.incoming:
        return NotMendable(f"No flow leads to {element.label!r}.", "Choose an element that the flow can come to.")
    if isinstance(element, Join) and len(element.incoming) > 1:
        remedy = "Choose what comes after it, or an element of the branch that is missing."
        return NotMendable(f"{element.label!r} waits for tokens by its flows, and this one comes by none.", remedy)
    if any(isinstance(before, EventBasedGateway) for before in _before(token.scope, element)):
        return NotMendable(
            f"{element.label!r} only waits in a race.", "Choose the gateway before it, or what comes after."
        )
    here = marking.places(token.scope)
    after = [*here, (element, None)]
    after.remove(marking.place_of(token))
    if not marking.can_end(after) and (marking.can_end(here) if could_end is None else could_end):
        remedy = "Choose an element of the same branch, or move or end the other branches first."
        return NotMendable(
            f"At {element.label!r} the case could never get to its end: a join would wait for ever.", remedy
        )
    return None


def targets(token: Token) -> list[Target]:
    """Return the elements that a token may be moved to, in document order; it may begin again where it stands."""
    could_end = marking.can_end(marking.places(token.scope))
    return [
        Target(element.name, element.label, element.kind)
        for element in token.scope.spec.elements()
        if why_not_entered(token, element, could_end=could_end) is None
    ]


def _before(scope: Scope, element: Element) -> list[Element]:
    return [each for each in scope.spec.elements() if any(flow.target is element for flow in each.flows)]
