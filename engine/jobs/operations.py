"""Owns the calls of operations: a job is leased, its operation called outside of any transaction, the outcome a step.

A call happens at least once, and once at a time: while it lasts its lease is renewed. When a process is killed, the
lease runs out, and another one calls the operation again with the same key.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, func, or_, select, update

from engine.errors import ComityError, ConcurrentUpdate, DatabaseFailed, StepFailed
from engine.operations import Done, Failed, Operation, OperationCall, OperationError, Outcome, Raised
from engine.operations.values import as_arguments, result_of
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow, Database, WriteConflict
from engine.steps.operation import FinishOperation
from engine.steps.service import Steps
from engine.types import Json

LEASE: Final = timedelta(seconds=30)
"""How long a call whose process was killed waits before another process calls again."""

RENEW_SECONDS: Final = 10.0
"""How often the lease of a call that lasts is renewed."""

LONG: Final = timedelta(minutes=5)
"""How long a call may last before the log says that it does, once."""

_LONGEST_TEXT: Final = 500
_FREE: Final = or_(sql.JOB.c.leased_until.is_(None), sql.JOB.c.leased_until <= bindparam("now"))
_OPERATION: Final = sql.JOB.c.kind == "operation"
_COLUMNS: Final = (
    sql.JOB.c.id,
    sql.JOB.c.instance_id,
    sql.JOB.c.element_id,
    sql.JOB.c.name,
    sql.JOB.c.attempts,
    sql.JOB.c.payload,
    sql.INSTANCE.c.number,
)
_WITH_CASE: Final = select(*_COLUMNS).join_from(sql.JOB, sql.INSTANCE, sql.INSTANCE.c.id == sql.JOB.c.instance_id)
_DUE: Final = (
    _WITH_CASE.where(*sql.WAITING_CALLS, sql.JOB.c.due_at <= bindparam("now"), _FREE)
    .order_by(sql.JOB.c.due_at, sql.JOB.c.id)
    .limit(1)
    .with_for_update(skip_locked=True, of=sql.JOB)
)
_ONE: Final = _WITH_CASE.where(_OPERATION, sql.JOB.c.id == bindparam("job"), _FREE).with_for_update(of=sql.JOB)
_LEASE: Final = update(sql.JOB).where(sql.JOB.c.id == bindparam("job")).values(leased_until=bindparam("until"))
_RENEW: Final = (
    update(sql.JOB)
    .where(sql.JOB.c.id == bindparam("job"), sql.JOB.c.leased_until == bindparam("until"))
    .values(leased_until=bindparam("longer"))
)
_KEEP: Final = update(sql.JOB).where(sql.JOB.c.id == bindparam("job")).values(payload=bindparam("kept"))
_NEXT: Final = select(func.min(sql.JOB.c.due_at)).where(*sql.WAITING_CALLS, _FREE)

log = logging.getLogger(__name__)


class OperationJobs:
    """The operations that cases wait for, called by any number of threads and processes."""

    def __init__(self, database: Database, steps: Steps, clock: Callable[[], datetime]) -> None:
        self._database, self._steps, self._clock = database, steps, clock

    def run(self, limit: int) -> int:
        """Call at most `limit` operations that are due, one after the other; return how many."""
        done = 0
        while done < limit and self._next_called():
            done += 1
        return done

    def retry(self, task_id: str, retried_by: str) -> bool:
        """Call the operation of a service task now; return whether it was still waited for.

        What fails again is recorded. Raises `ConcurrentUpdate` while another process calls it.
        """
        taken = self._leased(_ONE, {"job": task_id})
        if taken is not None:
            self._done(*taken, retried_by)
            return True
        with self._database.read() as connection:
            if connection.execute(select(sql.JOB.c.id).where(_OPERATION, sql.JOB.c.id == task_id)).first() is None:
                return False
        raise ConcurrentUpdate("The operation is being called right now, so it")

    def next(self) -> datetime | None:
        """Return when the next operation is due (UTC), None when there is none; it may be past."""
        with self._database.read() as connection:
            found: datetime | None = connection.execute(_NEXT, {"now": self._clock()}).scalar_one()
        return found

    def _next_called(self) -> bool:
        if (next_due := self.next()) is None or next_due > self._clock():
            return False
        taken = self._leased(_DUE, {})
        if taken is not None:
            self._done(*taken, None)
        return taken is not None

    def _leased(self, query: Any, parameters: dict[str, Json]) -> tuple[AnyRow, datetime] | None:
        """Return the job that `query` gives and until when it is leased now, None for none."""
        now = self._clock()
        until = now + LEASE
        with self._database.write() as connection:
            job = connection.execute(query, {**parameters, "now": now}).one_or_none()
            if job is not None:
                connection.execute(_LEASE, {"job": job.id, "until": until})
        return None if job is None else (job, until)

    def _done(self, job: AnyRow, until: datetime, retried_by: str | None) -> None:
        """Call the operation, unless only the step after it is left to do, and go on with what comes of it."""
        known = job.payload.get("outcome")
        waits = tuple(timedelta(seconds=each) for each in job.payload["retries"])
        with self._renewing(job, until):
            outcome = self._called(job) if known is None else Done(known)
            if isinstance(outcome, Failed) and job.attempts < len(waits):
                error = StepFailed(outcome.reason, job.element_id, job.name, instance=job.payload.get("instance"))
                self._steps.operation_failed(job.instance_id, job.id, error, waits, retried_by)
                return
            happened = self._steps.finish(FinishOperation(job.instance_id, job.id, outcome, retried_by))
            if isinstance(happened, StepFailed) and isinstance(outcome, Done):
                self._keep(job, outcome)
                self._steps.operation_failed(job.instance_id, job.id, happened, waits, retried_by)
            elif isinstance(happened, StepFailed):
                self._steps.operation_failed(job.instance_id, job.id, happened, (), retried_by)
            elif not happened:
                log.warning(
                    "what came of the operation %s for case %s (%s) was dropped: the case waits for it no more",
                    job.payload["operation"],
                    job.number,
                    job.element_id,
                )

    def _keep(self, job: AnyRow, outcome: Done) -> None:
        """Remember what the operation gave: what is tried again is the step after it, not the call."""
        with self._database.write() as connection:
            connection.execute(_KEEP, {"job": job.id, "kept": {**job.payload, "outcome": dict(outcome.result)}})

    def _called(self, job: AnyRow) -> Outcome:
        name: str = job.payload["operation"]
        operation = self._steps.work.operations.get(name)
        if operation is None:
            return Failed(f"There is no operation {name!r} here. Install the package that brings it, or register it.")
        call = OperationCall(job.id, job.number, self._clock(), job.attempts + 1)
        return _call(operation, call, job.payload["inputs"])

    @contextmanager
    def _renewing(self, job: AnyRow, until: datetime) -> Iterator[None]:
        """Keep the job leased, which is leased `until` then."""
        over = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(job, until, over), name="comity-lease", daemon=True)
        renewing.start()
        try:
            yield
        finally:
            over.set()
            renewing.join()

    def _renew(self, job: AnyRow, until: datetime, over: threading.Event) -> None:
        warn_at = self._clock() + LONG
        while not over.wait(RENEW_SECONDS):
            now = self._clock()
            if now >= warn_at:
                name, case, element = job.payload["operation"], job.number, job.element_id
                log.warning("the operation %s for case %s (%s) has been called for %s", name, case, element, LONG)
                warn_at = datetime.max.replace(tzinfo=now.tzinfo)
            longer = now + LEASE
            try:
                with self._database.write() as connection:
                    renewed = connection.execute(_RENEW, {"job": job.id, "until": until, "longer": longer}).rowcount
            except (DatabaseFailed, WriteConflict):
                log.warning("the lease of an operation could not be renewed; it is tried again", exc_info=True)
                continue
            if renewed != 1:
                return  # the case waits for it no more, or another process has taken it
            until = longer


def _call(operation: Operation, call: OperationCall, inputs: dict[str, Json]) -> Outcome:
    try:
        return Done(result_of(operation, operation.run(call, **as_arguments(operation, inputs))))
    except OperationError as error:
        return Raised(error.code, error.message)
    except StepFailed as error:
        return Failed(error.reason)
    except ComityError as error:
        return Failed(str(error))
    except Exception as error:
        log.exception("the operation %s failed for case %s", operation.name, call.case_number)
        said = " ".join(str(error).split())[:_LONGEST_TEXT]
        return Failed(
            f"The operation {operation.name!r} failed: {type(error).__name__}" + (f": {said}" if said else ".")
        )
