"""Owns the version of the tables: bringing a database to the current one; the migrations lie beside, in the package."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, insert, inspect, table, text

from engine.errors import ComityError
from engine.persistence.database import Database
from engine.persistence.models import Base

MIGRATIONS: Final = Path(__file__).parent / "migrations"
VERSION_TABLE: Final = "comity_version"
"""Where the version stands: not in Alembic's own table, which a host may need for its tables in the same database."""

_OURS: Final = "activity_event"
"""A table that tells a database of ours."""

OLDEST: Final = {"postgresql": (13,), "sqlite": (3, 35)}
"""The oldest server or library that will do: PostgreSQL tells since 13 how a transaction ended, SQLite returns since
3.35 what a statement changed."""

_LOCK: Final = 4_807_200_317
"""The number under which processes that migrate the same PostgreSQL database wait for each other."""


def migrate(database: Database) -> None:
    """Bring the tables to the current version, in one transaction; several processes may do it at once.

    Raises `ComityError` for a server or library that is too old, for a database that a newer program has made, and for
    one of a host that has tables with names of ours: then nothing was changed.
    """
    with database.write() as connection:
        _must_be_new(connection)
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        scripts = ScriptDirectory(str(MIGRATIONS))
        _move_version(connection, {script.revision for script in scripts.walk_revisions()})
        version = _version(connection)
        if version is None:
            _must_be_free(connection)
        if version is not None and version not in {script.revision for script in scripts.walk_revisions()}:
            raise ComityError(f"The database has version {version}, which this program does not know: use a newer one.")
        if version != scripts.get_current_head():
            command.upgrade(config(connection), "head")


def current_version(database: Database) -> str | None:
    """Return the version of the tables, None for a database without any."""
    with database.read() as connection:
        return _version(connection)


def is_compared(name: str | None, kind: str) -> bool:
    """Return whether the models describe the table, column or index `name`; what the full-text search adds they do not.

    Alembic's comparison of the models with a database asks.
    """
    if kind == "column":
        return name != "text_words"
    return not (name or "").removeprefix("ix_").startswith("record_text")


def newest_version() -> str | None:
    """Return the version that `migrate` brings a database to."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def config(connection: Connection) -> Config:
    """Return Alembic's configuration for work on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()


def _move_version(connection: Connection, known: Collection[str]) -> None:
    """Move the version out of Alembic's own table, where it stood before there were hosts that use that one."""
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables or "alembic_version" not in tables or _OURS not in tables:
        return
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    if version in known:
        connection.execute(
            text(
                f"CREATE TABLE {VERSION_TABLE} "
                f"(version_num VARCHAR(32) NOT NULL, CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
            )
        )
        connection.execute(insert(table(VERSION_TABLE, column("version_num"))).values(version_num=version))
        connection.execute(text("DROP TABLE alembic_version"))


def _must_be_new(connection: Connection) -> None:
    dialect = connection.dialect
    oldest, found = OLDEST[dialect.name], dialect.server_version_info or ()
    if found < oldest:
        raise ComityError(f"The database is {dialect.name} {_dotted(found)}. Comity needs {_dotted(oldest)} or newer.")


def _dotted(version: tuple[int | str, ...]) -> str:
    return ".".join(map(str, version))


def _must_be_free(connection: Connection) -> None:
    """Raise `ComityError` when tables of somebody else have the names of ours."""
    taken = sorted({*inspect(connection).get_table_names()} & {*Base.metadata.tables})
    if taken:
        raise ComityError(
            f"The database has tables of its own that are named as Comity's: {', '.join(taken)}. Give the engine a "
            "database file of its own, or in PostgreSQL a schema (search_path in the connection)."
        )
