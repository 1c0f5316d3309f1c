"""Figures of ended cases: written with the step that ends a case, whatever ends it, and with no other step."""

from collections.abc import Mapping
from typing import Any

import pytest

from engine import managed
from engine.errors import ConcurrentUpdate, StepFailed
from engine.metrics.process import EventPattern, ManagedProcess, OwnMeasure
from engine.types import ENGINE
from tests.bpmn_models import (
    boundary,
    catch,
    end,
    flow,
    flows,
    gateway,
    message,
    process,
    start,
    timer,
    user_task,
)
from tests.engine.stage import ANN, BEN, OLGA, OWEN, OWNER, STARTERS, Stage, at_once, form
from tests.engine.test_cost import counted
from tests.engine.test_records import deploy_needs

STARTING = 8
"""Most statements of the start of a case that waits at its first task."""

ENDING = 8
"""Most statements more of a step that ends its case."""


def summary(stage: Stage, instance_id: str) -> Mapping[str, Any]:
    """Return the only row of figures of a case."""
    (row,) = stage.rows("SELECT * FROM case_summary WHERE instance_id = :case", case=instance_id)
    found: Mapping[str, Any] = row._mapping
    return found


def manage(stage: Stage, **facts: Any) -> None:
    """Make the definition p a managed process."""
    found = ManagedProcess("managed", "Managed", owner_group="owners", cases=("p",), **facts)
    with stage.engine.database.write() as connection:
        managed.store(connection, [found], stage.clock())


def test_a_completed_case_has_figures(stage: Stage) -> None:
    stage.deploy_one_task()
    case = stage.start()
    assert stage.count("case_summary") == 0
    stage.clock.pass_by(minutes=20)
    task = stage.task()
    stage.engine.tasks.claim(task.id, actor=ANN)
    stage.clock.pass_by(minutes=10)
    stage.engine.tasks.complete(task.id, {}, actor=ANN, effort_minutes=4)
    found = summary(stage, case.id)
    assert (found["definition_key"], found["definition_version"], found["status"]) == ("p", 1, "completed")
    assert (found["organisation_id"], found["priority"], found["outcome"]) == (None, 50, "e")
    assert [found[f"{each}_seconds"] for each in ("cycle", "working", "waiting", "idle")] == [1800, 600, 1200, 0]
    assert (found["effort_minutes"], found["hand_overs"], found["feedback"]) == (4, 0, None)
    assert bool(found["first_time_right"])
    rows = stage.rows("SELECT element_id, completed, working_seconds FROM case_activity ORDER BY element_id")
    assert [tuple(row) for row in rows] == [("ask", 1, 600.0), ("e", 1, None), ("s", 1, None)]
    assert [tuple(row) for row in stage.rows("SELECT kind, value, count FROM case_label ORDER BY kind")] == [
        ("group", "analysts", 1),
        ("person", "ann", 1),
    ]


def test_a_case_that_ends_in_its_first_step(stage: Stage) -> None:
    facts = {"organisation": '"acme"', "priority": "80", "channel": '"web"'}
    stage.deploy(p__bpmn=process("p", start(), end("e", "Done"), flows("s", "e"), properties=facts, **STARTERS))
    found = summary(stage, stage.start().id)
    assert (found["status"], found["outcome"], found["cycle_seconds"]) == ("completed", "Done", 0)
    assert (found["organisation_id"], found["priority"], found["channel"]) == ("acme", 80, "web")


def test_a_case_that_a_timer_ends(stage: Stage) -> None:
    model = process("p", start(), catch("wait", timer("Duration", "PT1H")), end(), flows("s", "wait", "e"), **STARTERS)
    stage.deploy(p__bpmn=model)
    case = stage.start()
    stage.clock.pass_by(hours=2)
    assert stage.engine.management.run_due() == 1
    assert (summary(stage, case.id)["idle_seconds"], summary(stage, case.id)["cycle_seconds"]) == (7200, 7200)


