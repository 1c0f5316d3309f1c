"""Owns the ManagementService: due timers and retries, sums of days, failures, the outbox; it runs no BPMN itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, and_, bindparam, func, or_, select, tuple_, update

from engine import policy
from engine.cases.failures import FAILURE
from engine.cases.page import failure_row
from engine.errors import ConcurrentUpdate, NotFound, NotPermitted, StepFailed
from engine.jobs.due import DueJobs
from engine.jobs.operations import OperationJobs
from engine.jobs.retrying import retry
from engine.management.failed_starts import FailedStarts
from engine.measuring import DaySums, Rebuilt, Recomputing, rebuild, sum_days
from engine.people import people
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import ProcessDefinition, ProcessInstance
from engine.steps.service import Steps
from engine.types import Actor
from engine.views import CaseRef, Cursor, FailedStart, FailureRow, OutboxRow, Page

MAX_PAGE: Final = 200
_STAFF: Final = frozenset(("staff", "process_owner", "admin"))
_DEFINITION: Final = sql.table(ProcessDefinition)
_CASE: Final = (sql.INSTANCE.c.number, sql.INSTANCE.c.title, sql.INSTANCE.c.status)
_HAND_OVER: Final = (
    update(sql.OUTBOX)
    .where(sql.OUTBOX.c.id == bindparam("message"), sql.OUTBOX.c.state == "pending")
    .values(state="handed over", handed_over_at=bindparam("now"), handed_over_by=bindparam("by"))
)


class ManagementService:
    """What has to be done without a person at a page, and what went wrong."""

    def __init__(self, database: Database, steps: Steps, clock: Callable[[], datetime]) -> None:
        self._database, self._steps, self._clock = database, steps, clock
        self._due, self._failed_starts = DueJobs(database, steps, clock), FailedStarts(database, steps)
        self._operations = OperationJobs(database, steps, clock)
        self._day_sums, self._recomputing = DaySums(database, clock), Recomputing(database, clock)

    def run_due(self, limit: int = 100, *, operations: bool = True) -> int:
        """Run timers and retries that are due, at most `limit`, and deliver what a crash left in the inbox.

        With `operations`, call at most as many operations that are due. Return how many steps and calls that were. Safe
        from several threads and processes.
        """
        done = self._due.run(limit)
        return done + self._operations.run(limit) if operations else done

    def call_operations(self, limit: int = 1) -> int:
        """Call at most `limit` operations that are due, one after the other; return how many.

        A call takes as long as it takes. Safe from several threads and processes.
        """
        return self._operations.run(limit)

    def compute_figures(self) -> bool:
        """Compute the figures of some ended cases that have none, or whose measures changed; return whether there were.

        It takes some hundredths of a second. Safe from several threads and processes.
        """
        return self._recomputing.work()

    def sum_day(self) -> bool:
        """Sum up the cases of one day that is over, if there is one to be summed up; return whether there was.

        It takes some hundredths of a second. Safe from several threads and processes.
        """
        return self._day_sums.work()

    def sum_days(self) -> int:
        """Sum up all days that are over and not summed up; return how many that were (each of a definition)."""
        return sum_days(self._database, self._clock())

    def rebuild_figures(self, process: str | None = None, told: Callable[[int], None] = lambda _: None) -> Rebuilt:
        """Compute the figures of ended cases again from the log, of all or of one (managed) process; return how many.

        `told` is given the number of cases done so far. Raises `NotFound`.
        """
        return rebuild(self._database, process, told)

    def next_due(self) -> datetime | None:
        """Return when the next job is due (UTC), operations left out, None when there is none; it may be past."""
        return self._due.next()

    def next_operation(self) -> datetime | None:
        """Return when the next operation is to be called (UTC), None when there is none; it may be past."""
        return self._operations.next()

    def failures(
        self,
        actor: Actor,
        *,
        state: Literal["open", "resolved"] = "open",
        after: Cursor | None = None,
        limit: int = 25,
    ) -> Page[FailureRow]:
        """Return a page of the failures that the actor may see, newest first: admins see all, process owners theirs."""
        limit = min(limit, MAX_PAGE)
        retry = (
            select(func.min(sql.JOB.c.due_at))
            .where(sql.JOB.c.failure_id == FAILURE.c.id, sql.JOB.c.state == "waiting")
            .scalar_subquery()
        )
        query = (
            select(
                FAILURE,
                *_CASE,
                sql.INSTANCE.c.status.label("case_status"),
                retry.label("retry_at"),
                _DEFINITION.c.name.label("process_name"),
                _DEFINITION.c.owner_group,
            )
            .join_from(FAILURE, sql.INSTANCE, sql.INSTANCE.c.id == FAILURE.c.instance_id)
            .join(_DEFINITION, _DEFINITION.c.id == sql.INSTANCE.c.definition_id)
            .where(FAILURE.c.state == state, policy.failures_visible(actor))
        )
        if after is not None:
            query = query.where(tuple_(FAILURE.c.created_at, FAILURE.c.id) < after.moment_and_id())
        query = query.order_by(FAILURE.c.created_at.desc(), FAILURE.c.id.desc()).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            names = people(connection, (row.resolved_by for row in rows))
        found = tuple(
            replace(
                failure_row(
                    row,
                    CaseRef(row.instance_id, row.number, row.title, row.case_status),
                    row.retry_at,
                    names.maybe(row.resolved_by),
                ),
                process_name=row.process_name,
                owner_group=row.owner_group,
            )
            for row in rows[:limit]
        )
        return Page(found, Cursor((found[-1].created_at.isoformat(), found[-1].id)) if len(rows) > limit else None)

    def retry(self, failure_id: str, *, actor: Actor) -> CaseRef:
        """Do a failed step again. The owners of the process may do that.

        Raises `NotFound`, `NotPermitted`, `ConcurrentUpdate` when it is resolved already or the task moved on, and
        `StepFailed` when it fails again.
        """
        with self._database.read() as connection:
            failure = self._failure(connection, failure_id, actor)
        retry(self._steps, self._operations, failure, actor.user_id)
        with self._database.read() as connection:
            after = connection.execute(select(FAILURE).where(FAILURE.c.id == failure_id)).one()
            case = connection.execute(
                select(sql.INSTANCE.c.id, *_CASE).where(sql.INSTANCE.c.id == failure.instance_id)
            ).one()
        if after.state == "open":
            error = StepFailed(after.reason, after.element_id, after.element_name, instance=after.instance)
            error.failure_id = failure_id
            raise error
        return CaseRef(*case)

    def failed_starts(self, actor: Actor) -> tuple[FailedStart, ...]:
        """Return cases that could not be started by an event, the newest 200; seen as failures are."""
        return self._failed_starts.listed(actor)

    def retry_start(self, start_id: str, *, actor: Actor) -> CaseRef:
        """Try to start a case again that could not be started. The owners of the process may do that.

        Raises `NotFound`, `NotPermitted`, `ConcurrentUpdate` when somebody else did it, and `StepFailed` when it fails
        again.
        """
        return self._failed_starts.retry(start_id, actor)

    def outbox(
        self,
        actor: Actor,
        *,
        state: Literal["pending", "handed over", "withdrawn"] | None = "pending",
        after: Cursor | None = None,
        limit: int = 25,
    ) -> Page[OutboxRow]:
        """Return a page of the messages for others, oldest first, of the cases that the actor may see.

        `state` None: all.
        """
        limit = min(limit, MAX_PAGE)
        if not (policy.is_engine(actor) or actor.roles & _STAFF):
            return Page(())
        query = (
            select(sql.OUTBOX, sql.INSTANCE.c.number, sql.INSTANCE.c.title, sql.INSTANCE.c.status)
            .join_from(sql.OUTBOX, sql.INSTANCE, sql.INSTANCE.c.id == sql.OUTBOX.c.instance_id)
            .where(policy.cases_visible(actor))
        )
        if state is not None:
            query = query.where(sql.OUTBOX.c.state == state)
        if after is not None:
            query = query.where(tuple_(sql.OUTBOX.c.created_at, sql.OUTBOX.c.id) > after.moment_and_id())
        query = query.order_by(sql.OUTBOX.c.created_at, sql.OUTBOX.c.id).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            names = people(connection, (row.handed_over_by for row in rows))
        found = tuple(
            OutboxRow(
                id=row.id,
                case=CaseRef(row.instance_id, row.number, row.title, row.status),
                name=row.name,
                destination=row.destination,
                correlation_key=row.correlation_key,
                payload=row.payload,
                created_at=row.created_at,
                state=row.state,
                handed_over_at=row.handed_over_at,
                handed_over_by=names.maybe(row.handed_over_by),
            )
            for row in rows[:limit]
        )
        return Page(found, Cursor((found[-1].created_at.isoformat(), found[-1].id)) if len(rows) > limit else None)

    def hand_over(self, message_id: str, *, actor: Actor) -> None:
        """Note that a message of the outbox has been handed over to its receiver, once.

        Raises `NotFound`, `NotPermitted`, `ConcurrentUpdate` (who, when) when somebody has noted it already.
        """
        with self._database.read() as connection:
            self._outgoing(connection, message_id, actor)
        if not (policy.is_engine(actor) or actor.roles & _STAFF):
            raise NotPermitted("Only staff may hand messages over.")
        parameters = {"message": message_id, "now": self._clock(), "by": actor.user_id}
        with self._database.write() as connection:
            done = connection.execute(_HAND_OVER, parameters).rowcount == 1
        if not done:
            with self._database.read() as connection:
                row = self._outgoing(connection, message_id, actor)
            what = f"Message {row.name!r} to {row.destination}"
            if row.state == "withdrawn":
                what += ", which was withdrawn with its case,"
            raise ConcurrentUpdate(what, row.handed_over_by, row.handed_over_at)

    def _failure(self, connection: Connection, failure_id: str, actor: Actor) -> AnyRow:
        found = (
            select(FAILURE)
            .join(ProcessInstance, ProcessInstance.id == FAILURE.c.instance_id)
            .where(FAILURE.c.id == failure_id, or_(policy.failures_visible(actor), policy.cases_owned(actor)))
        )
        row = connection.execute(found).one_or_none()
        if row is None:
            raise NotFound("failure", failure_id)
        owned = select(ProcessInstance.id).where(and_(ProcessInstance.id == row.instance_id, policy.cases_owned(actor)))
        if connection.execute(owned).first() is None:
            raise NotPermitted("Only the owners of the process may retry its steps.")
        if row.state != "open":
            raise ConcurrentUpdate("The failure", row.resolved_by, row.changed_at)
        return row

    def _outgoing(self, connection: Connection, message_id: str, actor: Actor) -> AnyRow:
        found = (
            select(sql.OUTBOX)
            .join(ProcessInstance, ProcessInstance.id == sql.OUTBOX.c.instance_id)
            .where(sql.OUTBOX.c.id == message_id, policy.cases_visible(actor))
        )
        row = connection.execute(found).one_or_none()
        if row is None:
            raise NotFound("message", message_id)
        return row
