"""Building a demo database beside its place: what stands there is whole, whenever the program was stopped."""

import os
import uuid
from collections.abc import Callable
from pathlib import Path

from engine.process_engine import ProcessEngine
from forms.catalog import MarshmallowForms
from webapp.demo.loading import load


def build(file: Path, say: Callable[[str], object]) -> None:
    """Make the SQLite `file` with the demo content, unless there is one; `say` is told what takes time.

    Several processes may do so at once: the file of the first that is ready stays.
    """
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        engine = ProcessEngine(f"sqlite:///{part.as_posix()}", MarshmallowForms())
        try:
            engine.migrate()
            load(engine, say)
        finally:
            engine.close()
        _place(part, file)
    finally:
        for left in file.parent.glob(f"{part.name}*"):  # the log of the database among them
            left.unlink()


def _place(part: Path, file: Path) -> None:
    try:
        os.link(part, file)  # unlike a rename it never replaces a file that another process has opened
    except FileExistsError:
        return
    except OSError:  # a file system without links
        part.replace(file)
