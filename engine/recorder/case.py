"""Owns what the recorder is told: the case as it stood before a step, what it waited for, and why the step happened."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Literal

from engine.types import Actor, Json

Row = dict[str, Any]
"""A row to write: values by column name."""


@dataclass(frozen=True, slots=True)
class Waits:
    """What a case waits for, by task id, kept in its row: so a step knows what was open without reading the rows of it.

    `timers` hold due times (ISO 8601), `subscriptions` message name and key, `started` when running activities began
    (seconds of the epoch), and `participants` the principals that are known to have or have had a task.
    """

    tasks: frozenset[str] = frozenset()
    timers: Mapping[str, str] = field(default_factory=dict)
    subscriptions: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    started: Mapping[str, float] = field(default_factory=dict)
    participants: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    """service tasks of which the operation is to be called"""

    @property
    def waiting(self) -> frozenset[str]:
        """Return the ids of everything that the case waits for."""
        return frozenset((*self.tasks, *self.timers, *self.subscriptions, *self.operations))

    def since(self, task_id: str) -> datetime | None:
        """Return when a running activity began (UTC), None for one that has not."""
        began = self.started.get(task_id)
        return None if began is None else datetime.fromtimestamp(began, UTC)

    def among(self, ids: frozenset[str] | None) -> "Waits":
        """Return what of it belongs to the tokens `ids` (None: all)."""
        if ids is None:
            return self
        return replace(
            self,
            tasks=self.tasks & ids,
            timers={each: self.timers[each] for each in ids & self.timers.keys()},
            subscriptions={each: self.subscriptions[each] for each in ids & self.subscriptions.keys()},
            operations=self.operations & ids,
        )

    def as_json(self) -> dict[str, Json]:
        """Return the form in which the waits are stored."""
        return {
            "tasks": list(self.tasks),
            "timers": dict(self.timers),
            "subscriptions": {task: list(message) for task, message in self.subscriptions.items()},
            "started": dict(self.started),
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
            stored["started"],
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
    chain: int = 0
    """of a new case: which place it has in a row of cases of which each has started the next"""
    root: str | None = None
    """of a new case: the id of the one with which this row began, None when it begins one"""
    hops: int | None = None
    """of a step that a message or signal of another case leads to: how many such steps led to it"""
    migration: Mapping[str, Json] = field(default_factory=dict)
    """of a move to another version: `migration` its id, `from` and `to` the versions, `called` those of called ones"""

    @property
    def hops_of_sent(self) -> int:
        """Return how many steps led to what this step sends, itself included."""
        return (self.hops or 0) + 1

    @property
    def about(self) -> frozenset[str]:
        """Return the ids under which a failure of this very step would be recorded."""
        return frozenset(each for each in (self.task_id, self.message_id, *self.fired) if each)
