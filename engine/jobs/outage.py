"""Owns what the threads of a scheduler share about a database that is away: how long they pause, and who says so."""

import logging
import threading
import time
from typing import Final

from engine.errors import DatabaseFailed, StorageFull

_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 15.0

log = logging.getLogger("engine.scheduler")


class Outage:
    """How long the database has been away: pauses that grow, one line in the log when it begins and one at its end.

    Threads may share one. What a turn met that `began` (`time.monotonic`) before the outage began, or before it was
    over, is no news of what was after that: it neither ends the outage nor begins another one.
    """

    def __init__(self) -> None:
        self._tries, self._full = 0, False
        self._changed_at = -1.0
        """when the last outage began or ended"""
        self._lock = threading.Lock()

    def goes_on(self, error: DatabaseFailed, began: float) -> float:
        """Note that a turn could not use the database; return how many seconds to wait before the next one."""
        with self._lock:
            tries, begins = self._tries, not self._tries and began >= self._changed_at
            if tries or begins:
                self._tries, self._full = tries + 1, isinstance(error, StorageFull)
            if begins:
                self._changed_at = time.monotonic()
        if begins:
            log.warning("the scheduler cannot use the database and tries again until it can: %s", error.reason or error)
        return min(_FIRST_PAUSE_SECONDS * 2.0 ** min(tries, 10), _LONGEST_PAUSE_SECONDS)

    def is_over(self, began: float, *, wrote: bool) -> None:
        """Note that a turn could use the database; a full one has room when something was written."""
        with self._lock:
            ends = self._tries and began >= self._changed_at and (wrote or not self._full)
            if not ends:
                return
            tries, self._tries, self._changed_at = self._tries, 0, time.monotonic()
        log.warning("the scheduler can use the database again, after %d tries", tries)
