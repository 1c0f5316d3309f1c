"""What is shipped: our packages under their own names, whole, from locked parts, with every licence named."""

import ast
import importlib
import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.architecture import tree
from tests.architecture.tree import ROOT
from webapp import manual

PACKAGES = ("engine", "webapp", "forms", "workflows")
LOCKS = ("runtime", "build", "test")
DOCUMENTS = {f"webapp/help/{name}.md" for name in (*manual.NAMES, "lint-rules")}
BUNDLES = {"webapp/static/dist/" + name for name in ("app.js", "viewer.js", "viewer.css", "LICENCES.txt", ".stamp")}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def normal(name: str) -> str:
    """Normalise a distribution's name as PyPI does."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    return {normal(name): version for name, version in re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE)}


def browser_packages() -> set[str]:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    names = {path.rpartition("node_modules/")[2] for path in lock["packages"] if path}
    return {name for name in names if not name.startswith("@esbuild/")}  # esbuild's own programs, one a platform


@pytest.mark.parametrize("package", PACKAGES)
def test_the_import_names_are_ours(package: str) -> None:
    assert Path(str(importlib.import_module(package).__file__)).parent == ROOT / package


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_packages_and_the_bundles_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        metadata = {name.partition(".dist-info/")[2] for name in archive.namelist() if ".dist-info/" in name}
    wanted = {path.as_posix() for path in tree.files() if path.parts[0] in PACKAGES}
    wanted = {name for name in wanted if not name.startswith("webapp/assets/")} | BUNDLES | DOCUMENTS
    assert held == wanted
    assert {"licenses/LICENSE", "licenses/NOTICE", "licenses/docs/third-party.md"} <= metadata


def test_run_py_can_refuse_an_old_python() -> None:
    """Its syntax must be readable by the Pythons that it refuses, or they say SyntaxError instead of the sentence."""
    ast.parse((ROOT / "run.py").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_the_build_tools_of_the_lock_are_those_of_the_build() -> None:
    assert project()["build-system"]["requires"] == project()["dependency-groups"]["build"]


def test_the_locks_hold_what_the_project_declares() -> None:
    declared = project()["project"]["dependencies"] + project()["project"]["optional-dependencies"]["postgres"]
    groups = project()["dependency-groups"]
    for lock, requirements in {
        "runtime": declared,
        "build": groups["build"],
        "test": declared + groups["test"],
    }.items():
        names = {normal(re.split(r"[\[<>=!~ ]", requirement)[0]) for requirement in requirements}
        assert names <= pins(lock).keys(), lock


def test_the_locks_agree_with_one_another() -> None:
    assert pins("runtime").items() <= pins("test").items()
    shared = pins("build").keys() & pins("test").keys()
    assert {name: pins("build")[name] for name in shared} == {name: pins("test")[name] for name in shared}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").replace("\\\n", "")
    for line in text.splitlines():
        assert re.fullmatch(r"[\w.-]+==\S+( ; [^:/]+?)?( +--hash=sha256:[0-9a-f]{64})+", line), line


def test_the_browser_lock_has_hashes_and_no_addresses() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for path, package in packages.items():
        assert "resolved" not in package, path
        assert not path or package["integrity"].startswith("sha512-"), path


def test_every_third_party_package_is_named_with_its_licence() -> None:
    text = (ROOT / "docs" / "third-party.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([@\w./-]+) \|(?: (?:PyPI|npm) \|)? ([^|]+) \|$", text, re.MULTILINE)
    named = {name: licence for name, licence in rows if name != "package"}
    assert named.keys() == set().union(*map(pins, LOCKS)) | browser_packages()
    assert [name for name, licence in named.items() if re.search(r"(?<!L)GPL", licence)] == []
