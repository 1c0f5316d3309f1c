"""What the benchmark holds the engine against writes what the engine writes."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from engine.bench.bare import InMemory, RoundTrip, Specs
from engine.bench.cases import Going, Yardstick, open_task, prepare
from engine.bench.meter import Variant, counted, measure, quartiles, worker_seconds
from engine.bench.model import AGAIN, ANN, ON, STAGES
from engine.bench.replay import captured
from engine.errors import ComityError
from engine.persistence.models import Base
from engine.process_engine import ProcessEngine
from engine.scripting import sandbox
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from tests.engine.stage import Stage


@pytest.fixture
def shadow(stage: Stage) -> Iterator[ProcessEngine]:
    prepare(stage.engine)
    made = ProcessEngine(stage.url, MarshmallowForms(), stage.clock)
    yield made
    made.close()


def rows_of(engine: ProcessEngine, case_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of a case by table, without what two cases can never have in common."""
    found = {}
    with engine.database.read() as connection:
        for name, table in Base.metadata.tables.items():
            column = table.c.id if name == "process_instance" else table.c.get("instance_id")
            if column is not None:
                rows = connection.execute(sa.select(table).where(column == case_id)).mappings().all()
                found[name] = sorted(
                    ({key: _comparable(key, value) for key, value in row.items()} for row in rows), key=str
                )
    return {name: rows for name, rows in found.items() if rows}


def _comparable(key: str, value: Any) -> Any:
    if key in {"id", "instance_id", "task_id", "number", "state", "waits", "text"} and value != "open":
        return len(value) if isinstance(value, str | bytes | dict) else None
    return value


def test_the_yardstick_writes_what_the_engine_writes(stage: Stage, shadow: ProcessEngine) -> None:
    by_engine, yardstick = Going(stage.engine), Yardstick(stage.engine.database, shadow, Specs())
    for answers in (AGAIN, AGAIN, ON, AGAIN):
        by_engine.complete(answers)
        yardstick.find_completion(answers)
        yardstick.complete()
    expected = rows_of(stage.engine, by_engine.id)
    assert len(expected["activity_event"]) > 10
    assert rows_of(stage.engine, yardstick.case_id) == expected


def test_so_does_that_of_a_start(stage: Stage, shadow: ProcessEngine) -> None:
    by_engine, yardstick = Going(stage.engine), Yardstick(stage.engine.database, shadow, Specs())
    yardstick.find_start()
    yardstick.start()
    newest = stage.value("SELECT id FROM process_instance ORDER BY number DESC LIMIT 1")
    assert newest not in (by_engine.id, yardstick.case_id)
    assert rows_of(stage.engine, newest) == rows_of(stage.engine, by_engine.id)


def test_what_is_found_out_is_not_kept(stage: Stage, shadow: ProcessEngine) -> None:
    yardstick = Yardstick(stage.engine.database, shadow, Specs())
    before = rows_of(stage.engine, yardstick.case_id), stage.count("process_instance")
    yardstick.find_completion()
    yardstick.find_start()
    assert (rows_of(stage.engine, yardstick.case_id), stage.count("process_instance")) == before
    stage.engine.tasks.complete(open_task(stage.engine, yardstick.case_id), AGAIN, actor=ANN)


def test_a_step_that_writes_nothing_has_no_yardstick(stage: Stage, shadow: ProcessEngine) -> None:
    with pytest.raises(RuntimeError, match="did not write"):
        captured(shadow.database, lambda: shadow.tasks.worklist(ANN))


def test_a_case_in_memory_keeps_no_history_and_the_round_trip_keeps_all(shadow: ProcessEngine) -> None:
    memory, stock = InMemory(Specs()), RoundTrip(Specs())
    sizes, lengths = set(), []
    for _ in range(5):
        memory.complete()
        sizes.add(len(memory.workflow.tasks))
        stock.advance(1)
        lengths.append(len(stock.state))
    assert len(sizes) == 1
    assert lengths == sorted(set(lengths))


def test_a_case_goes_through_all_stages(stage: Stage, shadow: ProcessEngine) -> None:
    case = Going(stage.engine)
    case.end()
    assert case.task is None
    assert case.rows()["user_task"] == STAGES
    assert stage.engine.history.case(case.id, ENGINE).status == "completed"


def test_a_database_of_others_is_left_alone(stage: Stage) -> None:
    stage.deploy_one_task()
    with pytest.raises(ComityError, match="empty one"):
        prepare(stage.engine)


def test_variants_take_turns() -> None:
    turns: list[str] = []
    one = Variant("one", lambda: turns.append("one"), lambda: turns.append("prepare"))
    other = Variant("other", lambda: turns.append("other"), every=2)
    measure([one, other], 3)
    assert turns == ["prepare", "one", "other", "prepare", "one", "prepare", "one", "other"]
    assert (len(one.cpu), len(one.wall), len(other.cpu)) == (3, 3, 2)
    one.forget()
    assert (one.cpu, one.wall) == ([], [])


def test_statements_and_commits_are_counted(stage: Stage) -> None:
    with counted(stage.engine.database.engine) as counts:
        stage.count("job")
        with stage.engine.database.write() as connection:
            connection.execute(sa.text("DELETE FROM job"))
    assert counts == {"statements": 2, "commits": 1}


def test_quartiles() -> None:
    assert quartiles([1.0]) == (1.0, 1.0)
    assert quartiles([1.0, 2.0, 3.0]) == (1.5, 2.5)
    assert quartiles([0.1, 2.0])[0] > 0


@pytest.mark.skipif(worker_seconds() is None, reason="the system does not tell what children have used")
def test_what_living_workers_use_is_seen(stage: Stage) -> None:
    sandbox.run("1", {}, now=stage.clock.now)
    before = worker_seconds()
    sandbox.run("n = 0\nfor i in range(200000):\n    n += i\nn", {}, now=stage.clock.now)
    after = worker_seconds()
    assert before is not None
    assert after is not None
    assert after > before
