"""Owns what happens when the connection breaks after the commit of a step was sent: it finds out whether it counts.

The revision that every step moves says so. What it cannot say, the step finds out when it is redone from load.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select, text

from engine.errors import OutcomeUnknown
from engine.persistence import statements as sql
from engine.persistence.database import Database
from engine.saving import Stale

_STANDS: Final = (
    select(sql.INSTANCE.c.revision, sql.INSTANCE.c.state, sql.INSTANCE.c.changed_at)
    .where(sql.INSTANCE.c.id == bindparam("instance"))
    .with_for_update()
)
_PATIENCE: Final = text("SET LOCAL lock_timeout = '5s'")


@contextmanager
def saving(database: Database, instance_id: str, seen: int, state: bytes, now: datetime) -> Iterator[Connection]:
    """Yield a connection in a writing transaction that moves a case from revision `seen` (0: a new case) to `state`.

    When no answer comes to the commit, the case is looked at: it stands as this step left it, and the block ends as
    ever, or `Stale` is raised. Raises `OutcomeUnknown` only if that cannot be found out either.
    """
    try:
        with database.write() as connection:
            yield connection
    except OutcomeUnknown as unknown:
        if not _stands(database, instance_id, seen, state, now, unknown):
            raise Stale from None


def _stands(
    database: Database, instance_id: str, seen: int, state: bytes, now: datetime, unknown: OutcomeUnknown
) -> bool:
    try:
        with database.write() as connection:
            if database.dialect == "postgresql":
                connection.execute(_PATIENCE)
            # The server may still be at work on the lost commit: whoever gets the lock of the row sees how it ended.
            row = connection.execute(_STANDS, {"instance": instance_id}).one_or_none()
    except Exception:  # noqa: BLE001 - whatever it is, the answer is the same: nobody knows
        raise unknown from None
    if row is None or seen == 0:
        return row is not None
    return bool(row.revision == seen + 1 and row.state == state and row.changed_at == now)
