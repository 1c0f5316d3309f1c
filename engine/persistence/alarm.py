"""Owns who is told when what a transaction has left is due: after its commit, and within this process only.

It knows nothing of what is due. Other processes find it when they look the next time.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import Connection

Work: TypeAlias = Literal["job", "call"]
"""Who has something to do then: who runs jobs, starts and messages, or who calls operations."""

Due: TypeAlias = Mapping[Work, datetime]
"""The earliest moment (aware) for each."""

Listener: TypeAlias = Callable[[Due], None]

NOTHING: Final[Due] = MappingProxyType({})
_NOTED: Final = "comity_due"

log = logging.getLogger(__name__)


class Alarm:
    """Tells listeners what is due. Threads may share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()

    def listen(self, listener: Listener) -> None:
        """Tell `listener` from now on; it must be quick, for who has made a step waits for it."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def forget(self, listener: Listener) -> None:
        """Tell `listener` no more."""
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each != listener)

    def ring(self, due: Due) -> None:
        """Tell all listeners. One that fails is only logged: what is told of has been saved, and is found later."""
        for listener in self._listeners:
            try:
                listener(due)
            except Exception:
                log.exception("what is due could not be told; it is found at the next look")


def leaves_due(connection: Connection, at: datetime, work: Work = "job") -> None:
    """Note that the writing transaction of `connection` leaves something to do `at` (aware), should it commit."""
    noted: dict[Work, datetime] = connection.info.setdefault(_NOTED, {})
    noted[work] = min(at, noted.get(work, at))


def taken(info: dict[Any, Any]) -> Due:
    """Return what has been noted on a connection whose `info` is given, and forget it."""
    noted: Due = info.pop(_NOTED, NOTHING)
    return noted
