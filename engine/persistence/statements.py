"""Owns the statements of the hot path, built once: making them per call would cost a third of a step.

It runs none of them.
"""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, String, Table, bindparam, delete, func, insert, literal, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from engine.persistence.models import (
    ActivityEvent,
    Base,
    CaseParticipant,
    InboxMessage,
    Job,
    NumberSequence,
    OutboxMessage,
    ProcessInstance,
    Record,
    StartEvent,
    Subscription,
    UserTask,
    WorklistEntry,
)


def table(model: type[Base]) -> Table:
    """Return the Core table of a model: selecting its columns costs less than selecting mapped attributes."""
    found = model.__table__
    if not isinstance(found, Table):
        raise TypeError(f"{model.__name__} is not mapped to a table")
    return found


class _Transaction(FunctionElement[str]):
    """The number of the transaction; NULL in SQLite, where nobody has to ask later how it ended."""

    type = String()
    inherit_cache = True


@compiles(_Transaction)
def _no_number(*_: Any, **__: Any) -> str:
    return "NULL"


@compiles(_Transaction, "postgresql")
def _number(*_: Any, **__: Any) -> str:
    return "CAST(pg_current_xact_id() AS text)"


INSTANCE: Final = table(ProcessInstance)
TASK: Final = table(UserTask)
WORKLIST: Final = table(WorklistEntry)
JOB: Final = table(Job)
SUBSCRIPTION: Final = table(Subscription)
EVENT: Final = table(ActivityEvent)
INBOX: Final = table(InboxMessage)
OUTBOX: Final = table(OutboxMessage)
PARTICIPANT: Final = table(CaseParticipant)
RECORD: Final = table(Record)
SEQUENCE: Final = table(NumberSequence)
START: Final = table(StartEvent)


def said(value: str) -> ColumnElement[str]:
    """Return a value that stands in the statement itself: a partial index is used for what is known beforehand only."""
    return literal(value, literal_execute=True)


_CASE_COLUMNS: Final = (
    INSTANCE.c.id,
    INSTANCE.c.number,
    INSTANCE.c.definition_id,
    INSTANCE.c.definitions,
    INSTANCE.c.definition_key,
    INSTANCE.c.title,
    INSTANCE.c.status,
    INSTANCE.c.priority,
    INSTANCE.c.channel,
    INSTANCE.c.originator,
    INSTANCE.c.organisation_id,
    INSTANCE.c.started_by,
    INSTANCE.c.started_at,
    INSTANCE.c.changed_at,
    INSTANCE.c.ended_at,
    INSTANCE.c.outcome,
    INSTANCE.c.revision,
    INSTANCE.c.failures,
    INSTANCE.c.state,
    INSTANCE.c.variables,
    INSTANCE.c.waits,
)
_TASK_COLUMNS: Final = tuple(column.label(f"task_{column.name}") for column in TASK.c)

LOAD_CASE: Final = select(*_CASE_COLUMNS, INSTANCE.c.roused_at).where(INSTANCE.c.id == bindparam("instance"))
LOAD_TASK: Final = (
    select(*_CASE_COLUMNS, *_TASK_COLUMNS)
    .join_from(TASK, INSTANCE, TASK.c.instance_id == INSTANCE.c.id)
    .where(TASK.c.id == bindparam("task"))
)

MOVE_CASE: Final = (
    update(INSTANCE)
    .where(INSTANCE.c.id == bindparam("instance"), INSTANCE.c.revision == bindparam("seen"))
    .values(
        revision=INSTANCE.c.revision + 1,
        title=bindparam("new_title"),
        status=bindparam("new_status"),
        outcome=bindparam("new_outcome"),
        changed_at=bindparam("now"),
        ended_at=bindparam("ended"),
        state=bindparam("new_state"),
        variables=bindparam("new_variables"),
        waits=bindparam("new_waits"),
        roused_at=func.coalesce(bindparam("roused", type_=INSTANCE.c.roused_at.type), INSTANCE.c.roused_at),
    )
    .returning(_Transaction())
)
"""Returns one row if the case stood at the revision: the number of the transaction."""
NEW_CASE: Final = insert(INSTANCE).returning(_Transaction())
NEXT_CASE_NUMBER: Final = (
    update(SEQUENCE)
    .where(SEQUENCE.c.name == bindparam("sequence"))
    .values(next=SEQUENCE.c.next + 1)
    .returning(SEQUENCE.c.next)
)

