"""Owns event sub-processes (BPMN 2.0.2, 10.3.5, 13.5.4): what starts them while their scope runs, and what that does.

What starts one is a *listener*: a token in the scope around, at an element that has the id of the start event. A
listener never keeps its scope open. An error or escalation needs none: whoever throws it looks for the event.
"""

from typing import TYPE_CHECKING, ClassVar, Final

from engine.bpmn.case.token import Token
from engine.bpmn.specs.catching import Catching, Thrown
from engine.bpmn.specs.element import Drawn, Element
from engine.bpmn.specs.events import StartEvent
from engine.bpmn.specs.subprocesses import SubProcess
from engine.bpmn.specs.triggers import Trigger, brings, comes_again

if TYPE_CHECKING:
    from engine.bpmn.case.scope import Scope
    from engine.bpmn.specs.process import ProcessSpec
    from engine.bpmn.specs.registers import Registers


STARTS: Final = "eventSubProcessStart"
"""What the log calls its start event: unlike others it tells of something that has happened."""


class EventStart(StartEvent):
    """The start event inside: a token begins here when what it names has come. The log shows it as having occurred."""

    def __init__(
        self,
        wf_spec: "ProcessSpec",
        drawn: Drawn,
        registers: "Registers | None" = None,
        *,
        interrupts: bool,
        trigger: Trigger | None = None,
        catches: Catching | None = None,
    ) -> None:
        super().__init__(wf_spec, drawn, registers, trigger=trigger)
        self.interrupts, self.catches = interrupts, catches
        self.kind = STARTS


class EventSubProcess(SubProcess):
    """Runs inside its scope, in which it stands without flows; one that interrupts ends everything else there."""

    begins: EventStart

    @property
    def interrupts(self) -> bool:
        """Say whether it ends what else runs in its scope."""
        return self.begins.interrupts

    @property
    def catches(self) -> Catching | None:
        """Return the error or escalation that starts it, None for what a listener waits for."""
        return self.begins.catches

    def takes_over(self) -> bool:
        """Say so of one that interrupts: its end is the end of its scope."""
        return self.interrupts

    def catch(self, scope: "Scope", thrown: Thrown) -> None:
        """Begin with what was thrown in `scope`."""
        token = self._put(scope)
        if self.catches is not None:
            self.catches.keep(token, thrown)
        token.arrive()

    def begin(self, scope: "Scope") -> None:
        """Begin in `scope`: what it waits for is here."""
        self._put(scope).arrive()

    def _put(self, scope: "Scope") -> Token:
        if self.interrupts:
            scope.cancel_tokens()
        return scope.case.spawn(scope, self)


class Listener(Element):
    """Waits, in the scope around, for what starts an event sub-process."""

    lasting = False
    listens: ClassVar[bool] = True

    def __init__(self, wf_spec: "ProcessSpec", drawn: Drawn, *, handler: EventSubProcess, trigger: Trigger) -> None:
        super().__init__(wf_spec, drawn)
        self.handler, self.trigger = handler, trigger

    def enter(self, token: Token) -> None:
        """Wait."""
        self.trigger.wait(self, token)

    def occur(self, token: Token) -> None:
        """Begin the event sub-process; one that does not interrupt may begin again."""
        if self.handler.interrupts or not comes_again(self.trigger, token):
            token.scope.absorb(token)
        self.handler.begin(token.scope)

    def shows(self, token: Token) -> bool:
        """Show nothing: what has occurred stands inside."""
        del token
        return False

    def keeps_view(self, token: Token) -> bool:
        """Say so of one that sets a variable beside the others: it may overwrite what they have written.

        Else nobody has seen data here: what begins later begins with the data as they are then.
        """
        del token
        return not self.handler.interrupts and brings(self.trigger)
