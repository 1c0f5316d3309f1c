"""Owns what waits for a condition to become true (BPMN 2.0.2, 10.5.5, 13.5.1), and when that is asked.

It is asked when the event begins to wait, at the end of each step, as soon as nothing else can move, and of an event
sub-process also when its scope is about to end. An event that can occur again does so when its condition becomes true
once more, not as long as it is.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine import feel
from engine.bpmn.case.token import WAITING, Token
from engine.bpmn.specs.signalling import occur
from engine.errors import ComityError
from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.case.scope import Scope
    from engine.bpmn.specs.element import Element


@dataclass(frozen=True, slots=True)
class ConditionTrigger:
    """Waits for `condition` to become true."""

    condition: feel.Expression

    def wait(self, element: "Element", token: Token) -> None:
        """Let `token` wait; if the condition is true already, the event occurs before anything else does."""
        token._set_state(WAITING)  # noqa: SLF001 - as SpiffWorkflow's own specs do
        token.notes["condition"] = self.holds(element, token)
        if token.notes["condition"]:
            token.scope.case.occurring.append(token)

    def holds(self, element: "Element", token: Token) -> bool:
        """Say whether the condition is true now; null is false. Raises `StepFailed` for what is neither."""
        return element.decides(self.condition, token, "The condition")

    @property
    def interface(self) -> None:
        """Nothing is invoked."""
        return

    @property
    def repeats(self) -> Literal[True]:
        """Say that it can come more than once."""
        return True

    def take(self, token: Token, payload: Json) -> None:
        """Keep nothing: a condition brings no data."""


def asks(element: "Element") -> ConditionTrigger | None:
    """Return the condition that tokens at `element` wait for, None when they wait for something else."""
    trigger = getattr(element, "trigger", None)
    return trigger if isinstance(trigger, ConditionTrigger) else None


def ask(*scopes: "Scope") -> bool:
    """Ask the conditions that are waited for in `scopes`, all with the same data; let those occur that became true.

    Say whether there is one. Raises `StepFailed`.
    """
    came: list[Token] = []
    for scope in scopes:
        for element in scope.live.elements():
            trigger = asks(element)
            if trigger is not None:
                came += [token for token in scope.live.at(element) if _has_become_true(trigger, token)]
    for token in came:
        if token.state == WAITING:
            occur(token, None)
    return bool(came)


def _has_become_true(trigger: ConditionTrigger, token: Token) -> bool:
    if "condition" not in token.notes or token.state != WAITING:
        return False
    before: bool = token.notes["condition"]
    try:
        token.notes["condition"] = holds = trigger.holds(token.element, token)
    except ComityError as error:
        token.element.blame(error, token)
    return holds and not before
