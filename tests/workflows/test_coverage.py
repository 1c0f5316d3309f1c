"""The scenarios leave nothing out: together they pass every element of every shipped model, and every start.

They also give every measure that a shipped process has of its own something to count.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from engine import managed
from engine.bpmn.model.facts import processes_in
from engine.metrics.log_facts import matches
from engine.persistence.models import CaseValue
from engine.persistence.statements import EVENT
from engine.types import ENGINE
from tests.workflows.scenario import Player, scenarios
from tests.workflows.stage import Stage, raised
from webapp import shipped


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = raised(f"sqlite:///{tmp_path_factory.mktemp('coverage') / 'all.sqlite'}")
    for scenario in scenarios():
        Player(made).play(scenario)
    yield made
    made.engine.close()


def test_every_element_is_passed_by_some_scenario(stage: Stage) -> None:
    cases = stage.engine.history.cases(ENGINE, limit=200)
    assert cases.next is None
    passed = {
        (entry.process_key, entry.element_id)
        for case in cases.rows
        for entry in stage.engine.history.timeline(case.id, ENGINE)
    }
    assert sorted(_elements() - passed) == []


def test_every_measure_of_a_process_has_something_to_count_in_some_scenario(stage: Stage) -> None:
    with stage.engine.database.read() as connection:
        own = [measure for process in managed.load(connection).values() for measure in process.measures]
        recorded = set(connection.execute(select(CaseValue.measure).distinct()).scalars())
        log = connection.execute(select(EVENT)).all()
    assert own
    assert {measure.key for measure in own if measure.kind != "ratio"} - recorded == set()
    patterns = [(own.key, each) for own in own for each in (own.of, own.since, own.until) if each is not None]
    assert [pattern for pattern in patterns if not any(matches(event, pattern[1]) for event in log)] == []


def _elements() -> set[tuple[str, str | None]]:
    return {
        (process.key, element.id)
        for area in shipped.areas().values()
        for name, content in area.items()
        if name.endswith(".bpmn")
        for process in processes_in(content, name)
        for element in process.elements
    }
