"""Owns the databases of the engine's tests: every test runs on SQLite and on PostgreSQL, each time on empty tables."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.persistence import schema
from engine.persistence.database import Database
from engine.persistence.models import Base
from tests.engine.stage import Stage
from tests.engine.wire import Wire


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the current tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "comity.sqlite"
    database = Database(f"sqlite:///{path}")
    schema.migrate(database)
    database.close()  # the last connection to close moves the log into the file
    return path


@pytest.fixture(scope="session")
def postgres_tables(postgres_url: str) -> str:
    """A PostgreSQL database with the current tables."""
    database = Database(postgres_url)
    schema.migrate(database)
    database.close()
    return postgres_url


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of an SQLite file with the current tables, all empty."""
    path = tmp_path / "comity.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_database(postgres_tables: str) -> str:
    """The URL of a PostgreSQL database with the current tables, all empty."""
    engine = sa.create_engine(postgres_tables, poolclass=sa.NullPool)
    with engine.begin() as connection:
        # DELETE, because TRUNCATE makes new files for every table and index: a second for each test.
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    return postgres_tables


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """The URL of a database with the current tables, all empty."""
    name = "sqlite_database" if request.param == "sqlite" else "postgres_database"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def wire(postgres_database: str) -> Iterator[Wire]:
    """A wire to PostgreSQL that can be cut; for tests that are marked `postgres`."""
    made = Wire(sa.make_url(postgres_database))
    yield made
    made.close()


@pytest.fixture
def stage(database: str) -> Iterator[Stage]:
    """An engine on an empty database, with a clock that the test moves."""
    made = Stage(database)
    yield made
    made.close()
