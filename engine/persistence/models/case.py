"""Process instances (cases) and what they wait for: user tasks with their worklist, jobs, subscriptions, failures."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, JsonColumn, Key
from engine.types import Json


class ProcessInstance(Base):
    """A case. `revision` rises with every step (optimistic locking).

    `definitions` are the ids it runs on, root first.
    """

    __tablename__ = "process_instance"
    __table_args__ = (
        Index("ix_process_instance_started", "started_at", "id"),
        Index("ix_process_instance_definition_status", "definition_id", "status"),
        # With what figures filter by, so that fifty thousand cases are not looked up one by one to be counted.
        Index(
            "ix_process_instance_key_started",
            "definition_key",
            "started_at",
            "id",
            "priority",
            "definition_id",
            "organisation_id",
        ),
        Index("ix_process_instance_key_status", "definition_key", "status", "started_at"),
        Index("ix_process_instance_organisation_started", "organisation_id", "started_at", "id"),
        Index("ix_process_instance_originator_started", "originator", "started_at", "id"),
        Index("ix_process_instance_starter_started", "started_by", "started_at", "id"),
        # For those that a case has started only, so that the others cost nothing.
        Index(
            "ix_process_instance_root",
            "root_id",
            "definition_key",
            "chain",
            sqlite_where=text("root_id IS NOT NULL"),
            postgresql_where=text("root_id IS NOT NULL"),
        ),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(Id, unique=True)
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"))
    definition_key: Mapped[str] = mapped_column(Key, index=True)
    definitions: Mapped[Json] = mapped_column(JsonColumn)
    title: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Id)
    """active, completed, cancelled"""
    outcome: Mapped[str | None] = mapped_column(Key)
    priority: Mapped[int]
    channel: Mapped[str | None] = mapped_column(Key)
    originator: Mapped[str | None] = mapped_column(Id)
    organisation_id: Mapped[str | None] = mapped_column(Id)
    started_by: Mapped[str] = mapped_column(Id)
    started_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    revision: Mapped[int]
    chain: Mapped[int] = mapped_column(default=0, server_default="0")
    """which place it has in a row of cases of which each has started the next (see engine.steps.chains)"""
    root_id: Mapped[str | None] = mapped_column(Id)
    """the case with which this row began; None for that one itself"""
    roused_at: Mapped[datetime | None]
    """when something else than a message or signal of a case last let it go on (see engine.steps.exchanges)"""
    failures: Mapped[int] = mapped_column(default=0)
    """how many of its failures are open"""
    state: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    variables: Mapped[Json] = mapped_column(JsonColumn, deferred=True)
    waits: Mapped[Json] = mapped_column(JsonColumn, deferred=True)
    """what is open, by task id, so that a step need not read it from the rows (see engine.recorder.Waits)"""


class UserTask(Base):
    """A user task, open or past. `principals` are who may see and claim it (`user:..`, `group:..`)."""

    __tablename__ = "user_task"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), index=True)
    definition_id: Mapped[str] = mapped_column(Id)
    process_key: Mapped[str] = mapped_column(Key)
    element_id: Mapped[str] = mapped_column(Key)
    name: Mapped[str] = mapped_column(Text)
    form_key: Mapped[str | None] = mapped_column(Key)
    lane: Mapped[str | None] = mapped_column(Key)
    documentation: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Id)
    """open, completed, cancelled, skipped (an owner let the case go on without it)"""
    assignee: Mapped[str | None] = mapped_column(Id)
    principals: Mapped[Json] = mapped_column(JsonColumn)
    reads: Mapped[Json] = mapped_column(JsonColumn)
    priority: Mapped[int]
    due_at: Mapped[datetime | None]
    follow_up_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(Id)
    revision: Mapped[int] = mapped_column(default=1)


class CaseParticipant(Base):
    """A principal (`user:..`, `group:..`) that has, or had, a task in a case: it keeps the right to see it."""

    __tablename__ = "case_participant"
    principal: Mapped[str] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), primary_key=True, index=True)


class WorklistEntry(Base):
    """One row for each principal and open task.

    The primary key is the order of the list (tasks without due date last).
    """

    __tablename__ = "worklist"
    __table_args__ = (
        Index("ix_worklist_principal_created", "principal", "created_at", "task_id"),
        Index("ix_worklist_principal_priority", "principal", "priority", "due_at", "task_id"),
    )
    principal: Mapped[str] = mapped_column(Key, primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)
    priority: Mapped[int] = mapped_column(primary_key=True)
    """100 minus the task's priority, so that urgent comes first in ascending order"""
    task_id: Mapped[str] = mapped_column(Id, primary_key=True, index=True)
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    process_key: Mapped[str] = mapped_column(Key)
    text: Mapped[str] = mapped_column(Text)
    """what the search looks in, lower case: task, case number and title"""
    created_at: Mapped[datetime]


