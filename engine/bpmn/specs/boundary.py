"""Owns boundary events (BPMN 2.0.2, 10.5.4, 13.5.3): what they wait for or catch, and that they interrupt or not."""

from typing import TYPE_CHECKING, Any

from engine.bpmn.case.token import Token
from engine.bpmn.model.timing import reschedule
from engine.bpmn.specs.catching import Catching, Thrown
from engine.bpmn.specs.element import Drawn, Element
from engine.bpmn.specs.triggers import Trigger, brings

if TYPE_CHECKING:
    from engine.bpmn.specs.registers import Registers


class BoundaryEvent(Element):
    """A timer or message on an activity. The log knows it when it occurs."""

    lasting = False

    def __init__(
        self, wf_spec: Any, drawn: Drawn, registers: "Registers | None" = None, *, trigger: Trigger, interrupts: bool
    ) -> None:
        super().__init__(wf_spec, drawn, registers)
        self.trigger, self.interrupts = trigger, interrupts

    def arm(self, host: Token) -> None:
        """Wait as long as the activity of `host` runs."""
        armed = host.scope.case.spawn(host.scope, self, host)
        armed.owner = host.id
        self.trigger.wait(self, armed)

    def occur(self, token: Token) -> None:
        """Begin the branch that handles the event; one that does not interrupt goes on waiting if it can come again."""
        if self.interrupts or not self.trigger.repeats:
            self._detach(token)
            return
        branch = token.scope.case.spawn(token.scope, self, token)
        branch.unseen = {}
        branch._ready()  # noqa: SLF001 - as SpiffWorkflow's own specs do
        if "due" in token.notes and not reschedule(token.notes, token.scope.case.context.now):
            token.scope.absorb(token)

    def _detach(self, token: Token) -> None:
        host = None if token.owner is None else token.scope.live.get(token.owner)
        token.owner = None
        if self.interrupts and host is not None:
            host.cancel()
        token._ready()  # noqa: SLF001 - as SpiffWorkflow's own specs do

    def interface(self) -> str | None:
        """Return the message."""
        return self.trigger.interface

    def keeps_view(self, token: Token) -> bool:
        """Say so too of one beside its activity that sets a variable: it may overwrite what others have written."""
        return super().keeps_view(token) or (not self.interrupts and brings(self.trigger))


class CatchingBoundaryEvent(Element):
    """Catches an error or an escalation that its activity, or what runs within it, throws; it waits for nothing."""

    lasting = False

    def __init__(
        self, wf_spec: Any, drawn: Drawn, registers: "Registers | None" = None, *, catches: Catching, interrupts: bool
    ) -> None:
        super().__init__(wf_spec, drawn, registers)
        self.catches, self.interrupts = catches, interrupts

    def catch(self, host: Token, thrown: Thrown) -> None:
        """Go on from here, and interrupt the activity of `host` or not."""
        scope = host.scope
        branch = scope.case.spawn(scope, self, host)
        if self.interrupts:
            host.cancel()
        else:
            branch.unseen = {}
        self.catches.keep(branch, thrown)
        branch._ready()  # noqa: SLF001 - as SpiffWorkflow's own specs do
