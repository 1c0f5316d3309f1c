"""Owns the step by which a case goes on after an operation: its result counts once, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.bpmn import interpreter
from engine.bpmn.case.context import StepContext
from engine.operations import Outcome
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.recorder import Cause
from engine.steps.overtaken import Overtaken
from engine.steps.running import running
from engine.types import ENGINE, RecordRef
from engine.types.step import Step
from engine.unit_of_work.unit import Loaded


@dataclass(frozen=True, slots=True)
class FinishOperation:
    """Go on at the service task `task_id` with what came of its operation."""

    instance_id: str
    task_id: str
    outcome: Outcome
    retried_by: str | None = None
    shown: Sequence[RecordRef] = ()

    def load(self, connection: Connection) -> AnyRow:
        """Return the case; raise `Overtaken` when it does not wait for the operation any more."""
        row = store.load_case(connection, self.instance_id)
        if row is None or row.status != "active" or self.task_id not in row.waits.get("operations", ()):
            raise Overtaken
        return row

    def cause(self, loaded: Loaded) -> Cause:
        """Return the engine as the cause; the service task is what a failure is about."""
        del loaded
        return Cause("operation", ENGINE, self.task_id, retried_by=self.retried_by)

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the step that the outcome leads to."""
        del connection
        with running():
            return interpreter.finish(loaded.executable, loaded.state, self.task_id, self.outcome, context)

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Write nothing more: the recorder ends the job of an operation that is waited for no more."""
