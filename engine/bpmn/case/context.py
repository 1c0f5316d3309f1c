"""Owns what a caller hands in: the sources that are built, and the circumstances of one step. It runs nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from engine.bpmn.catalog import RegisterFacts
from engine.errors import BudgetSpent
from engine.types import Actor, Json, RecordRef

if TYPE_CHECKING:
    from engine.decisions import Decision
    from engine.operations import Operation


@dataclass(frozen=True, slots=True)
class ProcessSource:
    """One process to build: the file it stands in, and what its elements name.

    `decisions` are by key; `registers` by every key and every name that a data store of the file gives.
    """

    key: str
    definition_id: str
    file: str
    content: bytes
    decisions: "Mapping[str, Decision]" = field(default_factory=dict)
    registers: Mapping[str, RegisterFacts] = field(default_factory=dict)


class RecordAccess(Protocol):
    """The registers as a step may read them; what the step writes itself it remembers itself."""

    def body(self, ref: RecordRef) -> Mapping[str, Json]:
        """Return the fields of that version with `number`, `version` and `status`."""
        ...

    def current(self, register: str, record_id: str) -> RecordRef | None:
        """Return the newest version of the record, or None."""
        ...

    def singleton(self, register: str) -> RecordRef | None:
        """Return the record of a register that holds one, or None."""
        ...

    def readable(self, held: RecordRef) -> RecordRef | None:
        """Return the version that a case which holds `held` reads: the newest, unless its register lets it keep one."""
        ...

    def variable(self, register: str) -> str | None:
        """Return the name by which cases keep records of the register; None when it is not deployed."""
        ...

    def moves_cases(self, register: str) -> bool:
        """Say whether the versions of the register's record say what becomes of cases that run."""
        ...

    def base(self, held: RecordRef) -> RecordRef:
        """Return the version that a case which holds `held`, and has not read the record anew, writes upon."""
        ...

    def new_id(self, register: str) -> str:
        """Return the number of the next record of `register`."""
        ...


class StepBudgetSpent(BudgetSpent):
    """A step moved too many tokens or took too long: the case as a whole is to blame, not one element."""


@dataclass(frozen=True, slots=True)
class StepContext:
    """The circumstances of one step: the clock stands at `now` (aware); `actor` does it.

    `operations` are what service tasks can do. A step may move `max_tasks` tokens and take `max_seconds` of wall time;
    beyond that it is `BudgetSpent`.
    """

    now: datetime
    actor: Actor
    records: RecordAccess
    max_tasks: int = 10_000
    max_seconds: float = 5.0
    operations: "Mapping[str, Operation]" = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("now has no time zone")
