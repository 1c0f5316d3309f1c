"""Owns the connections: engines prepared for SQLite or PostgreSQL, reading and writing transactions; it knows no table.

Readers never wait for a writer and cannot write. Writers are short: they hold the only write lock of an SQLite file, or
row locks in PostgreSQL. With the drivers' defaults SQLite loses updates without an error, so every engine has to pass
through `prepare`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, Literal, TypeAlias

from sqlalchemy import URL, Connection, Engine, Row, create_engine, event, make_url
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from engine.errors import ComityError, InputRefused
from engine.persistence import alarm, liveness, outages
from engine.persistence.host_engine import WRITING, taken

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
"""A row whose columns only its statement knows."""

BUSY_MILLISECONDS: Final = 15_000
"""How long a writer waits for another one's commit in SQLite."""

_POOL: Final = 20
_TRANSIENT: Final = frozenset(("40001", "40P01"))
"""SQLSTATE of a serialisation failure and of a deadlock.

Nothing was written, the same step may succeed when it is redone.
"""


_ANSWER_SOON: Final = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""How long PostgreSQL's driver waits for a server that is silent (seconds; the last milliseconds): half a minute.

By itself it would wait for many minutes. The URL may say otherwise.
"""


class WriteConflict(ComityError):
    """The database gave a transaction up in favour of another one; it has to be redone. Never reaches a person."""


class Unstorable(InputRefused):
    """A value does not fit the database: the character U+0000, half a surrogate pair, a text that is too long."""

    def __init__(self) -> None:
        super().__init__({"": ["A text is too long, or has a character in it that cannot be stored."]})


class Database:
    """A database: one engine that only reads and one that writes, over the same pool.

    Transactions are those of `read` and `write`: in SQLite nothing else begins one.
    """

    def __init__(self, source: str | URL | Engine) -> None:
        """Take a URL (`sqlite:///file`, `postgresql://...`) or an engine of the host, which stays as it is.

        Raises `ComityError` for a database, driver or pool that cannot be used.
        """
        engine = taken(source) if isinstance(source, Engine) else _engine(make_url(source))
        self._is_the_hosts_pool = isinstance(source, Engine) and engine.pool is source.pool
        self.engine = engine = prepare(engine)
        self.dialect: Literal["sqlite", "postgresql"] = "sqlite" if engine.dialect.name == "sqlite" else "postgresql"
        if self.dialect == "sqlite":
            self.reader = engine
        else:
            # One snapshot for all statements of a page or of a load; READ ONLY is what query_only is in SQLite.
            self.reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self.writer = engine.execution_options(write=True, **(WRITING if self._is_the_hosts_pool else {}))
        self.alarm = alarm.Alarm()
        # What SQLite says when a connection is made or a transaction begins comes as the driver's own error.
        self._errors = (DBAPIError, PoolTimeout, engine.dialect.loaded_dbapi.Error)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection in a reading transaction; a write on it is an error of the database.

        Raises `Unstorable` for a parameter that no row could hold, `DatabaseUnavailable`.
        """
        with self.telling(), self.reader.connect() as connection, connection.begin():
            self._begin(connection, writes=False)
            yield connection

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Let what goes wrong with reading in the block be told as by `read`.

        For who reads within a transaction that others hold open: it is of no more use after such an error.
        """
        try:
            yield
        except (DataError, UnicodeEncodeError) as error:
            raise Unstorable from error
        except self._errors as error:
            failed = outages.told(error)
            if failed is None:
                raise
            raise failed from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection in a writing transaction that commits at the end of the block, or rolls back on an error.

        Raises `WriteConflict` when the database gave it up for another transaction, `Unstorable` for a value that does
        not fit, `DatabaseUnavailable`, `StorageFull`, and `OutcomeUnknown` when no answer came to the commit. What the
        block has left due (`alarm.leaves_due`) is told after the commit.
        """
        committing, due = False, alarm.NOTHING
        try:
            with self.writer.connect() as connection, connection.begin():
                self._begin(connection, writes=True)
                alarm.taken(connection.info)  # of a transaction that was rolled back
                yield connection
                committing, due = True, alarm.taken(connection.info)
        except (DataError, UnicodeEncodeError) as error:
            raise Unstorable from error
        except self._errors as error:
            if getattr(getattr(error, "orig", None), "sqlstate", None) in _TRANSIENT:
                raise WriteConflict("Another transaction wrote the same rows first.") from error
            failed = outages.told(error, writing=True, committing=committing)
            if failed is None:
                raise
            raise failed from error
        finally:
            if due:  # also when nobody knows whether the commit counts
                self.alarm.ring(due)

    def _begin(self, connection: Connection, *, writes: bool) -> None:
        """Begin the transaction in SQLite, where SQLAlchemy leaves that to us.

        A listener for it would cost more: as soon as an engine has one, SQLAlchemy asks for listeners of every kind
        around every statement.
        """
        if self.dialect == "sqlite":
            raw: Any = connection.connection.dbapi_connection
            if connection.info["query_only"] is writes:
                raw.execute(f"PRAGMA query_only={int(not writes)}")
                connection.info["query_only"] = not writes
            raw.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    def close(self) -> None:
        """Close the pooled connections, unless they are the host's."""
        if not self._is_the_hosts_pool:
            self.writer.dispose()


def prepare(engine: Engine) -> Engine:
    """Return `engine` with connections as `Database` needs them, which begins their transactions; twice is as once.

    Raises `ComityError` for a database that is neither SQLite in a file nor PostgreSQL.
    """
    _check(engine.url)
    if engine.dialect.name == "postgresql":
        return engine
    if not event.contains(engine, "connect", _connect):
        event.listen(engine, "connect", _connect)
    return engine


def _check(url: URL) -> None:
    backend = url.get_backend_name()
    if backend not in ("sqlite", "postgres", "postgresql"):
        raise ComityError(f"The database {backend!r} is not supported: use SQLite or PostgreSQL.")
    if backend == "sqlite" and url.database in (None, "", ":memory:"):
        raise ComityError("SQLite in memory cannot be shared by threads: name a file, such as sqlite:///comity.sqlite.")


def _engine(url: URL) -> Engine:
    _check(url)
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() == "sqlite":
        return create_engine(url, pool_size=_POOL, max_overflow=_POOL)
    options = {name: value for name, value in _ANSWER_SOON.items() if name not in url.query}
    return liveness.checked(create_engine(url, pool_size=_POOL, max_overflow=_POOL, connect_args=options))


def _connect(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # sqlite3 must not begin transactions by itself
    for pragma in (f"busy_timeout={BUSY_MILLISECONDS}", "journal_mode=wal", "synchronous=normal", "foreign_keys=on"):
        connection.execute(f"PRAGMA {pragma}")
    # SQLite's own knows the letters of English only: a search would not find "Übersicht" by "übersicht".
    connection.create_function("lower", 1, _lower, deterministic=True)
    record.info["query_only"] = False


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
