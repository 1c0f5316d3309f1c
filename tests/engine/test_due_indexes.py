"""Who looks for what is due reads by an index of his own kinds: a hundred thousand moves cost a timer nothing."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import event

from engine.jobs import due, operations
from engine.persistence import schema
from engine.persistence import statements as sql
from engine.steps import left_over
from tests.engine.stage import MORNING, Stage

NOW = {"now": MORNING}
MOST = {**NOW, "most": 10}
LOOKS: list[tuple[str, Any, dict[str, Any]]] = [
    ("others", due._OTHERS.any, NOW),
    ("others", due._OTHERS.due, MOST),
    ("others", due._OTHERS.next, NOW),
    ("moves", due._MOVES.any, NOW),
    ("moves", due._MOVES.due, MOST),
    ("moves", due._MOVES.next, NOW),
    ("calls", operations._DUE, NOW),
    ("calls", operations._NEXT, NOW),
]
RETRIES: list[tuple[Any, dict[str, Any]]] = [(left_over._TO_TRY_AGAIN, MOST), (left_over._RETRY, {})]


def plan_of(stage: Stage, statement: Any, parameters: dict[str, Any]) -> str:
    """Return how the database would run a statement."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, text: str, values: Any, *_: object) -> None:
        sent.append((text, values))

    engine = stage.engine.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with stage.engine.database.write() as connection:
            connection.execute(statement, parameters)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    text, values = sent[-1]
    with stage.engine.database.write() as connection:
        explain = "EXPLAIN QUERY PLAN"
        if stage.engine.database.dialect == "postgresql":
            connection.execute(sa.text("SET LOCAL enable_seqscan = off"))  # there are no rows here
            connection.execute(sa.text("SET LOCAL plan_cache_mode = force_generic_plan"))
            explain = "EXPLAIN"
        return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {text}", values))


@pytest.mark.parametrize("look", range(len(LOOKS)))
def test_each_look_reads_its_own_index_in_order(stage: Stage, look: int) -> None:
    kinds, statement, parameters = LOOKS[look]
    plan = plan_of(stage, statement, parameters)
    assert f"ix_job_due_{kinds}" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("look", range(len(RETRIES)))
def test_starts_that_wait_for_a_person_are_not_looked_at(stage: Stage, look: int) -> None:
    plan = plan_of(stage, *RETRIES[look])
    assert "ix_inbox_message_retry" in plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_cases_and_jobs_of_before_are_brought_along(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = f"sqlite:///{tmp_path / 'old.sqlite'}" if kind == "sqlite" else request.getfixturevalue("own_postgres_url")
    made = Stage(url)
    with made.engine.database.write() as connection:
        command.upgrade(schema.config(connection), "0006")
        add_rows(connection)
    made.engine.migrate()
    assert made.value("SELECT chain FROM process_instance") == 0
    assert made.engine.management.next_due() == MORNING + timedelta(hours=1)
    assert made.engine.management.next_operation() == MORNING + timedelta(hours=3)
    with made.engine.database.read() as connection:
        indexes = {each["name"] for each in sa.inspect(connection).get_indexes("job")}
    assert indexes >= {"ix_job_due_calls", "ix_job_due_moves", "ix_job_due_others"}
    assert "ix_job_due" not in indexes
    made.close()


def add_rows(connection: sa.Connection) -> None:
    """Add a case with a job of each kind, to tables as they were."""
    tables = sa.MetaData()
    tables.reflect(connection)
    rows: dict[str, dict[str, Any]] = {
        "deployment": {},
        "resource": {},
        "process_definition": {"key": "p"},
        "process_instance": {"definition_key": "p"},
    }
    for name, given in rows.items():
        connection.execute(tables.tables[name].insert(), [filled(tables.tables[name], given)])
    for hours, kind in enumerate(("migrate", "timer", "operation"), 1):
        job = {"id": kind, "instance_id": "x", "kind": kind, "state": "waiting", "leased_until": None}
        row = filled(tables.tables["job"], job)
        connection.execute(sql.JOB.insert(), [{**row, "due_at": MORNING + timedelta(hours=hours), "payload": None}])


def filled(table: sa.Table, given: dict[str, Any]) -> dict[str, Any]:
    """Return a row with something in every column that asks for it; ids are all the same."""
    return {**{column.name: something(column) for column in table.c if not column.nullable}, **given}


def something(column: sa.Column[Any]) -> Any:
    if isinstance(column.type, sa.DateTime):
        return MORNING.replace(tzinfo=None)
    if isinstance(column.type, sa.Integer):
        return 1
    if isinstance(column.type, sa.LargeBinary):
        return b""
    if isinstance(column.type, sa.JSON):
        return {}
    if isinstance(column.type, sa.Boolean):
        return False
    return "x"
