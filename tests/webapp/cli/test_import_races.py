"""Imports that meet, and imports that are killed: every row comes in exactly once. The processes are real."""

import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import CaseFilter, Cursor
from forms.catalog import MarshmallowForms
from tests.webapp.cli import content
from tests.webapp.cli.command import PATIENCE, command, environment, run

pytestmark = pytest.mark.slow

ROWS = 100
TO_CASES = ("--process", "take_order", "--column", "title=Title")
TO_PARTS = ("--register", "parts", "--column", "code=Title", "--column", "name=Title")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the small process."""
    found: str
    if request.param == "sqlite":
        found = f"sqlite:///{tmp_path}/comity.sqlite"
    else:
        found = request.getfixturevalue("own_postgres_url")
    content.build(found)
    return found


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    file = tmp_path / "sheet.csv"
    file.write_text("Title\n" + "".join(f"piece {number}\n" for number in range(ROWS)), encoding="utf-8")
    return file


def begin(url: str, *arguments: object, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command(url, "import", *arguments),
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def made(url: str, register: str | None = None) -> Counter[str]:
    """Return how often each title stands among the cases, or the records of a register."""
    engine = ProcessEngine(url, MarshmallowForms())
    found: Counter[str] = Counter()
    after: Cursor | None = None
    while True:
        if register is None:
            cases = engine.history.cases(ENGINE, filter=CaseFilter(), after=after, limit=200)
            found.update(row.title for row in cases.rows)
            after = cases.next
        else:
            records = engine.registers.page(register, ENGINE, after=after, limit=200)
            found.update(row.title for row in records.rows)
            after = records.next
        if after is None:
            engine.close()
            return found


@pytest.mark.parametrize(("target", "register"), [(TO_CASES, None), (TO_PARTS, "parts")], ids=["cases", "records"])
def test_two_imports_of_one_file_share_the_rows(
    url: str, sheet: Path, tmp_path: Path, target: tuple[str, ...], register: str | None
) -> None:
    both = [begin(url, sheet, *target, folder=tmp_path) for _ in range(2)]
    said = [process.communicate(timeout=PATIENCE) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert made(url, register) == {f"piece {number}": 1 for number in range(ROWS)}


def test_an_import_that_was_killed_goes_on(url: str, sheet: Path, tmp_path: Path) -> None:
    with begin(url, sheet, *TO_CASES, folder=tmp_path) as process:
        until = time.monotonic() + PATIENCE
        while not made(url):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < until
        process.kill()
    there = made(url).total()
    assert 0 < there < ROWS, "it was not killed half-way"
    said = run(url, "import", sheet, *TO_CASES, folder=tmp_path)
    assert said.out == f"{ROWS} rows: {ROWS - there} taken, {there} already.\n"
    assert made(url) == {f"piece {number}": 1 for number in range(ROWS)}
