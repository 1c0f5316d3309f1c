"""Owns the step by which a case takes over the newer version of a framework; what it holds no more is no error."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.bpmn import interpreter
from engine.bpmn.case.context import StepContext
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.recorder import Cause
from engine.steps.overtaken import Overtaken
from engine.steps.running import running
from engine.types import ENGINE, RecordRef
from engine.types.step import Step
from engine.unit_of_work.unit import Loaded


@dataclass(frozen=True, slots=True)
class AdoptVersion:
    """Let a case take over the version of a record that the rule of its register gives, whichever that is by now."""

    job_id: str
    instance_id: str
    register: str
    record_id: str
    retried_by: str | None = None
    shown: Sequence[RecordRef] = ()

    def load(self, connection: Connection) -> AnyRow:
        """Return the case; raise `Overtaken` when it has ended."""
        row = store.load_case(connection, self.instance_id)
        if row is None or row.status != "active":
            raise Overtaken
        return row

    def cause(self, loaded: Loaded) -> Cause:
        """Return the engine as the cause; the job is what a failure is about."""
        del loaded
        return Cause("adopt", ENGINE, self.job_id, retried_by=self.retried_by)

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the step; raise `Overtaken` when the case holds nothing older than what is taken over."""
        del connection
        # Whoever holds less than the first version moves to the newest that is taken over at all.
        newest = context.records.readable(RecordRef(self.register, self.record_id, 0))
        if newest is None or newest.version == 0:
            raise Overtaken
        with running():
            step = interpreter.adopt(loaded.executable, loaded.state, [newest], context)
        if not step.adoptions:
            raise Overtaken
        return step

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """End the job. The record is locked: who writes the next version gives the case a new one."""
        del loaded, now
        store.end_jobs(connection, [self.job_id])