def test_a_case_that_a_message_ends(stage: Stage) -> None:
    inner = '<bpmn:messageEventDefinition messageRef="m"/>'
    parts = (start(), catch("wait", inner), end(), flows("s", "wait", "e"))
    stage.deploy(p__bpmn=process("p", *parts, around=message("m", "Answer"), **STARTERS))
    case = stage.start()
    stage.engine.runtime.send_message("Answer", None, {}, actor=ENGINE)
    assert summary(stage, case.id)["status"] == "completed"
    assert [tuple(row) for row in stage.rows("SELECT kind, value, count FROM case_label")] == [
        ("interface", "message:Answer", 1)
    ]


def test_a_cancelled_case(stage: Stage) -> None:
    stage.deploy_one_task()
    case = stage.start()
    stage.clock.pass_by(minutes=5)
    stage.engine.runtime.cancel(case.id, "Not needed", actor=OWEN)
    found = summary(stage, case.id)
    assert (found["status"], found["outcome"], found["waiting_seconds"]) == ("cancelled", None, 300)
    assert not found["first_time_right"]
    (row,) = stage.rows("SELECT completed, cancelled FROM case_activity WHERE element_id = 'ask'")
    assert tuple(row) == (0, 1)


def test_a_withdrawn_case(stage: Stage) -> None:
    task = user_task("ask", "Ask", candidateGroups="analysts")
    parts = (start(), task, end(), flows("s", "ask", "e"))
    stage.deploy(p__bpmn=process("p", *parts, properties={"withdrawal": "true"}, **STARTERS))
    case = stage.start()
    stage.engine.runtime.withdraw(case.id, "Changed my mind", actor=OLGA)
    assert summary(stage, case.id)["status"] == "withdrawn"


def test_a_failure_counts_and_its_case_ends_all_the_same(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            user_task("ask", "Ask", candidateGroups="analysts", formRef="f"),
            gateway("g"),
            end(),
            end("e2"),
            flows("s", "ask", "g"),
            flow("g", "e", "number(answer) > 1"),
            flow("g", "e2", "number(answer) <= 1"),
            properties=OWNER,
            **STARTERS,
        ),
        f__form=form("f", "answer"),
    )
    case = stage.start()
    with pytest.raises(StepFailed):
        stage.do("ask", answer="x")
    stage.engine.runtime.cancel(case.id, "Broken", actor=OWEN)
    assert (summary(stage, case.id)["failures"], summary(stage, case.id)["status"]) == (1, "cancelled")


def test_send_backs_and_own_measures_come_from_the_managed_process(stage: Stage) -> None:
    deploy_needs(stage)
    measures = (
        OwnMeasure("asks", "Asks", "count", of=EventPattern(kind="activity.completed", element="look")),
        OwnMeasure(
            "total", "Total", "duration", since=EventPattern("case.started"), until=EventPattern(element="look")
        ),
        OwnMeasure("version", "Version", "field", field="need.version"),
        OwnMeasure("nothing", "Nothing", "field", field="need.nothing"),
    )
    manage(stage, measures=measures)
    stage.start(title="One", text="first")
    stage.clock.pass_by(minutes=1)
    stage.do("look", title="x", text="y")
    stage.clock.pass_by(minutes=1)
    stage.do("again", title="x", text="z")
    found = {row.measure: row.value for row in stage.rows("SELECT measure, value FROM case_value")}
    assert found == {"asks": 1, "total": 60, "version": 3}


@pytest.mark.parametrize(
    ("expression", "services"),
    [
        ('["S-2", "S-1", "S-2"]', ["S-1", "S-2"]),
        ('{register: "services", id: "S-1", version: 1}', ["S-1"]),
        ('[{register: "services", id: "S-1", version: 1}, null]', ["S-1"]),
        ("null", []),
    ],
)
def test_services_are_kept_when_a_case_starts(stage: Stage, expression: str, services: list[str]) -> None:
    asking = user_task("ask", "Ask", candidateGroups="analysts")
    parts = (start(), asking, end(), flows("s", "ask", "e"))
    stage.deploy(p__bpmn=process("p", *parts, properties={"services": expression}, **STARTERS))
    stage.start()
    with counted(stage) as counts:
        case = stage.start()
    rows = "SELECT value FROM case_label WHERE kind = 'service' AND count = 1 AND instance_id = :case ORDER BY value"
    assert [row.value for row in stage.rows(rows, case=case.id)] == services
    first = stage.engine.history.timeline(case.id, ENGINE)[0]
    assert sorted(first.detail.get("services", [])) == services
    for task in stage.tasks():
        stage.complete(task.id)
    assert [row.value for row in stage.rows(rows, case=case.id)] == services
    assert counts["statements"] <= STARTING + bool(services)


