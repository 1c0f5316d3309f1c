"""Owns the lock by which a case that ends, and the sums of the day on which it ends, come one after the other.

A row that changes is locked by itself. One that is new is seen by nobody before it is committed: in PostgreSQL the case
would not see the mark of the day, and who sums the day up would not see the case. SQLite has one writer at a time.
"""

import hashlib
from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

_NAMESPACE: Final = "comity.days"
"""Keeps these locks apart from those that a host program takes in the same database."""


def add_to(connection: Connection, definition_key: str, day: date) -> None:
    """Before a case is added to a day: wait while it is summed up, and keep it so until the transaction ends.

    Others may add cases to it meanwhile.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock_shared(_number(definition_key, day))))


def sum_up(connection: Connection, definition_key: str, day: date) -> None:
    """Before a day is summed up: wait until the cases that others add to it are committed, and keep others out."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_number(definition_key, day))))


def _number(definition_key: str, day: date) -> int:
    """Return the number of a lock, signed 64 bits; two days of one number would only wait for each other."""
    digest = hashlib.blake2b(f"{_NAMESPACE}:{day}:{definition_key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
