"""Owns the PerformanceService: how processes do, for those who may see it; what figures are is engine.figures's matter.

Admins see the figures of all processes and no cases, owners those of their processes with the cases behind them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from engine import policy
from engine.definitions import Definitions
from engine.errors import NotFound
from engine.figures import assembly, overview
from engine.figures.processes import Processes
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import MEASURES, Measure, measures_of
from engine.persistence.database import Database
from engine.types import Actor
from engine.views.performance import FigureFilter, Performance, ProcessOverview


class PerformanceService:
    """How the processes do."""

    def __init__(self, database: Database, definitions: Definitions, clock: Callable[[], datetime]) -> None:
        self._database, self._definitions, self._clock = database, definitions, clock

    def processes(self, actor: Actor) -> list[ProcessOverview]:
        """Return the processes that the actor may see, managed ones first, each with its light and why it shows it."""
        with self._database.read() as connection:
            found = Processes(connection, self._definitions).by_key.values()
            return overview.lines(connection, [each for each in found if _sees(actor, each)], self._clock())

    def performance(self, key: str, actor: Actor, filter: FigureFilter) -> Performance:  # noqa: A002 - as all lists
        """Return the figures of a process in a period; raise `NotFound`."""
        with self._database.read() as connection:
            processes = Processes(connection, self._definitions)
            process = _find(processes, key, actor)
            found = assembly.performance(connection, processes, process, filter, self._clock())
        return replace(found, may_see_cases=_owns(actor, process))

    def definitions(self, key: str | None, actor: Actor) -> list[Measure]:
        """Return the measures of a process with what each counts, without a key the usual ones; raise `NotFound`."""
        if key is None:
            return list(MEASURES)
        with self._database.read() as connection:
            return measures_of(_find(Processes(connection, self._definitions), key, actor))


def _find(processes: Processes, key: str, actor: Actor) -> ManagedProcess:
    process = processes.by_key.get(key)
    if process is None or not _sees(actor, process):
        raise NotFound("process", key)
    return process


def _sees(actor: Actor, process: ManagedProcess) -> bool:
    return "admin" in actor.roles or _owns(actor, process)


def _owns(actor: Actor, process: ManagedProcess) -> bool:
    return policy.owns(actor, process.owner_group)
