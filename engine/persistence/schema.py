"""Owns the version of the tables: bringing a database to the current one; the migrations lie beside, in the package."""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from engine.errors import ComityError
from engine.persistence.database import Database

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_LOCK: Final = 4_807_200_317
"""The number under which processes that migrate the same PostgreSQL database wait for each other."""


def migrate(database: Database) -> None:
    """Bring the tables to the current version, in one transaction; several processes may do it at once.

    Raises `ComityError` for a database that a newer program has made.
    """
    with database.write() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        version = _version(connection)
        scripts = ScriptDirectory(str(MIGRATIONS))
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
    return MigrationContext.configure(connection).get_current_revision()
