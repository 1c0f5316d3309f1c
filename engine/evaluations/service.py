"""Owns the EvaluationService: opening the evaluation of a process, by its owners or when it is due, and showing them.

What happens in an evaluation is a case like any other: its models write the records.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from engine import feel, figures_due, policy
from engine.definitions import Definition, Definitions
from engine.errors import (
    ComityError,
    DatabaseFailed,
    EvaluationOpen,
    InputRefused,
    NotEvaluable,
    NotFound,
    NotPermitted,
)
from engine.evaluations import actions, opening, showing
from engine.evaluations import statements as sql
from engine.figures import framework
from engine.figures.processes import Processes
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess
from engine.persistence.database import AnyRow, Database
from engine.recorder import Cause
from engine.steps.service import Steps
from engine.types import ENGINE, Actor
from engine.views import CaseRef
from engine.views.evaluations import EvaluationDetail, Evaluations

MOST: Final = 100
"""How many evaluations of a process are listed, and looked through for actions that are still open."""
EARLIEST: Final = date(2000, 1, 1)
"""Nothing before this day can be evaluated: a typing error, and the days before it may be none of the calendar."""
_DAY: Final = timedelta(days=1)
_AT_FIRST: Final = 90
"""Days of the first period when nothing says since when there is something to evaluate."""

log = logging.getLogger(__name__)


class _Overtaken(Exception):
    """Somebody else opened an evaluation of the process between our look and our write."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a process stands: since when it has not been evaluated, which evaluation is open, when the next is due."""

    mark: AnyRow | None
    since: date
    due_on: date | None
    open: CaseRef | None


