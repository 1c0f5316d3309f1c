"""The migrations make exactly the tables that the models describe; a database of a newer program is left alone."""

import shutil
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from engine.errors import ComityError
from engine.persistence import schema
from engine.persistence.database import Database
from engine.persistence.models import Base, Job, Record, RecordVersion
from engine.process_engine import ProcessEngine
from forms.catalog import MarshmallowForms
from tests.engine.registers.world import deploy
from tests.engine.stage import ANN, Stage, at_once


def test_migrations_and_models_agree(database: str) -> None:
    made = Database(database)
    with made.read() as connection:
        opts = {
            "version_table": schema.VERSION_TABLE,
            "compare_type": True,
            "include_object": lambda _, name, kind, *__: schema.is_compared(name, kind),
        }
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []
    assert schema.current_version(made) == schema.newest_version()
    made.close()


def test_an_empty_database_is_brought_to_the_current_version_by_several_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.sqlite'}"
    first = Database(url)
    assert schema.current_version(first) is None
    databases = [first, Database(url), Database(url)]
    outcomes = at_once(*(lambda d=each: schema.migrate(d) for each in databases))
    assert [each.error for each in outcomes] == [None] * 3
    assert schema.current_version(first) == schema.newest_version()
    for each in databases:
        each.close()


def test_migrating_again_changes_nothing(stage: Stage) -> None:
    stage.deploy_one_task()
    stage.start()
    stage.engine.migrate()
    assert len(stage.tasks()) == 1


def test_a_database_of_a_newer_program_is_refused(stage: Stage) -> None:
    with stage.engine.database.write() as connection:
        connection.execute(sa.text("update comity_version set version_num = '9999'"))
    try:
        with pytest.raises(ComityError, match="version 9999, which this program does not know"):
            stage.engine.migrate()
    finally:
        with stage.engine.database.write() as connection:
            current = {"version": schema.newest_version()}
            connection.execute(sa.text("update comity_version set version_num = :version"), current)


def test_a_server_or_library_that_is_too_old_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "OLDEST", {"postgresql": (99,), "sqlite": (99, 5)})
    with pytest.raises(ComityError, match=r"is (postgresql|sqlite) \d+\.\d+.*\. Comity needs 99(\.5)? or newer\."):
        stage.engine.migrate()


def test_migrations_run_from_wherever_the_package_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = tmp_path / "a place with 100% strange names"
    shutil.copytree(schema.MIGRATIONS, copied)
    monkeypatch.setattr(schema, "MIGRATIONS", copied)
    monkeypatch.chdir(tmp_path)
    engine = ProcessEngine(f"sqlite:///{tmp_path / 'x.sqlite'}", MarshmallowForms())
    engine.migrate()
    assert schema.current_version(engine.database) == schema.newest_version()
    engine.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_threads_cannot_share_is_refused(url: str) -> None:
    with pytest.raises(ComityError, match="name a file"):
        Database(url)


def test_readers_cannot_write(database: str) -> None:
    made = Database(database)
    with pytest.raises(sa.exc.DBAPIError), made.read() as connection:
        connection.execute(sa.text("delete from user_task"))
    with made.write() as connection:
        connection.execute(sa.text("delete from user_task"))
    made.close()


def test_a_time_without_zone_is_refused(database: str) -> None:
    made = Database(database)
    with pytest.raises(sa.exc.StatementError, match="without time zone"), made.write() as connection:
        connection.execute(sa.update(Job).values(due_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point
    made.close()


def test_records_that_were_there_before_are_found_by_their_words(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}"
    old = Database(url)
    with old.write() as connection:
        command.upgrade(schema.config(connection), "0002")
    made = Stage(url)
    deploy(made)
    key = {"register": "needs", "id": "N-0001"}
    now = made.clock.now
    with old.write() as connection:
        connection.execute(
            sa.insert(Record),
            {**key, "version": 2, "title": "Opening hours", "created_at": now, "changed_at": now, "text": ""},
        )
        for version, title in ((1, "Bicycle shed"), (2, "Opening hours")):
            about = {"body": {"title": title}, "created_at": now, "created_by": "olga"}
            connection.execute(
                sa.insert(RecordVersion), {"register": "needs", "record_id": "N-0001", "version": version, **about}
            )
    old.close()
    made.engine.migrate()
    for words, count in (("opening hour", 1), ("n-0001", 1), ("bicycle", 0)):
        assert len(made.engine.registers.page("needs", ANN, text=words).rows) == count
    made.close()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_released_database_is_brought_along_by_several_at_once(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """As one of before events and operations: its version stands in Alembic's own table."""
    url = f"sqlite:///{tmp_path / 'old.sqlite'}" if kind == "sqlite" else request.getfixturevalue("own_postgres_url")
    databases = [Database(url) for _ in range(3)]
    with databases[0].write() as connection:
        command.upgrade(schema.config(connection), "0005")
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO alembic_version SELECT version_num FROM comity_version"))
        connection.execute(sa.text("DROP TABLE comity_version"))
    outcomes = at_once(*(lambda each=each: schema.migrate(each) for each in databases))
    assert [each.error for each in outcomes] == [None] * 3
    assert schema.current_version(databases[0]) == schema.newest_version()
    with databases[0].read() as connection:
        assert {*sa.inspect(connection).get_table_names()} >= {*Base.metadata.tables}
        assert "alembic_version" not in sa.inspect(connection).get_table_names()
    for each in databases:
        each.close()
