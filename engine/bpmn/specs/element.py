"""Owns what every flow node does: take a token in, be run, pass the token on; it knows no kind of node.

SpiffWorkflow's hooks are answered here and nowhere else. It predicts nothing, inherits no data and keeps no history for
us: those are the parts with the faults that this package exists to keep away from cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NoReturn

from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from engine import feel
from engine.bpmn.case.context import StepBudgetSpent
from engine.bpmn.case.token import COMPLETED, Token
from engine.bpmn.case.variables import Variables
from engine.bpmn.specs.catching import catch_failure
from engine.bpmn.specs.instances import instances
from engine.errors import ComityError, ConcurrentUpdate, NotFound, NotPermitted, StepFailed
from engine.json_data import told
from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.case.scope import Scope
    from engine.bpmn.specs.boundary import CatchingBoundaryEvent
    from engine.bpmn.specs.registers import Registers

Phase = Literal["started", "completed", "cancelled"]

_NOT_THE_MODEL = (StepFailed, StepBudgetSpent, ConcurrentUpdate, NotFound, NotPermitted)
"""Errors that are not the element's fault."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow to `target`. It is taken if `condition` holds; None: always."""

    id: str
    target: "Element"
    condition: feel.Expression | None = None
    default: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """How an element stands in the model."""

    kind: str
    id: str
    name: str
    lane: str | None
    line: int | None
    documentation: str | None


