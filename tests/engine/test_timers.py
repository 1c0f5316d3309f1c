"""Timers: due when they are due, fired once, also with several schedulers; a restart loses none."""

import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.errors import TaskNotOpen
from engine.types import ENGINE
from engine.views import Wait
from tests.bpmn_models import boundary, catch, end, flows, process, start, timer, user_task
from tests.engine.stage import ANN, MORNING, OLGA, STARTERS, Stage, at_once

ROOT = Path(__file__).parents[2]


def _reminded(stage: Stage, *, interrupting: bool = False, kind: str = "Duration", text: str = "PT1H") -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            user_task("ask", "Ask", candidateGroups="analysts"),
            boundary("late", "ask", timer(kind, text), interrupting=interrupting),
            user_task("remind", "Remind", candidateGroups="analysts"),
            end(),
            end("e2"),
            flows("s", "ask", "e"),
            flows("late", "remind", "e2"),
            **STARTERS,
        )
    )


def _waiting(stage: Stage, text: str = "PT1H") -> None:
    model = process("p", start(), catch("wait", timer("Duration", text)), end(), flows("s", "wait", "e"), **STARTERS)
    stage.deploy(p__bpmn=model)


def test_a_timer_fires_when_it_is_due_and_not_before(stage: Stage) -> None:
    _reminded(stage)
    case = stage.start()
    assert stage.engine.management.next_due() == MORNING + timedelta(hours=1)
    stage.clock.pass_by(minutes=59)
    assert stage.engine.management.run_due() == 0
    stage.clock.pass_by(minutes=1)
    assert stage.engine.management.run_due() == 1
    assert sorted(row.element_id for row in stage.tasks()) == ["ask", "remind"]
    assert stage.engine.management.run_due() == 0
    assert stage.engine.management.next_due() is None
    assert stage.count("job") == 0
    assert stage.engine.history.case(case.id, OLGA).waits == ()


def test_an_interrupting_timer_takes_the_task_away(stage: Stage) -> None:
    _reminded(stage, interrupting=True)
    stage.start()
    task = stage.task("ask")
    stage.clock.pass_by(hours=1)
    stage.engine.management.run_due()
    assert [row.element_id for row in stage.tasks()] == ["remind"]
    with pytest.raises(TaskNotOpen, match="already cancelled by engine"):
        stage.complete(task.id)


def test_a_completed_task_takes_its_timer_along(stage: Stage) -> None:
    _reminded(stage)
    stage.start()
    assert [wait.due_at for wait in _waits(stage)] == [MORNING + timedelta(hours=1)]
    stage.do("ask")
    assert stage.count("job") == 0


def _waits(stage: Stage) -> tuple[Wait, ...]:
    (case,) = stage.engine.history.cases(ENGINE).rows
    return stage.engine.history.case(case.id, ENGINE).waits


def test_a_cycle_fires_once_for_each_turn(stage: Stage) -> None:
    _reminded(stage, kind="Cycle", text="R3/PT1H")
    stage.start()
    for turn in range(1, 4):
        stage.clock.pass_by(hours=1)
        assert stage.engine.management.run_due() == 1
        assert len([row for row in stage.tasks() if row.element_id == "remind"]) == turn
    stage.clock.pass_by(hours=5)
    assert stage.engine.management.run_due() == 0


def test_a_cycle_whose_next_time_is_beyond_the_calendar_fires_the_last_time(stage: Stage) -> None:
    _reminded(stage, kind="Cycle", text="R/P5000Y")
    stage.start()
    stage.clock.now = MORNING.replace(year=7026)
    assert [stage.engine.management.run_due() for _ in range(2)] == [1, 0]
    assert sorted(row.element_id for row in stage.tasks()) == ["ask", "remind"]
    assert stage.engine.management.failures(ENGINE).rows == ()
    assert stage.count("job") == 0


def test_several_schedulers_fire_each_timer_once(stage: Stage) -> None:
    _waiting(stage)
    for _ in range(20):
        stage.start()
    others = [stage.another() for _ in range(3)]
    stage.clock.pass_by(hours=1)
    outcomes = at_once(*(each.engine.management.run_due for each in (stage, *others)))
    assert [each.error for each in outcomes] == [None] * 4
    assert sum(each.result for each in outcomes) == 20
    assert stage.value("select count(*) from activity_event where kind = 'case.completed'") == 20


