"""What transactions of the database promise: readers see one moment and cannot write, a writer keeps all or nothing."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from engine.errors import ComityError
from engine.persistence.database import Database
from engine.persistence.statements import SEQUENCE

_ADD = sa.insert(SEQUENCE)
_ALL = sa.select(SEQUENCE.c.name).order_by(SEQUENCE.c.name)
_FIRST, _SECOND = {"name": "first", "next": 1}, {"name": "second", "next": 1}


@pytest.fixture
def opened(database: str) -> Iterator[Database]:
    """A database whose table of number sequences is empty."""
    found = Database(database)
    with found.write() as connection:
        connection.execute(sa.delete(SEQUENCE))
    yield found
    found.close()


def test_a_reader_sees_what_was_there_when_it_first_looked(opened: Database) -> None:
    with opened.read() as reader:
        assert reader.execute(_ALL).scalars().all() == []
        with opened.write() as writer:
            writer.execute(_ADD, _FIRST)
        assert reader.execute(_ALL).scalars().all() == []
    with opened.read() as reader:
        assert reader.execute(_ALL).scalars().all() == ["first"]


def test_a_reader_cannot_write_also_on_a_connection_that_has_written(opened: Database) -> None:
    for _ in range(2):
        with opened.write() as writer:
            writer.execute(sa.delete(SEQUENCE))
        with pytest.raises((sa.exc.DBAPIError, ComityError)), opened.read() as reader:
            reader.execute(_ADD, _FIRST)
    with opened.read() as reader:
        assert reader.execute(_ALL).scalars().all() == []


def test_a_writer_that_fails_keeps_nothing(opened: Database) -> None:
    def write_both() -> None:
        with opened.write() as writer:
            writer.execute(_ADD, _FIRST)
            writer.execute(_ADD, [_SECOND])
            raise RuntimeError("in between")

    with pytest.raises(RuntimeError, match="in between"):
        write_both()
    with opened.read() as reader:
        assert reader.execute(_ALL).scalars().all() == []