def _due(name: str, kinds: str) -> Index:
    """Return the index of waiting jobs of some kinds; a query uses it that says exactly the same of the kinds."""
    which = text(f"state = 'waiting' AND {kinds}")
    return Index(f"ix_job_due_{name}", "due_at", "id", sqlite_where=which, postgresql_where=which)


class Job(Base):
    """Something that has to happen at a time: a timer of a case, an operation, the retry of a failed step.

    A process that takes it writes `leased_until`, so that others leave it alone meanwhile. What makes it happen
    exactly once is the
    revision of the case: the row is deleted in the transaction of the step.
    """

    __tablename__ = "job"
    __table_args__ = (
        # One for each of those who look for what is due: they never read past what is somebody else's.
        _due("calls", "kind = 'operation'"),
        _due("moves", "kind = 'migrate'"),
        _due("others", "kind <> 'operation' AND kind <> 'migrate'"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), index=True)
    kind: Mapped[str] = mapped_column(Id)
    """timer, retry, adopt (a new version of a framework that running cases take over), signal (a signal that the case
    waited for when it was thrown), operation (what a service task does), migrate (move to another version)"""
    state: Mapped[str] = mapped_column(Id)
    """waiting, failed (tried too often: a person has to retry)"""
    task_id: Mapped[str] = mapped_column(Id)
    """the waiting timer; what a retry's failure is about; a record to be taken over (`element_id`: its register);
    the move to another version (`case_migration`)"""
    process_key: Mapped[str] = mapped_column(Key)
    element_id: Mapped[str] = mapped_column(Key)
    name: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    failure_id: Mapped[str | None] = mapped_column(Id)
    payload: Mapped[Json] = mapped_column(JsonColumn, nullable=True)
    """what a signal brings; the name and inputs of an operation"""
    hops: Mapped[int] = mapped_column(server_default="0")
    """of a signal: how many steps led to it by messages and signals of cases (see engine.steps.exchanges)"""


class Subscription(Base):
    """A message or a signal that a case waits for."""

    __tablename__ = "subscription"
    __table_args__ = (Index("ix_subscription_message", "message_name", "correlation_key"),)
    task_id: Mapped[str] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), index=True)
    process_key: Mapped[str] = mapped_column(Key)
    element_id: Mapped[str] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(Id, server_default="message", default="message")
    """message, signal (`message_name` is then the name of the signal, and there is no key)"""
    message_name: Mapped[str] = mapped_column(Key)
    correlation_key: Mapped[str | None] = mapped_column(Key)
    created_at: Mapped[datetime]


class Failure(Base):
    """A step that could not run; the case stands where it was. `request` is what to do again on retry."""

    __tablename__ = "failure"
    __table_args__ = (Index("ix_failure_state_created", "state", "created_at", "id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), index=True)
    kind: Mapped[str] = mapped_column(Id)
    """complete, timer, message, adopt, signal, operation"""
    task_id: Mapped[str] = mapped_column(Id)
    """the user, timer or service task whose step failed; of a message its id, of a take-over or signal the job's"""
    element_id: Mapped[str | None] = mapped_column(Key)
    element_name: Mapped[str | None] = mapped_column(Text)
    instance: Mapped[str | None] = mapped_column(Text)
    """in words: which instance of an activity with several of them it was"""
    reason: Mapped[str] = mapped_column(Text)
    request: Mapped[Json] = mapped_column(JsonColumn)
    state: Mapped[str] = mapped_column(Id)
    """open, resolved"""
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    resolved_by: Mapped[str | None] = mapped_column(Id)


class Comment(Base):
    """A remark on a case. `audience`: everyone (the originator too) or staff."""

    __tablename__ = "comment"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), index=True)
    task_id: Mapped[str | None] = mapped_column(Id)
    author: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)
    audience: Mapped[str] = mapped_column(Id)
