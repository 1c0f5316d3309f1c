"""Owns the starts by events that have failed: who may see them, and trying one again. Who starts cases is elsewhere."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, or_, select, true

from engine import policy
from engine.cases.failures import BACK_OFF
from engine.errors import ConcurrentUpdate, NotFound, NotPermitted, StepFailed
from engine.persistence.database import AnyRow, Database
from engine.persistence.statements import INBOX, INSTANCE, START
from engine.steps.overtaken import Overtaken
from engine.steps.service import Steps
from engine.types import Actor
from engine.views import CaseRef, FailedStart

MOST: Final = 200
_IN_INBOX: Final = (
    select(INBOX, START.c.kind, START.c.definition_key, START.c.definition_id, START.c.element_id)
    .join(
        START,
        or_(
            START.c.id == INBOX.c.start_event_id,
            and_(INBOX.c.start_event_id.is_(None), START.c.kind == "message", START.c.name == INBOX.c.name),
        ),
    )
    .where(INBOX.c.state == "failed", INBOX.c.reason.is_not(None))
    .order_by(INBOX.c.failed_at.desc(), INBOX.c.id)
)
_REASON: Final = select(INBOX.c.reason).where(INBOX.c.id == bindparam("start"), INBOX.c.state == "failed")
_REASON_OF_TIMER: Final = select(START.c.reason).where(START.c.id == bindparam("start"))
_CASE: Final = select(INSTANCE.c.id, INSTANCE.c.number, INSTANCE.c.title, INSTANCE.c.status).where(
    INSTANCE.c.id == bindparam("instance")
)
_OF_TIMERS: Final = (
    select(START)
    .where(START.c.kind == "timer", START.c.reason.is_not(None))
    .order_by(START.c.failed_at.desc(), START.c.id)
)


class FailedStarts:
    """Starts that have failed. Its methods are those of the ManagementService."""

    def __init__(self, database: Database, steps: Steps) -> None:
        self._database, self._steps = database, steps

    def listed(self, actor: Actor) -> tuple[FailedStart, ...]:
        """Return the newest of those that the actor may see."""
        visible = _visible(actor)
        with self._database.read() as connection:
            owned = set(connection.execute(policy.processes_owned(actor)).scalars())
            rows = [*connection.execute(_IN_INBOX.where(visible).limit(MOST))]
            rows += connection.execute(_OF_TIMERS.where(visible).limit(MOST)).all()
            named = {row.definition_id: self._steps.work.definitions.get(connection, row.definition_id) for row in rows}
        found = []
        for row in sorted(rows, key=lambda each: each.failed_at, reverse=True)[:MOST]:
            definition = named[row.definition_id]
            element = definition.facts.element(row.element_id)
            found.append(
                FailedStart(
                    id=row.id,
                    kind=row.kind,
                    process_key=row.definition_key,
                    process_name=definition.name,
                    definition_id=row.definition_id,
                    element_id=row.element_id,
                    element_name=(element.name or None) if element else None,
                    name=row.name,
                    reason=row.reason,
                    attempts=row.attempts,
                    failed_at=row.failed_at,
                    retry_at=_retry_at(row),
                    may_retry=policy.is_engine(actor) or row.definition_key in owned,
                )
            )
        return tuple(found)

    def retry(self, start_id: str, actor: Actor) -> CaseRef:
        """Try a start again; see `ManagementService.retry_start`."""
        with self._database.read() as connection:
            row = connection.execute(_IN_INBOX.where(INBOX.c.id == start_id, _visible(actor))).first()
            row = row or connection.execute(_OF_TIMERS.where(START.c.id == start_id, _visible(actor))).first()
            if row is None:
                raise NotFound("failed start", start_id)
            owned = connection.execute(policy.processes_owned(actor)).scalars()
            if not (policy.is_engine(actor) or row.definition_key in owned):
                raise NotPermitted("Only the owners of the process may retry its starts.")
        instance_id = self._timer(row) if row.kind == "timer" else self._message(row, actor)
        with self._database.read() as connection:
            if instance_id is not None:
                return CaseRef(*connection.execute(_CASE, {"instance": instance_id}).one())
            after = connection.execute(
                _REASON_OF_TIMER if row.kind == "timer" else _REASON, {"start": start_id}
            ).first()
        if after is None or after.reason is None:
            raise ConcurrentUpdate("The start")
        raise StepFailed(after.reason)

    def _timer(self, row: AnyRow) -> str | None:
        try:
            saved = self._steps.inbox.starting.by_timer(row)
        except Overtaken as error:
            raise ConcurrentUpdate("The start") from error
        if saved is None:
            return None
        self._steps.inbox.follow_up(saved)
        return saved.case.id

    def _message(self, row: AnyRow, actor: Actor) -> str | None:
        outcome = self._steps.inbox.deliver(row.id, retried_by=actor.user_id)
        if outcome.saved is not None:
            self._steps.inbox.follow_up(outcome.saved)
        return outcome.instance_id if outcome.state == "delivered" else None


def _visible(actor: Actor) -> ColumnElement[bool]:
    if policy.is_engine(actor) or "admin" in actor.roles:
        return true()
    return START.c.definition_key.in_(policy.processes_owned(actor))


def _retry_at(row: AnyRow) -> datetime | None:
    """Return when the start is tried again by itself (UTC), None when it is not."""
    again: datetime | None = row.retry_at if row.kind != "timer" else row.leased_until
    return again if row.attempts <= len(BACK_OFF) else None
