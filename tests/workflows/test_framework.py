"""Two changes of a framework at once: the later one is told, and nothing of the earlier one is overwritten unseen."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.errors import ConcurrentUpdate, InputRefused
from engine.types import Json
from engine.views import CaseRef
from tests.workflows.stage import Stage, raised

REGISTER = "stakeholder_requirements_management_framework"
BODY: dict[str, Json] = {
    "framework_title": "One",
    "restatement_due_after": "P2D",
    "response_due_after": "P7D",
    "feasibility_reminder_after": "P5D",
    "feasibility_escalation_after": "P10D",
    "decision_notice_for": "P14D",
}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = raised(f"sqlite:///{tmp_path / 'framework.sqlite'}")
    yield made
    made.engine.close()


def change(stage: Stage) -> CaseRef:
    reason = {"change_reason": "It takes too long, say all who wait."}
    return stage.engine.runtime.start(
        "establish_requirements_framework", reason, actor=stage.engine.identity.actor("petra")
    )


def do(stage: Stage, case: CaseRef, element: str, **values: Json) -> None:
    petra = stage.engine.identity.actor("petra")
    (task,) = [each for each in stage.engine.history.case(case.id, petra).tasks if each.element_id == element]
    shown = [read.ref for read in stage.engine.tasks.get(task.id, petra).reads]
    stage.engine.tasks.complete(task.id, values, actor=petra, shown=shown)


def approve(stage: Stage, case: CaseRef, days: int) -> None:
    day = (stage.clock.now + timedelta(days=days)).date().isoformat()
    do(stage, case, "Task_ApproveFramework", approval_decision="approve", effective_from=day)


def wait(stage: Stage, days: int) -> None:
    stage.clock.now += timedelta(days=days, seconds=1)
    while stage.engine.management.run_due():
        pass


def test_a_change_that_came_into_force_first_is_shown_to_who_approves_the_second(stage: Stage) -> None:
    first, second = change(stage), change(stage)
    for case, title in ((first, "First"), (second, "Second")):
        do(stage, case, "Task_DraftFramework", **{**BODY, "framework_title": title})
    petra = stage.engine.identity.actor("petra")
    (task,) = stage.engine.history.case(second.id, petra).tasks
    seen = [read.ref for read in stage.engine.tasks.get(task.id, petra).reads]
    approve(stage, first, 0)
    wait(stage, 0)
    day = stage.clock.now.date().isoformat()
    with pytest.raises(ConcurrentUpdate):
        stage.engine.tasks.complete(
            task.id, {"approval_decision": "approve", "effective_from": day}, actor=petra, shown=seen
        )
    shown = stage.engine.tasks.get(task.id, petra).proposal
    assert shown is not None
    assert shown.before is not None
    assert (shown.before.body["framework_title"], shown.moved_on) == ("First", True)
    approve(stage, second, 0)
    wait(stage, 0)
    assert stage.engine.registers.record(REGISTER, "FW-0001", petra).body["framework_title"] == "Second"


@pytest.mark.parametrize("running_cases", ["keep", "take_over"])
def test_a_change_that_came_into_force_while_the_second_waited_asks_for_approval_again(
    stage: Stage, running_cases: str
) -> None:
    petra = stage.engine.identity.actor("petra")
    first, second = change(stage), change(stage)
    for case, title, days in ((first, "First", 1), (second, "Second", 3)):
        draft = {**BODY, "framework_title": title, "running_cases": running_cases}
        do(stage, case, "Task_DraftFramework", **draft)
        approve(stage, case, days)
    wait(stage, 3)
    assert stage.engine.registers.record(REGISTER, "FW-0001", petra).body["framework_title"] == "First"
    assert stage.engine.history.case(first.id, petra).status == "completed"
    (task,) = stage.engine.history.case(second.id, petra).tasks
    shown = stage.engine.tasks.get(task.id, petra).proposal
    assert shown is not None
    assert shown.before is not None
    assert (shown.before.ref.version, shown.after["framework_title"], shown.moved_on) == (2, "Second", True)
    approve(stage, second, 0)
    wait(stage, 0)
    record = stage.engine.registers.record(REGISTER, "FW-0001", petra)
    assert (record.body["framework_title"], record.row.version) == ("Second", 3)


@pytest.mark.parametrize("written", ["P", "PT", "P0D", "PT0H", "P3DT", "-P5D", "P99999999999999999W", "5 days"])
def test_a_time_that_no_case_could_keep_is_refused_in_the_draft(stage: Stage, written: str) -> None:
    case = change(stage)
    with pytest.raises(InputRefused) as refused:
        do(stage, case, "Task_DraftFramework", **{**BODY, "feasibility_escalation_after": written})
    assert list(refused.value.messages) == ["feasibility_escalation_after"]


@pytest.mark.parametrize("written", ["P10D", "PT12H", "P1DT12H", "P2W", "PT90M", "P1DT1H30M", "P1DT30M"])
def test_a_time_that_cases_can_keep_is_taken(stage: Stage, written: str) -> None:
    case = change(stage)
    do(stage, case, "Task_DraftFramework", **{**BODY, "feasibility_escalation_after": written})
    petra = stage.engine.identity.actor("petra")
    assert [task.element_id for task in stage.engine.history.case(case.id, petra).tasks] == ["Task_ApproveFramework"]


@pytest.mark.parametrize("written", ["P0M", "P99999Y", "P1M2D"])
def test_an_interval_after_which_nobody_could_evaluate_is_refused(stage: Stage, written: str) -> None:
    with pytest.raises(InputRefused):
        do(stage, change(stage), "Task_DraftFramework", **{**BODY, "review_interval": written})
