"""Owns the token: SpiffWorkflow's task without history, clock and randomness; it knows no kind of element."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.case.scope import Scope
    from engine.bpmn.specs.element import Element

FUTURE: int = TaskState.FUTURE
WAITING: int = TaskState.WAITING
READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
COMPLETED: int = TaskState.COMPLETED
CANCELLED: int = TaskState.CANCELLED
FINISHED: int = TaskState.FINISHED_MASK


class Token(Task):  # type: ignore[misc]  # SpiffWorkflow carries no types
    """A token at a flow node (BPMN 2.0.2, 7.1.1). All tokens of a scope are children of its root: the tree stays flat.

    `flow` is the sequence flow it came by. `owner` is the token it belongs to: a boundary event's activity, an
    instance's multi-instance activity, an event's gateway. `data` are variables of its own (instances only), `unseen`
    holds, for each variable that a parallel branch has changed since this branch saw it, the value seen in a list
    (empty: there was none); `notes` are its kind's own.
    """

    scope: "Scope"
    element: "Element"
    data: dict[str, Json]

    def __init__(self, scope: "Scope", element: "Element", identity: UUID, state: int = FUTURE) -> None:
        # As SpiffWorkflow's own, but for its clock and its look-ups of the root: a step makes every token anew.
        root = scope.task_tree
        self.id, self._state = identity, state
        self.scope = self.workflow = scope
        self.element = self.task_spec = element
        self._parent = None if root is None else root.id
        self._children: list[UUID] = []
        self.data = {}
        self.internal_data: dict[str, Any] = {}
        self.triggered, self.thread_id, self.last_state_change = False, 0, 0.0
        scope.tasks[identity] = self
        self.flow: str | None = None
        self.owner: UUID | None = None
        self.unseen: dict[str, list[Json]] = {}
        self.notes: dict[str, Any] = {}
        self.slot = 0
        """its place among the tokens at its element (engine.bpmn.case.live)"""
        self.overtaken = False
        """what its element did has cancelled it: it is done, and does not go on"""

    def arrive(self) -> None:
        """Let the element decide what the new token does."""
        self.element.arrive(self)

    def error(self) -> None:
        """Go nowhere: the element could not do what it does, and an event has caught that and cancelled the token."""

    @property
    def live(self) -> bool:
        """Say whether the token is neither completed nor cancelled."""
        return not self._state & FINISHED

    @property
    def completed(self) -> bool:
        """Say whether the token went on."""
        return bool(self._state == COMPLETED)

    def _set_state(self, value: int) -> None:
        self._state = value
        if value & FINISHED and self.scope.live.remove(self):
            self.scope.case.note_moment(self)
