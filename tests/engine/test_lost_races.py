"""Many at one case at once: different tasks are all completed, the same one by exactly one; the others are told."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.errors import TaskNotOpen
from engine.types import ENGINE
from tests.bpmn_models import boundary, end, flows, message_event, multi_instance, process, start, timer, user_task
from tests.bpmn_models import message as message_part
from tests.engine.stage import ANN, BEN, OLGA, STARTERS, Stage, at_once, form

ROOT = Path(__file__).parents[2]
THREADS = 8

WORKER = """
import json, sys
from engine.errors import TaskNotOpen
from engine.process_engine import ProcessEngine
from engine.types import Actor
from forms.catalog import MarshmallowForms
from tests.engine.stage import at_once
url, name, tasks = sys.argv[1], sys.argv[2], sys.argv[3:]
engine = ProcessEngine(url, MarshmallowForms())
who = Actor(name, name.title(), frozenset({"staff"}), frozenset({"analysts"}))
engine.tasks.worklist(who, limit=1)
print("ready", flush=True)
sys.stdin.readline()
outcomes = at_once(*(lambda task=task: engine.tasks.complete(task, {}, actor=who) for task in tasks))
engine.close()
errors = [each.error for each in outcomes]
assert all(error is None or isinstance(error, TaskNotOpen) for error in errors), errors
print(json.dumps({
    "won": [task for task, error in zip(tasks, errors) if error is None],
    "told": [[task, error.by] for task, error in zip(tasks, errors) if error is not None],
}))
"""


def deploy(stage: Stage, *around: str) -> None:
    """Deploy `p`: as many tasks at once as its start form says, and one after them."""
    stage.deploy(
        p__bpmn=process(
            "p",
            start(form="n"),
            user_task("ask", candidateGroups="analysts", inner=multi_instance(cardinality="n")),
            *around,
            user_task("last", candidateGroups="analysts"),
            end(),
            flows("s", "ask", "last", "e"),
            around=message_part("m", "stop"),
            **STARTERS,
        ),
        n__form=form("n", {"type": "number", "key": "n", "label": "N"}),
    )


def in_processes(stage: Stage, tasks: dict[str, list[str]]) -> list[Any]:
    """Let a process for each name complete its tasks, each in a thread, all at the same moment."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, stage.url, name, *own],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, own in tasks.items()
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    answers = [run.communicate(timeout=120)[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * len(runs)
    return [json.loads(answer) for answer in answers]


def completed(stage: Stage, case_id: str) -> int:
    number: int = stage.value(
        "select count(*) from activity_event where kind = 'activity.completed' and element_kind = 'userTask'"
        " and instance_id = :case",
        case=case_id,
    )
    return number


def test_threads_at_different_tasks_of_a_case_all_succeed(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(n=THREADS)
    outcomes = at_once(*(lambda row=row: stage.complete(row.id) for row in stage.tasks()))
    assert [each.error for each in outcomes] == [None] * THREADS
    assert completed(stage, case.id) == THREADS
    assert stage.value("select revision from process_instance") == THREADS + 1
    assert stage.do("last").finished


def test_threads_at_the_same_task_give_one_completion_and_tell_the_others(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(n=2)
    task = stage.tasks()[0].id
    stage.clock.pass_by(minutes=5)
    outcomes = at_once(*(lambda who=who: stage.complete(task, who) for who in (ANN, BEN) * (THREADS // 2)))
    errors = [each.error for each in outcomes if each.error is not None]
    assert len(errors) == THREADS - 1
    (winner,) = stage.rows("select ended_by from user_task where state = 'completed'")
    for error in errors:
        assert isinstance(error, TaskNotOpen)
        assert (error.by, error.at) == (winner.ended_by, stage.clock.now)
        assert "Nothing of yours was saved" in str(error)
    assert completed(stage, case.id) == 1
    assert stage.do("ask").case.status == "active"
    assert stage.do("last").finished


def test_processes_at_different_tasks_of_a_case_all_succeed(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(n=2 * THREADS)
    tasks = [row.id for row in stage.tasks()]
    answers = in_processes(stage, {"ann": tasks[::2], "ben": tasks[1::2]})
    assert sorted(task for answer in answers for task in answer["won"]) == sorted(tasks)
    assert completed(stage, case.id) == 2 * THREADS
    assert stage.do("last").finished


def test_processes_at_the_same_tasks_complete_each_once_and_tell_who_was_first(stage: Stage) -> None:
    deploy(stage)
    case = stage.start(n=4)
    tasks = [row.id for row in stage.tasks()]
    answers = dict(zip(("ann", "ben"), in_processes(stage, {"ann": tasks, "ben": tasks}), strict=True))
    first = {row.id: row.ended_by for row in stage.rows("select id, ended_by from user_task where state = 'completed'")}
    assert sorted(first) == sorted(tasks)
    for name, answer in answers.items():
        assert all(first[task] == name for task in answer["won"])
        assert all(first[task] == by != name for task, by in answer["told"])
    assert completed(stage, case.id) == 4
    assert stage.do("last").finished


@pytest.mark.parametrize("what", ["timer", "message"])
def test_what_interrupts_and_who_completes_agree(stage: Stage, what: str) -> None:
    """Either the tasks of the activity are cancelled, or they are all completed; nobody is lost in between."""
    definition = timer("Duration", "PT1H") if what == "timer" else message_event("m")
    stop = (boundary("stop", "ask", definition), user_task("stopped", candidateGroups="analysts"), end("e2"))
    deploy(stage, *stop, flows("stop", "stopped", "e2"))
    for _ in range(3):
        case = stage.start(n=3)
        tasks = [row for row in stage.tasks() if row.case.id == case.id]
        stage.clock.pass_by(hours=2)
        interrupt = (
            stage.engine.management.run_due
            if what == "timer"
            else lambda: stage.engine.runtime.send_message("stop", None, {}, actor=ENGINE)
        )
        outcomes = at_once(interrupt, *(lambda row=row: stage.complete(row.id) for row in tasks))
        told = [each.error for each in outcomes[1:] if each.error is not None]
        assert all(isinstance(error, TaskNotOpen) for error in told), told
        states = [row.state for row in stage.rows("select state from user_task where instance_id = :c", c=case.id)]
        assert states.count("open") == 1
        assert states.count("completed") == 3 - len(told)
        (left,) = [row for row in stage.tasks() if row.case.id == case.id]
        assert left.element_id == ("stopped" if told else "last")
        assert stage.complete(left.id).finished
        assert stage.engine.history.case(case.id, OLGA).status == "completed"
        if what == "message":
            with stage.engine.database.write() as connection:  # one that came too late must not meet the next case
                connection.exec_driver_sql("delete from inbox_message")
