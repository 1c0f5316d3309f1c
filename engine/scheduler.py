"""Owns the embedded scheduler: a thread that runs what is due, opens evaluations, and computes figures when idle.

The jobs are in the database, so nothing is lost when it stops.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from engine.errors import DatabaseFailed, StorageFull
from engine.management import ManagementService

BATCH: Final = 100
_LEAST_SECONDS: Final = 0.05
_BREATH_SECONDS: Final = 0.05
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 15.0
_NOW_AND_THEN: Final = timedelta(minutes=1)

log = logging.getLogger(__name__)


class Outage:
    """How long the database has been away: pauses that grow, one line in the log when it begins and one at its end."""

    def __init__(self) -> None:
        self._tries, self._full = 0, False

    def goes_on(self, error: DatabaseFailed) -> float:
        """Note that the database could not be used; return how many seconds to wait before the next try."""
        if self._tries == 0:
            log.warning("the scheduler cannot use the database and tries again until it can: %s", error.reason or error)
        self._tries, self._full = self._tries + 1, isinstance(error, StorageFull)
        return min(_FIRST_PAUSE_SECONDS * 2.0 ** min(self._tries - 1, 10), _LONGEST_PAUSE_SECONDS)

    def is_over(self, *, wrote: bool) -> None:
        """Note that the database could be used; one that was full is known to have room when something was written."""
        if self._tries and (wrote or not self._full):
            log.warning("the scheduler can use the database again, after %d tries", self._tries)
            self._tries = 0


class Scheduler:
    """Runs due jobs in a thread of its own.

    Any number of schedulers, in any number of processes, may share a database.
    """

    def __init__(
        self,
        management: ManagementService,
        clock: Callable[[], datetime],
        *,
        cap_seconds: float = 5.0,
        now_and_then: Callable[[], object] | None = None,
    ) -> None:
        """Take `cap_seconds`, the longest time between two looks at the jobs: others may add some that are due sooner.

        `now_and_then` is done at the start and about once a minute; if it fails, timers run all the same.
        """
        self._management, self._clock, self._cap = management, clock, cap_seconds
        self._now_and_then, self._again_at = now_and_then, clock()
        self._wake, self._stopping = threading.Event(), False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to run jobs; starting twice changes nothing."""
        if self._thread is None:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name="comity-scheduler", daemon=True)
            self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Stop after the step that runs now, waiting at most `timeout` seconds for it."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._stopping = True
            self._wake.set()
            thread.join(timeout)

    def wake(self) -> None:
        """Look at the jobs at once."""
        self._wake.set()

    def _run(self) -> None:
        outage = Outage()
        while not self._stopping:
            self._wake.clear()
            try:
                did = self._turn()
                outage.is_over(wrote=did)
                pause = 0.0 if did else self._pause()
            except DatabaseFailed as error:
                pause = outage.goes_on(error)  # the jobs are still there when it is back
            except Exception:
                log.exception("the scheduler met an unexpected error; it goes on in %s seconds", self._cap)
                pause = self._cap
            if pause:
                self._wake.wait(pause)

    def _turn(self) -> bool:
        """Do what is due; else compute some figures or sum a day up. Return whether there was anything to do."""
        self._look_around()
        if self._management.run_due(BATCH):
            return True
        if self._management.compute_figures():
            # It computes as long as it waits here: requests of people in the same process have their turn.
            self._wake.wait(_BREATH_SECONDS)
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
        due = self._management.next_due()
        if due is None:
            return self._cap
        return min(self._cap, max(_LEAST_SECONDS, (due - self._clock()).total_seconds()))
