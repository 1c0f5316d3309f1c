"""Owns scopes: a running process, sub-process or called process with its live tokens; it knows no kind of element.

Scopes are SpiffWorkflow's workflows. Nothing in them is predicted and no history is kept, so that a loop of any length
leaves the same few tokens behind.
"""

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from engine.bpmn.case.live import LiveTokens
from engine.bpmn.case.token import COMPLETED, Token
from engine.bpmn.specs.conditions import ask
from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.case.case import Case
    from engine.bpmn.specs.process import ProcessSpec


class Scope:
    """What the case itself and the scopes within it have in common."""

    spec: "ProcessSpec"
    case: "Case"
    data: dict[str, Json]
    tasks: dict[UUID, Token]
    task_tree: Any
    host: Token | None
    """the activity that this scope runs for; None for the case itself"""
    live: LiveTokens
    done: set[str] | None
    """activities completed before, by place; None where the scope around keeps them"""
    path: str
    """call activities on the way here"""
    completed: bool

    def begin(self, case: "Case", host: Token | None) -> None:
        """Make the root that SpiffWorkflow asks of a workflow, and take the place among the case's scopes."""
        self.case, self.host, self.live, self.done = case, host, LiveTokens(self), None
        self.task_tree = None
        self.task_tree = Token(self, self.spec.start, uuid5(case.seed, "" if host is None else str(host.id)), COMPLETED)
        self.path = "" if host is None else host.scope.path
        if host is None or host.owner is not None:
            self.done = set()

    @property
    def owns_data(self) -> bool:
        """Say whether the scope has variables of its own: a process has, a sub-process shares those around it."""
        return self.host is None or self.spec.is_process

    @property
    def decides_outcome(self) -> bool:
        """Say whether an end reached here is one of the case: in its process, or in what has taken that one's place."""
        return self.host is None or (self.host.element.takes_over() and self.host.scope.decides_outcome)

    def settle(self) -> None:
        """End the scope when its last token is gone but for listeners (BPMN 2.0.2, 13.3.2 and 13.5.6).

        A condition that has become true by then still occurs.
        """
        if self.completed or not all(element.listens for element in self.live.elements()):
            return
        if not ask(self):
            self.abandon()
            if self.host is not None and self.host.live:
                self.host.complete()

    def listen(self) -> None:
        """Let what starts the scope's event sub-processes be waited for. Raises `StepFailed`."""
        for listener in self.spec.listeners:
            self.case.spawn(self, listener).arrive()

    def _end(self) -> None:
        self.completed = True
        if self.host is not None:
            self.case.running.pop(self.host.id, None)

    def absorb(self, token: Token) -> None:
        """Take a token out that a join has united with another: nothing happened to it."""
        self.live.remove(token)
        self.case.moments.pop(token.id, None)
        del self.tasks[token.id]

    def cancel_tokens(self, but: Token | None = None) -> None:
        """Cancel every token except `but`."""
        for token in list(self.live.values()):
            if token is not but and token.live:
                token.cancel()

    def abandon(self) -> None:
        """Cancel every token, without going on after the scope."""
        self._end()
        self.cancel_tokens()

    def mark_done(self, element_id: str) -> None:
        """Remember that an activity was completed here."""
        self._ledger().add(f"{self.path}/{self.spec.process_key}/{element_id}")

    def was_done(self, element_id: str) -> bool:
        """Say whether an activity was completed here before."""
        return f"{self.path}/{self.spec.process_key}/{element_id}" in self._ledger()

    def _ledger(self) -> set[str]:
        scope = self
        while scope.done is None:
            assert scope.host is not None  # noqa: S101 - the case itself always has a ledger
            scope = scope.host.scope
        return scope.done


class InnerScope(Scope, BpmnSubWorkflow):  # type: ignore[misc]  # SpiffWorkflow carries no types
    """A sub-process or called process that runs for the activity `host`: `inside` that one, `around` its scope."""

    def __init__(self, spec: "ProcessSpec", host: Token) -> None:
        self.host = self.inside = host
        self.around = host.scope
        BpmnSubWorkflow.__init__(self, spec, host.id, host.scope.case, deserializing=True)
        self.begin(host.scope.case, host)
        if spec.is_process:
            self.path = f"{host.scope.path}/{host.element.name}"
