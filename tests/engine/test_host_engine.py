"""The engine on the SQLAlchemy engine of a host: both do their own, and neither gets in the other's way."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import signature
from pathlib import Path
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine, event

from engine import errors
from engine.errors import ComityError
from engine.persistence import schema
from engine.persistence.database import Database
from engine.persistence.models import Base
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from tests.engine.stage import ANN, OLGA, Clock, at_once, form, one_task

HOSTS = sa.MetaData()
ROOM = sa.Table("room", HOSTS, sa.Column("name", sa.String(20), primary_key=True))
BOOKING = sa.Table(
    "booking",
    HOSTS,
    sa.Column("case_id", sa.String(64), primary_key=True),
    sa.Column("room", sa.ForeignKey("room.name")),
)


@dataclass
class Host:
    """A host with tables of its own, and the process engine on its engine."""

    engine: Engine
    comity: ProcessEngine

    def book(self, case_id: str, room: str | None) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.insert(BOOKING).values(case_id=case_id, room=room))

    def booked(self) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(BOOKING.c.case_id).order_by(BOOKING.c.case_id)).scalars())


def twice(connection: sa.Connection) -> None:
    """Write a room, and then what cannot be written: either both or none are to be there."""
    connection.execute(sa.insert(ROOM).values(name="red"))
    connection.execute(sa.insert(ROOM).values(name="red"))


@pytest.fixture
def host(database: str) -> Iterator[Host]:
    # Two connections for a thread that calls: what the documentation asks for.
    engine = sa.create_engine(database, pool_size=2, max_overflow=0, pool_timeout=5)
    HOSTS.create_all(engine)
    comity = ProcessEngine(engine, MarshmallowForms(), Clock())
    comity.repository.deploy({"p.bpmn": one_task(), "f.form": form("f", "answer")}, name="Host", actor=ENGINE)
    yield Host(engine, comity)
    comity.close()
    HOSTS.drop_all(engine)
    engine.dispose()


def test_a_case_runs_with_nobody_in_the_tables_of_accounts(host: Host) -> None:
    case = host.comity.runtime.start("p", {}, actor=OLGA)
    (task,) = host.comity.tasks.worklist(ANN).rows
    host.comity.tasks.complete(task.id, {"answer": "yes"}, actor=ANN)
    assert host.comity.history.case(case.id, OLGA).status == "completed"
    assert host.comity.identity.users(ENGINE) == []


def test_the_host_writes_rolls_back_and_reads_as_before(host: Host) -> None:
    host.comity.runtime.start("p", {}, actor=OLGA)
    host.book("1", None)
    with pytest.raises(sa.exc.IntegrityError), host.engine.begin() as connection:
        twice(connection)
    assert host.booked() == ["1"]
    with host.engine.connect() as connection:
        assert connection.execute(sa.select(ROOM)).all() == []


@pytest.mark.parametrize("name", ["foreign_keys", "query_only", "busy_timeout", "synchronous"])
def test_connections_of_the_host_keep_their_settings(tmp_path: Path, sqlite_template: Path, name: str) -> None:
    shutil.copy(sqlite_template, tmp_path / "host.sqlite")
    engine = sa.create_engine(f"sqlite:///{tmp_path}/host.sqlite")

    def setting() -> object:
        with engine.connect() as connection:
            return connection.execute(sa.text(f"PRAGMA {name}")).scalar()

    before = setting()
    comity = ProcessEngine(engine, MarshmallowForms())
    comity.repository.deploy({"f.form": form("f", "answer")}, name="Host", actor=ENGINE)
    assert setting() == before
    engine.dispose()
    assert setting() == before
    comity.close()
    engine.dispose()


def test_connections_of_the_engine_are_made_as_the_hosts_are(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "host.sqlite")
    engine = sa.create_engine(f"sqlite:///{tmp_path}/host.sqlite", pool_size=3, connect_args={"cached_statements": 7})
    made = []
    event.listen(engine, "connect", lambda *_: made.append(1))
    database = Database(engine)
    with database.read() as connection:
        assert connection.execute(sa.text("PRAGMA foreign_keys")).scalar() == 1
    assert made
    assert database.engine.pool.size() == 3  # type: ignore[attr-defined]  # a QueuePool, as the host's
    database.close()
    engine.dispose()


def test_reading_cannot_write_and_writing_is_one_transaction(host: Host) -> None:
    with pytest.raises(sa.exc.DBAPIError), host.comity.database.read() as connection:
        connection.execute(sa.insert(ROOM).values(name="red"))
    with pytest.raises(sa.exc.IntegrityError), host.comity.database.write() as connection:
        twice(connection)
    with host.engine.connect() as connection:
        assert connection.execute(sa.select(ROOM)).all() == []


def test_what_the_host_chose_for_its_own_transactions_does_not_break_a_step(database: str) -> None:
    choice = {"isolation_level": "AUTOCOMMIT"}
    engine = sa.create_engine(database, **choice) if database.startswith("p") else sa.create_engine(database)
    HOSTS.create_all(engine)
    made = Database(engine)
    with pytest.raises(sa.exc.IntegrityError), made.write() as connection:
        twice(connection)
    with engine.connect() as connection:
        assert connection.execute(sa.select(ROOM)).all() == []
    made.close()
    HOSTS.drop_all(engine)
    engine.dispose()


def test_the_host_and_the_engine_write_at_the_same_time(host: Host) -> None:
    def start() -> None:
        for _ in range(10):
            host.comity.runtime.start("p", {}, actor=OLGA)

    def book(name: str) -> None:
        for number in range(10):
            host.book(f"{name}{number}", None)

    outcomes = at_once(start, lambda: book("a"), lambda: book("b"))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert len(host.booked()) == 20
    assert len(host.comity.history.cases(OLGA).rows) == 10


def test_closing_the_engine_leaves_the_hosts_connections_open(host: Host) -> None:
    pool = host.engine.pool
    host.book("1", None)
    host.comity.close()
    assert host.engine.pool is pool
    assert pool.checkedin() >= 1  # type: ignore[attr-defined]  # a QueuePool
    assert host.booked() == ["1"]


def test_a_row_of_the_host_is_written_with_the_start_of_a_case_or_not_at_all(host: Host) -> None:
    def book(connection: sa.Connection, case_id: str) -> None:
        connection.execute(sa.insert(BOOKING).values(case_id=case_id))

    def fail(connection: sa.Connection, case_id: str) -> None:
        book(connection, case_id)
        raise ZeroDivisionError

    case = host.comity.runtime.start("p", {}, actor=OLGA, also=book)
    assert host.booked() == [case.id]
    with pytest.raises(ZeroDivisionError):
        host.comity.runtime.start("p", {}, actor=OLGA, also=fail)
    assert host.booked() == [case.id]
    assert len(host.comity.history.cases(OLGA).rows) == 1


def test_another_clock_shares_the_connections(host: Host) -> None:
    other = host.comity.with_clock(Clock())
    assert other.database is host.comity.database
    case = other.runtime.start("p", {}, actor=OLGA)
    assert host.comity.history.case(case.id, OLGA).status == "active"


def driver(name: str) -> ModuleType:
    """Return a driver that cannot do anything."""
    made = ModuleType(name)
    made.paramstyle, made.__version__, made.Error = "pyformat", "2.9.9", Exception  # type: ignore[attr-defined]
    return made


POSTGRES = "postgresql+psycopg://h/n"


def postgres() -> Engine:
    return sa.create_engine(POSTGRES)


@pytest.mark.parametrize(
    ("engine", "words"),
    [
        (lambda: sa.create_engine("postgresql+pg8000://h/n", module=driver("pg8000")), r"postgresql\+psycopg://"),
        (lambda: sa.create_engine("sqlite://"), "name a file"),
        (lambda: sa.create_engine("sqlite:///x.sqlite", poolclass=sa.StaticPool), "leave poolclass out"),
        (lambda: sa.create_engine("mysql+pymysql://h/n", module=driver("pymysql")), "'mysql' is not supported"),
        (lambda: postgres().execution_options(schema_translate_map={None: "comity"}), "search_path"),
        (lambda: postgres().execution_options(isolation_level="AUTOCOMMIT"), "option .isolation_level."),
        (lambda: sa.create_engine(POSTGRES, execution_options={"postgresql_readonly": True}), "without that option"),
    ],
)
def test_an_engine_that_cannot_be_used_is_refused_with_the_remedy(engine: object, words: str) -> None:
    with pytest.raises(ComityError, match=words):
        Database(engine())  # type: ignore[operator]  # one of the lambdas above


def test_the_version_table_of_the_hosts_alembic_is_left_alone(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/host.sqlite")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO alembic_version VALUES ('0002')"))  # as one of ours is named
    comity = ProcessEngine(engine, MarshmallowForms())
    comity.migrate()
    comity.migrate()
    assert schema.current_version(comity.database) == schema.newest_version()
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all() == ["0002"]
    comity.close()
    engine.dispose()


def test_a_database_whose_version_stood_in_alembics_table_is_taken_on(database: str) -> None:
    made = Database(database)
    with made.write() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
        connection.execute(sa.text("INSERT INTO alembic_version SELECT version_num FROM comity_version"))
        connection.execute(sa.text("DROP TABLE comity_version"))
    schema.migrate(made)
    assert schema.current_version(made) == schema.newest_version()
    with made.read() as connection:
        assert "alembic_version" not in sa.inspect(connection).get_table_names()
    made.close()


def test_tables_of_the_host_with_our_names_are_left_alone_and_named(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/host.sqlite")
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE comment (id INTEGER PRIMARY KEY)"))
    comity = ProcessEngine(engine, MarshmallowForms())
    with pytest.raises(ComityError, match="named as Comity's: comment"):
        comity.migrate()
    with engine.connect() as connection:
        assert sa.inspect(connection).get_table_names() == ["comment"]
    comity.close()
    engine.dispose()


@pytest.mark.postgres
def test_a_schema_of_its_own_holds_the_tables_where_names_are_taken(own_postgres_url: str) -> None:
    host = sa.create_engine(own_postgres_url)
    with host.begin() as connection:
        connection.execute(sa.text("CREATE TABLE comment (id INTEGER PRIMARY KEY)"))
        connection.execute(sa.text("CREATE SCHEMA comity"))
    engine = sa.create_engine(own_postgres_url, connect_args={"options": "-csearch_path=comity"})
    comity = ProcessEngine(engine, MarshmallowForms())
    comity.migrate()
    with host.connect() as connection:
        inspected = sa.inspect(connection)
        assert inspected.get_table_names() == ["comment"]
        assert {*inspected.get_table_names("comity")} == {*Base.metadata.tables, schema.VERSION_TABLE}
    comity.close()
    engine.dispose()
    host.dispose()


def test_the_calls_that_the_page_names_are_there(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text(encoding="utf-8")
    table = page.split("## What a host calls\n")[1].split("\n## ")[0]
    named = re.findall(r"`comity\.(\w+)\.(\w+)\(([^`]*)\)`", table)
    assert len(named) >= 12
    comity = ProcessEngine(sa.create_engine(f"sqlite:///{tmp_path}/host.sqlite"), MarshmallowForms())
    for service, method, arguments in named:
        call = signature(getattr(getattr(comity, service), method))
        given = [each.strip() for each in arguments.split(",")]
        by_name = {each.partition("=")[0]: None for each in given if "=" in each}
        call.bind(*(None for each in given if "=" not in each), **by_name)
    comity.close()
    for name in ("InputRefused", "DefinitionRefused", "StepFailed", "NotFound"):
        assert f"`{name}`" in page
        assert issubclass(getattr(errors, name), ComityError)
