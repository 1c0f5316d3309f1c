"""Owns what throwing a signal does within the case: all that wait for it here take it at once (BPMN 2.0.2, 10.5.5).

Others are reached later, each in a step of its own: the step says what was thrown.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from engine import feel
from engine.bpmn.case.token import WAITING, Token
from engine.errors import ComityError
from engine.types import Json, ThrownSignal

if TYPE_CHECKING:
    from engine.bpmn.case.case import Case
    from engine.bpmn.specs.element import Element
    from engine.bpmn.specs.triggers import Trigger


class Catcher(Protocol):
    """An element of which a token waits for something."""

    trigger: "Trigger"

    def occur(self, token: Token) -> None:
        """Go on: what was waited for is here."""
        ...


@dataclass(frozen=True, slots=True)
class Signalling:
    """A signal to throw. Records in what it brings go with their bodies."""

    name: str
    payload: feel.Expression | None = None

    @property
    def interface(self) -> str:
        """Return the interface that is invoked."""
        return f"signal:{self.name}"

    def send(self, element: "Element", token: Token) -> None:
        """Let all that wait in the case take the signal, and add it to what the step throws. Raises `StepFailed`."""
        case = token.scope.case
        brought = case.records.resolved({} if self.payload is None else element.value(self.payload, token))
        case.signals.append(ThrownSignal(self.name, brought, element.name, element.process_key, str(token.id)))
        spread(case, self.name, brought)


def spread(case: "Case", name: str, payload: Json) -> None:
    """Let every token that waits for the signal now take it; what they lead to comes afterwards. Raises `StepFailed`.

    A token that another one's going on has cancelled does not take it any more.
    """
    for token in case.at(_hears):
        if token.state == WAITING and token.notes.get("signal") == name:
            occur(token, payload)


def _hears(element: "Element") -> bool:
    """Say whether tokens at `element` may wait for a signal."""
    trigger: Trigger | None = getattr(element, "trigger", None)
    return trigger is not None and (trigger.interface or "").startswith("signal:")


def catch_up(token: Token) -> None:
    """Let what waits on behalf of another one have seen what that one has: nobody told it of changes meanwhile."""
    if token.element.keeps_view(token):
        return
    other = token.scope.host if token.owner is None else token.scope.live.get(token.owner)
    token.unseen = {} if other is None else dict(other.unseen)


def occur(token: Token, payload: Json) -> None:
    """Let the event at which `token` waits occur, bringing `payload`. Raises `StepFailed` in the event's name."""
    event = cast("Catcher", token.element)
    catch_up(token)
    try:
        event.trigger.take(token, payload)
        event.occur(token)
    except ComityError as error:
        token.element.blame(error, token)
