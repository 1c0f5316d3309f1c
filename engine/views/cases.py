"""Owns what is shown of cases: in lists, on their own page, in their timeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.types import Json, RecordRef
from engine.views.definitions import Element
from engine.views.lists import Person

CaseStatus = Literal["active", "completed", "cancelled", "withdrawn"]
"""`cancelled` by an owner of the process, `withdrawn` by who handed the case in"""


@dataclass(frozen=True, slots=True)
class CaseRef:
    """Enough to link to a case. `repeated` says that it was there before: its starter handed the same form in twice."""

    id: str
    number: str
    title: str
    status: CaseStatus
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list: `mine` are those that the actor originated, started, follows or supports.

    `text` looks in number and title.
    """

    scope: Literal["mine", "all"] = "all"
    status: CaseStatus | None = None
    process_key: str | None = None
    text: str = ""
    failed: bool = False


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that a case waits for: what, where, and whose turn it is.

    `groups` are the groups offered it while nobody has it.
    """

    id: str
    process_key: str
    element_id: str
    name: str
    lane: str | None
    assignee: Person | None
    groups: tuple[str, ...]
    users: tuple[Person, ...]
    due_at: datetime | None
    created_at: datetime
    overdue: bool
    mine: bool
    """the actor may work on it or claim it"""


@dataclass(frozen=True, slots=True)
class Wait:
    """Something other than a person that a case waits for.

    `due_at` is set for timers, `message_name` for messages and signals; an operation is what a service task has done.
    `beside`: it may come while the case stands elsewhere (a boundary event, the start of an event sub-process).
    """

    kind: Literal["timer", "message", "signal", "operation"]
    process_key: str
    element_id: str
    name: str
    due_at: datetime | None = None
    message_name: str | None = None
    correlation_key: str | None = None
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """What a case in a list waits for: the name of the step, and from whom.

    `kind` is `message` or `signal` when from no person.

    `groups` are the groups offered a task while nobody has it.
    """

    kind: Literal["task", "message", "signal"]
    name: str
    assignee: Person | None = None
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list; `waiting_for` says what is waited for and from whom, each once."""

    id: str
    number: str
    title: str
    status: CaseStatus
    outcome: str | None
    process_key: str
    process_name: str
    priority: int
    originator: Person | None
    organisation_id: str | None
    started_at: datetime
    changed_at: datetime
    ended_at: datetime | None
    failures: int
    waiting_for: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class CommentView:
    """A remark on a case. `audience`: `everyone` (the originator too) or `staff`."""

    id: str
    author: Person
    at: datetime
    text: str
    audience: str
    task_id: str | None


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A step that could not run. `retry_at` is None when it waits for a person.

    `instance` says in words which of several instances it was, None where there are none. For who does not mend it,
    `reason` is empty and `instance` None. `process_name` and `owner_group` stand in lists of several cases.
    """

    id: str
    case: CaseRef
    element_id: str | None
    element_name: str | None
    instance: str | None
    reason: str
    kind: Literal["complete", "timer", "message", "signal", "adopt", "operation"]
    state: Literal["open", "resolved"]
    attempts: int
    created_at: datetime
    changed_at: datetime
    retry_at: datetime | None
    resolved_by: Person | None
    process_name: str = ""
    owner_group: str | None = None


@dataclass(frozen=True, slots=True)
class RecordUse:
    """A version of a work product that a case read or produced, with the newest title and status.

    Newest version last.
    """

    ref: RecordRef
    title: str
    status: str | None
    produced: bool
    current_version: int
    supporters: int = 0


@dataclass(frozen=True, slots=True)
class CaseModel:
    """One process that a case runs on, for the diagram: `active` are the elements that hold a token now."""

    definition_id: str
    process_key: str
    name: str
    version: int
    active: tuple[str, ...]
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class CaseDetail:
    """A case with everything its page shows. `models` has the case's own process first, then those that it calls."""

    id: str
    number: str
    title: str
    status: CaseStatus
    outcome: str | None
    priority: int
    channel: str | None
    originator: Person | None
    organisation_id: str | None
    started_by: Person
    started_at: datetime
    changed_at: datetime
    ended_at: datetime | None
    models: tuple[CaseModel, ...]
    tasks: tuple[OpenTask, ...]
    waits: tuple[Wait, ...]
    records: tuple[RecordUse, ...]
    failures: tuple[FailureRow, ...]
    comments: tuple[CommentView, ...]
    """the newest, oldest of these first; `earlier_comments`: there are more"""
    earlier_comments: bool
    following: bool
    may_cancel: bool
    may_withdraw: bool
    handed_over_to: tuple[str, ...]
    """to whom messages of a running case were handed over already, for those who may end it"""
    may_retry: bool


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One event of a case's history; durations in seconds, effort in minutes."""

    at: datetime
    kind: str
    actor: Person
    process_key: str
    task_id: str | None
    element_id: str | None
    element_name: str | None
    element_kind: str | None
    duration_seconds: float | None
    working_seconds: float | None
    effort_minutes: int | None
    channel: str | None
    outcome: str | None
    rework: bool
    interface: str | None
    detail: Mapping[str, Json]
    given_to: Person | None = None
    """whom the task was assigned to"""
