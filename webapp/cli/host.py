"""What every command shares: where the database is, the engine on it, on whose behalf the command acts."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Actor
from forms.catalog import MarshmallowForms

DATABASE_VARIABLE = "COMITY_DATABASE"
SECRET_VARIABLE = "COMITY_SECRET_KEY"  # noqa: S105 - the variable's name
DEFAULT_FILE = Path("var") / "comity.sqlite"


@dataclass(frozen=True, slots=True)
class Host:
    """Where the product's data is: a database URL, SQLite in `var/` below the working directory by default."""

    database_url: str

    @contextmanager
    def engine(self) -> Iterator[ProcessEngine]:
        """Yield the process engine on an up-to-date database, and close it afterwards."""
        prepare_folder(self.database_url)
        engine = ProcessEngine(self.database_url, forms=MarshmallowForms())
        try:
            engine.migrate()
            yield engine
        finally:
            engine.close()


def database_url(given: str | None) -> str:
    """Return the URL that the option gives, else the environment, else the default file."""
    return given or os.environ.get(DATABASE_VARIABLE) or f"sqlite:///{DEFAULT_FILE.as_posix()}"


def prepare_folder(url: str) -> None:
    """Make the folder of an SQLite file if it is not there yet."""
    scheme, _, path = url.partition(":///")
    if scheme.startswith("sqlite") and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)


def secret_key(folder: Path) -> str:
    """Return the key that signs sessions: from the environment, else from a file in `folder` that is made once."""
    if given := os.environ.get(SECRET_VARIABLE):
        return given
    file = folder / "secret-key"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return file.read_text(encoding="ascii")
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(secrets.token_urlsafe(48))
    return file.read_text(encoding="ascii")


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
