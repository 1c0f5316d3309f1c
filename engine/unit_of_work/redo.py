"""Owns how a step that was overtaken is made again: how often, after which pause, in which order."""

import random
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

from engine.errors import ConcurrentUpdate, DatabaseUnavailable
from engine.persistence.database import WriteConflict
from engine.registers import writes
from engine.unit_of_work.saving import Stale

ATTEMPTS: Final = 20
NUMBER_ATTEMPTS: Final = 100
_JITTER_SECONDS: Final = 0.02

Result = TypeVar("Result")


class Redo:
    """Makes attempts at steps on one database; threads share it."""

    def __init__(self) -> None:
        self._turns = threading.Lock()

    def __call__(self, attempt: Callable[[], Result]) -> Result:
        """Return what `attempt` returns; while it is overtaken it is made again, at most twenty times in all.

        A number that somebody else drew first does not count among the twenty: it is no change that a person has to
        look at. From the second time on the threads of this process take turns, so that they do not overtake one
        another for ever. A connection that broke before anything was saved is replaced once.
        """
        overtaken, beaten, broken = 0, 0, 0
        while overtaken < ATTEMPTS and beaten < NUMBER_ATTEMPTS:
            try:
                if overtaken + beaten + broken == 0:
                    return attempt()
                pause = min(overtaken + beaten, ATTEMPTS) * _JITTER_SECONDS
                time.sleep(random.uniform(0, pause))  # noqa: S311 - spreads processes, guards nothing
                with self._turns:
                    return attempt()
            except writes.NumberTaken:
                beaten += 1
            except (Stale, WriteConflict):
                overtaken += 1
            except DatabaseUnavailable as error:
                if not error.lost or broken:
                    raise
                broken = 1
        raise ConcurrentUpdate("The case")