def test_the_log_says_which_groups_were_offered_a_task(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            user_task("a", "A", candidateGroups="analysts,clerks", candidateUsers="ann"),
            user_task("b", "B"),
            user_task("c", "C", assignee="ann"),
            end(),
            flows("s", "a", "b", "c", "e"),
            properties=OWNER,
            **STARTERS,
        )
    )
    case = stage.start()
    stage.do("a")
    stage.do("b", OWEN)
    log = stage.engine.history.timeline(case.id, ENGINE)
    offered = [event.detail.get("groups") for event in log if event.kind == "activity.started"]
    assert offered == [["analysts", "clerks"], ["owners"], None]
    assert not any("groups" in event.detail for event in log if event.kind == "activity.completed")


def test_who_ends_a_case_at_once_with_another_writes_its_figures_once(stage: Stage) -> None:
    stage.deploy_one_task()
    case = stage.start()
    task = stage.task()
    others = stage.another()
    outcomes = at_once(
        lambda: stage.engine.tasks.complete(task.id, {}, actor=ANN),
        lambda: others.engine.tasks.complete(task.id, {}, actor=BEN),
        lambda: others.engine.runtime.cancel(case.id, "Stop", actor=OWEN),
        lambda: stage.engine.runtime.cancel(case.id, "Stop", actor=OWEN),
    )
    assert sum(outcome.error is None for outcome in outcomes) == 1, outcomes
    assert any(isinstance(outcome.error, ConcurrentUpdate) for outcome in outcomes)
    assert stage.count("case_summary") == 1
    assert summary(stage, case.id)["status"] == stage.value("SELECT status FROM process_instance")


def test_a_claim_that_comes_with_the_end_counts_or_is_refused(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            gateway("split", "parallel"),
            user_task("a", "A", candidateGroups="analysts"),
            user_task("b", "B", candidateGroups="analysts"),
            end("e1"),
            end("e2", inner="<bpmn:terminateEventDefinition/>"),
            flows("s", "split", "a", "e1"),
            flows("split", "b", "e2"),
            **STARTERS,
        )
    )
    for _ in range(5):
        case = stage.start()
        stage.clock.pass_by(minutes=1)
        a, b = stage.task("a").id, stage.task("b").id
        claim, end_it = at_once(
            lambda task=a: stage.engine.tasks.claim(task, actor=BEN),  # type: ignore[misc]  # called in this round
            lambda task=b: stage.complete(task, ANN),  # type: ignore[misc]
        )
        assert end_it.error is None
        claimed = [event for event in stage.engine.history.timeline(case.id, ENGINE) if event.kind == "task.claimed"]
        assert len(claimed) == (claim.error is None)
        assert stage.engine.history.timeline(case.id, ENGINE)[-1].kind == "case.completed"
        assert summary(stage, case.id)["waiting_seconds"] == 60


def test_what_the_end_of_a_case_costs(stage: Stage) -> None:
    stage.deploy(
        p__bpmn=process(
            "p",
            start(),
            user_task("a", "A", candidateGroups="analysts"),
            user_task("b", "B", candidateGroups="analysts"),
            boundary("late", "b", timer("Duration", "PT8H"), interrupting=True),
            end(),
            end("e2"),
            flows("s", "a", "b", "e"),
            flows("late", "e2"),
            **STARTERS,
        )
    )
    manage(stage)
    stage.start()
    stage.do("a")
    stage.do("b")
    stage.start()
    with counted(stage) as going_on:
        stage.do("a")
    with counted(stage) as ending:
        stage.do("b")
    assert ending["statements"] <= going_on["statements"] + ENDING
    assert ending["writes"] == going_on["writes"] == 1
