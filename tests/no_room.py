"""Owns a disk without room, as tests need it: an SQLite file that cannot grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_MOST_PAGES = 4_294_967_294
"""SQLite's own limit for the pages of a file."""


@contextmanager
def no_room(engine: Engine) -> Iterator[None]:
    """Let the SQLite file of `engine` not grow, and have room again afterwards.

    Said to each connection when it is taken from the pool. The pool is kept: a thread that works meanwhile would give
    its connection back to one that nobody closes any more.
    """
    most = 1  # SQLite takes the size that the file has

    def bound(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count={most}")

    event.listen(engine, "checkout", bound)
    try:
        yield
    finally:
        most = _MOST_PAGES
