"""Owns which messages of the inbox have something to happen to them: delivered late, tried again, or expired."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select, update

from engine.persistence import statements as sql

CLOCKS_DIFFER: Final = timedelta(minutes=1)
"""By how much the clocks of two hosts may differ: a message as young as that may have come in time, and is kept."""
_MATCHES: Final = and_(
    sql.SUBSCRIPTION.c.kind == "message",
    sql.SUBSCRIPTION.c.message_name == sql.INBOX.c.name,
    or_(
        sql.SUBSCRIPTION.c.correlation_key.is_(None),
        sql.SUBSCRIPTION.c.correlation_key == sql.INBOX.c.correlation_key,
    ),
)
_IN_TIME: Final = and_(_MATCHES, sql.in_time_for(sql.SUBSCRIPTION.c.created_at))
_FOR_HOW_MANY: Final = select(func.count()).select_from(sql.SUBSCRIPTION).where(_IN_TIME).scalar_subquery()
_FOR_A_START: Final = exists().where(
    sql.START.c.kind == "message",
    sql.START.c.name == sql.INBOX.c.name,
    or_(sql.START.c.since.is_(None), sql.in_time_for(sql.START.c.since)),
)
_OVERDUE: Final = and_(
    sql.INBOX.c.state == "waiting",
    sql.INBOX.c.start_event_id.is_(None),
    sql.INBOX.c.expires_at <= bindparam("now"),
    sql.INBOX.c.received_at <= bindparam("settled"),
    or_(_FOR_HOW_MANY > 1, and_(~exists().where(_IN_TIME), ~_FOR_A_START)),
)
"""What came in time for somebody is on its way to them, however late that is; what did for several, to nobody."""
_ANY_OVERDUE: Final = select(sql.INBOX.c.id).where(_OVERDUE).limit(1)
_EXPIRE: Final = update(sql.INBOX).where(_OVERDUE).values(state="expired")
_LEFT_OVER: Final = (
    select(sql.INBOX.c.id)
    .join(sql.SUBSCRIPTION, _IN_TIME)
    .where(sql.INBOX.c.state == "waiting", sql.INBOX.c.start_event_id.is_(None))
    .group_by(sql.INBOX.c.id, sql.INBOX.c.received_at)
    .having(func.count() == 1)
    .order_by(sql.INBOX.c.received_at, sql.INBOX.c.id)
    .limit(bindparam("most"))
)
"""Waiting messages that came in time for exactly one subscription.

Those that came in time for several cases would crowd the others out.
"""
_TO_START: Final = (
    select(sql.INBOX.c.id)
    .where(
        sql.INBOX.c.state == "waiting",
        or_(
            sql.INBOX.c.start_event_id.is_not(None),
            and_(_FOR_A_START, ~exists().where(_IN_TIME)),
        ),
    )
    .order_by(sql.INBOX.c.received_at, sql.INBOX.c.id)
    .limit(bindparam("most"))
)
"""Messages and signals that are to start a case."""
_AGAIN: Final = and_(sql.INBOX.c.state == sql.said("failed"), sql.INBOX.c.retry_at.is_not(None))
"""As the index says it: of starts that failed those that are tried again, not those that wait for a person."""
_TO_TRY_AGAIN: Final = (
    select(sql.INBOX.c.id)
    .where(_AGAIN, sql.INBOX.c.retry_at <= bindparam("now"))
    .order_by(sql.INBOX.c.retry_at)
    .limit(bindparam("most"))
)
_RETRY: Final = select(func.min(sql.INBOX.c.retry_at)).where(_AGAIN)


def messages(connection: Connection, now: datetime, most: int) -> list[str]:
    """Return the ids of up to `most` messages that one case waits for, and of as many that start one.

    As many again are of starts that have failed and are to be tried again at `now`.
    """
    looks = (_LEFT_OVER, _TO_START, _TO_TRY_AGAIN)
    return [found for look in looks for found in connection.execute(look, {"now": now, "most": most}).scalars()]


def next_retry(connection: Connection) -> datetime | None:
    """Return when a start that has failed is tried again (UTC), None when none is."""
    found: datetime | None = connection.execute(_RETRY).scalar_one()
    return found


def any_overdue(connection: Connection, now: datetime) -> bool:
    """Say whether a message has been kept for as long as it was to be, and nobody waited for it in time."""
    return connection.execute(_ANY_OVERDUE, _overdue(now)).first() is not None


def expire(connection: Connection, now: datetime) -> int:
    """Mark such messages as expired, and return how many there were."""
    return connection.execute(_EXPIRE, _overdue(now)).rowcount


def _overdue(now: datetime) -> dict[str, datetime]:
    return {"now": now, "settled": now - CLOCKS_DIFFER}
