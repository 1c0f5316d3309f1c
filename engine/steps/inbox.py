"""Owns the way of messages: into the inbox, and from there to the one event that waits for them.

No message is delivered twice.

A message is written first and delivered in a step of its own afterwards. Who writes a message looks for a subscription
after the commit, who writes a subscription looks for a message after the commit: whoever comes later sees the other.
What a crash leaves in between is found by the scheduler.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, bindparam, select, update

from engine import start_events
from engine.cases import failures
from engine.cases.failures import Request
from engine.errors import AmbiguousMessage, ComityError, DatabaseFailed, StepFailed
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.recorder import Waits
from engine.steps import chains, exchanges, left_over
from engine.steps.message import DeliverMessage, PayloadCheck
from engine.steps.overtaken import Overtaken
from engine.steps.running import unexpected
from engine.steps.starting import Starting
from engine.types import ENGINE
from engine.unit_of_work.unit import Saved, UnitOfWork

_MESSAGE: Final = select(sql.INBOX).where(sql.INBOX.c.id == bindparam("message"))
_REOPEN: Final = (
    update(sql.INBOX)
    .where(sql.INBOX.c.id == bindparam("message"), sql.INBOX.c.state == "failed")
    .values(state="waiting")
)
_DROP: Final = (
    update(sql.INBOX)
    .where(sql.INBOX.c.id == bindparam("message"), sql.INBOX.c.state.in_(("waiting", "failed")))
    .values(state="expired")
)
_WAITS: Final = (
    select(sql.INSTANCE.c.waits, sql.INSTANCE.c.status)
    .where(sql.INSTANCE.c.id == bindparam("instance"))
    .with_for_update()
)
_OVERTAKEN_TRIES: Final = 5
MOST_FOLLOWING: Final = 100
"""After how many steps that followed one from the other by messages somebody else has a turn: the scheduler goes on.

Whoever set the first one off waits for them, about a second at most.
"""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message; `saved` is the step that it led to, if this call delivered it.

    `started` says that it began, or was to begin, a case.
    """

    state: Literal["delivered", "waiting", "failed", "expired"]
    instance_id: str | None
    expires_at: datetime
    saved: Saved | None = None
    started: bool = False


def match(connection: Connection, name: str, key: str | None) -> AnyRow | None:
    """Return the subscription that a message is for, None when nobody waits.

    Raise `AmbiguousMessage` when several do.
    """
    return _only(connection.execute(sql.MATCHING_SUBSCRIPTIONS, {"name": name, "key": key}).all(), name, key)


def _only(found: Sequence[AnyRow], name: str, key: str | None) -> AnyRow | None:
    if len(found) > 1:
        raise AmbiguousMessage(name, key)
    return found[0] if found else None


def receiver(connection: Connection, message: AnyRow) -> tuple[AnyRow | None, AnyRow | None]:
    """Return the subscription that a message is for, else the start event; a case that waits goes first.

    Who waited in time for the message goes before who did not; where nobody did, one gets it who began to wait within
    the time by which the clocks of two hosts may differ. Raise `AmbiguousMessage` when several cases wait.
    """
    if message.start_event_id is not None:
        return None, start_events.by_id(connection, message.start_event_id)
    name, key = message.name, message.correlation_key
    found = connection.execute(sql.MATCHING_SUBSCRIPTIONS, {"name": name, "key": key}).all()
    in_time = [each for each in found if start_events.in_time(message, each.created_at)]
    start = None if in_time else start_events.for_message(connection, message)
    near = [each for each in found if each.created_at - message.received_at <= left_over.CLOCKS_DIFFER]
    return None if start else _only(in_time or near, name, key), start


