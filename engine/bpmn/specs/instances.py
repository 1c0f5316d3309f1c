"""Owns how people are told which instance of an activity with several of them a token is; it judges nothing."""

from engine.bpmn.case.token import Token


def instances(token: Token) -> str | None:
    """Return in words which instance a token is, and which ones those around it are, from the outside in; None: none.

    The activities around are named: `instance 2 of 3 of 'Sites', area: "south"; instance 3 of 7, number: 0`.
    """
    found: list[str] = []
    at: Token | None = token
    while at is not None:
        said = at.element.instance(at)
        if said is not None:
            number, comma, item = said.partition(", ")
            found.append(said if at is token else f"{number} of {at.element.label!r}{comma}{item}")
        at = at.scope.host
    return "; ".join(reversed(found)) or None
