"""The models that process owners copy from (docs/examples): no finding, every walk to its end, every element passed."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine.bpmn.model.facts import processes_in
from engine.types import ENGINE
from tests.workflows.scenario import EXAMPLES, Player, Scenario, scenarios_in
from tests.workflows.stage import Stage, with_models

ALL = list(scenarios_in(EXAMPLES))
MODELS = sorted(EXAMPLES.glob("*.bpmn"))
ENDINGS = {".bpmn", ".form"}


def _content() -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(EXAMPLES.iterdir()) if path.suffix in ENDINGS}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = with_models(f"sqlite:///{tmp_path_factory.mktemp('examples') / 'all.sqlite'}", _content())
    yield made
    made.engine.close()


@pytest.fixture(scope="module")
def postgres_stage(postgres_url: str) -> Iterator[Stage]:
    made = with_models(postgres_url, _content())
    yield made
    made.engine.close()


def walked(scenario: Scenario, stage: Stage) -> None:
    Player(stage).play(scenario)
    assert stage.engine.management.failures(ENGINE).rows == ()
    assert stage.engine.management.failed_starts(ENGINE) == ()


@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_walk_on_sqlite(scenario: Scenario, stage: Stage) -> None:
    walked(scenario, stage)


@pytest.mark.postgres
@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_walk_on_postgresql(scenario: Scenario, postgres_stage: Stage) -> None:
    walked(scenario, postgres_stage)


def test_there_is_no_finding(stage: Stage) -> None:
    assert [str(finding) for finding in stage.engine.repository.check(_content())] == []


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_says_what_it_shows_and_is_named_as_its_file(path: Path) -> None:
    (process,) = processes_in(path.read_bytes(), path.name)
    assert process.key == path.stem
    text = path.read_text(encoding="utf-8")
    assert re.search(r"<bpmn:documentation>Example: .+</bpmn:documentation>", text)


def test_the_page_tells_of_each_model_and_its_forms() -> None:
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    rows = {found[1]: found[0] for found in re.finditer(r"^\| \[`(\w+)`\]\(\w+\.bpmn\) .*$", page, re.MULTILINE)}
    assert set(rows) == {path.stem for path in MODELS}
    for path in MODELS:
        (process,) = processes_in(path.read_bytes(), path.name)
        needed = {*process.forms, *(message.form for message in process.receives if message.form)}
        assert set(re.findall(r"`(\w+)\.form`", rows[path.stem])) == needed


def test_every_form_is_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in MODELS)
    assert [path.stem for path in EXAMPLES.glob("*.form") if f'"{path.stem}"' not in text] == []


def test_every_element_is_passed_by_some_scenario(tmp_path: Path) -> None:
    made = with_models(f"sqlite:///{tmp_path / 'all.sqlite'}", _content())
    try:
        for scenario in ALL:
            Player(made).play(scenario)
        cases = made.engine.history.cases(ENGINE, limit=200).rows
        passed = {
            (entry.process_key, entry.element_id)
            for case in cases
            for entry in made.engine.history.timeline(case.id, ENGINE)
        }
    finally:
        made.engine.close()
    drawn = {
        (process.key, element.id)
        for path in MODELS
        for process in processes_in(path.read_bytes(), path.name)
        for element in process.elements
    }
    assert sorted(drawn - passed) == []
