"""The scenarios leave nothing out: together they pass every element of every shipped model, and every start."""

from pathlib import Path

from engine.bpmn.facts import processes_in
from engine.types import ENGINE
from tests.workflows.scenario import Player, scenarios
from tests.workflows.stage import raised
from webapp import shipped


def test_every_element_is_passed_by_some_scenario(tmp_path: Path) -> None:
    stage = raised(f"sqlite:///{tmp_path / 'all.sqlite'}")
    for scenario in scenarios():
        Player(stage).play(scenario)
    cases = stage.engine.history.cases(ENGINE, limit=200)
    assert cases.next is None
    passed = {
        (entry.process_key, entry.element_id)
        for case in cases.rows
        for entry in stage.engine.history.timeline(case.id, ENGINE)
    }
    stage.engine.close()
    assert sorted(_elements() - passed) == []


def _elements() -> set[tuple[str, str | None]]:
    return {
        (process.key, element.id)
        for area in shipped.areas().values()
        for name, content in area.items()
        if name.endswith(".bpmn")
        for process in processes_in(content, name)
        for element in process.elements
    }