class Element(BpmnSpecMixin):  # type: ignore[misc]  # SpiffWorkflow carries no types
    """A flow node. Everything on it is set when the model is read; a run changes nothing."""

    name: str
    flows: Sequence[Flow]
    joins_late: ClassVar[bool] = False
    """fires only when nothing else can move"""
    has_instances: bool = False
    """is multi-instance or a loop: a token with an owner is an instance"""
    has_locals: bool = False
    """a token at it, or each instance, has variables of its own"""
    lasting: ClassVar[bool] = True
    """a live token is an activity that has been started"""
    is_activity: ClassVar[bool] = False
    listens: ClassVar[bool] = False
    """a live token waits for what starts an event sub-process: it keeps no scope open"""
    fails_as: ClassVar[str | None] = None
    """the code of the error as which a failure of what the element does can be caught"""
    catchers: "Sequence[CatchingBoundaryEvent]" = ()
    """boundary events on it that catch what is thrown"""

    def __init__(
        self, wf_spec: Any, drawn: Drawn, registers: "Registers | None" = None, *, manual: bool = False
    ) -> None:
        super().__init__(
            wf_spec,
            drawn.id,
            bpmn_name=drawn.name,
            lane=drawn.lane,
            documentation=drawn.documentation,
            manual=manual,
        )
        self.drawn, self.kind, self.label = drawn, drawn.kind, drawn.name or drawn.id
        self.process_key: str = wf_spec.process_key
        self.registers = registers
        self.flows = ()
        self.incoming: tuple[str, ...] = ()

    # --- what kinds of element do otherwise ---------------------------------------------------------------------------

    def enter(self, token: Token) -> None:
        """Take in a token that has arrived: here it can be run at once."""
        token._ready()  # noqa: SLF001 - as SpiffWorkflow's own specs do

    def perform(self, token: Token) -> None:
        """Do what the element does when it is run."""

    def leave(self, token: Token) -> None:
        """Go on after the element: a token on every flow whose condition holds (BPMN 2.0.2, 13.3.1)."""
        self.send(token, self.taken(token))

    def cancelled(self, token: Token) -> None:
        """Clear away what belongs to a cancelled token."""

    def release(self, scope: "Scope") -> bool:
        """Fire, if the element fires late and can; say whether it did."""
        del scope
        return False

    def keep_records(self, token: Token) -> None:
        """Write and note the records of a token that is completed."""
        if self.registers is not None:
            self.registers.complete(token)

    def show(self, token: Token) -> None:
        """Note what people are shown of the data: nothing here."""

    def interface(self) -> str | None:
        """Return what the element invokes (`message:NAME`, ...), None for nothing."""
        return None

    def takes_over(self) -> bool:
        """Say whether what runs within the element has taken the place of everything around it."""
        return False

    def shows(self, token: Token) -> bool:
        """Say whether the log is to know of this token."""
        del token
        return True

    def collects(self, token: Token) -> bool:
        """Say whether whatever is written at `token` becomes a variable of its own: of an instance that brings it."""
        del token
        return False

    def following(self) -> "list[Element]":
        """Return the elements that may come right after this one, in the order of the file."""
        return [flow.target for flow in self.flows]

    # --- what all do alike --------------------------------------------------------------------------------------------

    def arrive(self, token: Token) -> None:
        """Let a new token in."""
        try:
            if self.is_activity and not self.has_instances and token.scope.was_done(self.name):
                token.notes["again"] = True
            self.enter(token)
        except ComityError as error:
            self.blame(error, token)

    def send(self, token: Token, flows: Sequence[Flow]) -> None:
        """Put a token on each of `flows`."""
        scope = token.scope
        for flow in flows:
            scope.case.spawn(scope, flow.target, token, flow).arrive()

    def skip(self, token: Token) -> None:
        """Go on after the element without doing it: nothing is run, no record is written. Raises `StepFailed`."""
        token._set_state(COMPLETED)  # noqa: SLF001 - as SpiffWorkflow's own specs do
        token.notes["skipped"] = True
        try:
            self.cancelled(token)
            self.leave(token)
        except ComityError as error:
            self.blame(error, token)
        token.scope.settle()

    def taken(self, token: Token) -> list[Flow]:
        """Return the flows that are taken: those without condition, those whose condition holds, else the default.

        Raises `StepFailed` when there are flows and none can be taken.
        """
        warnings: list[str] = []
        chosen = [
            flow
            for flow in self.flows
            if not flow.default and (flow.condition is None or self.holds(flow, token, warnings))
        ]
        if any(flow.condition is not None for flow in chosen):
            return chosen
        chosen += [flow for flow in self.flows if flow.default]
        if self.flows and not chosen:
            raise self.no_way(warnings)
        return chosen

    def no_way(self, warnings: list[str]) -> StepFailed:
        """Return the failure that says that no flow can be taken."""
        why = f" ({'; '.join(dict.fromkeys(warnings)).rstrip('.')})" if warnings else ""
        return StepFailed(f"No condition holds and there is no default flow{why}.")

    def holds(self, flow: Flow, token: Token, warnings: list[str] | None = None) -> bool:
        """Say whether the condition of `flow` holds; one that comes to null does not. Raises `StepFailed`."""
        assert flow.condition is not None  # noqa: S101 - asked of conditional flows only
        found: list[str] = []
        held = self.decides(
            flow.condition, token, f"the condition of the flow to {flow.target.label!r}", warnings=found
        )
        if warnings is not None:
            warnings += [f"to {flow.target.label!r}: {text}" for text in found]
        return held

    def decides(
        self,
        expression: feel.Expression,
        token: Token,
        what: str,
        extra: Mapping[str, Json] | None = None,
        warnings: list[str] | None = None,
    ) -> bool:
        """Return a yes or no that the model asks for; null is no. Raises `StepFailed` for anything else."""
        value = self.value(expression, token, extra, warnings=warnings)
        if value is None or isinstance(value, bool):
            return value is True
        raise StepFailed(f"{what} gives {told(value)}, neither true nor false.")

    def value(
        self,
        expression: feel.Expression,
        token: Token,
        extra: Mapping[str, Json] | None = None,
        *,
        warnings: list[str] | None = None,
        now: datetime | None = None,
    ) -> Json:
        """Return what `expression` comes to for `token`; only the names it uses are looked up, in `extra` first.

        `now` (aware) is what the clock is taken to show, None: what it shows.
        """
        moment = now or token.scope.case.context.now
        return expression.evaluate(Variables(token).view(extra), now=moment, warnings=warnings)

    def blame(self, error: ComityError, token: Token) -> NoReturn:
        """Raise `error` as a failure of this element, in the instance of `token`, if it is the model's fault."""
        if isinstance(error, StepFailed) and error.element_id is None:
            raise StepFailed(error.reason, self.name, self.label, error.line, instances(token)) from error
        if isinstance(error, _NOT_THE_MODEL):
            raise error
        line = getattr(error, "line", None)
        raise StepFailed(str(error), self.name, self.label, line, instances(token)) from error

    def phase(self, token: Token) -> Phase | None:
        """Return what the log is to say of `token` as it is now; None for nothing."""
        if not self.shows(token):
            return None
        if token.live:
            return "started" if self.lasting else None
        return "completed" if token.completed else "cancelled" if self.lasting else None

    def instance(self, token: Token) -> tuple[str, str] | None:
        """Return in words which of several instances `token` is, and for what; None when it is none."""
        del token
        return None

    def keeps_view(self, token: Token) -> bool:
        """Say whether the token's branch has seen data that may change behind its back."""
        return token.owner is None or self.has_instances

    # --- SpiffWorkflow's hooks ----------------------------------------------------------------------------------------

    def test(self) -> None:
        """Nothing to test at run time: the reader has."""

    def _predict(self, my_task: Token, *_: object, **__: object) -> None:
        """Predict nothing."""

    def _update(self, my_task: Token) -> None:
        self.arrive(my_task)

    def _on_ready(self, my_task: Token) -> None:
        if not self.manual:
            my_task.scope.case.ready.append(my_task)

    def _run(self, my_task: Token) -> bool | None:
        try:
            self.perform(my_task)
        except ComityError as error:
            if self.fails_as is None or not catch_failure(my_task, self.fails_as, error):
                self.blame(error, my_task)
        my_task.overtaken = not my_task.live
        # An activity that was interrupted by what it did itself stays cancelled; an event has occurred all the same.
        return not (my_task.overtaken and self.is_activity)

    def _on_complete(self, my_task: Token) -> None:
        try:
            self.keep_records(my_task)
            if not my_task.overtaken:
                self.leave(my_task)
        except ComityError as error:
            self.blame(error, my_task)
        my_task.scope.settle()

    def _on_cancel(self, my_task: Token) -> None:
        self.cancelled(my_task)
