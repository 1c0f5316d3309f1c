"""Owns the step that ends a case before its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.bpmn import interpreter
from engine.bpmn.context import StepContext
from engine.errors import ConcurrentUpdate, NotFound, StepFailed
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.recorder import Cause
from engine.steps.running import running
from engine.types import Actor, RecordRef, Step
from engine.unit_of_work import Loaded


@dataclass(frozen=True, slots=True)
class CancelCase:
    """Cancel a case for a `reason` that people read."""

    instance_id: str
    reason: str
    actor: Actor
    shown: Sequence[RecordRef] = ()

    def load(self, connection: Connection) -> AnyRow:
        """Return the case; raise `ConcurrentUpdate` when it has ended already."""
        row = store.load_case(connection, self.instance_id)
        if row is None:
            raise NotFound("case", self.instance_id)
        if row.status != "active":
            raise ConcurrentUpdate(f"Case {row.number} has ended ({row.status}): it", at=row.changed_at)
        return row

    def cause(self, loaded: Loaded) -> Cause:
        """Return the cancellation as the log keeps it."""
        del loaded
        return Cause("cancel", self.actor, reason=self.reason)

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the last step of the case; one that cannot be read, or whose title fails, ends without."""
        del connection
        try:
            with running():
                return interpreter.cancel(loaded.executable, loaded.state, context)
        except StepFailed as failed:
            # There has to be a way out of every case: the recorder knows from the row what was open.
            return Step(loaded.state, finished=False, outcome=None, variables=loaded.variables, warnings=(str(failed),))

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Write nothing more."""
