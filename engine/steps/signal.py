"""Owns the step by which an event of a case takes a signal that was thrown elsewhere: once, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from engine.bpmn import interpreter
from engine.bpmn.case.context import StepContext
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.recorder import Cause
from engine.steps import exchanges
from engine.steps.overtaken import Overtaken
from engine.steps.running import running
from engine.types import ENGINE, Json, RecordRef
from engine.types.step import Step
from engine.unit_of_work.unit import Loaded

_BROUGHT = select(sql.JOB.c.name, sql.JOB.c.payload, sql.JOB.c.element_id).where(sql.JOB.c.id == bindparam("job"))


@dataclass(frozen=True, slots=True)
class TakeSignal:
    """Let the event `task_id` of a case take the signal that the job `job_id` brings."""

    job_id: str
    instance_id: str
    task_id: str
    hops: int = 0
    retried_by: str | None = None
    shown: Sequence[RecordRef] = ()

    def load(self, connection: Connection) -> AnyRow:
        """Return the case; raise `Overtaken` when it does not wait for the signal any more."""
        row = store.load_case(connection, self.instance_id)
        if row is None or row.status != "active" or self.task_id not in row.waits["subscriptions"]:
            raise Overtaken
        return row

    @property
    def _hops(self) -> int | None:
        return exchanges.hops(self.hops, self.retried_by)

    def cause(self, loaded: Loaded) -> Cause:
        """Return the engine as the cause; the job is what a failure is about."""
        del loaded
        return Cause("signal", ENGINE, self.job_id, hops=self._hops, retried_by=self.retried_by)

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the step; raise `Overtaken` when the event has taken the signal, or waits for another one."""
        job = connection.execute(_BROUGHT, {"job": self.job_id}).one_or_none()
        if job is None or loaded.case.waits.subscriptions[self.task_id] != (job.name, None):
            raise Overtaken  # a move to another version may let the event wait for another signal
        if endless := exchanges.refused(self._hops, job.element_id):
            raise endless
        brought: Json = job.payload
        with running():
            return interpreter.signal(loaded.executable, loaded.state, self.task_id, brought, context)

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """End the job; raise `Overtaken` when somebody else has."""
        del loaded, now
        if connection.execute(sql.END_JOBS, {"job": self.job_id}).rowcount != 1:
            raise Overtaken
