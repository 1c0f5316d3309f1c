"""Owns what a driver's error means to whoever asked for something: the database is away, full, or did not answer.

It knows the codes of both databases and nothing of what was asked.
"""

from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.errors import DatabaseFailed, DatabaseUnavailable, OutcomeUnknown, StorageFull

_FULL: Final = "53100"
_AWAY_CLASSES: Final = ("08", "53", "57", "58")
"""SQLSTATE classes: connection exception, insufficient resources, operator intervention, system error."""
_READ_ONLY: Final = "25006"
"""SQLSTATE of a write on a server that has become a standby."""

_SQLITE_FULL: Final = 13
_SQLITE_READONLY: Final = 8
_SQLITE_AWAY: Final = frozenset((5, 6, 10, 14, 15, 26))
"""Primary result codes: busy, locked, input/output error, cannot open, locking protocol, not a database."""


def told(error: BaseException, *, writing: bool = False, committing: bool = False) -> DatabaseFailed | None:
    """Return what `error` of SQLAlchemy or of a driver means; None when the database is there and refused something.

    `writing` says that the transaction was meant to write, `committing` that its commit had been sent.
    """
    if isinstance(error, PoolTimeout):
        return DatabaseUnavailable(_first_line(error))
    raw = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    code = getattr(raw, "sqlite_errorcode", None)
    if code is not None:
        return _of_sqlite(int(code) & 0xFF, _first_line(raw), writing=writing)
    state: str | None = getattr(raw, "sqlstate", "")
    if state == _FULL:
        return StorageFull(_first_line(raw))
    without_answer = state is None and type(raw).__name__ in ("OperationalError", "InterfaceError")  # psycopg's
    if lost or without_answer or (state or "").startswith(_AWAY_CLASSES):
        return OutcomeUnknown(_first_line(raw)) if committing else DatabaseUnavailable(_first_line(raw), lost=lost)
    return DatabaseUnavailable(_first_line(raw)) if writing and state == _READ_ONLY else None


def _of_sqlite(code: int, reason: str, *, writing: bool) -> DatabaseFailed | None:
    # A commit that fails has written nothing that counts: the frames of the log are valid with the last one only.
    if code == _SQLITE_FULL:
        return StorageFull(reason)
    return DatabaseUnavailable(reason) if code in _SQLITE_AWAY or (writing and code == _SQLITE_READONLY) else None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
