"""Owns the embedded scheduler: threads that run what is due, call operations, and compute figures when idle.

The jobs are in the database, so nothing is lost when it stops.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from engine.errors import DatabaseFailed
from engine.jobs.looping import Loop
from engine.jobs.outage import Outage
from engine.management.service import ManagementService
from engine.persistence.alarm import Alarm, Due

BATCH: Final = 100
_LEAST_SECONDS: Final = 0.05
_BREATH_SECONDS: Final = 0.05
_NOW_AND_THEN: Final = timedelta(minutes=1)

log = logging.getLogger(__name__)


class Scheduler:
    """Runs due jobs in a thread of its own, and calls operations in others.

    Any number of schedulers, in any number of processes, may share a database.
    """

    def __init__(
        self,
        management: ManagementService,
        clock: Callable[[], datetime],
        alarm: Alarm,
        *,
        cap_seconds: float = 5.0,
        now_and_then: Callable[[], object] | None = None,
        operation_threads: int = 2,
    ) -> None:
        """Take `cap_seconds`, the longest time between two looks at the jobs: other processes may add some.

        What this process leaves due, `alarm` tells: then it is done at once, or when it is due.
        `now_and_then` is done at the start and about once a minute; if it fails, timers run all the same. At most
        `operation_threads` operations are called at the same time: a slow one holds up neither timers nor others.
        """
        self._management, self._clock, self._alarm, self._cap = management, clock, alarm, cap_seconds
        self._now_and_then, self._again_at = now_and_then, clock()
        outage = Outage()
        self._jobs = Loop("comity-scheduler", self._turn, self._pause, cap_seconds, outage)
        self._calls = [
            Loop(f"comity-operations-{number + 1}", self._call, self._pause_of_calls, cap_seconds, outage)
            for number in range(operation_threads)
        ]
        self._loops = [self._jobs, *self._calls]

    def start(self) -> None:
        """Begin to run jobs; starting twice changes nothing."""
        self._alarm.forget(self._told)
        self._alarm.listen(self._told)
        for loop in self._loops:
            loop.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Stop after the step and the calls that run now, waiting at most `timeout` seconds for them.

        A call that lasts longer is given up with the process: another one makes it again.
        """
        self._alarm.forget(self._told)
        until = time.monotonic() + timeout
        for thread in [loop.stop() for loop in self._loops]:
            if thread is not None:
                thread.join(max(0.0, until - time.monotonic()))

    def wake(self) -> None:
        """Look at the jobs at once."""
        for loop in self._loops:
            loop.wake()

    def _told(self, due: Due) -> None:
        """Let who has something to do be awake when it is due."""
        now = self._clock()
        for work, at in due.items():
            seconds = max(0.0, (at - now).total_seconds())
            if seconds < self._cap:  # else it is found in time by who looks
                for loop in [self._jobs] if work == "job" else self._calls:
                    loop.wake(seconds)

    def _call(self) -> bool:
        return self._management.call_operations() > 0

    def _turn(self) -> bool:
        """Do what is due; else compute some figures or sum a day up. Return whether there was anything to do."""
        self._look_around()
        if self._management.run_due(BATCH, operations=False):
            return True
        if self._management.compute_figures():
            # It computes as long as it waits here: requests of people in the same process have their turn.
            self._jobs.breathe(_BREATH_SECONDS)
            return True
        return self._management.sum_day()

    def _look_around(self) -> None:
        now = self._clock()
        if self._now_and_then is None or now < self._again_at:
            return
        self._again_at = now + _NOW_AND_THEN
        try:
            self._now_and_then()
        except DatabaseFailed:
            self._again_at = now
            raise
        except Exception:
            log.exception("the scheduler could not do what is done now and then; it tries again in a minute")

    def _pause(self) -> float:
        return self._until(self._management.next_due())

    def _pause_of_calls(self) -> float:
        return self._until(self._management.next_operation())

    def _until(self, due: datetime | None) -> float:
        if due is None:
            return self._cap
        return min(self._cap, max(_LEAST_SECONDS, (due - self._clock()).total_seconds()))
