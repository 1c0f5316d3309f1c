"""Owns what is shown of messages, and the rows of the exported log."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from engine.types import Json
from engine.views.cases import CaseRef
from engine.views.lists import Person


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message: `delivered` to `case`, or `waiting` in the inbox until `expires_at`.

    `failed` when its step could not run. `case` is None where the sender may not see it; `started` says that the
    message began, or was to begin, a case.
    """

    message_id: str
    state: Literal["delivered", "waiting", "failed"]
    case: CaseRef | None = None
    expires_at: datetime | None = None
    started: bool = False


@dataclass(frozen=True, slots=True)
class SignalReach:
    """How many events of running cases a signal reached, and how many start events; each takes it in its own step."""

    events: int
    starts: int


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message for somebody outside. The id is also the idempotency key for its receiver."""

    id: str
    case: CaseRef
    name: str
    destination: str
    correlation_key: str | None
    payload: Json
    created_at: datetime
    state: Literal["pending", "handed over", "withdrawn"]
    handed_over_at: datetime | None
    handed_over_by: Person | None


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row of the exported activity log: the values of `columns` in order; texts, numbers, ISO times or None."""

    columns: tuple[str, ...]
    values: tuple[Any, ...] = field(default=())

    def as_dict(self) -> dict[str, Any]:
        """Return the values by column name."""
        return dict(zip(self.columns, self.values, strict=True))
