"""What a crash, a restart or another process finds: whole steps, and nothing half done."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.types import ENGINE
from tests.bpmn_models import (
    boundary,
    catch,
    end,
    flows,
    gateway,
    message,
    message_event,
    process,
    receive_task,
    start,
    timer,
    user_task,
)
from tests.engine.stage import ANN, STARTERS, Stage

ROOT = Path(__file__).parents[2]

_WORKER = """
import sys
from engine.errors import ConcurrentUpdate
from engine.process_engine import ProcessEngine
from engine.types import Actor
from forms.catalog import MarshmallowForms
engine = ProcessEngine(sys.argv[1], MarshmallowForms())
ann = Actor("ann", "Ann", frozenset({"staff"}), frozenset({"analysts"}))
most = int(sys.argv[2])
done = 0
while done < most:
    rows = engine.tasks.worklist(ann, limit=1).rows
    try:
        engine.tasks.complete(rows[0].id, {}, actor=ann)
    except ConcurrentUpdate:
        continue
    done += 1
    print(done, flush=True)
engine.close()
"""

pytestmark = pytest.mark.slow


def _endless(stage: Stage) -> None:
    """Deploy and start a process whose task comes again for ever."""
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            gateway("merge"),
            user_task("ask", "Ask", candidateGroups="analysts"),
            gateway("more", default="more_merge"),
            end(),
            flows("s", "merge", "ask", "more", "merge"),
            '<bpmn:sequenceFlow id="out" sourceRef="more" targetRef="e"><bpmn:conditionExpression>=false'
            "</bpmn:conditionExpression></bpmn:sequenceFlow>",
            **STARTERS,
        )
    )
    stage.start()


def _worker(stage: Stage, most: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _WORKER, stage.url, str(most)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _completions(stage: Stage) -> int:
    count: int = stage.value(
        "select count(*) from activity_event where kind = 'activity.completed' and element_kind = 'userTask'"
    )
    return count


def test_two_processes_on_one_case_do_every_step_once(stage: Stage) -> None:
    _endless(stage)
    workers = [_worker(stage, 25), _worker(stage, 25)]
    for worker in workers:
        worker.communicate(timeout=180)
        assert worker.returncode == 0
    assert _completions(stage) == 50
    assert stage.value("select revision from process_instance") == 51
    assert stage.value("select count(*) from user_task where state = 'open'") == 1
    assert stage.count("worklist") == 1


def test_a_killed_process_leaves_whole_steps(stage: Stage) -> None:
    _endless(stage)
    told = 0
    for _ in range(3):
        worker = _worker(stage, 10_000)
        assert worker.stdout is not None
        for _ in range(8):
            assert worker.stdout.readline()
            told += 1
        worker.send_signal(signal.SIGKILL)
        told += len(worker.stdout.readlines())
        worker.wait(30)
        worker.stdout.close()
        done = _completions(stage)
        # The last step may have been saved before the process could say so.
        assert told <= done <= told + 1
        told = done
        assert stage.value("select revision from process_instance") == done + 1
        assert stage.value("select count(*) from user_task where state = 'completed'") == done
        (row,) = stage.rows("select id from user_task where state = 'open'")
        assert [each.id for each in stage.tasks()] == [row.id]
    stage.do("ask")


def _wait_states() -> Iterator[tuple[str, bytes]]:
    ends = (end("e"), end("e2"))
    yield (
        "user task",
        process("p", start(), user_task("a", candidateGroups="analysts"), end(), flows("s", "a", "e"), **STARTERS),
    )
    yield "timer", process("p", start(), catch("a", timer("Duration", "PT1H")), end(), flows("s", "a", "e"), **STARTERS)
    yield (
        "message",
        process(
            "p", start(), receive_task("a", "m"), end(), flows("s", "a", "e"), around=message("m", "go"), **STARTERS
        ),
    )
    yield (
        "boundary timer",
        process(
            "p",
            start(),
            user_task("x", candidateGroups="nobody"),
            boundary("a", "x", timer("Duration", "PT1H")),
            *ends,
            flows("s", "x", "e"),
            flows("a", "e2"),
            **STARTERS,
        ),
    )
    yield (
        "boundary message",
        process(
            "p",
            start(),
            user_task("x", candidateGroups="nobody"),
            boundary("a", "x", message_event("m")),
            *ends,
            flows("s", "x", "e"),
            flows("a", "e2"),
            around=message("m", "go"),
            **STARTERS,
        ),
    )
    yield (
        "event gateway",
        process(
            "p",
            start(),
            gateway("g", "eventBased"),
            catch("late", timer("Duration", "PT1H")),
            catch("a", message_event("m")),
            *ends,
            flows("s", "g", "late", "e"),
            flows("g", "a", "e2"),
            around=message("m", "go"),
            **STARTERS,
        ),
    )


@pytest.mark.parametrize("model", [pytest.param(model, id=name) for name, model in _wait_states()])
def test_a_case_goes_on_after_a_restart_wherever_it_waits(stage: Stage, model: bytes) -> None:
    stage.deploy(p__bpmn=model)
    case = stage.start()
    later = stage.another()
    detail = later.engine.history.case(case.id, ENGINE)
    assert len(detail.tasks) + len(detail.waits) >= 1
    if not detail.waits:
        later.do("a")
    elif any(wait.kind == "message" for wait in detail.waits):
        assert later.engine.runtime.send_message("go", None, {}, actor=ANN).state == "delivered"
    else:
        later.clock.pass_by(hours=1)
        assert later.engine.management.run_due() == 1
    detail = stage.engine.history.case(case.id, ENGINE)
    assert (detail.status, detail.tasks, detail.waits) == ("completed", (), ())
    for table in ("worklist", "job", "subscription"):
        assert stage.count(table) == 0