COMPLETE_TASK: Final = (
    update(TASK)
    .where(TASK.c.id == bindparam("task"), TASK.c.state == "open", TASK.c.revision == bindparam("seen"))
    .values(
        state="completed",
        assignee=bindparam("actor"),
        ended_at=bindparam("now"),
        ended_by=bindparam("actor"),
        revision=TASK.c.revision + 1,
    )
)
END_TASK: Final = (
    update(TASK)
    .where(TASK.c.id == bindparam("task"), TASK.c.state == "open")
    .values(
        state=bindparam("new_state"), ended_at=bindparam("now"), ended_by=bindparam("by"), revision=TASK.c.revision + 1
    )
)
ASSIGN_TASK: Final = (
    update(TASK)
    .where(TASK.c.id == bindparam("task"), TASK.c.state == "open", TASK.c.revision == bindparam("seen"))
    .values(
        assignee=bindparam("new_assignee"),
        claimed_at=bindparam("new_claimed_at"),
        revision=TASK.c.revision + 1,
    )
)
MOVE_TASK: Final = (
    update(TASK)
    .where(TASK.c.id == bindparam("task"), TASK.c.state == "open")
    .values(
        due_at=bindparam("new_due"),
        follow_up_at=bindparam("new_follow_up"),
        reads=bindparam("new_reads"),
        revision=TASK.c.revision + 1,
    )
)
NEW_TASKS: Final = insert(TASK)

UNLIST: Final = delete(WORKLIST).where(WORKLIST.c.task_id == bindparam("task"))
LIST: Final = insert(WORKLIST)
RELIST: Final = update(WORKLIST).where(WORKLIST.c.task_id == bindparam("task")).values(due_at=bindparam("new_place"))
RETITLE: Final = update(WORKLIST).where(WORKLIST.c.task_id == bindparam("task")).values(text=bindparam("new_text"))

NEW_PARTICIPANTS: Final[dict[str, Any]] = {
    "sqlite": sqlite.insert(PARTICIPANT).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(PARTICIPANT).on_conflict_do_nothing(),
}

_WAITS: Final = JOB.c.state == said("waiting")
WAITING_CALLS: Final = (_WAITS, JOB.c.kind == said("operation"))
"""Jobs by who looks for them, each by an index of its own. Operations take as long as they take, beside the others."""
WAITING_MOVES: Final = (_WAITS, JOB.c.kind == said("migrate"))
WAITING_OTHERS: Final = (_WAITS, JOB.c.kind != said("operation"), JOB.c.kind != said("migrate"))

NEW_JOBS: Final = insert(JOB)
END_JOBS: Final = delete(JOB).where(JOB.c.id == bindparam("job"))

NEW_SUBSCRIPTIONS: Final = insert(SUBSCRIPTION)
END_SUBSCRIPTIONS: Final = delete(SUBSCRIPTION).where(SUBSCRIPTION.c.task_id == bindparam("task"))

NEW_EVENTS: Final = insert(EVENT).inline()
NEW_INBOX: Final = insert(INBOX)
NEW_OUTBOX: Final = insert(OUTBOX)


def in_time_for(since: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a message of the inbox is for those who wait `since` then: it was not too old yet."""
    return (INBOX.c.expires_at > since) | (INBOX.c.received_at >= since)


MATCHING_MESSAGE: Final = (
    select(INBOX.c.id)
    .where(
        INBOX.c.state == "waiting",
        INBOX.c.start_event_id.is_(None),
        INBOX.c.name == bindparam("name"),
        (INBOX.c.correlation_key == bindparam("key")) | (bindparam("any_key") == 1),
        in_time_for(bindparam("since")),
    )
    .order_by(INBOX.c.received_at, INBOX.c.id)
    .limit(1)
)
"""The oldest waiting message for a subscription that is there `since` (aware); without a key it takes any."""

MATCHING_SUBSCRIPTIONS: Final = (
    select(SUBSCRIPTION)
    .where(
        SUBSCRIPTION.c.kind == "message",
        SUBSCRIPTION.c.message_name == bindparam("name"),
        SUBSCRIPTION.c.correlation_key.is_(None) | (SUBSCRIPTION.c.correlation_key == bindparam("key")),
    )
    .order_by(SUBSCRIPTION.c.created_at)
    .limit(2)
)
"""The subscriptions that a message matches, who began to wait first: two are one too many."""

TAKE_MESSAGE: Final = (
    update(INBOX)
    .where(INBOX.c.id == bindparam("message"), INBOX.c.state.in_(("waiting", "failed")))
    .values(state="delivered", instance_id=bindparam("instance"))
)

_NEWEST_VERSIONS: Final = (
    select(RECORD.c.register, RECORD.c.id, RECORD.c.version)
    .where(tuple_(RECORD.c.register, RECORD.c.id).in_(bindparam("records", expanding=True)))
    .order_by(RECORD.c.register, RECORD.c.id)
)
LOCK_TO_READ: Final = _NEWEST_VERSIONS.with_for_update(read=True)
"""The newest versions of records that a step has read; locked until the commit, so that none moves on in between."""
LOCK_TO_WRITE: Final = _NEWEST_VERSIONS.with_for_update(key_share=True)
"""The same for a step that writes records: of two such steps the second waits."""
