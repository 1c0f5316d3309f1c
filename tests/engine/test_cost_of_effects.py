"""What a completion costs that has effects: one commit, and one statement more for each kind of effect."""

import pytest

from engine.types import ENGINE
from tests.bpmn_models import (
    boundary,
    end,
    flow,
    flows,
    message,
    message_event,
    process,
    reads,
    send_task,
    start,
    store,
    timer,
    user_task,
    writes,
)
from tests.engine.stage import ANN, STARTERS, Stage, form
from tests.engine.test_cost import PER_RECORD, STATEMENTS, counted

DELIVERY = 4
"""Statements more, at most, when a message goes to another case: to look for who waits is no part of the step."""

FIGURES = 6
"""Statements more, at most, when the case ends: its figures are written with it."""


def steps(*parts: str, around: str = "") -> bytes:
    """A process whose task `a` is followed by `parts`."""
    begin = (start(), user_task("a", candidateGroups="analysts"))
    return process("p", *begin, *parts, end(), around=around, **STARTERS)


def waiting(task: str, identity: str, definition: str) -> str:
    """A boundary event on `task` that does not interrupt it."""
    leads = end(f"{identity}_end") + flow(identity, f"{identity}_end")
    return boundary(identity, task, definition, interrupting=False) + leads


NEXT = user_task("b", candidateGroups="analysts")
HOUR = timer("Duration", "PT1H")
TELL = message("m", "tell")
OUTSIDE = {"destination": "crm"}
MODELS = {
    "nothing else": (steps(NEXT, flows("s", "a", "b", "e")), STATEMENTS),
    "starts a timer": (steps(NEXT, waiting("b", "t", HOUR), flows("s", "a", "b", "e")), STATEMENTS),
    "ends a timer, starts one": (
        steps(NEXT, waiting("a", "t", HOUR), waiting("b", "u", HOUR), flows("s", "a", "b", "e")),
        STATEMENTS,
    ),
    "sends a message outside": (
        steps(send_task("x", "m", OUTSIDE), NEXT, flows("s", "a", "x", "b", "e"), around=TELL),
        STATEMENTS,
    ),
    "waits for a message": (
        steps(NEXT, waiting("b", "w", message_event("m")), flows("s", "a", "b", "e"), around=TELL),
        STATEMENTS,
    ),
    "sends a message to a case": (
        steps(send_task("x", "m"), NEXT, flows("s", "a", "x", "b", "e"), around=TELL),
        STATEMENTS + DELIVERY,
    ),
    "ends the case": (steps(flows("s", "a", "e")), STATEMENTS + FIGURES),
}


@pytest.mark.parametrize("what", MODELS)
def test_a_completion_that_has_effects(stage: Stage, what: str) -> None:
    model, budget = MODELS[what]
    stage.deploy(p__bpmn=model)
    for _ in range(2):
        stage.start()
    warm, task = (row.id for row in stage.tasks())
    stage.complete(warm)
    with counted(stage) as counts:
        stage.complete(task)
    assert counts["statements"] <= budget
    assert counts["writes"] == 1


REGISTERS = ("papers", "prices", "places")


@pytest.mark.parametrize("shown", [False, True])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_completion_that_writes_records(stage: Stage, number: int, *, shown: bool) -> None:
    keys = REGISTERS[:number]
    listed = "".join(
        f"  - {{key: {key}, name: {key}, variable: {key}, prefix: {key[:2].upper()}, form: f, title: title,"
        " statuses: [final], readers: [staff], maintainers: [staff]}\n"
        for key in keys
    )
    stage.deploy(
        p__bpmn=process(
            "p",
            start("s", inner="".join(writes(f"s_{key}") for key in keys), form="f"),
            user_task(
                "a",
                inner="".join(reads(f"r_{key}") + writes(f"w_{key}") for key in keys),
                formRef="f",
                candidateGroups="analysts",
            ),
            NEXT,
            end(),
            *(store(f"{place}_{key}", key) for key in keys for place in "srw"),
            flows("s", "a", "b", "e"),
            **STARTERS,
        ),
        registers__yaml=f"registers:\n{listed}".encode(),
        f__form=form("f", "title", "text"),
    )
    for _ in range(2):
        stage.start(title="x")
    warm, task = (row.id for row in stage.tasks())
    stage.complete(warm, title="y")
    refs = [read.ref for read in stage.engine.tasks.get(task, ANN).reads] if shown else []
    with counted(stage) as counts:
        stage.engine.tasks.complete(task, {"title": "z"}, actor=ANN, shown=refs)
    assert len(refs) == number * shown
    assert counts["statements"] <= STATEMENTS + PER_RECORD * number
    assert counts["writes"] == 1
    for key in keys:
        found = stage.value("select max(record_id) from record_version where register = :key and version = 2", key=key)
        assert stage.engine.registers.record(key, found, ENGINE).body["title"] in ("y", "z")
