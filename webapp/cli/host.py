"""What every command shares: where the database is, the engine on it, on whose behalf the command acts."""

import os
import re
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import ArgumentError, DBAPIError

from engine.errors import ComityError, DatabaseFailed
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Actor
from forms.catalog import MarshmallowForms

DATABASE_VARIABLE = "COMITY_DATABASE"
SECRET_VARIABLE = "COMITY_SECRET_KEY"  # noqa: S105 - the variable's name
DEFAULT_FILE = Path("var") / "comity.sqlite"
_KEY_TRIES = 40
_KEY_PAUSE_SECONDS = 0.05


class DatabaseUnusable(ComityError):
    """The database cannot be opened."""

    def __init__(self, url: str, reason: Exception) -> None:
        """Take the URL, which may hold a password, and what the driver said."""
        shown = re.sub(r"(?<=//)[^/@]*:[^/@]*@", "...@", url)
        self.args = (f"The database {shown} cannot be used: {_said(reason)}",)


@dataclass(frozen=True, slots=True)
class Host:
    """Where the product's data is: a database URL, SQLite in `var/` below the working directory by default."""

    database_url: str

    @contextmanager
    def engine(self) -> Iterator[ProcessEngine]:
        """Yield the process engine on an up-to-date database, and close it afterwards."""
        with opened(self.database_url) as engine:
            yield engine

    @property
    def absent(self) -> bool:
        """Return whether the database is an SQLite file that is not there yet."""
        file = sqlite_file(self.database_url)
        return file is not None and not file.exists()


@contextmanager
def opened(url: str) -> Iterator[ProcessEngine]:
    """Yield the process engine on the database at `url`, with its tables up to date; raise `DatabaseUnusable`."""
    file = sqlite_file(url)
    try:
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        engine = ProcessEngine(url, forms=MarshmallowForms())
    except (ArgumentError, ImportError, OSError) as error:
        raise DatabaseUnusable(url, error) from None
    try:
        try:
            engine.migrate()
        except (DBAPIError, DatabaseFailed) as error:
            raise DatabaseUnusable(url, error) from None
        yield engine
    finally:
        engine.close()


def database_url(given: str | None) -> str:
    """Return the URL that the option gives, else the environment, else the default file."""
    return given or os.environ.get(DATABASE_VARIABLE) or f"sqlite:///{DEFAULT_FILE.as_posix()}"


def sqlite_file(url: str) -> Path | None:
    """Return the file of an SQLite database, None for others."""
    scheme, _, path = url.partition(":///")
    return Path(path) if scheme.startswith("sqlite") and path else None


def secret_key(folder: Path) -> str:
    """Return the key that signs sessions: from the environment, else from a file in `folder` that is made once."""
    if given := os.environ.get(SECRET_VARIABLE):
        return given
    file = folder / "secret-key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="ascii") as stream:
                stream.write(secrets.token_urlsafe(48))
    for _ in range(_KEY_TRIES):
        if key := file.read_text(encoding="ascii"):
            return key
        time.sleep(_KEY_PAUSE_SECONDS)  # another process has just made the file and is about to write it
    raise ComityError(f"{file} is empty: delete it, and a new key is made.")


def _said(reason: Exception) -> str:
    if isinstance(reason, ModuleNotFoundError):
        return f'the driver {reason.name} is not installed; for PostgreSQL: pip install "comity[postgres]".'
    if isinstance(reason, ArgumentError):
        return "it is no address such as sqlite:///var/comity.sqlite or postgresql://user@host:5432/name."
    if isinstance(reason, DatabaseFailed):
        return reason.reason
    cause = getattr(reason, "orig", None) or reason
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]


def acting_as(engine: ProcessEngine, user: str | None) -> Actor:
    """Return the person named by `--as`, else the engine itself: whoever runs the command has the database anyway."""
    return engine.identity.actor(user) if user else ENGINE


def with_engine(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the process engine as its first argument."""

    @click.pass_obj
    def wrapped(host: Host, *arguments: Any, **options: Any) -> Any:
        with host.engine() as engine:
            return command(engine, *arguments, **options)

    return update_wrapper(wrapped, command)
