"""Owns what events wait for: a time, a message, a signal or a condition. What happens then is the event's business."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from engine import feel
from engine.bpmn.case.token import WAITING, Token
from engine.bpmn.case.variables import Variables
from engine.bpmn.model.timing import Timer, reschedule, schedule
from engine.bpmn.specs.conditions import ConditionTrigger
from engine.errors import ExpressionRefused, StepFailed
from engine.json_data import told
from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.specs.element import Element


@dataclass(frozen=True, slots=True)
class TimeTrigger:
    """Waits for a time."""

    timer: Timer

    def wait(self, element: "Element", token: Token) -> None:
        """Let `token` wait; when it is due is worked out now."""
        now = token.scope.case.context.now
        token.notes |= self.times(element, token, now)
        token.notes["began"] = now.isoformat()
        token._set_state(WAITING)  # noqa: SLF001 - as SpiffWorkflow's own specs do

    def times(self, element: "Element", token: Token, began: datetime) -> dict[str, Json]:
        """Return what a token that waits since `began` (aware) is to note of the timer."""
        expression = self.timer.expression
        value = self.timer.source if expression is None else element.value(expression, token, now=began)
        try:
            return schedule(self.timer, value, began)
        except ExpressionRefused as error:
            if expression is None:
                raise
            raise ExpressionRefused(expression.source, f"it comes to {told(value)}; {error.reason}") from error

    @property
    def interface(self) -> None:
        """Nothing is invoked."""
        return

    @property
    def repeats(self) -> bool:
        """Say whether it can come more than once."""
        return self.timer.kind == "timeCycle"

    def take(self, token: Token, payload: Json) -> None:
        """Keep nothing: a time brings no data."""


@dataclass(frozen=True, slots=True)
class MessageTrigger:
    """Waits for a message of this name, and of this correlation key if one is asked for."""

    name: str
    key: feel.Expression | None = None
    variable: str | None = None

    def wait(self, element: "Element", token: Token) -> None:
        """Let `token` wait; its correlation key is worked out now."""
        token.notes["message"] = self.name
        if self.key is not None:
            token.notes["key"] = correlation_key(element, token, self.key)
        token._set_state(WAITING)  # noqa: SLF001 - as SpiffWorkflow's own specs do

    @property
    def interface(self) -> str:
        """Return the interface that is invoked."""
        return f"message:{self.name}"

    @property
    def repeats(self) -> bool:
        """Say whether it can come more than once."""
        return True

    def take(self, token: Token, payload: Json) -> None:
        """Keep the payload under the variable that the model names."""
        if self.variable is not None:
            Variables(token).set({self.variable: payload})


@dataclass(frozen=True, slots=True)
class SignalTrigger:
    """Waits for a signal of this name (BPMN 2.0.2, 10.5.5): whoever throws it reaches all that wait."""

    name: str
    variable: str | None = None

    def wait(self, element: "Element", token: Token) -> None:
        """Let `token` wait."""
        del element
        token.notes["signal"] = self.name
        token._set_state(WAITING)  # noqa: SLF001 - as SpiffWorkflow's own specs do

    @property
    def interface(self) -> str:
        """Return the interface that is invoked."""
        return f"signal:{self.name}"

    @property
    def repeats(self) -> bool:
        """Say whether it can come more than once."""
        return True

    def take(self, token: Token, payload: Json) -> None:
        """Keep what the signal brings under the variable that the model names."""
        if self.variable is not None:
            Variables(token).set({self.variable: payload})


Trigger = TimeTrigger | MessageTrigger | SignalTrigger | ConditionTrigger


def brings(trigger: Trigger) -> bool:
    """Say whether what is waited for sets a variable when it comes."""
    return isinstance(trigger, MessageTrigger | SignalTrigger) and trigger.variable is not None


def comes_again(trigger: Trigger, token: Token) -> bool:
    """Say whether what `token` has waited for can come once more; a timer is moved to its next time."""
    return trigger.repeats and ("due" not in token.notes or reschedule(token.notes, token.scope.case.context.now))


def correlation_key(element: "Element", token: Token, expression: feel.Expression) -> str:
    """Return the key by which a message finds its case, as text. Raises `StepFailed` when it comes to nothing."""
    value = element.value(expression, token)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise StepFailed(f"The correlation key {expression.source!r} gives {value!r}; a text or a number is needed.")
    return str(value)
