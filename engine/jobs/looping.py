"""Owns a thread that does something again and again until it is stopped; it knows nothing of jobs."""

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Final

from engine.errors import DatabaseFailed, StorageFull

_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 15.0

log = logging.getLogger("engine.scheduler")


class Outage:
    """How long the database has been away: pauses that grow, one line in the log when it begins and one at its end.

    Threads may share one.
    """

    def __init__(self) -> None:
        self._tries, self._full = 0, False
        self._lock = threading.Lock()

    def goes_on(self, error: DatabaseFailed) -> float:
        """Note that the database could not be used; return how many seconds to wait before the next try."""
        with self._lock:
            tries = self._tries
            self._tries, self._full = tries + 1, isinstance(error, StorageFull)
        if tries == 0:
            log.warning("the scheduler cannot use the database and tries again until it can: %s", error.reason or error)
        return min(_FIRST_PAUSE_SECONDS * 2.0 ** min(tries, 10), _LONGEST_PAUSE_SECONDS)

    def is_over(self, *, wrote: bool) -> None:
        """Note that the database could be used; one that was full is known to have room when something was written."""
        with self._lock:
            tries = self._tries if wrote or not self._full else 0
            self._tries -= tries
        if tries:
            log.warning("the scheduler can use the database again, after %d tries", tries)


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
                self.breathe(pause)
