"""What the figures of a case are computed from: its facts and its events as the log has them; knows no table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from engine import events
from engine.metrics.process import EventPattern
from engine.types import ENGINE, Json

ENDS: Final = frozenset((events.CASE_COMPLETED, events.CASE_CANCELLED))
ACTIVITY: Final = frozenset((events.ACTIVITY_STARTED, events.ACTIVITY_COMPLETED, events.ACTIVITY_CANCELLED))
USER_TASK: Final = "userTask"


class LogEvent(Protocol):
    """An event of the activity log: the columns that figures look at (see engine.persistence.models.log)."""

    @property
    def at(self) -> datetime: ...  # noqa: D102 - as the column
    @property
    def kind(self) -> str: ...  # noqa: D102
    @property
    def process_key(self) -> str: ...  # noqa: D102
    @property
    def task_id(self) -> str | None: ...  # noqa: D102
    @property
    def element_id(self) -> str | None: ...  # noqa: D102
    @property
    def element_kind(self) -> str | None: ...  # noqa: D102
    @property
    def actor(self) -> str: ...  # noqa: D102
    @property
    def effort_minutes(self) -> int | None: ...  # noqa: D102
    @property
    def outcome(self) -> str | None: ...  # noqa: D102
    @property
    def rework(self) -> bool: ...  # noqa: D102
    @property
    def interface(self) -> str | None: ...  # noqa: D102
    @property
    def detail(self) -> Mapping[str, Json]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class EndedCase:
    """What the figures of a case keep of the case itself. `variables` are its data when it ended."""

    instance_id: str
    definition_key: str
    definition_version: int
    organisation_id: str | None
    priority: int
    channel: str | None
    variables: Mapping[str, Json]


def until_end(log: Sequence[LogEvent]) -> Sequence[LogEvent]:
    """Return the events up to the one that ended the case; raise `ValueError` for a case that has not ended.

    What comes later (a remark, an answer to the question at closure) does not change how the work went.
    """
    for index, event in enumerate(log):
        if event.kind in ENDS:
            return log[: index + 1]
    raise ValueError("the case has not ended")


def completes_task(event: LogEvent) -> bool:
    """Return whether a person has completed a user task."""
    return event.kind == events.ACTIVITY_COMPLETED and event.element_kind == USER_TASK and event.actor != ENGINE.user_id


def matches(event: LogEvent, pattern: EventPattern) -> bool:
    """Return whether `pattern` means this event."""
    return (
        event.kind == pattern.kind
        and pattern.element in (None, event.element_id)
        and pattern.outcome in (None, event.outcome)
        and pattern.interface in (None, event.interface)
    )
