"""Every scripted walk of every process area goes where it says, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workflows.scenario import Player, Scenario, scenarios
from tests.workflows.stage import Stage, copied, raised

ALL = list(scenarios())


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("stage") / "template.sqlite"
    raised(f"sqlite:///{file}").engine.close()
    return file


@pytest.fixture
def sqlite_stage(template: Path, tmp_path: Path) -> Iterator[Stage]:
    stage = copied(template, tmp_path)
    yield stage
    stage.engine.close()


@pytest.fixture(scope="session")
def postgres_stage(postgres_url: str) -> Iterator[Stage]:
    stage = raised(postgres_url)
    yield stage
    stage.engine.close()


@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_walk_on_sqlite(scenario: Scenario, sqlite_stage: Stage) -> None:
    Player(sqlite_stage).play(scenario)


@pytest.mark.postgres
@pytest.mark.parametrize("scenario", ALL, ids=str)
def test_walk_on_postgresql(scenario: Scenario, postgres_stage: Stage) -> None:
    Player(postgres_stage).play(scenario)
