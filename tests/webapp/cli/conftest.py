"""Owns the databases of the command line's tests: one is built for a run, each test gets a copy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.process_engine import ProcessEngine
from forms.catalog import MarshmallowForms
from tests.webapp.cli.command import Comity, Write
from tests.webapp.cli.content import build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("command") / "template.sqlite"
    build(f"sqlite:///{path}")
    return path


@pytest.fixture
def comity(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Comity:
    """The command on a database with the small process, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "comity.sqlite"
    shutil.copy(built, file)
    return Comity(f"sqlite:///{file}", capsys)


@pytest.fixture
def engine(comity: Comity) -> Iterator[ProcessEngine]:
    """An engine on the database of `comity`, to look at what a command has done."""
    found = ProcessEngine(comity.url, MarshmallowForms())
    yield found
    found.close()


@pytest.fixture
def sheet(tmp_path: Path) -> Write:
    """Write a file to import."""

    def write(text: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / "sheet.csv"
        file.write_bytes(text.encode(encoding))
        return file

    return write
