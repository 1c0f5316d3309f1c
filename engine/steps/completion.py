"""Owns the step that completes a user task: it may be done once, by somebody whose task it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from engine import policy
from engine.bpmn import interpreter
from engine.bpmn.case.context import StepContext
from engine.cases.task_data import refs, shown_version
from engine.errors import InputRefused, NotFound, NotPermitted, TaskClaimed, TaskNotOpen
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.persistence.models import ProcessInstance
from engine.recorder import Cause
from engine.registers import writes
from engine.steps.running import running
from engine.types import Actor, Json, RecordRef
from engine.types.step import Step
from engine.unit_of_work.saving import Stale
from engine.unit_of_work.unit import Loaded

Check = Callable[[Connection, Loaded, StepContext], tuple[Mapping[str, Json], Mapping[str, Json]]]
"""Returns the variables that the task's form brings, and those that its page showed; raises `InputRefused`."""


@dataclass(slots=True)
class CompleteTask:
    """Complete a user task. `accept` checks the values; `shown` are the record versions that its page showed."""

    task_id: str
    actor: Actor
    accept: Check
    shown: Sequence[RecordRef] = ()
    effort_minutes: int | None = None
    channel: str | None = None
    retried_by: str | None = None
    instance_id: str = ""
    """the case, once the task is loaded"""
    name: str = ""
    """what the task is called, likewise"""
    accepted: dict[str, Json] = field(default_factory=dict)
    """the variables as accepted, for the failure record should the step not run"""
    shown_values: dict[str, Json] = field(default_factory=dict)
    """the variables that the page showed, likewise"""

    def load(self, connection: Connection) -> AnyRow:
        """Return task and case; raise `NotFound`, `NotPermitted`, `TaskNotOpen` or `TaskClaimed`."""
        row = store.load_task(connection, self.task_id)
        if row is None:
            raise NotFound("task", self.task_id)
        self.instance_id, self.name = row.id, row.task_name
        if not policy.may_work_on(self.actor, row.task_principals, row.task_assignee):
            raise not_theirs(connection, row, self.actor)
        must_be_open(row)
        must_be_free(row, self.actor)
        return row

    def cause(self, loaded: Loaded) -> Cause:
        """Return the completion as the log keeps it."""
        return Cause(
            "complete",
            self.actor,
            self.task_id,
            channel=self.channel,
            effort_minutes=self.effort_minutes,
            claimed_at=loaded.row.task_claimed_at,
            retried_by=self.retried_by,
        )

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the step that the accepted values lead to."""
        self._check_shown(connection, loaded, context)
        self.accepted, self.shown_values = map(dict, self.accept(connection, loaded, context))
        with running():
            return interpreter.complete(
                loaded.executable,
                loaded.state,
                self.task_id,
                self.accepted,
                context,
                shown=tuple(self.shown),
                shown_values=self.shown_values,
            )

    def _check_shown(self, connection: Connection, loaded: Loaded, context: StepContext) -> None:
        """Refuse what the task's page cannot have shown; raise `ConcurrentUpdate` for a record that has moved on."""
        reads = {(ref.register, ref.id): ref for ref in refs(loaded.row.task_reads)}
        for ref in self.shown:
            read = reads.get((ref.register, ref.id))
            if read is None:
                raise InputRefused({"shown": [f"The task does not read {ref.id}: open its page again."]})
            if shown_version(context.records, loaded.executable, loaded.row, read) != ref:
                definition = loaded.access.registers[ref.register]
                raise writes.conflict(connection, definition, ref)

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Mark the task completed, if nobody claimed or completed it meanwhile."""
        done = connection.execute(
            sql.COMPLETE_TASK,
            {"task": self.task_id, "seen": loaded.row.task_revision, "actor": self.actor.user_id, "now": now},
        )
        if done.rowcount != 1:
            raise Stale


def not_theirs(connection: Connection, row: AnyRow, actor: Actor) -> NotFound | NotPermitted:
    """Return the error for a task that was not offered to the actor: who may see its case may know that it exists."""
    visible = select(ProcessInstance.id).where(ProcessInstance.id == row.id, policy.cases_visible(actor))
    if connection.execute(visible).first() is None:
        return NotFound("task", row.task_id)
    return NotPermitted("This task was not offered to you. A process owner may assign it to you.")


def must_be_open(row: AnyRow) -> None:
    """Raise `TaskNotOpen` (who, when) for a task that is completed or cancelled."""
    if row.task_state != "open":
        raise TaskNotOpen(row.task_id, row.task_state, row.task_ended_by, row.task_ended_at)


def must_be_free(row: AnyRow, actor: Actor) -> None:
    """Raise `TaskClaimed` (who, since when) for a task that somebody else has."""
    if row.task_assignee is not None and row.task_assignee != actor.user_id and not policy.is_engine(actor):
        raise TaskClaimed(row.task_id, row.task_assignee, row.task_claimed_at)
