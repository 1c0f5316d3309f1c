"""Owns the value that a step of a case is: what happened, what the case waits for now, what is to be written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from engine.types import (
    Adoption,
    Json,
    MessageSubscription,
    OpenUserTask,
    OutgoingMessage,
    PendingOperation,
    PendingTimer,
    RecordRead,
    RecordWrite,
    ThrownSignal,
)
from engine.types.by_hand import Mended
from engine.types.moved import Migrated

ActivityState = Literal["started", "completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class ActivityChange:
    """What happened to one BPMN activity or event in a step, as the recorder finds it by comparing snapshots.

    `kind` is the BPMN element type (`userTask`, `startEvent`, `exclusiveGateway`, ...), of the start event of an event
    sub-process `eventSubProcessStart`. `interface` names what was invoked: `message:NAME`, `decision:KEY`,
    `process:KEY`, `operation:NAME`. `rework` is true when the activity is entered again in the same case
    (multi-instance excepted).
    """

    task_id: str
    process_key: str
    element_id: str
    name: str
    kind: str
    state: ActivityState
    interface: str | None = None
    rework: bool = False
    lane: str | None = None
    outcome: str | None = None
    """what a user task's property `outcome` came to, or the name of an end event"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a case waits for, or some of it."""

    open_tasks: Sequence[OpenUserTask] = ()
    timers: Sequence[PendingTimer] = ()
    subscriptions: Sequence[MessageSubscription] = ()
    operations: Sequence[PendingOperation] = ()


@dataclass(frozen=True, slots=True)
class Touched:
    """What a step has opened or made; whatever else the case waits for is as it was before the step.

    `ids` are those of the tokens (None: all), `waiting` is what of them waits after the step.
    """

    ids: frozenset[str] | None
    waiting: Waiting

    def also(self, ids: Iterable[str]) -> "Touched":
        """Return this with the tokens `ids` besides, which do not wait."""
        return self if self.ids is None else Touched(self.ids.union(ids), self.waiting)


@dataclass(frozen=True, slots=True)
class Step:
    """The result of advancing a case: a value that one short transaction writes, or nobody.

    `variables` are the case's data after the step (JSON); `outcome` is the name (else the id) of the end event that
    was reached when the case `finished`. Open tasks, timers, subscriptions and operations are the full sets after the
    step; what has changed of them is in `touched`.
    """

    state: bytes
    finished: bool
    outcome: str | None
    variables: Mapping[str, Json]
    open_tasks: Sequence[OpenUserTask] = ()
    timers: Sequence[PendingTimer] = ()
    subscriptions: Sequence[MessageSubscription] = ()
    outgoing: tuple[OutgoingMessage, ...] = ()
    writes: tuple[RecordWrite, ...] = ()
    reads: tuple[RecordRead, ...] = ()
    activities: tuple[ActivityChange, ...] = field(default_factory=tuple)
    warnings: tuple[str, ...] = ()
    """what the log should keep although the step went well: one branch overwrote what another had written"""
    facts: Mapping[str, Json] = field(default_factory=dict)
    """what the process's properties `title`, `organisation`, ... came to: all at the start, `title` after each step"""
    adoptions: tuple[Adoption, ...] = ()
    signals: tuple[ThrownSignal, ...] = ()
    operations: Sequence[PendingOperation] = ()
    changed_tasks: frozenset[str] = frozenset()
    """open tasks that were there before, and have other dates or read other versions now"""
    mended: Mended | None = None
    """what an operator did, when that is what the step is"""
    migrated: Migrated | None = None
    touched: Touched | None = None
    """what the step has opened or made; None: everything"""

    @property
    def news(self) -> Touched:
        """Return what the step has opened or made, of which alone anything may have changed."""
        everything = Waiting(self.open_tasks, self.timers, self.subscriptions, self.operations)
        return self.touched or Touched(None, everything)
