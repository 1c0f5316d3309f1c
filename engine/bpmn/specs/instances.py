"""Owns how people are told which instance of an activity with several of them a token is; it judges nothing."""

from engine.bpmn.case.token import Token


def instances(token: Token) -> str | None:
    """Return in words which instance a token is, and which ones those around it are, from the outside in; None: none.

    The activities around are named: `instance 2 of 3 of 'Sites', area: "south"; instance 3 of 7, number: 0`.
    """
    found: list[str] = []
    at: Token | None = token
    while at is not None:
        which = at.element.instance(at)
        if which is not None:
            number, item = which
            of = "" if at is token else f" of {at.element.label!r}"
            found.append(f"{number}{of}, {item}" if item else f"{number}{of}")
        at = at.scope.host
    return "; ".join(reversed(found)) or None
