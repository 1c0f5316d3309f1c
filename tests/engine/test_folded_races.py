"""Many at the scopes of one case at once: each step is there, once, and the rows say what the stored case waits for."""

from collections.abc import Callable
from functools import partial

import pytest

from engine.bpmn.case import codec, snapshot
from engine.bpmn.case.context import StepContext
from engine.definitions import Definitions
from engine.persistence import store
from engine.types import ENGINE
from tests.bpmn_cases import Registers
from tests.bpmn_models import (
    boundary,
    condition,
    end,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process,
    start,
    sub_process,
    timer,
    user_task,
)
from tests.engine.stage import BEN, OLGA, STARTERS, Stage, at_once, form

MODEL = process(
    "p",
    start(),
    gateway("split", "parallel"),
    sub_process(
        "each",
        multi_instance(cardinality="6"),
        start("is"),
        user_task("a", candidateGroups="analysts"),
        boundary("late", "a", timer("Cycle", "R2/PT1H"), interrupting=False),
        boundary("stop", "a", message_event("m")),
        end("ie"),
        end("late_e"),
        end("stop_e"),
        flows("is", "a", "ie") + flow("late", "late_e") + flow("stop", "stop_e"),
        event_sub_process(
            "alarmed",
            condition("alarm = true"),
            user_task("extra", candidateGroups="analysts")
            + end("alarmed_e")
            + flows("alarmed_start", "extra", "alarmed_e"),
            interrupting=False,
        ),
        properties={"resultVariable": "results"},
    ),
    user_task("other", formRef="alarm", candidateGroups="analysts"),
    gateway("join", "parallel"),
    end(),
    flows("s", "split", "each", "join", "e"),
    flows("split", "other", "join"),
    around=message("m", "note"),
    **STARTERS,
)


def same_as_stored(stage: Stage, case_id: str) -> None:
    """Check that the rows of a case are those of what its stored state waits for, no more and no less."""
    with stage.engine.database.read() as connection:
        row = store.load_case(connection, case_id)
        assert row is not None
        executable = Definitions().executable(connection, row.definitions)
    context = StepContext(stage.clock(), ENGINE, Registers())
    waiting = snapshot.waiting(codec.decode(row.state, executable, context).tokens())
    tasks = {each.task_id for each in waiting.open_tasks}
    timers = {each.task_id: each.due_at for each in waiting.timers}
    subscriptions = {each.task_id for each in waiting.subscriptions}
    found = stage.rows("select id from user_task where instance_id = :id and state = 'open'", id=case_id)
    assert {each.id for each in found} == tasks == set(row.waits["tasks"])
    assert {each.task_id for each in stage.rows("select task_id from worklist")} == tasks
    assert {each.id for each in stage.rows("select id from job")} == timers.keys() == row.waits["timers"].keys()
    found = stage.rows("select task_id from subscription")
    assert {each.task_id for each in found} == subscriptions == row.waits["subscriptions"].keys()


@pytest.mark.parametrize("alarm", [False, True])
def test_steps_in_different_scopes_at_once(stage: Stage, alarm: bool) -> None:
    stage.deploy(p__bpmn=MODEL, alarm__form=form("alarm", {"type": "checkbox", "key": "alarm", "label": "Alarm"}))
    other, case = stage.another(), stage.start()
    same_as_stored(stage, case.id)
    stage.clock.pass_by(hours=1)
    a = [row.id for row in stage.tasks() if row.element_id == "a"]
    acts: list[Callable[[], object]] = [partial(stage.complete, task) for task in a[:2]]
    acts += [partial(other.complete, task, BEN) for task in a[2:4]]
    acts += [partial(other.do, "other", BEN, alarm=alarm)]
    acts += [stage.engine.management.run_due, other.engine.management.run_due]
    assert [each.error for each in at_once(*acts)] == [None] * len(acts)
    same_as_stored(stage, case.id)
    left = sorted(row.element_id for row in stage.tasks())
    assert left[:2] == ["a", "a"]
    assert len(left) >= (4 if alarm else 2)
    stage.clock.pass_by(hours=1)
    acts = [stage.engine.management.run_due, other.engine.management.run_due]
    acts += [partial(stage.complete, a[4]), partial(other.complete, a[5], BEN)]
    assert [each.error for each in at_once(*acts)] == [None] * len(acts)
    same_as_stored(stage, case.id)
    for row in stage.tasks():
        stage.complete(row.id)
    same_as_stored(stage, case.id)
    assert (stage.count("job"), stage.count("subscription"), stage.tasks()) == (0, 0, ())
    detail = stage.engine.history.case(case.id, OLGA)
    assert detail.status == "completed"
