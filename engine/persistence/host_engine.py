"""Owns how the engine uses an SQLAlchemy engine of the host, whose own connections and settings stay as they are.

The rules for SQLite (engine.persistence.database) are rules of a connection. One of the host's that followed them could
not write any more; so there are connections besides, made as the host's pool makes its own. PostgreSQL needs no such
rules: the pool is shared, and each transaction says what it is.
"""

from typing import Final

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool, QueuePool

from engine.errors import ComityError

WRITING: Final = {"isolation_level": "READ COMMITTED", "postgresql_readonly": False}
"""What a writing transaction of PostgreSQL is on connections of the host, whatever the host has chosen for its own."""

_DRIVERS: Final = {"sqlite": "pysqlite", "postgresql": "psycopg"}
_IN_MEMORY: Final = (None, "", ":memory:")
_TRANSACTIONS: Final = ("isolation_level", "postgresql_readonly", "postgresql_deferrable")


def taken(engine: Engine) -> Engine:
    """Return the engine to use on the database of the host's `engine`, on which no listener and no setting is changed.

    For SQLite it has a pool of its own, of the same kind and size, for PostgreSQL it shares the host's. Raises
    `ComityError` for an engine that cannot be used: its driver, its pool, a translated schema.
    """
    wanted = _DRIVERS.get(engine.dialect.name)
    if wanted is None:
        raise ComityError(f"The database {engine.dialect.name!r} is not supported: use SQLite or PostgreSQL.")
    if engine.dialect.driver != wanted:
        raise ComityError(
            f"The driver {engine.dialect.driver!r} is not supported: make the SQLAlchemy engine with "
            f"{engine.dialect.name}+{wanted}://..."
        )
    if wanted == "psycopg":
        return _shared(engine)
    if engine.url.database not in _IN_MEMORY and not isinstance(engine.pool, QueuePool | NullPool):
        raise ComityError(
            f"Threads cannot share an SQLite file over a {type(engine.pool).__name__}: leave poolclass out."
        )
    return create_engine(engine.url, pool=engine.pool.recreate())


def _shared(engine: Engine) -> Engine:
    options = engine.get_execution_options()
    if options.get("schema_translate_map"):
        raise ComityError(
            "Migrations do not follow a schema_translate_map: name the schema in the connection instead, "
            "such as connect_args={'options': '-csearch_path=comity'}."
        )
    # SQLAlchemy would set them after those of the engine's own transactions, and so in place of them.
    for name in _TRANSACTIONS:
        if name in options:
            raise ComityError(
                f"The SQLAlchemy engine has the execution option {name!r}, which would change the transactions of the "
                "process engine: give it the engine without that option."
            )
    return engine
