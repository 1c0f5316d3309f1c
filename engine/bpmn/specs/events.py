"""Owns start, catch, throw and end events (BPMN 2.0.2, 10.5); boundary events are elsewhere."""

from typing import TYPE_CHECKING, Any

from engine.bpmn.case.token import Token
from engine.bpmn.specs.catching import Thrown, throw, throw_error
from engine.bpmn.specs.element import Drawn, Element
from engine.bpmn.specs.gateways import race_won
from engine.bpmn.specs.sending import Sending
from engine.bpmn.specs.signalling import Signalling
from engine.bpmn.specs.triggers import Trigger

if TYPE_CHECKING:
    from engine.bpmn.specs.registers import Registers


class StartEvent(Element):
    """Where a process or sub-process begins: once, without waiting. With a trigger, that is what starts the case.

    What starts the event sub-processes of the scope is waited for from then on: it may depend on what begins the case.
    """

    lasting = False

    def __init__(
        self, wf_spec: Any, drawn: Drawn, registers: "Registers | None" = None, *, trigger: Trigger | None = None
    ) -> None:
        super().__init__(wf_spec, drawn, registers)
        self.trigger = trigger

    def leave(self, token: Token) -> None:
        """Let what starts event sub-processes be waited for, and go on. Raises `StepFailed`."""
        token.scope.listen()
        super().leave(token)

    def interface(self) -> str | None:
        """Return the message or signal that begins it."""
        return None if self.trigger is None else self.trigger.interface


class CatchEvent(Element):
    """Waits for its trigger; after an event-based gateway it races with others."""

    def __init__(self, wf_spec: Any, drawn: Drawn, registers: "Registers | None" = None, *, trigger: Trigger) -> None:
        super().__init__(wf_spec, drawn, registers)
        self.trigger = trigger

    def enter(self, token: Token) -> None:
        """Wait."""
        self.trigger.wait(self, token)

    def occur(self, token: Token) -> None:
        """Go on: what was waited for is here; if there is a race, it is won."""
        race_won(token)
        token._ready()  # noqa: SLF001 - as SpiffWorkflow's own specs do

    def shows(self, token: Token) -> bool:
        """Show an event that races only when it has won."""
        return token.owner is None

    def interface(self) -> str | None:
        """Return the message."""
        return self.trigger.interface


class ThrowEvent(Element):
    """Passes; with a message or a signal, sends it."""

    lasting = False

    def __init__(
        self,
        wf_spec: Any,
        drawn: Drawn,
        registers: "Registers | None" = None,
        *,
        sending: Sending | Signalling | None = None,
    ) -> None:
        super().__init__(wf_spec, drawn, registers)
        self.sending = sending

    def enter(self, token: Token) -> None:
        """Bind the records read."""
        if self.registers is not None:
            self.registers.bind(token)
        super().enter(token)

    def perform(self, token: Token) -> None:
        """Send the message or signal."""
        if self.sending is not None:
            self.sending.send(self, token)

    def interface(self) -> str | None:
        """Return the message or signal."""
        return None if self.sending is None else self.sending.interface


class EndEvent(ThrowEvent):
    """Takes the token away. The name of the last one reached is the outcome of the case."""

    def perform(self, token: Token) -> None:
        """Send the message or signal, and note the outcome."""
        super().perform(token)
        if token.scope.decides_outcome:
            token.scope.case.outcome = self.label


class TerminateEndEvent(EndEvent):
    """Ends its process or sub-process with all tokens in it; what is around goes on (10.5.3)."""

    def perform(self, token: Token) -> None:
        """Cancel the other tokens of the scope."""
        super().perform(token)
        token.scope.cancel_tokens(but=token)


class ErrorEndEvent(EndEvent):
    """Throws an error (10.5.6). What nobody catches ends the case: the standard names that as the common answer."""

    def __init__(self, *args: Any, code: str | None, message: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code, self.message = code, message

    def perform(self, token: Token) -> None:
        """Let the nearest event around catch the error; everything up to there ends."""
        if not throw_error(token, self.code, self.message):
            case = token.scope.case
            case.outcome = self.label
            case.abandon()


class Escalating:
    """An event that throws an escalation: what threw it goes on, unless an interrupting event catches it (10.5.6)."""

    label: str

    def __init__(self, *args: Any, code: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.code = code

    def escalate(self, token: Token) -> None:
        """Let the nearest event around catch it; what nobody catches is a warning."""
        if not throw(token, Thrown("escalation", self.code)):
            what = "an escalation" if self.code is None else f"the escalation {self.code!r}"
            token.scope.case.warnings.append(f"{self.label!r} threw {what} that no event around it catches.")


class EscalationThrowEvent(Escalating, ThrowEvent):
    """Throws an escalation on the way."""

    def perform(self, token: Token) -> None:
        """Throw it."""
        super().perform(token)
        self.escalate(token)


class EscalationEndEvent(Escalating, EndEvent):
    """Throws an escalation at the end of a branch."""

    def perform(self, token: Token) -> None:
        """Throw it, and note the outcome."""
        super().perform(token)
        self.escalate(token)
