"""Owns a PostgreSQL server of a test's own, whose tables and whose log of writes each lie where there is little room.

It needs root, who may mount a file system in memory, and the server's programs; `missing` says what is not there.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

import sqlalchemy as sa

SERVER_USER = "postgres"
TABLES, LOG = "tables", "log"


def programs() -> Path | None:
    """Return the folder of the server's programs, the newest if there are several."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = [each.parent for each in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return max(folders, key=lambda each: int(each.parent.name), default=None)


def missing() -> str | None:
    """Return what keeps a server from being set up here, None when nothing does."""
    if os.name != "posix" or os.geteuid() != 0:
        return "only root may mount a file system"
    if programs() is None or shutil.which("runuser") is None:
        return "the programs of a PostgreSQL server are not there"
    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        return f"there is no user {SERVER_USER}"
    return None


class SmallServer:
    """A server; `url` is that of a database whose tables lie in the small place."""

    def __init__(self, folder: Path) -> None:
        """Take the folder that it is to be set up in, which the server's user has to reach."""
        self._folder = folder
        self._places = {name: folder / name for name in (TABLES, LOG)}
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"postgresql+psycopg://{SERVER_USER}@127.0.0.1:{self._port}/small"

    def set_up(self) -> None:
        """Make and start it. Raises `CalledProcessError` where that may not be done; `close` is needed all the same."""
        folder = self._folder
        folder.chmod(0o711)
        for name, size in ((TABLES, 32), (LOG, 64)):
            self._places[name].mkdir()
            _run("mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(self._places[name]))
        for each in (folder, *self._places.values()):
            shutil.chown(each, SERVER_USER)
        log = self._places[LOG] / "wal"
        self._as_server("initdb", "-D", self._data, "-A", "trust", "-X", str(log), "--wal-segsize=1", "-E", "UTF8")
        self.start()
        tables = self._places[TABLES] / "space"
        tables.mkdir()
        shutil.chown(tables, SERVER_USER)
        server = sa.make_url(self.url).set(database="postgres")
        admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE TABLESPACE small LOCATION '{tables}'")
            connection.exec_driver_sql("CREATE DATABASE small TABLESPACE small")

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        """Start it, unless it runs."""
        options = (
            f"-p {self._port} -h 127.0.0.1 -k {self._folder} -c max_wal_size=8MB -c min_wal_size=2MB "
            "-c autovacuum=off -c shared_buffers=16MB"
        )
        with contextlib.suppress(subprocess.CalledProcessError):
            self._as_server("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")
        self._as_server("pg_ctl", "-D", self._data, "-l", str(self._folder / "said"), "-o", options, "-w", "start")

    @property
    def said(self) -> str:
        """Return the server's log."""
        return (self._folder / "said").read_text()

    def leave(self, place: str, kilobytes: int) -> None:
        """Take up the room in a place, but for some at most: the server takes of it, too, while this writes."""
        left = os.statvfs(self._places[place])
        free = left.f_bavail * left.f_frsize // 1024
        with (self._places[place] / "ballast").open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
            for _ in range(max(0, free - kilobytes)):
                ballast.write(bytes(1024))

    def give_room(self, place: str) -> None:
        """Give the room back."""
        (self._places[place] / "ballast").unlink()

    def close(self) -> None:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._as_server("pg_ctl", "-D", self._data, "-m", "immediate", "-w", "stop")
        for each in self._places.values():
            with contextlib.suppress(subprocess.CalledProcessError):
                _run("umount", str(each))

    def _as_server(self, program: str, *arguments: str) -> None:
        folder = programs()
        assert folder is not None
        _run("runuser", "-u", SERVER_USER, "--", str(folder / program), *arguments)


def _run(*command: str) -> None:
    # Not into pipes: the server would keep them open.
    subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120, check=True)
