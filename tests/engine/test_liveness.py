"""A pooled connection is asked whether it is there when it has lain idle, and only then."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from engine.persistence import liveness
from engine.persistence.database import Database
from tests.engine.wire import Wire

pytestmark = pytest.mark.postgres


@pytest.fixture
def database(wire: Wire) -> Iterator[Database]:
    made = Database(wire.url)
    yield made
    made.close()


def asks(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Return a list that has an item for each time that a connection is asked."""
    dialect, found = database.engine.dialect, list[object]()
    ping = dialect.do_ping

    def noted(connection: Any) -> bool:
        found.append(connection)
        return ping(connection)

    monkeypatch.setattr(dialect, "do_ping", noted)
    return found


def one(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.text("SELECT 1")).scalar_one())


def test_one_that_was_just_used_is_not_asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    found = asks(database, monkeypatch)
    assert [one(database) for _ in range(5)] == [1] * 5
    assert found == []
    monkeypatch.setattr(liveness, "IDLE_SECONDS", 0.0)
    assert one(database) == 1
    assert len(found) == 1


def test_those_that_were_lost_while_they_lay_there_are_replaced(
    database: Database, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.read(), database.read(), database.read():
        pass
    monkeypatch.setattr(liveness, "IDLE_SECONDS", 0.05)
    wire.cut()
    wire.mend()
    time.sleep(0.1)
    found = asks(database, monkeypatch)
    with database.read() as first, database.read() as second:
        assert [each.execute(sa.text("SELECT 1")).scalar_one() for each in (first, second)] == [1, 1]
    assert len(found) == 1, "with the first that is gone all others from before are"
