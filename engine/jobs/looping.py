"""Owns a thread that does something again and again until it is stopped; it knows nothing of jobs."""

import logging
import math
import threading
import time
from collections.abc import Callable

from engine.errors import DatabaseFailed
from engine.jobs.outage import Outage

log = logging.getLogger("engine.scheduler")


class Loop:
    """A thread that takes turns as long as there is something to do, and pauses while there is not."""

    def __init__(
        self, name: str, turn: Callable[[], bool], pause: Callable[[], float], cap_seconds: float, outage: Outage
    ) -> None:
        """Take `turn`, which says whether it did anything, and `pause`, for how many seconds there is nothing to do.

        After an unexpected error it goes on in `cap_seconds`; `outage` says when, while the database is away.
        """
        self._name, self._turn, self._pause, self._cap = name, turn, pause, cap_seconds
        self._outage = outage
        self._changed, self._stopping = threading.Condition(), False
        self._wanted = math.inf
        """when the next turn is wanted at the latest, as the monotonic clock says"""
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; starting twice changes nothing."""
        if self._thread is None:
            self._stopping = False
            self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
            self._thread.start()

    def stop(self) -> threading.Thread | None:
        """Let it end after the turn that it takes now; return the thread to wait for, None when it does not run."""
        thread, self._thread = self._thread, None
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        return thread

    def wake(self, seconds: float = 0.0) -> None:
        """Let it take a turn in so many seconds, if it would not anyway by then; one that is at work takes another."""
        at = time.monotonic() + seconds
        with self._changed:
            if at < self._wanted:
                self._wanted = at
                self._changed.notify_all()

    def breathe(self, seconds: float) -> None:
        """Wait a moment within a turn, unless it is woken."""
        until = time.monotonic() + seconds
        with self._changed:
            while not self._stopping and (left := min(until, self._wanted) - time.monotonic()) > 0:
                self._changed.wait(left)

    def _run(self) -> None:
        outage = self._outage
        while True:
            with self._changed:
                if self._stopping:
                    return
                self._wanted = math.inf  # what was wanted before, this turn does; what is wanted from now on, the next
            began = time.monotonic()
            try:
                did = self._turn()
                outage.is_over(began, wrote=did)
                pause = 0.0 if did else self._pause()
            except DatabaseFailed as error:
                pause = outage.goes_on(error, began)  # the jobs are still there when it is back
            except Exception:
                log.exception("the scheduler met an unexpected error; it goes on in %s seconds", self._cap)
                pause = self._cap
            if pause:
                self.breathe(pause)
