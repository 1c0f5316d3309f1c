"""Owns how many passwords are looked at in one moment: hashing one takes all of a machine for a twentieth of a second.

It knows no accounts. Without it, anybody who sends wrong passwords fast enough takes every thread and every processor,
and people who are signed in wait for their pages.
"""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from werkzeug.exceptions import ServiceUnavailable

RETRY_SECONDS: Final = 2

LANES: Final = 4
"""Threads that one hash uses (argon2's default)."""


class TooManySignIns(ServiceUnavailable):
    """More passwords come in than are looked at; nothing was looked at or counted."""

    def __init__(self) -> None:
        super().__init__(
            "Too many people are signing in at this moment, so your password was not looked at. Try again in a few "
            "seconds.",
            retry_after=RETRY_SECONDS,
        )


class SignInGate:
    """Lets so many requests at once to the passwords, two thirds of them from one place; others are refused."""

    def __init__(self, at_once: int) -> None:
        self._at_once, self._of_one_place = at_once, max(1, at_once * 2 // 3)
        self._inside: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._hashing = threading.Semaphore(max(1, (os.cpu_count() or 1) // LANES))

    @contextmanager
    def passing(self, place: str) -> Iterator[None]:
        """Hold a request from `place` until its turn to hash has come; raise `TooManySignIns` when too many wait."""
        with self._lock:
            if self._inside.total() >= self._at_once or self._inside[place] >= self._of_one_place:
                raise TooManySignIns
            self._inside[place] += 1
        try:
            with self._hashing:
                yield
        finally:
            with self._lock:
                self._inside[place] -= 1
                self._inside += Counter()  # places with nobody are forgotten
