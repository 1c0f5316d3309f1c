"""Processes that start at the same time on a new PostgreSQL database: one makes the tables, the others wait for it."""

import subprocess
import sys
import uuid

import pytest
import sqlalchemy as sa

from engine.persistence import schema
from engine.persistence.database import Database
from engine.persistence.models import Base

PROGRAM = """
import sys
from engine.persistence import schema
from engine.persistence.database import Database
schema.migrate(Database(sys.argv[1]))
"""


@pytest.mark.postgres
def test_processes_that_migrate_at_once_make_the_tables_once(postgres_url: str) -> None:
    name = f"comity_new_{uuid.uuid4().hex[:12]}"
    url = sa.make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    admin = sa.create_engine(postgres_url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        processes = [
            subprocess.Popen([sys.executable, "-c", PROGRAM, url], stderr=subprocess.PIPE, text=True) for _ in range(3)
        ]
        faults = [process.communicate(timeout=60)[1] for process in processes]
        assert [process.returncode for process in processes] == [0, 0, 0], faults
        database = Database(url)
        assert schema.current_version(database) == schema.newest_version()
        with database.read() as connection:
            tables = set(sa.inspect(connection).get_table_names())
        database.close()
        assert tables == {*Base.metadata.tables, schema.VERSION_TABLE}
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))