class Inbox:
    """Delivers the messages of the inbox."""

    def __init__(self, work: UnitOfWork, check: PayloadCheck) -> None:
        self._work, self._check = work, check
        self.starting = Starting(work, check)

    def deliver(self, message_id: str, *, retried_by: str | None = None) -> Outcome:
        """Try to deliver a message, and return what stands afterwards; `retried_by` is the person who asks for it.

        A step that cannot run becomes a failure of the receiving case, an ambiguous message one of the case that sent
        it; neither is raised, because nobody waits for the answer.
        """
        for _ in range(_OVERTAKEN_TRIES):
            waiting, start, problem, place = None, None, None, chains.Place()
            with self._work.database.read() as connection:
                message = connection.execute(_MESSAGE, {"message": message_id}).one()
                if message.state not in ("waiting", "failed"):
                    break
                try:
                    waiting, start = receiver(connection, message)
                    if start is not None and retried_by is None:
                        place = chains.place(connection, message, start.definition_key)
                except AmbiguousMessage as ambiguous:
                    problem = StepFailed(str(ambiguous))
            if problem is not None:
                return self._failed(message, message.sender_id, problem)
            try:
                if start is not None:
                    return self._start(message, start, place, retried_by)
                if waiting is not None:
                    return self._step(message, waiting, retried_by)
            except Overtaken:
                continue
            self._keep(message)
            break
        with self._work.database.read() as connection:
            message = connection.execute(_MESSAGE, {"message": message_id}).one()
        return Outcome(message.state, message.instance_id, message.expires_at)

    def left_over(self, most: int) -> list[str]:
        """Return up to `most` messages that one case waits for, as a crash left them, and as many that start one."""
        with self._work.database.read() as connection:
            return left_over.messages(connection, self._work.clock(), most)

    def next_retry(self) -> datetime | None:
        """Return when a start that has failed is tried again (UTC); it may be past."""
        with self._work.database.read() as connection:
            return left_over.next_retry(connection)

    def expire(self) -> int:
        """Mark the messages that nobody has waited for in time, and return how many there were."""
        now = self._work.clock()
        with self._work.database.read() as connection:
            if not left_over.any_overdue(connection, now):
                return 0
        with self._work.database.write() as connection:
            return left_over.expire(connection, now)

    def follow_up(self, saved: Saved) -> None:
        """Deliver what the step sent inside, and what waits for the events that it brought the case to."""
        steps = [saved]
        for step in steps:
            for message_id in self._due(step):
                outcome = self.deliver(message_id)
                if outcome.saved is not None:
                    steps.append(outcome.saved)
            if len(steps) > MOST_FOLLOWING:
                log.warning("more than %d steps followed one another; the scheduler goes on", MOST_FOLLOWING)
                self._work.database.alarm.ring({"job": self._work.clock()})
                return

    def _due(self, saved: Saved) -> Iterable[str]:
        due = [row["id"] for row in saved.changes.inbox]
        if saved.changes.new_subscriptions:
            with self._work.database.read() as connection:
                for row in (each for each in saved.changes.new_subscriptions if each["kind"] == "message"):
                    key = row["correlation_key"]
                    wanted = {
                        "name": row["message_name"],
                        "key": key,
                        "any_key": int(key is None),
                        "since": row["created_at"],
                    }
                    due += connection.execute(sql.MATCHING_MESSAGE, wanted).scalars()
        return dict.fromkeys(due)

    def _step(self, message: AnyRow, waiting: AnyRow, retried_by: str | None) -> Outcome:
        move = DeliverMessage(
            message_id=message.id,
            name=message.name,
            key=message.correlation_key,
            payload=message.payload,
            instance_id=waiting.instance_id,
            task_id=waiting.task_id,
            process_key=waiting.process_key,
            element_id=waiting.element_id,
            actor=ENGINE,
            check=self._check,
            sent_at=message.received_at,
            hops=message.hops,
            retried_by=retried_by,
        )
        try:
            saved = self._work.run(move)
        except (Overtaken, DatabaseFailed):
            raise  # a message that could not be saved as delivered stays in the inbox
        except ComityError as error:
            failed = error if isinstance(error, StepFailed) else StepFailed(str(error), waiting.element_id)
            return self._failed(message, waiting.instance_id, failed, waiting.task_id)
        except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the message: it becomes a failure
            return self._failed(message, waiting.instance_id, unexpected(error), waiting.task_id)
        return Outcome("delivered", waiting.instance_id, message.expires_at, saved)

    def _start(self, message: AnyRow, start: AnyRow, place: chains.Place, retried_by: str | None) -> Outcome:
        saved = self.starting.by_message(message, start, place, exchanges.hops(message.hops, retried_by))
        if saved is None:
            return Outcome("failed", None, message.expires_at, started=True)
        return Outcome("delivered", saved.case.id, message.expires_at, saved, started=True)

    def _failed(
        self, message: AnyRow, instance_id: str | None, error: StepFailed, waiting: str | None = None
    ) -> Outcome:
        if instance_id is None:
            # It came from outside while two cases wait for it: it stays where it is until one of them goes on.
            return Outcome("waiting", None, message.expires_at)
        facts = {"message": message.id} | ({} if waiting is None else {"task": waiting})
        request = Request("message", message.id, facts)
        if note_failure(self._work, instance_id, request, error, ENGINE.user_id, waiting=waiting) is None:
            raise Overtaken
        return Outcome("failed", instance_id, message.expires_at)

    def _keep(self, message: AnyRow) -> None:
        if message.start_event_id is not None:
            with self._work.database.write() as connection:
                connection.execute(_DROP, {"message": message.id})
        elif message.state == "failed":
            with self._work.database.write() as connection:
                connection.execute(_REOPEN, {"message": message.id})


def note_failure(
    work: UnitOfWork,
    instance_id: str,
    request: Request,
    error: StepFailed,
    actor: str,
    *,
    waiting: str | None = None,
    running: bool = False,
) -> str | None:
    """Record a failed step in a transaction of its own, and return the failure's id.

    `waiting` is the task of the case that the step was for: when the case does not wait for it any more, the step has
    become needless, nothing is recorded and None is returned; with `running`, likewise when the case has ended.
    """
    now = work.clock()
    with work.database.read() as connection:
        row = store.load_case(connection, instance_id)
        if row is None:
            raise error
        case = work.case(connection, row)
    with work.database.write() as connection:
        # Locked, so that no step goes on in between: nobody would ever settle the failure of a case that has ended.
        now_is = connection.execute(_WAITS, {"instance": instance_id}).one()
        waits = Waits.from_json(now_is.waits)
        if running and now_is.status != "active":
            return None
        if waiting is not None and waiting not in waits.waiting:
            return None
        error.failure_id = failures.note(connection, case, request, error, actor, now)
    return error.failure_id


def settle_failure(work: UnitOfWork, instance_id: str, failure_id: str, by: str) -> None:
    """Mark a failure resolved whose step is not needed any more; nothing happens when it is resolved already."""
    with work.database.read() as connection:
        row = store.load_case(connection, instance_id)
        if row is None or not failures.is_open(connection, failure_id):
            return
        case = work.case(connection, row)
    with work.database.write() as connection:
        failures.settle(connection, case, [failure_id], by, work.clock())
