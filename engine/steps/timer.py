"""Owns the step that fires due timers of a case; a timer that is gone is nobody's error."""

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
class FireTimers:
    """Fire the timers of the tasks `task_ids`, as far as the case still waits for them."""

    instance_id: str
    task_ids: tuple[str, ...]
    retried_by: str | None = None
    shown: Sequence[RecordRef] = ()

    def load(self, connection: Connection) -> AnyRow:
        """Return the case; raise `Overtaken` when it waits for none of the timers."""
        row = store.load_case(connection, self.instance_id)
        if row is None or row.status != "active" or not set(self.task_ids) & row.waits["timers"].keys():
            raise Overtaken
        return row

    def cause(self, loaded: Loaded) -> Cause:
        """Return the timers as the log keeps them."""
        fired = tuple(each for each in self.task_ids if each in loaded.case.waits.timers)
        return Cause("timer", ENGINE, fired=fired, retried_by=self.retried_by)

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the step that the timers lead to."""
        del connection
        with running():
            return interpreter.fire(loaded.executable, loaded.state, self.cause(loaded).fired, context)

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Write nothing more: the recorder ends the jobs of timers that are gone."""
