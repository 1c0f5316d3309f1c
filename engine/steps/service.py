"""Owns the steps that services set off.

Each is run, followed up by the messages that it sent or waits for, or recorded as failed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from engine.bpmn.case.context import StepContext
from engine.cases.failures import Request
from engine.definitions import Definition
from engine.errors import ComityError, DatabaseFailed, StepFailed
from engine.recorder import Cause
from engine.steps.adoption import AdoptVersion
from engine.steps.cancellation import CancelCase
from engine.steps.completion import CompleteTask
from engine.steps.inbox import Inbox, note_failure
from engine.steps.mending import MendCase
from engine.steps.migration import MigrateCase
from engine.steps.operation import FinishOperation
from engine.steps.overtaken import Overtaken
from engine.steps.running import unexpected
from engine.steps.signal import TakeSignal
from engine.steps.start import Beginning, StartCase, StartChosen
from engine.steps.timer import FireTimers
from engine.types import ENGINE, Actor, Json, RecordRef
from engine.unit_of_work.unit import Effect, Loaded, Move, Saved, Start, UnitOfWork


class Steps:
    """Sets steps off. Rights and forms are the callers' business."""

    def __init__(self, work: UnitOfWork, inbox: Inbox) -> None:
        self.work, self.inbox = work, inbox

    def start(
        self,
        root: Definition,
        values: Mapping[str, Json],
        cause: Cause,
        also: Effect | None = None,
        identity: str | None = None,
    ) -> Saved:
        """Start a case, with `also` in the same transaction; `identity` is its id, a new one when None.

        Raise `StepFailed` when its first step cannot run: then there is no case.
        """
        return self._begun(StartCase(self.work.definitions, root, values, cause), also, identity)

    def start_chosen(
        self,
        choose: Callable[[Connection], Beginning],
        cause: Cause,
        also: Effect | None = None,
        identity: str | None = None,
    ) -> Saved:
        """Start a case of what `choose` returns when the step is worked out; else as `start`."""
        return self._begun(StartChosen(self.work.definitions, choose, cause), also, identity)

    def _begun(self, start: Start, also: Effect | None, identity: str | None) -> Saved:
        saved = self.work.start(start, also, identity)
        self.inbox.follow_up(saved)
        return saved

    def complete(self, move: CompleteTask) -> Saved:
        """Complete a user task.

        Raises what `CompleteTask` raises, and `StepFailed` with the id of the failure record when the case cannot go
        on: then it stands where it was, and the record keeps the request.
        """
        try:
            saved = self.work.run(move)
        except StepFailed as error:
            request, by = _completion_request(move), move.actor.user_id
            if note_failure(self.work, move.instance_id, request, error, by, waiting=move.task_id) is not None:
                raise
            saved = self.work.run(move)  # the task ended meanwhile: loading it again says how
        self.inbox.follow_up(saved)
        return saved

    def retry_completion(self, request: Mapping[str, Json], retried_by: str) -> Saved:
        """Complete a user task as a failure record has kept it, in the name of who tried first."""

        def as_accepted_before(
            connection: Connection, loaded: Loaded, context: StepContext
        ) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
            del connection, loaded, context
            return request["values"], request.get("shown_values", {})

        move = CompleteTask(
            request["task"],
            actor_from_json(request["actor"]),
            as_accepted_before,
            shown=[ref for ref in map(RecordRef.from_json, request["shown"]) if ref is not None],
            effort_minutes=request["effort_minutes"],
            channel=request["channel"],
            retried_by=retried_by,
        )
        return self.complete(move)

    def fire(self, instance_id: str, task_ids: Sequence[str], *, retried_by: str | None = None) -> bool:
        """Fire timers of a case.

        Return whether anything was left to do. What cannot run becomes a failure, not an error.

        A timer is tried again alone when it fails together with others, so that one does not hold up the rest.
        """
        outcome = self._tried(FireTimers(instance_id, tuple(task_ids), retried_by))
        if isinstance(outcome, bool):
            return outcome
        if len(task_ids) > 1:
            fired = [self.fire(instance_id, [each], retried_by=retried_by) for each in task_ids]
            return any(fired)
        request = Request("timer", task_ids[0], {"task": task_ids[0]})
        by = retried_by or ENGINE.user_id
        return note_failure(self.work, instance_id, request, outcome, by, waiting=task_ids[0]) is not None

    def finish(self, move: FinishOperation) -> bool | StepFailed:
        """Go on after an operation; return whether the case still waited for it, or why it cannot go on."""
        return self._tried(move)

    def operation_failed(
        self, instance_id: str, task_id: str, error: StepFailed, back_off: Sequence[timedelta], retried_by: str | None
    ) -> None:
        """Record that the call of an operation, or the step after it, failed; it is tried again after `back_off`."""
        by = retried_by or ENGINE.user_id
        request = Request("operation", task_id, {"task": task_id}, back_off)
        note_failure(self.work, instance_id, request, error, by, waiting=task_id)

    def adopt(self, move: AdoptVersion) -> bool:
        """Let a case take over the newer version of a framework.

        Return whether anything was left to do. What cannot run becomes a failure, not an error.
        """
        outcome = self._tried(move)
        if isinstance(outcome, bool):
            return outcome
        facts = {"register": move.register, "id": move.record_id}
        by = move.retried_by or ENGINE.user_id
        request = Request("adopt", move.job_id, facts)
        return note_failure(self.work, move.instance_id, request, outcome, by, running=True) is not None

    def take_signal(self, move: TakeSignal) -> bool:
        """Let an event take a signal.

        Return whether anything was left to do. What cannot run becomes a failure, not an error.
        """
        outcome = self._tried(move)
        if isinstance(outcome, bool):
            return outcome
        by = move.retried_by or ENGINE.user_id
        request = Request("signal", move.job_id, {"task": move.task_id})
        return note_failure(self.work, move.instance_id, request, outcome, by, waiting=move.task_id) is not None

    def migrate(self, move: MigrateCase) -> bool | StepFailed:
        """Let a case move to another version of its process.

        Return whether there was anything to move, or why the case stays as it is.
        """
        return self._tried(move)

    def cancel(self, move: CancelCase) -> Saved:
        """Cancel a case; raise `ConcurrentUpdate` when it has ended, `StepFailed` when it cannot be cancelled."""
        return self.work.run(move)

    def mend(self, move: MendCase) -> Saved:
        """Mend a case; raise what `MendCase` raises, `StepFailed` when it cannot go on so: then it stands as it was."""
        saved = self.work.run(move)
        self.inbox.follow_up(saved)
        return saved

    def _tried(self, move: Move) -> bool | StepFailed:
        """Run a step that nobody waits for; return whether there was anything to do, or why it cannot be done."""
        try:
            saved = self.work.run(move)
        except Overtaken:
            return False
        except DatabaseFailed:
            raise  # no fault of the case: the job is still there when the database is back
        except ComityError as error:
            return error if isinstance(error, StepFailed) else StepFailed(str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the job: it becomes a failure
            return unexpected(error)
        self.inbox.follow_up(saved)
        return True


def _completion_request(move: CompleteTask) -> Request:
    facts: dict[str, Any] = {
        "task": move.task_id,
        "values": dict(move.accepted),
        "shown": [ref.as_json() for ref in move.shown],
        "shown_values": dict(move.shown_values),
        "effort_minutes": move.effort_minutes,
        "channel": move.channel,
        "actor": actor_as_json(move.actor),
    }
    return Request("complete", move.task_id, facts)


def actor_as_json(actor: Actor) -> dict[str, Json]:
    """Return the form in which a failure record keeps who wanted the step."""
    facts = asdict(actor)
    return {**facts, "roles": sorted(actor.roles), "groups": sorted(actor.groups)}


def actor_from_json(stored: Mapping[str, Json]) -> Actor:
    """Return the actor that `actor_as_json` kept."""
    return Actor(
        stored["user_id"],
        stored["name"],
        frozenset(stored["roles"]),
        frozenset(stored["groups"]),
        stored["organisation_id"],
    )
