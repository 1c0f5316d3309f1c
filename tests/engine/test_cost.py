"""What a step costs in statements and commits: the budget that keeps completions cheap."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from engine.types import ENGINE, Json, RecordRef
from tests.bpmn_models import end, flows, process, start, user_task
from tests.engine import framework
from tests.engine.stage import ANN, STARTERS, Stage, form
from tests.engine.test_records import deploy_needs

STATEMENTS = 12
"""Most statements of a completion that writes no record and reaches another user task."""

PER_RECORD = 2
"""Most statements more for every version written, besides those for its number and its reads."""


@contextmanager
def counted(stage: Stage) -> Iterator[dict[str, int]]:
    """Count statements and commits within the block."""
    counts = {"statements": 0, "writes": 0}
    engine = stage.engine.database.engine

    def statement(*_: object) -> None:
        counts["statements"] += 1

    def commit(connection: object) -> None:
        options = connection.get_execution_options()  # type: ignore[attr-defined]  # a connection of SQLAlchemy
        counts["writes"] += bool(options.get("write"))

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield counts
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


@pytest.fixture
def two_tasks(stage: Stage) -> Stage:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            user_task("a", "A", candidateGroups="analysts", formRef="f"),
            user_task("b", "B", candidateGroups="analysts", formRef="f"),
            end(),
            flows("s", "a", "b", "e"),
            **STARTERS,
        ),
        f__form=form("f", "answer"),
    )
    stage.start()
    stage.do("a", answer="warm")
    stage.start()
    return stage


def test_a_plain_completion(two_tasks: Stage) -> None:
    task = two_tasks.task("a")
    with counted(two_tasks) as counts:
        two_tasks.complete(task.id, answer="x")
    assert counts["statements"] <= STATEMENTS
    assert counts["writes"] == 1


def test_a_completion_that_writes_a_record(stage: Stage) -> None:
    deploy_needs(stage)
    for _ in range(2):
        stage.start(title="One", text="first")
    first, second = (row.id for row in stage.tasks())
    for task_id, budget in ((first, 1000), (second, STATEMENTS + PER_RECORD)):
        (read,) = stage.engine.tasks.get(task_id, ANN).reads
        with counted(stage) as counts:
            stage.engine.tasks.complete(task_id, {"title": "x", "text": "y"}, actor=ANN, shown=[read.ref])
        assert isinstance(read.ref, RecordRef)
        assert counts["statements"] <= budget
        assert counts["writes"] == 1


def test_a_form_that_looks_at_a_record_costs_no_more(stage: Stage) -> None:
    """The step reads the record once: for the form, for what was shown, and for what it writes upon."""
    hidden: Json = {"hide": '=need.title = "One"'}
    deploy_needs(stage, {"type": "textfield", "key": "text", "label": "Text", "conditional": hidden})
    for _ in range(2):
        stage.start(title="One")
    first, second = (row.id for row in stage.tasks())
    for task_id, budget in ((first, 1000), (second, STATEMENTS + PER_RECORD)):
        (read,) = stage.engine.tasks.get(task_id, ANN).reads
        with counted(stage) as counts:
            stage.engine.tasks.complete(task_id, {"title": "Two", "text": "hidden"}, actor=ANN, shown=[read.ref])
        assert "text" not in stage.engine.registers.record("needs", read.ref.id, ENGINE).body
        assert counts["statements"] <= budget


def test_a_page_that_shows_records(stage: Stage) -> None:
    """One statement for all records and one for all registers; each register's form is another one."""
    deploy_needs(stage)
    stage.start(title="One", text="first")
    task = stage.task().id
    stage.engine.tasks.get(task, ANN)
    with counted(stage) as counts:
        stage.engine.tasks.get(task, ANN)
    assert counts["statements"] <= 4
    assert counts["writes"] == 0


def test_a_step_that_reads_a_framework_locks_it_and_costs_no_more(stage: Stage) -> None:
    framework.deploy(stage)
    for _ in range(2):
        stage.start()
    first, second = (row.id for row in stage.tasks())
    for task_id, budget in ((first, 1000), (second, STATEMENTS)):
        with counted(stage) as counts:
            stage.complete(task_id)
        assert counts["statements"] <= budget
        assert counts["writes"] == 1


def test_a_take_over(stage: Stage) -> None:
    """One statement for the jobs of all cases; each case then costs about what a completion does."""
    framework.deploy(stage)
    for _ in range(10):
        stage.start()
    framework.change(stage)
    framework.settle(stage)
    with counted(stage) as counts:
        framework.change(stage, remind="P2D", due="P3D")
    assert counts["statements"] <= 20
    taken, until = stage.engine.management._due._take(10)
    with counted(stage) as counts:
        for job in taken:
            stage.engine.management._due._one(job, until)
    assert len(taken) == 10
    assert counts["statements"] <= 10 * 20
    assert counts["writes"] == 10


def test_a_claim(two_tasks: Stage) -> None:
    task = two_tasks.task("a")
    with counted(two_tasks) as counts:
        two_tasks.engine.tasks.claim(task.id, actor=ANN)
    assert counts["statements"] <= 6
    assert counts["writes"] == 1


def test_a_page_of_the_worklist(two_tasks: Stage) -> None:
    with counted(two_tasks) as counts:
        two_tasks.tasks()
    assert counts["statements"] <= 2
    assert counts["writes"] == 0
