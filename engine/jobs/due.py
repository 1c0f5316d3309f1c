"""Owns the run of what is due: takes jobs by lease, fires timers, lets cases take versions over, tries messages again.

It runs no BPMN itself.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, or_, select, update

from engine.errors import DatabaseFailed
from engine.jobs.due_starts import DueStarts
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow, Database, WriteConflict
from engine.steps.adoption import AdoptVersion
from engine.steps.inbox import settle_failure
from engine.steps.migration import Plans
from engine.steps.migration_jobs import KIND as MIGRATE
from engine.steps.migration_jobs import MigrationJobs
from engine.steps.service import Steps
from engine.steps.signal import TakeSignal
from engine.types import ENGINE

LEASE: Final = timedelta(seconds=30)
"""How long the jobs of a process that was killed wait before others try them.

One that is alive renews the lease between two steps, each of which takes some seconds at most.
"""

MOST_MOVES: Final = 20
"""How many cases move to another version before timers and messages have their turn again."""

_FREE: Final = or_(sql.JOB.c.leased_until.is_(None), sql.JOB.c.leased_until <= bindparam("now"))


class _Jobs(NamedTuple):
    """Jobs of some kinds: whether any is due, at most `most` of these, the earliest first, and when the next one is."""

    any: Select[Any]
    due: Select[Any]
    next: Select[Any]


def _jobs(*kinds: ColumnElement[bool]) -> _Jobs:
    columns = ("id", "instance_id", "kind", "task_id", "element_id", "failure_id", "hops")
    waits = (*kinds, _FREE)
    is_due = (*waits, sql.JOB.c.due_at <= bindparam("now"))
    due = select(*(sql.JOB.c[name] for name in columns)).where(*is_due).order_by(sql.JOB.c.due_at, sql.JOB.c.id)
    return _Jobs(
        select(sql.JOB.c.id).where(*is_due).order_by(sql.JOB.c.due_at).limit(1),
        due.limit(bindparam("most")).with_for_update(skip_locked=True),
        select(func.min(sql.JOB.c.due_at)).where(*waits),
    )


_MOVES: Final = _jobs(*sql.WAITING_MOVES)
_OTHERS: Final = _jobs(*sql.WAITING_OTHERS)
"""What is waited for at its time; the move of many cases may take minutes, and nobody counts them."""

_LEASE: Final = (
    update(sql.JOB).where(sql.JOB.c.id.in_(bindparam("jobs", expanding=True))).values(leased_until=bindparam("until"))
)
_RENEW: Final = (
    update(sql.JOB)
    .where(sql.JOB.c.id.in_(bindparam("jobs", expanding=True)), sql.JOB.c.leased_until == bindparam("until"))
    .values(leased_until=bindparam("longer"))
)
_UNLEASE: Final = (
    update(sql.JOB)
    .where(sql.JOB.c.id.in_(bindparam("jobs", expanding=True)), sql.JOB.c.leased_until == bindparam("until"))
    .values(leased_until=None)
)
_DROP: Final = delete(sql.JOB).where(sql.JOB.c.id == bindparam("job"), sql.JOB.c.leased_until == bindparam("until"))

log = logging.getLogger(__name__)


class DueJobs:
    """The jobs of a database, run by any number of threads and processes."""

    def __init__(self, database: Database, steps: Steps, clock: Callable[[], datetime]) -> None:
        self._database, self._steps, self._clock = database, steps, clock
        self._migrations = MigrationJobs(steps, Plans())
        self._starts = DueStarts(database, steps, clock, LEASE)

    def run(self, limit: int) -> int:
        """Run at most `limit` jobs that are due, and deliver what a crash left in the inbox; return how many steps.

        Each caller takes jobs that no other has, and the revision of the case keeps a job from happening twice. A job
        that went wrong so badly that it could not even be recorded as failed keeps its lease: the others go on. Moves
        to another version come last, a few at a time.
        """
        done = self._run(_OTHERS, limit)
        done += self._starts.run(limit, _attempt)
        for message_id in self._steps.inbox.left_over(limit):
            done += bool(_attempt(partial(self._deliver, message_id)))
        self._steps.inbox.expire()
        return done + self._run(_MOVES, min(limit, MOST_MOVES))

    def _run(self, which: _Jobs, limit: int) -> int:
        """Run at most `limit` of the jobs; return how many steps that were."""
        jobs, until = self._take(limit, which)
        done, held = 0, {job.id for job in jobs}
        for same in _by_case(jobs):
            until = self._renewed(held, until)
            step = partial(self._timers, same) if same[0].kind == "timer" else partial(self._one, same[0], until)
            happened = _attempt(step)
            done += bool(happened)
            held -= {job.id for job in same} if happened is None else set()
        if held:
            # What is left of them is due anew (a timer of a cycle): it must not wait for the lease to run out.
            with self._database.write() as connection:
                connection.execute(_UNLEASE, {"jobs": sorted(held), "until": until})
        return done

    def next(self) -> datetime | None:
        """Return when the next job or start is due (UTC), None when there is none; it may be past."""
        with self._database.read() as connection:
            now = {"now": self._clock()}
            found: list[datetime | None] = [
                connection.execute(each.next, now).scalar_one() for each in (_OTHERS, _MOVES)
            ]
        moments = (*found, self._starts.next(), self._steps.inbox.next_retry())
        return min((each for each in moments if each is not None), default=None)

    def _take(self, limit: int, which: _Jobs = _OTHERS) -> tuple[list[AnyRow], datetime]:
        now = self._clock()
        until = now + LEASE
        with self._database.read() as connection:
            if connection.execute(which.any, {"now": now}).first() is None:
                return [], until
        with self._database.write() as connection:
            jobs = list(connection.execute(which.due, {"now": now, "most": limit}))
            if jobs:
                connection.execute(_LEASE, {"jobs": [job.id for job in jobs], "until": until})
        return jobs, until

    def _renewed(self, held: Collection[str], until: datetime) -> datetime:
        """Return until when the jobs are leased: longer than before, when half of the time has gone by."""
        now = self._clock()
        if until - now >= LEASE / 2:
            return until
        try:
            with self._database.write() as connection:
                connection.execute(_RENEW, {"jobs": sorted(held), "until": until, "longer": now + LEASE})
        except WriteConflict:
            return until  # somebody ends one of them: the next step renews the others
        return now + LEASE

    def _timers(self, jobs: Sequence[AnyRow]) -> bool:
        return self._steps.fire(jobs[0].instance_id, [job.task_id for job in jobs])

    def _one(self, job: AnyRow, until: datetime) -> bool:
        if job.kind == "retry":
            return self._retry(job)
        if job.kind == MIGRATE:
            return self._migrations.run(job.id, job.instance_id, job.task_id)
        if job.kind == "signal":
            happened = self._steps.take_signal(TakeSignal(job.id, job.instance_id, job.task_id, job.hops))
        else:
            happened = self._steps.adopt(AdoptVersion(job.id, job.instance_id, job.element_id, job.task_id))
        return happened or self._dropped(job, until)

    def _dropped(self, job: AnyRow, until: datetime) -> bool:
        """Drop a job that was needless, unless it has become another one meanwhile."""
        with self._database.write() as connection:
            connection.execute(_DROP, {"job": job.id, "until": until})
        return False

    def _retry(self, job: AnyRow) -> bool:
        """Try a message again. Once it has not failed, nothing is left to try, whoever took it or waits no more."""
        outcome = self._steps.inbox.deliver(job.task_id)
        if outcome.saved is not None:
            self._steps.inbox.follow_up(outcome.saved)
        if outcome.state != "failed":
            settle_failure(self._steps.work, job.instance_id, job.failure_id, ENGINE.user_id)
        return outcome.saved is not None

    def _deliver(self, message_id: str) -> bool:
        outcome = self._steps.inbox.deliver(message_id)
        if outcome.saved is not None:
            self._steps.inbox.follow_up(outcome.saved)
        return outcome.saved is not None


def _by_case(jobs: Sequence[AnyRow]) -> list[list[AnyRow]]:
    """Return the jobs in the order in which they are run: those of a case as they are due, its timers in one go.

    So a time that was due before the version of a framework that moves it has come, and one that was due after has not.
    """
    cases: dict[str, list[AnyRow]] = defaultdict(list)
    for job in jobs:
        cases[job.instance_id].append(job)
    found: list[list[AnyRow]] = []
    for own in cases.values():
        for kind, same in groupby(own, key=attrgetter("kind")):
            alike = list(same)
            found += [alike] if kind == "timer" else [[job] for job in alike]
    return found


def _attempt(step: Callable[[], bool]) -> bool | None:
    """Return whether the step happened, None when it went wrong; raise only what stops all others too."""
    try:
        return step()
    except DatabaseFailed:
        raise
    except Exception:
        log.exception("a job went wrong and could not be recorded as failed; it is tried again in %s", LEASE)
        return None
