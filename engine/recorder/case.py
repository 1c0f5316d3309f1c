"""Owns what the recorder is told: the case as it stood before a step, what it waited for, and why the step happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from engine.types import Actor, Json

Row = dict[str, Any]
"""A row to write: values by column name."""


@dataclass(frozen=True, slots=True)
class Waits:
    """What a case waits for, by task id, kept in its row: so a step knows what was open without reading the rows of it.

    `timers` hold due times (ISO 8601), `subscriptions` message name and key, `started` the start of running activities,
    and `participants` the principals that are known to have or have had a task.
    """

    tasks: frozenset[str] = frozenset()
    timers: Mapping[str, str] = field(default_factory=dict)
    subscriptions: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    started: Mapping[str, datetime] = field(default_factory=dict)
    participants: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    """service tasks of which the operation is to be called"""

    @property
    def waiting(self) -> frozenset[str]:
        """Return the ids of everything that the case waits for."""
        return frozenset((*self.tasks, *self.timers, *self.subscriptions, *self.operations))

    def as_json(self) -> dict[str, Json]:
        """Return the form in which the waits are stored."""
        return {
            "tasks": sorted(self.tasks),
            "timers": dict(self.timers),
            "subscriptions": {task: list(message) for task, message in self.subscriptions.items()},
            "started": {task: at.timestamp() for task, at in self.started.items()},
            "participants": sorted(self.participants),
            "operations": sorted(self.operations),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Json]) -> "Waits":
        """Return the waits that `as_json` stored."""
        return cls(
            frozenset(stored["tasks"]),
            stored["timers"],
            {task: (name, key) for task, (name, key) in stored["subscriptions"].items()},
            {task: datetime.fromtimestamp(at, UTC) for task, at in stored["started"].items()},
            frozenset(stored["participants"]),
            frozenset(stored.get("operations", ())),  # cases of before there were any have none
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stood before the step.

    `definition_ids` are by process key; `owners` are offered tasks that name nobody.
    """

    id: str
    number: str
    title: str
    priority: int
    definition_key: str
    definition_version: int
    definition_ids: Mapping[str, str]
    owners: tuple[str, ...]
    started_at: datetime
    revision: int
    waits: Waits


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a step happened.

    `task_id` is the task that was completed, moved or skipped, the event that received the message, or the job of a
    take-over or signal.

    `claimed_at` and `effort_minutes` belong to a completed user task; `message_id` to a message; `fired` are the tasks
    of timers; `reason` belongs to a cancellation, a move to another version and what an owner mends, `withdrawn` says
    that it is a withdrawal. `retried_by` is who had a failed step done again.
    """

    kind: Literal["start", "complete", "timer", "message", "signal", "adopt", "migrate", "cancel", "mend", "operation"]
    actor: Actor
    task_id: str | None = None
    channel: str | None = None
    effort_minutes: int | None = None
    claimed_at: datetime | None = None
    message_id: str | None = None
    message_name: str | None = None
    fired: tuple[str, ...] = ()
    reason: str | None = None
    withdrawn: bool = False
    retried_by: str | None = None
    services: tuple[str, ...] = ()
    """what a new case is about, by the ids of records"""
    migration: Mapping[str, Json] = field(default_factory=dict)
    """of a move to another version: `migration` its id, `from` and `to` the versions, `called` those of called ones"""

    @property
    def about(self) -> frozenset[str]:
        """Return the ids under which a failure of this very step would be recorded."""
        return frozenset(each for each in (self.task_id, self.message_id, *self.fired) if each)
