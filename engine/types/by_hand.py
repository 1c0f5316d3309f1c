"""Owns plain values of what an owner of a process does to a case by hand, and of where it may be done.

Values of case data are JSON (see engine.types).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class VariableChange:
    """A variable that was set or removed; `before` and `after` hold its value, or nothing for none."""

    name: str
    before: tuple[Any, ...]
    after: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done in a step.

    A `move` took the token `task_id` from its element to the target; a `skip` let it go on undone; a `change` is of
    variables, of the case (`task_id` None) or of those that this token has to itself. `changes` go with each of them.
    """

    what: Literal["change", "move", "skip"]
    process_key: str
    task_id: str | None = None
    element_id: str | None = None
    name: str | None = None
    kind: str | None = None
    target_id: str | None = None
    target_name: str | None = None
    changes: tuple[VariableChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """An element that a token may be moved to."""

    element_id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Place:
    """A token of a case. `within` names the sub-process or called process around it, None for the case's own process.

    `stays` and `unskippable` say why it cannot be moved or skipped and what to do instead, None when it can.
    """

    task_id: str
    process_key: str
    element_id: str
    name: str
    kind: str
    within: str | None
    stays: str | None
    unskippable: str | None
    targets: Sequence[Target]


@dataclass(frozen=True, slots=True)
class Layer:
    """Variables that belong together: of the case (`task_id` None), of a called process, of an instance.

    `task_id` is a token that has them in front of all others.
    """

    task_id: str | None
    name: str
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands, and the variables that it has."""

    places: Sequence[Place]
    layers: Sequence[Layer]
