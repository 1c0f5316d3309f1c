"""The program of docs/embedding.md, as it stands there, outside of the sources, on the wheel: on both databases."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.architecture.installed import Installed, install

pytestmark = pytest.mark.slow

DOCS = Path(__file__).resolve().parents[2] / "docs"
LISTING = re.compile(r"^\*\*(\S+)\*\*\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HERMETIC = """
import runpy, sys
runpy.run_path("host.py", run_name="__main__")
web = {"flask", "flask_login", "flask_sqlalchemy", "flask_wtf", "waitress", "werkzeug", "argon2", "click", "webapp"}
print("web:", sorted(web & set(sys.modules)))
"""
# What a program has imported besides a list of distributions and what these need. (Mako takes Pygments if it is there.)
DISTRIBUTIONS = """
import re, sys
from importlib.metadata import packages_distributions, requires
import engine.process_engine, forms
known = packages_distributions()
used = {name for module in sys.modules if "." not in module for name in known.get(module, [])}
listed, waiting = set(), sys.argv[1:]
while waiting:
    name = re.split(r"[^A-Za-z0-9._-]", waiting.pop())[0]
    if name not in listed:
        listed.add(name)
        waiting += [each for each in requires(name) or [] if ";" not in each]
fold = lambda names: {re.sub("[-_.]+", "-", name).lower() for name in names}
print(sorted(fold(used) - fold(listed) - {"comity", "pip", "setuptools", "pygments"}))
"""


@pytest.fixture(scope="module")
def host(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The folder that the page describes, and the package with the operation installed."""
    environment = install(wheel, tmp_path_factory.mktemp("host"))
    listings = LISTING.findall((DOCS / "embedding.md").read_text(encoding="utf-8"))
    assert [name for name, _ in listings] == ["host.py", "rating/pyproject.toml", "rating/rating.py"]
    for name, content in listings:
        file = environment.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(content, encoding="utf-8")
    shutil.copytree(DOCS / "embedding" / "loan", environment.folder / "loan")
    environment.run("python", "-m", "pip", "install", "--no-deps", "--no-index", "--no-build-isolation", "./rating")
    return environment


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/host.sqlite"
    else:
        yield request.getfixturevalue("own_postgres_url")


def test_the_program_runs_a_process_without_the_web(host: Installed, url: str) -> None:
    program = replace(host, settings={"HOST_DATABASE": url})
    outcome, *log, web = program.run("python", "-W", "error", "-c", HERMETIC).splitlines()
    assert outcome == "Loan granted"
    assert web == "web: []"
    assert any(line.endswith("activity.completed Fetch the rating") for line in log)
    assert any(" ann activity.completed Decide" in line for line in log)
    assert log[-1].endswith("case.completed None")


def test_the_program_is_as_short_as_it_says(host: Installed) -> None:
    lines = (host.folder / "host.py").read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.strip() and "import" not in line]) <= 20


def test_the_libraries_that_a_host_needs_are_named(host: Installed) -> None:
    page = (DOCS / "embedding.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w-]+)`", page.partition("--no-deps dist/comity-*.whl`")[2].partition("and a driver")[0])
    assert host.run("python", "-c", DISTRIBUTIONS, *named).strip() == "[]"
