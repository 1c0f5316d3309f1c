"""Owns what is shown to an owner who mends a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.types import Json
from engine.types.by_hand import Layer, Place
from engine.views.cases import CaseModel, CaseRef, FailureRow


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What a failed completion wanted to bring: trying it again brings the same values, over those of the case."""

    failure_id: str
    task_name: str
    values: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class MendingView:
    """A case as its owner mends it. `revision` is what is looked at: what is done upon it names it.

    `unreadable` says why its stored state cannot be read: then there are no places, and it can only be cancelled.
    """

    case: CaseRef
    revision: int
    places: Sequence[Place]
    layers: Sequence[Layer]
    failures: Sequence[FailureRow]
    handed_in: Sequence[HandedIn]
    models: Sequence[CaseModel]
    unreadable: str | None = None
