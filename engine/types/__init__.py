"""Plain values that the packages of the engine hand to one another; nothing here knows a database or a BPMN library.

Case data and record bodies are JSON values throughout (`Json`): dates are ISO 8601 texts, numbers int or float.
Instants outside case data are aware `datetime` values in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from engine.types.moved import MovedTime

Json = Any
"""None, bool, int, float, str, list or dict with text keys, nested. `Any`, because JSON has no useful static type."""

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that the lint or a parser says about an uploaded file.

    `rule` is the name of a rule that has a section in docs/lint-rules.md; `line` counts from 1 (None: the whole file).
    """

    file: str
    rule: str
    message: str
    remedy: str
    line: int | None = None
    element_id: str | None = None
    element_name: str | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        named = f"{self.element_name}, " if self.element_name and self.element_name != self.element_id else ""
        element = f" [{named}{self.element_id}]" if self.element_id else ""
        return f"{where}{element} {self.rule}: {self.message} {self.remedy}"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a person with what decides over their rights, or the engine itself.

    Groups hold the ids of explicit groups; the roles count as groups too (a candidate group may be named `staff`).
    """

    user_id: str
    name: str
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    organisation_id: str | None = None

    @property
    def principals(self) -> tuple[str, ...]:
        """Return the worklist principals that stand for this person: `user:...` first, then `group:...` in order."""
        return (f"user:{self.user_id}", *(f"group:{name}" for name in sorted(self.groups | self.roles)))


ENGINE = Actor(user_id="engine", name="Comity")
"""The actor of automatic steps: timers, messages, retries."""

WITHDRAWN = "withdrawn"
"""The outcome of a case that was withdrawn: among the cancelled ones this tells it from those an owner cancelled."""

ROLES = ("originator", "staff", "process_owner", "admin")


REFERENCE_KEYS = {"register", "id", "version"}
"""The keys by which a reference is told from other JSON objects in case data."""


@dataclass(frozen=True, slots=True)
class RecordRef:
    """A work product version: register key, record id (its number, as people read it) and version from 1."""

    register: str
    id: str
    version: int

    def as_json(self) -> dict[str, Json]:
        """Return the form in which a reference stands in case data."""
        return {"register": self.register, "id": self.id, "version": self.version}

    @classmethod
    def from_json(cls, value: Json) -> "RecordRef | None":
        """Return the reference that `value` is, or None when it is something else."""
        if not isinstance(value, Mapping) or len(value) != len(REFERENCE_KEYS):
            return None
        if set(value) == REFERENCE_KEYS and isinstance(value["version"], int):
            return cls(str(value["register"]), str(value["id"]), value["version"])
        return None


@dataclass(frozen=True, slots=True)
class RecordWrite:
    """A version of a work product that a step wants to write (an effect: it happens in the step's transaction).

    `base` is the version the writer saw (None: a new record); `ref` is the version to be written, whose number was
    drawn while the
    step ran, so that case data can hold the reference. `body` holds only the fields that change.
    """

    register: str
    ref: RecordRef
    base: RecordRef | None
    body: Mapping[str, Json]
    status: str | None
    element_id: str
    process_key: str
    task_id: str
    sources: tuple[RecordRef, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordRead:
    """A version of a work product that an activity read."""

    ref: RecordRef
    element_id: str
    process_key: str
    task_id: str


@dataclass(frozen=True, slots=True)
class OpenUserTask:
    """A user task that waits for somebody, as the interpreter sees it after a step."""

    task_id: str
    process_key: str
    element_id: str
    name: str
    form_key: str | None
    assignee: str | None
    candidate_users: tuple[str, ...]
    candidate_groups: tuple[str, ...]
    due_at: datetime | None
    follow_up_at: datetime | None
    priority: int
    lane: str | None
    reads: tuple[RecordRef, ...]
    documentation: str | None = None


@dataclass(frozen=True, slots=True)
class PendingTimer:
    """A timer that a case waits for; `due_at` is UTC. The task id is the waiting task's."""

    task_id: str
    process_key: str
    element_id: str
    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class MessageSubscription:
    """A message that a case waits for; both name and correlation key have to match (None: no key asked for).

    Of the `kind` signal, `message_name` is the name of the signal, and there is no key.
    """

    task_id: str
    process_key: str
    element_id: str
    message_name: str
    correlation_key: str | None
    kind: Literal["message", "signal"] = "message"


@dataclass(frozen=True, slots=True)
class ThrownSignal:
    """A signal that a step throws to everybody who waits for it; its own case has taken it within the step."""

    name: str
    payload: Json
    element_id: str
    process_key: str
    task_id: str


@dataclass(frozen=True, slots=True)
class PendingOperation:
    """An operation that a service task waits for: it is called outside any step, `inputs` are as worked out at first.

    `retries` are the seconds after which a call that failed is tried again, one by one; then it waits for a person.
    `instance` says in words which instance of an activity with several of them waits.
    """

    task_id: str
    process_key: str
    element_id: str
    name: str
    operation: str
    inputs: Mapping[str, Json]
    retries: tuple[float, ...]
    instance: str | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message that a case sends: with a `destination` it leaves the product (outbox), else it is delivered inside."""

    name: str
    correlation_key: str | None
    payload: Json
    destination: str | None
    element_id: str
    process_key: str
    task_id: str
    expires_at: datetime | None = None
    """until when it is kept inside while nobody waits for it; None: as long as messages usually are"""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A version of a record that a running case took over from the version `before`, the oldest that it held.

    `unmoved` are the names of elements whose times stay because the case does not know since when it waits.
    """

    ref: RecordRef
    before: int
    moved: tuple[MovedTime, ...] = ()
    unmoved: tuple[str, ...] = ()
