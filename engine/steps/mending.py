"""Owns the step by which an owner of a process mends a case, as `engine.bpmn.mending` does it: who, why, upon what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.bpmn.case.context import StepContext
from engine.bpmn.mending import Act
from engine.errors import CaseEnded, ConcurrentUpdate, NotFound
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.recorder import Cause
from engine.steps.running import running
from engine.types import Actor, RecordRef
from engine.types.step import Step
from engine.unit_of_work.unit import Loaded

_LAST_EVENT: Final = (
    select(sql.EVENT.c.actor, sql.EVENT.c.at)
    .where(sql.EVENT.c.instance_id == bindparam("instance"))
    .order_by(sql.EVENT.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class MendCase:
    """Mend a case for a `reason` that people read; `seen` is the revision that the owner looked at, None: any.

    `act` makes the step. `check` raises what keeps it from being made. `task_id` is the token that is moved or skipped.
    """

    instance_id: str
    reason: str
    actor: Actor
    act: Act
    check: Callable[[Connection, Loaded, StepContext], None]
    task_id: str | None = None
    seen: int | None = None
    shown: Sequence[RecordRef] = ()

    def load(self, connection: Connection) -> AnyRow:
        """Return the case; raise `CaseEnded`, or `ConcurrentUpdate` (who, when) when it is not as it was seen."""
        row = store.load_case(connection, self.instance_id)
        if row is None:
            raise NotFound("case", self.instance_id)
        if row.status != "active":
            raise CaseEnded(row.number, row.status, row.changed_at)
        if self.seen is not None and row.revision != self.seen:
            last = connection.execute(_LAST_EVENT, {"instance": row.id}).first()
            raise ConcurrentUpdate(f"Case {row.number}", None if last is None else last.actor, row.changed_at)
        return row

    def cause(self, loaded: Loaded) -> Cause:
        """Return what is done as the log keeps it."""
        del loaded
        return Cause("mend", self.actor, self.task_id, reason=self.reason)

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the step; raise `NotMendable` for what would harm the case, `StepFailed` when it cannot go on so."""
        with running():
            self.check(connection, loaded, context)
            return self.act(loaded.executable, loaded.state, context)

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Write nothing more: the recorder ends the tasks and jobs of tokens that are gone."""
