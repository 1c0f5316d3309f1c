"""What is shipped can be published as it is: findings were looked at, forms can be shown, decisions can be read."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from engine import decisions
from engine.types import Finding
from forms import parse
from tests.workflows.stage import Stage, raised
from webapp import shipped

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = sorted((ROOT / "workflows").glob("*/*.dmn"))
FORMS = sorted((ROOT / "forms").glob("*.form"))

REVIEWED = {
    # The first answer ends the other branch by a terminate end event, so that only one of the two ever writes.
    ("parallel-writes", "Task_DecideLateGuidance"),
    ("parallel-writes", "Task_GiveGuidance"),
}
"""Warnings that were looked at: rule and element."""


def _name(path: Path) -> str:
    return path.name


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = raised(f"sqlite:///{tmp_path_factory.mktemp('models') / 'stage.sqlite'}")
    yield stage
    stage.engine.close()


@pytest.mark.parametrize("area", shipped.areas())
def test_an_area_has_no_finding_that_was_not_looked_at(area: str, stage: Stage) -> None:
    found = stage.engine.repository.check(shipped.areas()[area])
    assert [str(finding) for finding in found if not _is_reviewed(finding)] == []


def test_every_reviewed_warning_is_still_given(stage: Stage) -> None:
    given = {
        (one.rule, one.element_id) for area in shipped.areas().values() for one in stage.engine.repository.check(area)
    }
    assert {element for _, element in REVIEWED & given}, "no reviewed warning is given any more: empty the list"


def test_every_area_tells_what_it_is_and_how_it_is_tried() -> None:
    for area in shipped.areas():
        for name in ("README.md", "scenarios.yaml"):
            assert (files("workflows") / area / name).is_file(), f"{area} has no {name}"


@pytest.mark.parametrize("path", FORMS, ids=_name)
def test_a_form_can_be_shown(path: Path) -> None:
    form, found = parse(path.read_bytes(), path.name)
    assert found == []
    assert form is not None
    assert form.key == path.stem, "the file of a form is named after its id"


@pytest.mark.parametrize("path", FORMS, ids=_name)
def test_a_form_opens_in_the_desktop_modeler_for_camunda_7(path: Path) -> None:
    form = json.loads(path.read_text(encoding="utf-8"))
    assert form["executionPlatform"] == "Camunda Platform"
    assert form["schemaVersion"] == 19


def test_every_form_is_used() -> None:
    shipped_forms = {name for area in shipped.areas().values() for name in area if name.endswith(".form")}
    assert {path.name for path in FORMS} == shipped_forms


@pytest.mark.parametrize("path", DECISIONS, ids=_name)
def test_a_decision_can_be_read(path: Path) -> None:
    model, found = decisions.parse(path.read_bytes(), path.name)
    assert found == []
    assert model is not None


def _is_reviewed(finding: Finding) -> bool:
    return finding.severity == "warning" and (finding.rule, finding.element_id) in REVIEWED
