"""Owns what has to hold after kills: at any moment (`whole`), and when everything has been brought to its end."""

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from engine.errors import ConcurrentUpdate
from engine.persistence.models import ProcessInstance
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from engine.views import WorklistFilter
from tests.engine.kills.load import COUNTED, LEASES_PASS, ROUNDS, opened
from tests.engine.stage import ANN

_WAITS = (
    ("tasks", "worklist"),
    ("timers", "job where kind = 'timer'"),
    ("operations", "job where kind = 'operation'"),
    ("subscriptions", "subscription"),
)
_CASE = ProcessInstance.__table__


def rows(engine: ProcessEngine, statement: str) -> list[Any]:
    with engine.database.read() as connection:
        return list(connection.exec_driver_sql(statement).all())


def whole(engine: ProcessEngine, acknowledged: Iterable[str]) -> None:
    """Nothing that was acknowledged is lost, nothing happened twice, and the tables say what the cases say."""
    with engine.database.read() as connection:
        cases = connection.execute(sa.select(ProcessInstance.id, ProcessInstance.waits)).all()
        for what, table in _WAITS:
            expected = {each for case in cases for each in case.waits[what]}
            found = connection.exec_driver_sql(f"select task_id from {table}").scalars().all()  # noqa: S608
            assert sorted(set(found)) == sorted(expected), table
        open_tasks = connection.exec_driver_sql("select id from user_task where state = 'open'").scalars().all()
        assert sorted(open_tasks) == sorted(each for case in cases for each in case.waits["tasks"])
        completed = connection.exec_driver_sql("select id from user_task where state = 'completed'").scalars().all()
        logged = connection.exec_driver_sql(
            "select task_id from activity_event where kind = 'activity.completed' and element_kind = 'userTask'"
        ).scalars()
        assert Counter(logged) == Counter(completed), "each completed task is in the log once"
        messages = set(connection.exec_driver_sql("select id from inbox_message").scalars())
        ended = "select id from process_instance where status = 'completed'"
        assert sorted(connection.exec_driver_sql(ended).scalars()) == sorted(
            connection.exec_driver_sql("select instance_id from case_summary").scalars()
        ), "every ended case has figures"
    kept = {"start": {case.id for case in cases}, "complete": set(completed), "message": messages}
    for line in acknowledged:
        kind, _, identity = line.rstrip("\n").partition(" ")
        assert identity in kept[kind], f"{kind} {identity} was acknowledged and is lost"
    assert rows(engine, "select id from failure") == []


def bring_to_end(url: str, seconds: float = 120) -> ProcessEngine:
    """Complete every case, as people, messages and a scheduler would after all leases have run out."""
    engine = opened(url, LEASES_PASS)
    late = time.monotonic() + seconds
    while rows(engine, "select id from process_instance where status = 'active' limit 1"):
        assert time.monotonic() < late, "a case cannot be brought to its end"
        engine.management.run_due()
        for task in engine.tasks.worklist(ANN, filter=WorklistFilter(), limit=100).rows:
            try:
                engine.tasks.complete(task.id, {}, actor=ANN)
            except ConcurrentUpdate:
                continue
        for (key,) in rows(engine, "select correlation_key from subscription where kind = 'message'"):
            engine.runtime.send_message("told", key, {}, actor=ENGINE)
        engine.runtime.throw_signal("news", actor=ENGINE)
    return engine


def finished(engine: ProcessEngine) -> dict[str, int]:
    """Every step of every case happened exactly once; return how many of each there were."""
    with engine.database.read() as connection:
        cases = connection.execute(sa.select(ProcessInstance.id, ProcessInstance.variables)).all()
    for case in cases:
        assert {name: case.variables[name] for name in COUNTED} == COUNTED, case.id
    delivered = Counter(
        case for (case,) in rows(engine, "select instance_id from inbox_message where state = 'delivered'")
    )
    assert set(delivered.values()) <= {1}
    assert delivered.keys() == {case.id for case in cases}
    numbers = [int(number) for (number,) in rows(engine, "select substr(number, 3) from process_instance")]
    assert sorted(numbers) == list(range(1, len(numbers) + 1)), "no number is missing, none was given twice"
    versions = rows(engine, "select record_id, count(*) from record_version group by record_id")
    assert [count for _, count in versions] == [2] * len(cases), "each record was written twice: at the start and end"
    for table in ("worklist", "job", "subscription"):
        assert rows(engine, f"select count(*) from {table}") == [(0,)], table  # noqa: S608
    return {
        "cases": len(cases),
        "tasks": len(cases) * (ROUNDS + 1),
        "messages": sum(delivered.values()),
        "timers": len(cases),
        "calls": len(cases),
        "signals": len(cases),
    }
