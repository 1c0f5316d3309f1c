"""Owns what activities have in common: registers, boundary events, instances; it knows no kind of activity."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.bpmn.specs.element import Drawn, Element
from engine.bpmn.specs.loop import MultiInstance
from engine.bpmn.token import Token

if TYPE_CHECKING:
    from engine.bpmn.specs.boundary import BoundaryEvent
    from engine.bpmn.specs.registers import Registers


class Activity(Element):
    """A task, sub-process or call activity (BPMN 2.0.2, 10.3)."""

    is_activity = True

    def __init__(
        self,
        wf_spec: Any,
        drawn: Drawn,
        registers: "Registers | None" = None,
        *,
        manual: bool = False,
        loop: MultiInstance | None = None,
    ) -> None:
        super().__init__(wf_spec, drawn, registers, manual=manual)
        self.loop, self.has_instances = loop, loop is not None
        self.boundaries: Sequence[BoundaryEvent] = ()

    def activate(self, token: Token) -> None:
        """Begin the work of the activity, or of one instance of it: here it can be run at once."""
        token._ready()  # noqa: SLF001 - as SpiffWorkflow's own specs do

    def stands_for_all(self, token: Token) -> bool:
        """Say whether a token stands for all instances of a multi-instance activity."""
        return self.has_instances and token.owner is None

    def enter(self, token: Token) -> None:
        """Bind the records read, arm the boundary events, and begin."""
        if self.stands_for_all(token):
            self._arm(token)
            assert self.loop is not None  # noqa: S101 - has_instances says so
            self.loop.begin(self, token)
            return
        if self.registers is not None:
            self.registers.bind(token)
        if not self.has_instances:
            self._arm(token)
        self.activate(token)

    def keep_records(self, token: Token) -> None:
        """Write and note records, each instance for itself."""
        if not self.stands_for_all(token):
            super().keep_records(token)

    def leave(self, token: Token) -> None:
        """Disarm the boundary events and go on; an instance goes back to the token that stands for all."""
        if self.has_instances and token.owner is not None:
            whole = token.scope.live.get(token.owner)
            if whole is not None:
                assert self.loop is not None  # noqa: S101 - has_instances says so
                self.loop.instance_done(self, whole, token)
            return
        self.cancelled(token)
        if not token.notes.get("skipped"):
            token.scope.mark_done(self.name)
        super().leave(token)

    def cancelled(self, token: Token) -> None:
        """Cancel the boundary events and the instances of a token that is over."""
        for other in list(token.scope.live.values()):
            if other.owner == token.id and other.live:
                other.cancel()

    def shows(self, token: Token) -> bool:
        """Show instances, not the token that stands for all of them."""
        return not self.stands_for_all(token)

    def following(self) -> list[Element]:
        """Return what may come after the activity, its boundary events included."""
        return [*super().following(), *self.boundaries]

    def _arm(self, token: Token) -> None:
        for event in self.boundaries:
            event.arm(token)