class EvaluationService:
    """Evaluations of managed processes (A215 and its like)."""

    def __init__(
        self, database: Database, definitions: Definitions, steps: Steps, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._definitions, self._steps, self._clock = database, definitions, steps, clock

    def open(self, process_key: str, period: Period, *, actor: Actor) -> CaseRef:
        """Open the evaluation of a process in `period`: a case that keeps the figures as they are now.

        Exactly one evaluation of a process is open at a time. Raises `NotFound`, `NotPermitted` for who is no owner,
        `NotEvaluable`, `InputRefused` for a period that lies in the future or begins before 2000, `EvaluationOpen`, and
        `StepFailed`.
        """
        now = self._clock()
        if period.first < EARLIEST:
            raise InputRefused({"from": [f"The period begins on {period.first}: choose a day from {EARLIEST} on."]})
        if period.last > now.date():
            raise InputRefused(
                {"until": [f"The period ends in the future ({period.last}): choose a day up to today, {now.date()}."]}
            )
        with self._database.read() as connection:
            processes, process = self._process(connection, process_key, actor)
            if not policy.owns(actor, process.owner_group):
                raise NotPermitted("Only the owners of the process may evaluate it.")
            definition = self._evaluation(connection, process)
            standing = self._standing(connection, process, now)
            if standing.open is not None:
                raise EvaluationOpen(process.name, standing.open.id, standing.open.number)
            before = self._actions_before(connection, process, definition.key)
            facts = opening.facts(connection, processes, process, period, before, now)
        seen = standing.mark.evaluation_id if standing.mark else None
        until = max(filter(None, (period.last, standing.mark.evaluated_until if standing.mark else None)))

        def move_mark(connection: Connection, case_id: str) -> None:
            values = {"process": process.key, "seen": seen or "", "case": case_id, "until": until}
            if connection.execute(sql.MOVE_MARK, values).rowcount != 1:
                raise _Overtaken

        try:
            saved = self._steps.start(
                definition, {**facts, "initiator": opening.initiator(actor)}, Cause("start", actor), move_mark
            )
        except _Overtaken:
            with self._database.read() as connection:
                first = self._standing(connection, process, now).open
            raise EvaluationOpen(process.name, first.id if first else None, first.number if first else None) from None
        return CaseRef(saved.case.id, saved.case.number, saved.case.title, "active")

    def open_due(self) -> int:
        """Open the evaluations whose day has come, in the engine's name, and return how many that were.

        The day is the last one that was evaluated, or the day before the framework came into force, and the framework's
        review interval after it; all figures have to be there. Safe from several threads and processes: each evaluation
        is opened once.
        """
        opened, today = 0, self._clock().date()
        with self._database.read() as connection:
            waiting = [
                (process.key, standing.since)
                for process in Processes(connection, self._definitions).by_key.values()
                if process.managed and process.evaluate and process.framework
                if (standing := self._standing(connection, process, self._clock())).open is None
                if standing.due_on is not None and standing.due_on <= today
                # It keeps the figures as they are: while some are being computed it is not opened.
                if not figures_due.waiting(connection, process.cases)
            ]
        for key, since in waiting:
            try:
                self.open(key, Period(min(since, today - _DAY), today - _DAY), actor=ENGINE)
                opened += 1
            except EvaluationOpen:
                continue  # another process was first
            except DatabaseFailed:
                raise
            except ComityError:
                log.exception("the evaluation of %r is due and could not be opened", key)
        return opened

    def evaluations(self, process_key: str, actor: Actor) -> Evaluations:
        """Return the evaluations of a process, newest first; for its owners and for admins. Raises `NotFound`."""
        now = self._clock()
        with self._database.read() as connection:
            _, process = self._process(connection, process_key, actor)
            standing = self._standing(connection, process, now)
            rows = showing.rows(connection, process, MOST) if process.evaluate is not None else ()
        owner = policy.owns(actor, process.owner_group)
        hindrance = self._hindrance(process, standing) if owner else "Only the owners of the process may evaluate it."
        last = min(max(standing.since, now.date() - _DAY), now.date())
        return Evaluations(
            process=process.key,
            name=process.name,
            reference=process.reference,
            rows=rows,
            suggested=Period(min(standing.since, last), last),
            may_open=owner and hindrance is None,
            hindrance=hindrance,
            due_on=standing.due_on,
        )

    def evaluation(self, process_key: str, case_id: str, actor: Actor) -> EvaluationDetail:
        """Return one evaluation; its owners see all of it, admins the figures. Raises `NotFound`."""
        with self._database.read() as connection:
            _, process = self._process(connection, process_key, actor)
            return showing.detail(connection, process, case_id, inside=policy.owns(actor, process.owner_group))

    def _process(self, connection: Connection, key: str, actor: Actor) -> tuple[Processes, ManagedProcess]:
        processes = Processes(connection, self._definitions)
        process = processes.by_key.get(key)
        if process is None or not (policy.owns(actor, process.owner_group) or "admin" in actor.roles):
            raise NotFound("process", key)
        return processes, process

    def _evaluation(self, connection: Connection, process: ManagedProcess) -> Definition:
        if process.evaluate is None:
            raise NotEvaluable(process.name)
        try:
            return self._definitions.latest(connection, process.evaluate)
        except NotFound:
            raise NotEvaluable(process.name, process.evaluate) from None

    def _hindrance(self, process: ManagedProcess, standing: _Standing) -> str | None:
        if process.evaluate is None:
            return str(NotEvaluable(process.name))
        if standing.open is not None:
            return str(EvaluationOpen(process.name, standing.open.id, standing.open.number))
        return None

    def _actions_before(self, connection: Connection, process: ManagedProcess, definition: str) -> list[AnyRow]:
        """Return the actions of the evaluation before, and those of earlier ones that are still open."""
        asked = {"definition": definition, "process": process.key, "most": MOST}
        cases = [row.id for row in connection.execute(sql.CASES, asked)]
        found = actions.of_cases(connection, cases)
        newest = next((case for case in cases if any(row.instance_id == case for row in found)), None)
        return [row for row in found if row.instance_id == newest or row.status == "open"]

    def _standing(self, connection: Connection, process: ManagedProcess, now: datetime) -> _Standing:
        mark = connection.execute(sql.MARK, {"process": process.key}).one_or_none()
        governed = framework.load(connection, {process.key: process})[process.key]
        body = showing.body(connection, governed.ref) if governed.ref else None
        until: date | None = mark.evaluated_until if mark else None
        since = until + _DAY if until else self._begun(connection, process, body, now)
        due_on = None
        if governed.review_interval and process.evaluate:
            due_on = _after(since, governed.review_interval)
        return _Standing(mark, since, due_on, self._open_case(connection, process, mark))

    def _begun(self, connection: Connection, process: ManagedProcess, body: AnyRow | None, now: datetime) -> date:
        """Return since when there is something to evaluate: the framework's day, the first case, or some days ago."""
        if body is not None:
            return max(EARLIEST, actions.day(body.body.get("effective_from")) or body.created_at.date())
        first = (
            connection.execute(sql.FIRST_CASE, {"keys": list(process.cases)}).scalar_one() if process.cases else None
        )
        return first.date() if first else now.date() - timedelta(days=_AT_FIRST)

    def _open_case(self, connection: Connection, process: ManagedProcess, mark: AnyRow | None) -> CaseRef | None:
        """Return the evaluation that runs and has not been judged yet."""
        if mark is None or mark.evaluation_id is None or process.evaluate is None:
            return None
        row = connection.execute(sql.CASE, {"case": mark.evaluation_id, "definition": process.evaluate}).one_or_none()
        if row is None or row.status != "active":
            return None
        judged = connection.execute(sql.JUDGED, {"cases": [row.id]}).first()
        return CaseRef(row.id, row.number, row.title, row.status) if judged is None else None


def _after(since: date, interval: str) -> date | None:
    """Return the day an interval (ISO 8601) after `since`; None for a text that is none, and for less than a day."""
    try:
        found = feel.to_instant(interval, Period(since, since).start).date()
    except ComityError:
        log.warning("the review interval %r of a framework is no duration", interval)
        return None
    return found if found > since else None
