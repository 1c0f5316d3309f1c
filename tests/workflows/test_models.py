"""What is shipped can be published as it is: no finding, forms can be shown, decisions can be read."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from engine import decisions
from engine.persistence import schema
from engine.process_engine import ProcessEngine
from engine.types import Actor
from forms import parse
from forms.catalog import MarshmallowForms
from tests.workflows.stage import Stage, raised
from webapp import shipped

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = sorted((ROOT / "workflows").glob("*/*.dmn"))
FORMS = sorted((ROOT / "forms").glob("*.form"))
EXAMPLE_FORMS = sorted((ROOT / "docs" / "examples").glob("*.form"))


def _name(path: Path) -> str:
    return path.name


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = raised(f"sqlite:///{tmp_path_factory.mktemp('models') / 'stage.sqlite'}")
    yield stage
    stage.engine.close()


@pytest.mark.parametrize("area", shipped.areas())
def test_an_area_has_no_finding(area: str, stage: Stage) -> None:
    found = stage.engine.repository.check(shipped.areas()[area])
    assert [str(finding) for finding in found] == [], (
        "mend it, or list here which warning was looked at and why it stays"
    )


def test_areas_are_published_by_their_own_owners(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    comity = ProcessEngine(url, MarshmallowForms())
    schema.migrate(comity.database)
    groups = {
        "management": "process_management",
        "a21_stakeholder_requirements_management": "requirements_process_owners",
    }
    for area, group in groups.items():
        owner = Actor(group, group, frozenset({"process_owner"}), frozenset({group}), "home")
        result = comity.repository.deploy(shipped.areas()[area], name=area, actor=owner)
        assert len(result.deployed) == sum(name.endswith(".bpmn") for name in shipped.areas()[area])
    comity.close()


def test_every_area_tells_what_it_is_and_how_it_is_tried() -> None:
    for area in shipped.areas():
        for name in ("README.md", "scenarios.yaml"):
            assert (files("workflows") / area / name).is_file(), f"{area} has no {name}"


@pytest.mark.parametrize("path", FORMS + EXAMPLE_FORMS, ids=_name)
def test_a_form_can_be_shown(path: Path) -> None:
    form, found = parse(path.read_bytes(), path.name)
    assert found == []
    assert form is not None
    assert form.key == path.stem, "the file of a form is named after its id"


@pytest.mark.parametrize("path", FORMS + EXAMPLE_FORMS, ids=_name)
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
