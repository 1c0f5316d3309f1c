"""Owns the PerformanceService: how processes do, for those who may see it; what figures are is engine.figures's matter.

Admins see the figures of all processes and no cases, owners those of their processes with the cases behind them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from engine import policy
from engine.definitions import Definitions
from engine.errors import NotFound
from engine.figures import assembly, overview
from engine.figures.behind import Behind
from engine.figures.elements import elements
from engine.figures.processes import Processes
from engine.figures.scope import Scope
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import MEASURES, Measure, measures_of
from engine.persistence.database import Database
from engine.types import Actor
from engine.views import Cursor, Page
from engine.views.performance import CaseBehind, ElementFigures, FigureFilter, Performance, ProcessOverview

MAX_PAGE: Final = 200


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

    def heat_map(self, key: str, actor: Actor, filter: FigureFilter) -> list[ElementFigures]:  # noqa: A002
        """Return what happened at the elements of a process's models, called ones too; raise `NotFound`."""
        with self._database.read() as connection:
            processes = Processes(connection, self._definitions)
            process = _find(processes, key, actor)
            return elements(connection, _scope(processes, process, filter), processes.definitions(process.cases))

    def cases_behind(
        self,
        key: str,
        measure: str,
        actor: Actor,
        filter: FigureFilter,  # noqa: A002
        after: Cursor | None = None,
        *,
        label: str | None = None,
        limit: int = 25,
    ) -> Page[CaseBehind]:
        """Return a page of the cases that a statistic or measure counts, to owners of the process.

        `label` is one of the measure's parts; with the measure `element` it is the process's key and the element's id.
        Raises `NotFound` for others, admins among them, and for an unknown measure.
        """
        with self._database.read() as connection:
            processes = Processes(connection, self._definitions)
            process = _find(processes, key, actor)
            if not _owns(actor, process):
                raise NotFound("list of cases of the process", key)
            scope, visible = _scope(processes, process, filter), policy.cases_visible(actor)
            found = Behind(connection, scope, process, visible, self._clock(), max(1, min(limit, MAX_PAGE)))
            return found.page(measure, label, after)

    def definitions(self, key: str | None, actor: Actor) -> list[Measure]:
        """Return the measures of a process with what each counts, without a key the usual ones; raise `NotFound`."""
        if key is None:
            return list(MEASURES)
        with self._database.read() as connection:
            return measures_of(_find(Processes(connection, self._definitions), key, actor))

    def own_measures(self, actor: Actor) -> list[tuple[ManagedProcess, list[Measure]]]:
        """Return the managed processes that the actor may see and that have measures of their own, each with these."""
        with self._database.read() as connection:
            found = Processes(connection, self._definitions).by_key.values()
        seen = [each for each in found if each.managed and _sees(actor, each)]
        own = [(process, [each for each in measures_of(process) if each.kind == "own"]) for process in seen]
        return [(process, measures) for process, measures in own if measures]


def _find(processes: Processes, key: str, actor: Actor) -> ManagedProcess:
    process = processes.by_key.get(key)
    if process is None or not _sees(actor, process):
        raise NotFound("process", key)
    return process


def _scope(processes: Processes, process: ManagedProcess, wanted: FigureFilter) -> Scope:
    return Scope(process.cases, wanted, processes.ids(process.cases, wanted.version))


def _sees(actor: Actor, process: ManagedProcess) -> bool:
    return "admin" in actor.roles or _owns(actor, process)


def _owns(actor: Actor, process: ManagedProcess) -> bool:
    return policy.owns(actor, process.owner_group)
