"""Owns how long sign-ins to an account wait after wrong passwords, by the place they come from; it checks no password.

A place is where a request comes from, such as an address, in the host's words. Whoever guesses from one place keeps
nobody out at another: wrong passwords count for the account and the place together. Guesses from many places are slowed
down together, but only for places at which nobody has signed in to the account before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from engine.persistence.models import SignInPlace, User
from engine.persistence.statements import table

_P: Final = table(SignInPlace)

ANYWHERE: Final = "*"
"""Stands for all places at which nobody has signed in to an account before; no address is written so."""

SHORTEST: Final = timedelta(seconds=30)
"""The first wait; each further wrong password doubles it."""

KNOWN_FOR: Final = timedelta(days=90)
"""How long a place stays known after a sign-in."""

FORGOTTEN_AFTER: Final = timedelta(days=1)
"""How long after the last wrong password the ones before are counted no more."""

MOST_PLACES: Final = 100
"""Of so many places at which nobody has signed in, wrong passwords are kept for one account; others count together."""

RENEWED_AFTER: Final = timedelta(hours=1)
"""How often at most a sign-in that changes nothing else is written down: some programs sign in with each request."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many wrong passwords are free, and the longest wait after the others."""

    free: int
    longest: timedelta

    def wait(self, failures: int) -> timedelta | None:
        """Return how long to wait after the last of so many wrong passwords in a row, None: not at all."""
        if failures < self.free:
            return None
        doubled: int = 2 ** min(failures - self.free, 20)
        return min(self.longest, SHORTEST * doubled)


AT_KNOWN: Final = Limit(5, SHORTEST)
"""At a place where somebody has signed in to the account: nobody is kept out for longer than half a minute."""

AT_UNKNOWN: Final = Limit(5, timedelta(minutes=15))
TOGETHER: Final = Limit(50, timedelta(minutes=15))

_HERE: Final = select(_P).where(
    _P.c.user_id == bindparam("user"), _P.c.place.in_((bindparam("here"), bindparam("anywhere")))
)
_LOCK: Final = select(User.id).where(User.id == bindparam("user")).with_for_update()
_OLD: Final = delete(_P).where(
    _P.c.user_id == bindparam("user"),
    _P.c.place.not_in((bindparam("here"), bindparam("anywhere"))),
    (_P.c.failed_at.is_(None) | (_P.c.failed_at < bindparam("failed_before"))),
    (_P.c.signed_in_at.is_(None) | (_P.c.signed_in_at < bindparam("signed_in_before"))),
)
_COUNT: Final = select(func.count()).where(_P.c.user_id == bindparam("user"), _P.c.signed_in_at.is_(None))
_MOVE: Final = update(_P).where(_P.c.user_id == bindparam("of_user"), _P.c.place == bindparam("of_place"))


def is_settled(connection: Connection, user_id: str, place: str, now: datetime) -> bool:
    """Return whether a right password from `place` is accepted and changes nothing that has to be written."""
    here = _rows(connection, user_id, place).get(place)
    return (
        here is not None
        and here.failures == 0
        and here.signed_in_at is not None
        and now - here.signed_in_at < RENEWED_AFTER
    )


def settle(connection: Connection, user_id: str, place: str, *, right: bool, now: datetime) -> bool:
    """Count a try and return whether it is accepted: it was right, and no wait was due.

    Tries of one account take turns here, after their passwords were looked at: of many at once, as many are answered as
    of many one after the other.
    """
    if connection.execute(_LOCK, {"user": user_id}).first() is None:
        return False
    rows = _rows(connection, user_id, place)
    here, anywhere = rows.get(place), rows.get(ANYWHERE)
    known = here is not None and here.signed_in_at is not None and now - here.signed_in_at < KNOWN_FOR
    if any(row is not None and _waits(row, now) for row in ((here,) if known else (here, anywhere))):
        return False
    _forget_old(connection, user_id, place, now)
    if right:
        values = {"failures": 0, "failed_at": None, "waits_until": None, "signed_in_at": now}
        _keep(connection, user_id, place, here, values)
        return True
    if here is not None or connection.execute(_COUNT, {"user": user_id}).scalar_one() < MOST_PLACES:
        _fail(connection, user_id, place, here, AT_KNOWN if known else AT_UNKNOWN, now)
    if not known:
        _fail(connection, user_id, ANYWHERE, anywhere, TOGETHER, now)
    return False


def forgive(connection: Connection, user_id: str) -> None:
    """Forget the wrong passwords of an account everywhere; places where somebody has signed in stay known."""
    connection.execute(delete(_P).where(_P.c.user_id == user_id, _P.c.signed_in_at.is_(None)))
    connection.execute(update(_P).where(_P.c.user_id == user_id).values(failures=0, failed_at=None, waits_until=None))


def _rows(connection: Connection, user_id: str, place: str) -> dict[str, Any]:
    found = connection.execute(_HERE, {"user": user_id, "here": place, "anywhere": ANYWHERE})
    return {row.place: row for row in found}


def _waits(row: Any, now: datetime) -> bool:
    return row.waits_until is not None and row.waits_until > now


def _fail(connection: Connection, user_id: str, place: str, row: Any, limit: Limit, now: datetime) -> None:
    counts = row is not None and row.failed_at is not None and now - row.failed_at < FORGOTTEN_AFTER
    failures = (row.failures if counts else 0) + 1
    wait = limit.wait(failures)
    values = {"failures": failures, "failed_at": now, "waits_until": None if wait is None else now + wait}
    _keep(connection, user_id, place, row, values)


def _keep(connection: Connection, user_id: str, place: str, row: Any, values: dict[str, Any]) -> None:
    if row is None:
        connection.execute(insert(_P), {"user_id": user_id, "place": place, "signed_in_at": None, **values})
    else:
        connection.execute(_MOVE.values(**values), {"of_user": user_id, "of_place": place})


def _forget_old(connection: Connection, user_id: str, place: str, now: datetime) -> None:
    """Forget other places from which nothing has come for long."""
    before = {"failed_before": now - FORGOTTEN_AFTER, "signed_in_before": now - KNOWN_FOR}
    connection.execute(_OLD, {"user": user_id, "here": place, "anywhere": ANYWHERE, **before})
