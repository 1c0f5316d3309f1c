"""A new edition of the requirements framework in a need that waits for feasibility guidance (PRM-IT A211, A213)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from engine import events
from engine.types import ENGINE, Json
from engine.views import TimelineEntry
from tests.workflows.scenario import Player, scenarios
from tests.workflows.stage import Stage, demo, raised

REGISTER = "stakeholder_requirements_management_framework"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = raised(f"sqlite:///{tmp_path / 'walk.sqlite'}")
    yield made
    made.engine.close()


@pytest.fixture
def waiting(stage: Stage) -> Player:
    """A need of which the feasibility group has just been asked."""
    asked = next(each for each in scenarios() if each.name == "feasibility reminded, then answered")
    player = Player(stage)
    player.start(asked.start)
    player.go(asked.steps[:3])
    assert [task.element_id for task in player.detail().tasks] == ["Task_GiveGuidance"]
    return player


def edition(stage: Stage, **fields: Json) -> None:
    """Write a new edition of the framework that the demo begins with, and run what is due."""
    first: Mapping[str, Any] = demo("records.yaml")[REGISTER][0]
    (row,) = stage.engine.registers.page(REGISTER, ENGINE).rows
    stage.engine.registers.save(REGISTER, row.id, {**first, **fields}, actor=ENGINE)
    while stage.engine.management.run_due():
        pass


def waits(player: Player) -> dict[str, datetime | None]:
    return {wait.element_id: wait.due_at for wait in player.detail().waits}


def log(stage: Stage, player: Player) -> Sequence[TimelineEntry]:
    return stage.engine.history.timeline(player.detail().id, ENGINE)


def test_a_shorter_time_to_escalate_moves_the_escalation_that_runs(stage: Stage, waiting: Player) -> None:
    before = waits(waiting)
    began = waiting.detail().tasks[0].created_at
    assert before["Boundary_EscalationDue"] == began + timedelta(days=10)
    waiting.go([{"advance_time": "P1D"}])
    edition(stage, running_cases="take_over", feasibility_escalation_after="P3D", feasibility_reminder_after="P2D")
    assert waits(waiting) == {
        "Boundary_EscalationDue": began + timedelta(days=3),
        "Boundary_ReminderDue": began + timedelta(days=2),
    }
    told = [each for each in log(stage, waiting) if each.kind == events.FRAMEWORK_ADOPTED]
    assert [(each.detail["id"], each.detail["from"], each.detail["to"]) for each in told] == [("FW-0001", 1, 2)]
    moved = {each["name"]: (each["from"], each["to"]) for each in told[0].detail["moved"]}
    assert set(moved) == {"Escalation due", "Reminder due"}
    assert moved["Escalation due"] == (
        (began + timedelta(days=10)).isoformat(),
        (began + timedelta(days=3)).isoformat(),
    )
    waiting.go([{"advance_time": "P2D"}, {"advance_time": "PT1M"}])
    assert sorted(task.element_id for task in waiting.detail().tasks) == [
        "Task_DecideLateGuidance",
        "Task_GiveGuidance",
        "Task_RemindGroup",
    ]


def test_an_edition_that_is_for_new_cases_leaves_it(stage: Stage, waiting: Player) -> None:
    before = waits(waiting)
    edition(stage, running_cases="keep", feasibility_escalation_after="P3D")
    assert waits(waiting) == before
    assert events.FRAMEWORK_ADOPTED not in {each.kind for each in log(stage, waiting)}


def test_the_analysts_due_date_moves_with_it(stage: Stage) -> None:
    first = next(each for each in scenarios() if each.name == "accepted and satisfied")
    player = Player(stage)
    player.start(first.start)
    (task,) = player.detail().tasks
    assert task.due_at == task.created_at + timedelta(days=3)
    edition(stage, restatement_due_after="P1D")
    (task,) = player.detail().tasks
    assert task.due_at == task.created_at + timedelta(days=1)
    player.go(first.steps[1:2])
    assert player.detail().failures == ()


def test_a_framework_that_comes_into_force_by_a211_moves_it_on_its_day(stage: Stage, waiting: Player) -> None:
    changed = next(each for each in scenarios() if each.name == "framework changed and put into force on its day")
    draft, approval = (step for step in changed.steps if "complete" in step and "refused" not in step)
    shorter = {"feasibility_reminder_after": "P1D", "feasibility_escalation_after": "P3D"}
    began = waiting.detail().tasks[0].created_at
    change = Player(stage)
    change.start(changed.start)
    change.go([{**draft, "values": {**draft["values"], **shorter}}, approval])
    assert waits(waiting)["Boundary_EscalationDue"] == began + timedelta(days=10), "not before its day"
    change.go([{"advance_time": "P2D"}])
    assert change.detail().status == "completed"
    assert waits(waiting) == {"Boundary_EscalationDue": began + timedelta(days=3)}
    assert sorted(task.element_id for task in waiting.detail().tasks) == ["Task_GiveGuidance", "Task_RemindGroup"]
    asked = next(each for each in scenarios() if each.name == "feasibility asked and answered")
    waiting.go([step for step in asked.steps if step.get("complete") == "Task_GiveGuidance"])
    assert [task.element_id for task in waiting.detail().tasks] == ["Task_RestateNeed"]
