"""Owns the question whether a pooled connection is still there, which is asked when it has lain idle for a while.

SQLAlchemy's `pool_pre_ping` asks each time, and a step uses two connections: two round trips that say what the step
before has just shown. A server that goes away within the second is met by the first statement, as it is by those that
are under way; SQLAlchemy then drops all connections from before, and the step is made again.
"""

import time
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

IDLE_SECONDS: Final = 1.0
"""How long a connection may have lain in the pool to be used unasked."""

_BACK: Final = "comity.back"


def checked(engine: Engine) -> Engine:
    """Return `engine` with a pool that gives out no connection that was lost while it lay there."""

    def asked(connection: Any, entry: ConnectionPoolEntry, _: Any) -> None:
        back = entry.info.get(_BACK)
        if back is None or time.monotonic() - back < IDLE_SECONDS:
            return  # new, or just used
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error

    event.listen(engine, "checkout", asked)
    event.listen(engine, "checkin", _noted)
    return engine


def _noted(_: Any, entry: ConnectionPoolEntry) -> None:
    entry.info[_BACK] = time.monotonic()
