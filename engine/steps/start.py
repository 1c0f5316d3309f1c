"""Owns the first step of a case; it knows neither who may start it nor what its form says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection

from engine.bpmn import interpreter
from engine.bpmn.case.context import StepContext
from engine.bpmn.reading.executable import Executable
from engine.definitions import Definition, Definitions
from engine.recorder import Cause
from engine.steps.running import running
from engine.types import Json
from engine.types.step import Step

INITIATOR: Final = "initiator"
"""The variable that says who started a case: id, name, organisation (the id, or null); null when an event did."""


@dataclass(frozen=True, slots=True)
class StartCase:
    """Start a case of `root` with checked `values`."""

    all_definitions: Definitions
    root: Definition
    values: Mapping[str, Json]
    cause: Cause

    def definitions(self, connection: Connection) -> Sequence[Definition]:
        """Return the definitions that the case will run on, its own first."""
        return self.all_definitions.with_called(connection, self.root)

    def advance(self, connection: Connection, executable: Executable, root: Definition, context: StepContext) -> Step:
        """Return the first step."""
        del connection, root
        with running():
            return interpreter.start(executable, self.values, context)


Beginning = tuple[Definition, Mapping[str, Json]]
"""A process, and the checked values that a case of it begins with."""


@dataclass(slots=True)
class StartChosen:
    """Start a case of what `choose` returns, which may raise what the caller has to be told.

    It is asked in the transaction in which the step is worked out, and again when the step is redone.
    """

    all_definitions: Definitions
    choose: Callable[[Connection], Beginning]
    cause: Cause
    values: Mapping[str, Json] = field(default_factory=dict)

    def definitions(self, connection: Connection) -> Sequence[Definition]:
        """Return the definitions that the case will run on, its own first."""
        root, self.values = self.choose(connection)
        return self.all_definitions.with_called(connection, root)

    def advance(self, connection: Connection, executable: Executable, root: Definition, context: StepContext) -> Step:
        """Return the first step."""
        del connection, root
        with running():
            return interpreter.start(executable, self.values, context)
