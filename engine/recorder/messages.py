"""Owns the rows of the messages that a step sends: to others by the outbox, inside by the inbox."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from engine.recorder.case import Case, Cause, Row
from engine.types import ENGINE
from engine.types.step import Step

INBOX_DAYS: Final = 30
"""How long a message that nobody waits for is kept."""

_IDENTIFIERS: Final = uuid.UUID("8b0f3c0e-6f0e-5d1b-9a75-0c3f5b6f2a11")


def sent_outside(case: Case, step: Step, now: datetime) -> list[Row]:
    """Return the rows of the outbox."""
    return [_outbox_row(case, step, index, now) for index in _outgoing(step, outside=True)]


def sent_inside(case: Case, step: Step, cause: Cause, now: datetime) -> list[Row]:
    """Return the rows of the inbox."""
    return [
        {**_inbox_row(case, step, index, now), "hops": cause.hops_of_sent} for index in _outgoing(step, outside=False)
    ]


def message_id(case: Case, index: int) -> str:
    """Return the id of the message that a step sends as its `index`-th: the same whenever the step is redone."""
    return uuid.uuid5(_IDENTIFIERS, f"{case.id}/{case.revision}/{index}").hex


def _outgoing(step: Step, *, outside: bool) -> list[int]:
    return [index for index, message in enumerate(step.outgoing) if (message.destination is not None) is outside]


def _outbox_row(case: Case, step: Step, index: int, now: datetime) -> Row:
    message = step.outgoing[index]
    return {
        "id": message_id(case, index),
        "instance_id": case.id,
        "name": message.name,
        "destination": message.destination,
        "correlation_key": message.correlation_key,
        "payload": message.payload,
        "created_at": now,
        "state": "pending",
    }


def _inbox_row(case: Case, step: Step, index: int, now: datetime) -> Row:
    message = step.outgoing[index]
    return {
        "id": message_id(case, index),
        "name": message.name,
        "correlation_key": message.correlation_key,
        "payload": message.payload,
        "received_at": now,
        "received_from": ENGINE.user_id,
        "expires_at": message.expires_at or now + timedelta(days=INBOX_DAYS),
        "state": "waiting",
        "sender_id": case.id,
        "instance_id": None,
    }
