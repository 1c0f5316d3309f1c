"""Owns what can come of a call of an operation, as the case is told."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.types import Json


@dataclass(frozen=True, slots=True)
class Done:
    """It was done; `result` are its outputs by name."""

    result: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Raised:
    """It asks for the BPMN error `code`; `message` is for people."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Failed:
    """It failed, and is not tried again by itself; `reason` is for people."""

    reason: str


Outcome = Done | Raised | Failed