def test_a_timer_and_a_completion_at_once_agree(stage: Stage) -> None:
    _reminded(stage, interrupting=True)
    for _ in range(5):
        case = stage.start()
        task = stage.task("ask")
        stage.clock.pass_by(hours=1)
        fired, done = at_once(stage.engine.management.run_due, partial(stage.complete, task.id))
        assert fired.error is None
        if done.error is None:
            assert stage.engine.history.case(case.id, ENGINE).status == "completed"
        else:
            assert isinstance(done.error, TaskNotOpen)
            stage.do("remind")
        assert stage.tasks() == ()
        assert stage.count("job") == 0
        assert stage.count("failure") == 0


def test_a_lease_that_ran_out_is_taken_over(stage: Stage) -> None:
    _waiting(stage)
    stage.start()
    stage.clock.pass_by(hours=1)
    taken, _ = stage.engine.management._due._take(10)
    assert len(taken) == 1
    other = stage.another()
    assert other.engine.management.run_due() == 0
    stage.clock.pass_by(minutes=3)
    assert other.engine.management.run_due() == 1


def test_what_a_killed_process_had_taken_is_tried_after_half_a_minute(stage: Stage) -> None:
    _waiting(stage)
    stage.start()
    stage.clock.pass_by(hours=1)
    stage.engine.management._due._take(10)
    other = stage.another()
    stage.clock.pass_by(seconds=29)
    assert other.engine.management.run_due() == 0
    stage.clock.pass_by(seconds=1)
    assert other.engine.management.run_due() == 1


def test_a_process_that_works_slowly_keeps_what_it_has_taken(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step takes 20 seconds; while they last, another process finds nothing to take."""
    _waiting(stage)
    for _ in range(5):
        stage.start()
    stage.clock.pass_by(hours=1)
    other, steps = stage.another(), stage.engine.management._due._steps
    fire, taken = steps.fire, []

    def slowly(*args: Any) -> bool:
        stage.clock.pass_by(seconds=20)
        taken.append(other.engine.management.run_due())
        return fire(*args)

    monkeypatch.setattr(steps, "fire", slowly)
    assert stage.engine.management.run_due() == 5
    assert taken == [0] * 5
    assert stage.count("job") == 0


def test_the_scheduler_runs_what_is_due_and_stops(stage: Stage) -> None:
    _waiting(stage, "PT1S")
    scheduler = stage.engine.scheduler(cap_seconds=0.05)
    scheduler.start()
    scheduler.start()
    stage.start()
    stage.clock.pass_by(seconds=2)
    scheduler.wake()
    deadline = time.monotonic() + 20
    while stage.value("select count(*) from process_instance where status = 'completed'") == 0:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    scheduler.stop()
    scheduler.stop()
    stage.start()
    stage.clock.pass_by(seconds=2)
    time.sleep(0.2)
    assert stage.value("select count(*) from process_instance where status = 'active'") == 1


PROCESS = """
import sys
from datetime import datetime
from engine.process_engine import ProcessEngine
from forms.catalog import MarshmallowForms
engine = ProcessEngine(sys.argv[1], MarshmallowForms(), lambda: datetime.fromisoformat(sys.argv[2]))
print("ready", flush=True)
sys.stdin.readline()
done = 0
for _ in range(30):
    done += engine.management.run_due(3)
engine.close()
print(done)
"""


def test_two_processes_fire_each_timer_once(stage: Stage) -> None:
    _waiting(stage)
    for _ in range(30):
        stage.start()
    later = (stage.clock.now + timedelta(hours=1)).isoformat()
    command = [sys.executable, "-c", PROCESS, stage.url, later]
    runs = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    answers = [run.communicate("go\n", timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert sum(map(int, answers)) == 30
    assert stage.value("select count(*) from activity_event where kind = 'case.completed'") == 30
    assert ANN.user_id not in {row.actor for row in stage.rows("select actor from activity_event")}
