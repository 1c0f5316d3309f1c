"""Owns the judgement whether a case can still go on by what people, time or others do; it changes nothing."""

from collections.abc import Iterator

from engine.bpmn.case.case import Case
from engine.bpmn.case.token import Token
from engine.bpmn.specs.event_subprocess import Listener
from engine.bpmn.specs.gateways import Join
from engine.bpmn.specs.instances import instances
from engine.bpmn.specs.subprocesses import SubProcess
from engine.errors import StepFailed

_FROM_OUTSIDE = frozenset(("task", "due", "message", "signal", "operation", "condition"))
"""What a token notes that somebody or something outside the case can move. A condition becomes true with the data."""


def refuse_stuck(case: Case) -> None:
    """Raise `StepFailed` if tokens are left, but nothing that anybody does can move them."""
    if case.completed or any(map(_can_move, _waiting(case))):
        return
    for token in case.tokens():
        if isinstance(token.element, Join):
            raise StepFailed(
                "The gateway waits for a branch on which nothing can come any more. "
                "Let every branch that was split reach it.",
                token.element.name,
                token.element.label,
                instance=instances(token),
            )
    raise StepFailed("Nothing in the case can go on.")


def _waiting(case: Case) -> Iterator[Token]:
    """Yield the tokens that may wait for something outside, each opened only when it is reached.

    In the innermost scopes there is most likely one: those around them wait for what is within.
    """
    for scope in case.scopes_at_hand():
        for element in scope.live.elements():
            if not isinstance(element, SubProcess | Join):
                yield from scope.live.at(element)


def _can_move(token: Token) -> bool:
    """Say whether something outside moves the token; an event beside the others does not free them."""
    if isinstance(token.element, Listener) and not token.element.handler.interrupts:
        return False
    return not _FROM_OUTSIDE.isdisjoint(token.notes)
