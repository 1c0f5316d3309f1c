"""Owns the cases that events start: by a message or signal of the inbox, or because it is time.

Taking the message, or moving the timer on, is one transaction with the making of the case: so each starts one case. A
start that cannot run leaves the reason where it waits, and is tried again after 1 minute, 10 minutes and 1 hour, then
when a person asks for it, its timer comes again, or a new version is deployed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, bindparam, update

from engine import start_events
from engine.bpmn import interpreter
from engine.bpmn.case.context import StepContext
from engine.bpmn.reading.executable import Executable
from engine.cases.failures import BACK_OFF
from engine.definitions import Definition, Definitions
from engine.errors import ComityError, DatabaseFailed, InputRefused, StepFailed
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow
from engine.recorder import Cause
from engine.steps import chains, exchanges
from engine.steps.message import PayloadCheck
from engine.steps.overtaken import Overtaken
from engine.steps.running import running, unexpected
from engine.steps.start import INITIATOR
from engine.types import ENGINE, Json
from engine.types.step import Step
from engine.unit_of_work.unit import Effect, Saved, UnitOfWork

_MOVE_ON: Final = (
    update(sql.START)
    .where(
        sql.START.c.id == bindparam("start"),
        sql.START.c.definition_id == bindparam("definition"),
        sql.START.c.due_at == bindparam("seen"),
    )
    .values(
        due_at=bindparam("next_due"),
        schedule=bindparam("next_schedule"),
        leased_until=None,
        attempts=0,
        reason=None,
        failed_at=None,
    )
)
_TIMER_FAILED: Final = (
    update(sql.START)
    .where(
        sql.START.c.id == bindparam("start"),
        sql.START.c.definition_id == bindparam("definition"),
        sql.START.c.due_at == bindparam("seen"),
        sql.START.c.attempts == bindparam("tried"),
    )
    .values(
        attempts=bindparam("tries"),
        reason=bindparam("why"),
        failed_at=bindparam("now"),
        leased_until=bindparam("until"),
    )
)
_MESSAGE_FAILED: Final = (
    update(sql.INBOX)
    .where(
        sql.INBOX.c.id == bindparam("message"),
        sql.INBOX.c.state.in_(("waiting", "failed")),
        sql.INBOX.c.attempts == bindparam("tried"),
    )
    .values(
        state="failed",
        attempts=bindparam("tries"),
        reason=bindparam("why"),
        failed_at=bindparam("now"),
        retry_at=bindparam("again"),
    )
)


@dataclass(frozen=True, slots=True)
class StartAt:
    """Start a case at the start event of the row `start`, with the `payload` of what it waits for."""

    all_definitions: Definitions
    check: PayloadCheck
    start: AnyRow
    payload: Json
    cause: Cause

    def definitions(self, connection: Connection) -> Sequence[Definition]:
        """Return the definitions that the case will run on, its own first."""
        root = self.all_definitions.get(connection, self.start.definition_id)
        return self.all_definitions.with_called(connection, root)

    def advance(self, connection: Connection, executable: Executable, root: Definition, context: StepContext) -> Step:
        """Return the first step; a payload that the event's form refuses is `StepFailed`."""
        try:
            payload = self.check.accept(connection, root.id, self.start.element_id, self.payload, context.now)
        except InputRefused as refused:
            raise StepFailed(
                f"what it starts with does not fit its form: {refused}", self.start.element_id
            ) from refused
        with running():
            return interpreter.start(executable, {INITIATOR: None}, context, at=self.start.element_id, payload=payload)


class Starting:
    """Starts cases by events."""

    def __init__(self, work: UnitOfWork, check: PayloadCheck) -> None:
        self._work, self._check = work, check

    def by_message(self, message: AnyRow, start: AnyRow, place: chains.Place, hops: int | None) -> Saved | None:
        """Start a case with a message, or a signal, of the inbox; return None when it could not, which is noted.

        `place` is where it stands among cases that start one another, `hops` how many steps led to it; where these come
        to an end none is started.
        Raise `Overtaken` when somebody else took the message.
        """

        def take(connection: Connection, instance_id: str) -> None:
            taken = connection.execute(sql.TAKE_MESSAGE, {"message": message.id, "instance": instance_id})
            if taken.rowcount != 1:
                raise Overtaken

        told = {"message_id": message.id, "message_name": message.name} if start.kind == "message" else {}
        cause = Cause("start", ENGINE, chain=place.chain, root=place.root, hops=hops, **told)
        refused = chains.refused(place, start) or exchanges.refused(hops, start.element_id)
        outcome = refused or self._tried(start, message.payload, cause, take)
        if isinstance(outcome, Saved):
            return outcome
        tries, now = message.attempts + 1, self._work.clock()
        again = None if refused or tries > len(BACK_OFF) else now + BACK_OFF[tries - 1]
        noted = {"message": message.id, "tried": message.attempts, "tries": tries, "why": _why(outcome), "now": now}
        with self._work.database.write() as connection:
            connection.execute(_MESSAGE_FAILED, {**noted, "again": again})
        return None

    def by_timer(self, start: AnyRow) -> Saved | None:
        """Start a case at a timer that is due; return None when it could not, which is noted.

        Raise `Overtaken` when somebody else did it, or the timer is another one by now.
        """
        now = self._work.clock()
        due, schedule = start_events.moved_on(start, now)
        seen = {"start": start.id, "definition": start.definition_id, "seen": start.due_at}

        def move_on(connection: Connection, instance_id: str) -> None:
            del instance_id
            moved = connection.execute(_MOVE_ON, {**seen, "next_due": due, "next_schedule": schedule})
            if moved.rowcount != 1:
                raise Overtaken

        outcome = self._tried(start, None, Cause("start", ENGINE), move_on)
        if isinstance(outcome, Saved):
            return outcome
        tries = start.attempts + 1
        until = now + BACK_OFF[tries - 1] if tries <= len(BACK_OFF) else None
        if until is None and due is not None:
            # It is tried again when the timer comes again, as one occurrence with the one that was missed.
            until, tries = due, len(BACK_OFF)
        noted = {"tried": start.attempts, "tries": tries, "why": _why(outcome), "now": now, "until": until}
        with self._work.database.write() as connection:
            connection.execute(_TIMER_FAILED, {**seen, **noted})
        return None

    def _tried(self, start: AnyRow, payload: Json, cause: Cause, also: Effect) -> Saved | StepFailed:
        try:
            return self._work.start(StartAt(self._work.definitions, self._check, start, payload, cause), also)
        except (Overtaken, DatabaseFailed):
            raise
        except ComityError as error:
            return error if isinstance(error, StepFailed) else StepFailed(str(error), start.element_id)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the start: it is tried again
            return unexpected(error)


def _why(error: StepFailed) -> str:
    """Return why no case could be started: there is none yet that could go on or not."""
    where = error.element_name or error.element_id
    line = f" (line {error.line})" if error.line else ""
    which = f", {error.instance}" if error.instance else ""
    return f"{f'At {where!r}{which}: ' if where else ''}{error.reason}{line}"[:2000]
