"""How the sources lie: import directions, modest modules, and nothing of the machine they were written on."""

import logging
import re
from collections.abc import Iterator

import pytest
from importlinter.cli import lint_imports

from tests.architecture import tree
from tests.architecture.tree import ROOT

MOST_LINES = 300
_VERSIONS = "engine/persistence/migrations/versions"
LONGER_FOR_A_REASON: dict[str, str] = {
    f"{_VERSIONS}/0001_the_tables_of_the_first_version.py": "all tables in one step",
}

MACHINE = re.compile(
    r"(^|[^.\w])/(?:work|farm|root|Users)/"  # somebody's folders
    r"|/tmp/(?:venv|bash_jobs)"
    r"|https?://[^\s\"']*/(?:simple|packages)/"  # package indexes
    r"|registry\.npm|files\.pythonhosted"
)


@pytest.fixture
def other_loggers() -> Iterator[None]:
    """Import-linter sets logging up for itself, and silences every logger that is there: of other tests too."""
    there = [found for found in logging.root.manager.loggerDict.values() if isinstance(found, logging.Logger)]
    silent = {logger.name for logger in there if logger.disabled}
    yield
    for logger in there:
        logger.disabled = logger.name in silent


@pytest.mark.usefixtures("other_loggers")
def test_imports_keep_their_directions() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_modules_stay_small() -> None:
    lengths = {
        path.as_posix(): (ROOT / path).read_text(encoding="utf-8").count("\n")
        for path in tree.python_files("engine", "webapp", "forms")
    }
    assert len(lengths) > 10
    long = {name for name, lines in lengths.items() if lines > MOST_LINES}
    assert long == LONGER_FOR_A_REASON.keys()


def test_no_file_names_a_machine_or_a_package_index() -> None:
    found = []
    for path in tree.files():
        content = (ROOT / path).read_bytes()
        if b"\0" in content or path.suffix == ".state":
            continue
        lines = content.decode("utf-8").splitlines()
        found += [f"{path}:{number}: {line[:120]}" for number, line in enumerate(lines, 1) if MACHINE.search(line)]
    assert found == []


def test_the_search_for_machine_names_finds_them() -> None:
    # Put together here, or the test above would find them in this file.
    for parts in (
        ("see /", "work/x"),
        ("cd /", "root/y"),
        ("https://host/", "simple/flask"),
        ("registry", ".npmjs.org"),
    ):
        assert MACHINE.search("".join(parts)), parts
    for text in ("engine/bpmn/work/x", "./work/x", "var/root.txt"):
        assert not MACHINE.search(text), text


def test_no_built_package_is_kept() -> None:
    assert not [str(path) for path in tree.files() if path.suffix in (".whl", ".gz", ".zip", ".egg")]
