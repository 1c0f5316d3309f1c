"""Owns the values that the services return to pages, REST and the command line; it knows no table and no markup.

All instants are aware UTC. Wherever a person is named, `Person` carries the id and the name to show.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from engine.errors import InputRefused
from engine.types import Finding, Json, RecordRef

Row_co = TypeVar("Row_co", covariant=True)

# --- pages of lists -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page of a list begins: the sort values of the last row shown. `str(cursor)` goes into a link."""

    values: tuple[str | int, ...]

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(self.values).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Return the cursor that a link carries; raise `InputRefused` when it is none of ours."""
        try:
            values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, binascii.Error) as error:
            raise InputRefused({"after": ["This link is damaged: go back to the first page."]}) from error
        if not isinstance(values, list) or not all(isinstance(value, str | int) for value in values):
            raise InputRefused({"after": ["This link is damaged: go back to the first page."]})
        return cls(tuple(values))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row_co]):
    """Part of a list; `next` is None on its last page."""

    rows: tuple[Row_co, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A user id and the name to show for it (the id itself where there is no such account any more)."""

    id: str
    name: str


# --- definitions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DefinitionSummary:
    """A version of a process. Counts are of the cases on this version; `latest` says that new cases start on it."""

    id: str
    key: str
    version: int
    name: str
    documentation: str | None
    owner_group: str | None
    startable: bool
    deployed_at: datetime
    deployed_by: Person
    latest: bool = True
    active_cases: int = 0
    ended_cases: int = 0


@dataclass(frozen=True, slots=True)
class ResourceSummary:
    """A file of a deployment. `kind`: bpmn, dmn, form, registers."""

    id: str
    kind: str
    key: str
    name: str
    deployed_at: datetime


@dataclass(frozen=True, slots=True)
class ResourceContent:
    """A file as it was deployed, for downloads."""

    id: str
    kind: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Element:
    """A step of a process in reading order, for the page and the text beside the diagram."""

    process_key: str
    id: str
    name: str
    kind: str
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class DefinitionDetail:
    """A version of a process with its model and the files that it pins."""

    summary: DefinitionSummary
    model: ResourceContent
    resources: tuple[ResourceSummary, ...]
    elements: tuple[Element, ...]
    may_deploy: bool


@dataclass(frozen=True, slots=True)
class DeploymentResult:
    """What a deployment did. `deployed` holds the new versions, `unchanged` those whose content stood there already.

    `findings` are warnings: with an error there is no result but `DefinitionRefused`. `deployment_id` is None when
    nothing changed.
    """

    deployment_id: str | None
    deployed: tuple[DefinitionSummary, ...]
    unchanged: tuple[DefinitionSummary, ...]
    resources: tuple[ResourceSummary, ...]
    findings: tuple[Finding, ...]


# --- cases ----------------------------------------------------------------------------------------------------------

CaseStatus = Literal["active", "completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class CaseRef:
    """Enough to link to a case."""

    id: str
    number: str
    title: str
    status: CaseStatus


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases to list: `mine` are those that the actor originated, started or follows.

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
    """Something other than a person that a case waits for. `due_at` is set for timers, `message_name` for messages."""

    kind: Literal["timer", "message"]
    process_key: str
    element_id: str
    name: str
    due_at: datetime | None = None
    message_name: str | None = None
    correlation_key: str | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in a list; `waiting_for` says in words whose turn it is (names of open tasks and waits)."""

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
    waiting_for: tuple[str, ...]


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
    """A step that could not run. `retry_at` is None when it waits for a person."""

    id: str
    case: CaseRef
    element_id: str | None
    element_name: str | None
    reason: str
    kind: Literal["complete", "timer", "message"]
    state: Literal["open", "resolved"]
    attempts: int
    created_at: datetime
    changed_at: datetime
    retry_at: datetime | None
    resolved_by: Person | None


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
    following: bool
    may_cancel: bool
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


# --- tasks ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorklistFilter:
    """Which tasks to list.

    `scope`: `mine` (I have it or it was offered to me by name), `groups` (offered to a group of mine), `all` (both),
    `others` (claimed by somebody else in a group of mine).
    """

    scope: Literal["all", "mine", "groups", "others"] = "all"
    text: str = ""
    process_key: str | None = None
    overdue: bool = False
    sort: Literal["due", "created", "priority"] = "due"


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task in a worklist."""

    id: str
    name: str
    process_key: str
    process_name: str
    element_id: str
    lane: str | None
    case: CaseRef
    assignee: Person | None
    groups: tuple[str, ...]
    priority: int
    due_at: datetime | None
    follow_up_at: datetime | None
    created_at: datetime
    overdue: bool


@dataclass(frozen=True, slots=True)
class RecordShown:
    """A work product that a task page shows: its newest version.

    The page's form carries `ref` and hands it back at completion.
    """

    ref: RecordRef
    register_name: str
    title: str
    status: str | None
    body: Mapping[str, Json]
    fields: tuple[tuple[str, str], ...]
    """key and label of the body's fields, in the form's order"""
    form: bytes | None = None
    """the form that types the body"""


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task with its form. `values` fill the form in, `context` is what its conditions may look at besides.

    `state`: open, completed, cancelled. When a `may_...` is false, `hindrance` says in a sentence why the task cannot
    be completed.
    """

    id: str
    name: str
    state: str
    documentation: str | None
    process_key: str
    process_name: str
    definition_id: str
    element_id: str
    lane: str | None
    case: CaseRef
    assignee: Person | None
    groups: tuple[str, ...]
    users: tuple[Person, ...]
    priority: int
    due_at: datetime | None
    follow_up_at: datetime | None
    created_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    ended_by: Person | None
    overdue: bool
    form_key: str | None
    form: bytes | None
    values: Mapping[str, Json]
    context: Mapping[str, Json]
    reads: tuple[RecordShown, ...]
    consulted: tuple[tuple[str, str], ...]
    """key and name of registers that the page links to"""
    may_claim: bool
    may_release: bool
    may_assign: bool
    may_complete: bool
    hindrance: str | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """What a completion led to. `next_tasks` are tasks of the same case that the actor may go on with."""

    case: CaseRef
    finished: bool
    next_tasks: tuple[tuple[str, str], ...] = ()
    """id and name"""


# --- messages, failures, the log ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a message: `delivered` to `case`, or `waiting` in the inbox until `expires_at`.

    `failed` when its step could not run.
    """

    message_id: str
    state: Literal["delivered", "waiting", "failed"]
    case: CaseRef | None = None
    expires_at: datetime | None = None


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
