"""Owns what activities have in common: registers, boundary events, instances; it knows no kind of activity."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import Variables
from engine.bpmn.specs.element import Drawn, Element
from engine.bpmn.specs.loop import MultiInstance
from engine.bpmn.specs.mapping import Mappings
from engine.bpmn.specs.standard_loop import StandardLoop
from engine.errors import StepFailed

if TYPE_CHECKING:
    from engine.bpmn.specs.boundary import BoundaryEvent
    from engine.bpmn.specs.registers import Registers


@dataclass(frozen=True, slots=True)
class DataObject:
    """A data object: the variable that it stands for, and its name in the picture."""

    variable: str
    name: str


@dataclass(frozen=True, slots=True)
class DataObjects:
    """The data objects that an activity reads and writes, and the variables of those that are drawn in it."""

    reads: Sequence[DataObject] = ()
    writes: Sequence[DataObject] = ()
    own: Sequence[str] = ()


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
        loop: MultiInstance | StandardLoop | None = None,
        mappings: Mappings | None = None,
        objects: DataObjects | None = None,
    ) -> None:
        """Take how it is repeated, its parameters and its data objects."""
        super().__init__(wf_spec, drawn, registers, manual=manual)
        self.loop, self.has_instances = loop, loop is not None
        self.mappings, self.objects = mappings, objects or DataObjects()
        own = self.objects.own
        self.has_locals = self.has_instances or mappings is not None or bool(own)
        inputs = [] if mappings is None else [each.name for each in mappings.inputs]
        self.local_names = frozenset((*inputs, *own))
        self.boundaries: Sequence[BoundaryEvent] = ()

    def activate(self, token: Token) -> None:
        """Begin the work of the activity, or of one instance of it: here it can be run at once."""
        token._ready()  # noqa: SLF001 - as SpiffWorkflow's own specs do

    def stands_for_all(self, token: Token) -> bool:
        """Say whether a token stands for all instances of a multi-instance activity."""
        return self.has_instances and token.owner is None

    def collects(self, token: Token) -> bool:
        """Say whether `token` is an instance that brings what it writes when it is done."""
        return self.loop is not None and self.loop.collects and token.owner is not None

    def enter(self, token: Token) -> None:
        """Look for the data objects read, bind the records, set the input parameters, arm boundary events, begin."""
        if token.owner is None or not self.has_instances:
            self._look_for_data(token)
        if self.stands_for_all(token):
            self._arm(token)
            assert self.loop is not None  # noqa: S101 - has_instances says so
            self.loop.begin(self, token)
            return
        if self.registers is not None:
            self.registers.bind(token)
        self._set_locals(token)
        if not self.has_instances:
            self._arm(token)
        self.activate(token)

    def keep_records(self, token: Token) -> None:
        """Set the output parameters, and write and note records, each instance for itself; then what all brought."""
        if self.loop is not None and token.owner is None:
            self.loop.bring(token)
        else:
            if self.mappings is not None:
                self.mappings.bring_out(self, token)
            super().keep_records(token)
        if self.objects.writes and (token.owner is None or not self.has_instances):
            self._look_for_results(token)

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
        for other in token.scope.live.of(token.id):
            if other.live:
                other.cancel()

    def instance(self, token: Token) -> tuple[str, str] | None:
        """Return which instance or round a token is, counted from 1, and the element variable ("" without one)."""
        return None if self.loop is None or token.owner is None else self.loop.told(token)

    def shows(self, token: Token) -> bool:
        """Show instances, not the token that stands for all of them."""
        return not self.stands_for_all(token)

    def following(self) -> list[Element]:
        """Return what may come after the activity, its boundary events included."""
        return [*super().following(), *self.boundaries, *self.catchers]

    def _arm(self, token: Token) -> None:
        for event in self.boundaries:
            event.arm(token)

    def _look_for_data(self, token: Token) -> None:
        """Raise `StepFailed` when a data object that the activity reads has no value (BPMN 2.0.2, 13.3.2)."""
        for needed in self.objects.reads:
            if Variables(token).get(needed.variable) is None:
                raise StepFailed(
                    f"It needs the data object {needed.name!r}, but the variable {needed.variable!r} has no value yet. "
                    "Let an activity before it set the variable."
                )

    def _look_for_results(self, token: Token) -> None:
        """Warn of data objects that the activity is drawn to write, and that have no value when it is completed."""
        for given in self.objects.writes:
            if Variables(token).get(given.variable) is None:
                token.scope.case.warnings.append(
                    f"{self.label!r} is drawn to write the data object {given.name!r}, but the variable "
                    f"{given.variable!r} has no value."
                )

    def _set_locals(self, token: Token) -> None:
        if self.mappings is None and not self.objects.own:
            return
        inputs = {} if self.mappings is None else self.mappings.values_in(self, token)
        token.data.update({**dict.fromkeys(self.objects.own), **inputs})
