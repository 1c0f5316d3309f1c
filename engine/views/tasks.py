"""Owns what is shown of user tasks: in worklists, on their own page, after their completion."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from engine.types import Json, RecordRef
from engine.views.cases import CaseRef
from engine.views.lists import Person


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
class Proposal:
    """The next version of a record as a task shows it for comparison. `before` None: there is no record yet.

    `form` types both sides. `moved_on`: the record has a newer version than the one that the proposal was made upon.
    """

    before: RecordShown | None
    after: Mapping[str, Json]
    form: bytes
    moved_on: bool = False


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
    proposal: Proposal | None = None
    takers: tuple[Person, ...] = ()
    """whom it is offered to and who does not have it, for staff who may assign it"""


@dataclass(frozen=True, slots=True)
class Completion:
    """What the completion of the task `name` led to. `next_tasks` are those of the same case that the actor may do."""

    name: str
    case: CaseRef
    finished: bool
    next_tasks: tuple[tuple[str, str], ...] = ()
    """id and name"""
