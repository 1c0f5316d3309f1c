"""Owns what is shown of starts by events: how a process begins by itself, and starts that have failed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

StartKind = Literal["message", "signal", "timer"]


@dataclass(frozen=True, slots=True)
class StartRow:
    """A start event of the newest version of a process.

    `name` is that of the message or signal. Of a timer, `timer` is its text, `zone` the time zone of a cron text (None:
    UTC) and `due_at` its next time (None: it comes no more).
    """

    kind: StartKind
    element_id: str
    element_name: str | None
    name: str | None = None
    timer: str | None = None
    zone: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FailedStart:
    """A case that could not be started. `retry_at` None: it waits for a person, or for a new version of the process.

    `definition_id` is the version that would start it.
    """

    id: str
    kind: StartKind
    process_key: str
    process_name: str
    definition_id: str
    element_id: str
    element_name: str | None
    name: str | None
    reason: str
    attempts: int
    failed_at: datetime
    retry_at: datetime | None
    may_retry: bool
