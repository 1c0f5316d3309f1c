"""Two steps that write the same records: the second waits, and neither is given up by the database."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from engine.errors import ConcurrentUpdate
from engine.types import ENGINE
from tests.bpmn_models import end, flows, process, reads, start, store, user_task, writes
from tests.engine.stage import ANN, STARTERS, Stage, at_once, form

REGISTERS = "".join(
    f"  - {{key: {key}, name: {key}, variable: {key}, prefix: {key[0].upper()}, form: f, title: title,"
    " singleton: true, readers: [staff], maintainers: [staff]}\n"
    for key in ("first", "second")
)


def writing(key: str, *registers: str) -> bytes:
    """Return a process with a task that reads the one record of each register, and then writes it, in this order."""
    use = "".join(reads(f"r_{each}") + writes(f"w_{each}") for each in registers)
    stores = (store(f"{place}_{each}", each) for each in registers for place in "rw")
    task = user_task("a", inner=use, formRef="f", candidateGroups="analysts")
    return process(key, start(), task, end(), *stores, flows("s", "a", "e"), **STARTERS)


@pytest.fixture
def meeting(stage: Stage) -> Iterator[list[str]]:
    """Hold every step that has looked at a record for writing, until another has as well (or half a second).

    Returns what the database has given up.
    """
    both, given_up = threading.Barrier(2), []

    def after(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith(("SELECT record.register, record.id, record.version", "UPDATE record ")):
            try:
                both.wait(0.5)
            except threading.BrokenBarrierError:
                both.reset()

    def failed(context: Any) -> None:
        given_up.append(str(context.original_exception))

    engine = stage.engine.database.engine
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "handle_error", failed)
    yield given_up
    event.remove(engine, "after_cursor_execute", after)
    event.remove(engine, "handle_error", failed)


def deploy(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=writing("p", "first"),
        there__bpmn=writing("there", "first", "second"),
        back__bpmn=writing("back", "second", "first"),
        registers__yaml=f"registers:\n{REGISTERS}".encode(),
        f__form=form("f", "title"),
    )
    for key in ("first", "second"):
        stage.engine.registers.save(key, None, {"title": "x"}, actor=ENGINE)


@pytest.mark.parametrize("shown", [False, True])
@pytest.mark.parametrize("keys", [("p", "p"), ("there", "back")])
def test_steps_that_write_the_same_records(
    stage: Stage, meeting: list[str], keys: tuple[str, str], *, shown: bool
) -> None:
    deploy(stage)
    for key in keys:
        stage.start(key)
    refs = {row.id: [read.ref for read in stage.engine.tasks.get(row.id, ANN).reads] for row in stage.tasks()}
    assert all(refs.values())
    outcomes = at_once(
        *(
            lambda task=task, seen=seen: stage.engine.tasks.complete(
                task, {"title": task}, actor=ANN, shown=seen if shown else ()
            )
            for task, seen in refs.items()
        )
    )
    assert meeting == []
    (error,) = (each.error for each in outcomes if each.error is not None)
    assert isinstance(error, ConcurrentUpdate)
    assert error.by == "ann"
    assert len(stage.tasks()) == 1
    assert stage.value("select max(version) from record") == 2
