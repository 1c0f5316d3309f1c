"""The property completedBy: who completed a user task, and what a model can make of it."""

from dataclasses import replace

from engine.bpmn import interpreter
from engine.types import Actor, Json
from tests.bpmn_cases import Running
from tests.bpmn_models import end, flow, flows, gateway, multi_instance, one, process, start, user_task

ANN, BEN = Actor("ann", "Ann Clerk", organisation_id="acme"), Actor("ben", "Ben Clerk")


def do(case: Running, element_id: str, actor: Actor, **variables: Json) -> None:
    """Let somebody complete the open task of an element."""
    context = replace(case.context, actor=actor)
    task = case.task(element_id).task_id
    case.step = interpreter.complete(case.executable, case.step.state, task, variables, context)


def who(task_id: str, variable: str) -> str:
    return user_task(task_id, properties={"completedBy": variable}, candidateGroups="approvers")


def test_who_completed_a_task_is_kept_whatever_the_form_says() -> None:
    case = Running(one(who("a", "by"))).start()
    do(case, "a", ANN, by={"id": "ben"}, fine=True)
    assert case.data["by"] == {"id": "ann", "name": "Ann Clerk", "organisation": "acme"}
    assert case.data["fine"] is True


def test_each_instance_keeps_who_completed_it() -> None:
    task = user_task(
        "a", inner=multi_instance(cardinality="2"), properties={"completedBy": "by", "resultVariable": "r"}
    )
    case = Running(one(task)).start()
    do(case, "a", ANN)
    do(case, "a", BEN)
    assert [each["by"]["id"] for each in case.data["r"]] == ["ann", "ben"]
    assert "by" not in case.data


def test_four_eyes() -> None:
    case = Running(
        process(
            "p",
            start(),
            who("a", "first"),
            gateway("m"),
            who("b", "second"),
            gateway("k", default="k_e"),
            end("e", "Approved by two"),
            flows("s", "a", "m", "b", "k"),
            flow("k", "m", "second.id = first.id"),
            flow("k", "e", identity="k_e"),
        )
    ).start()
    do(case, "a", ANN)
    do(case, "b", ANN)
    assert case.open == ["b"]
    do(case, "b", BEN)
    assert (case.step.finished, case.step.outcome) == (True, "Approved by two")
