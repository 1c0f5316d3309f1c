"""Multi-instance activities: parallel, sequential, completion condition, results."""

from datetime import timedelta
from typing import Any

import pytest

from engine.errors import BudgetSpent, StepFailed
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    call,
    element,
    end,
    error,
    error_event,
    flow,
    flows,
    into,
    message,
    multi_instance,
    one,
    out,
    process,
    script,
    send_task,
    standard_loop,
    start,
    sub_process,
    timer,
    user_task,
)

CALLED = process("q", start("qs"), user_task("x"), end("qe"), flows("qs", "x", "qe"))


def test_parallel_instances_have_their_item_and_their_own_answers() -> None:
    loop = multi_instance(collection="people", item="person")
    content = one(user_task("a", inner=loop, properties={"resultVariable": "answers"}, assignee="${person}"))
    case = Running(content).start(people=["ann", "bob", "eve"])
    assert [task.assignee for task in case.step.open_tasks] == ["ann", "bob", "eve"]
    assert case.sees("a") == {"people": ["ann", "bob", "eve"], "person": "ann", "loopCounter": 0}
    last = case.step.open_tasks[2].task_id
    case.complete(last, ok=False)
    case.do("a", ok=True).do("a", ok=True)
    assert case.open == ["z"]
    assert case.data["answers"] == [{"ok": True}, {"ok": True}, {"ok": False}]
    assert set(case.data) == {"people", "answers"}


def test_sequential_instances_come_one_after_the_other() -> None:
    content = one(
        user_task("a", inner=multi_instance(collection="people", item="person", sequential=True), assignee="${person}")
    )
    case = Running(content).start(people=["ann", "bob"])
    assert [task.assignee for task in case.step.open_tasks] == ["ann"]
    case.do("a", people=[])
    assert [task.assignee for task in case.step.open_tasks] == ["bob"], "the collection was read at the start"
    assert case.do("a").open == ["z"]


def test_the_completion_condition_ends_the_rest() -> None:
    condition = "nrOfCompletedInstances >= 2 and ok = true"
    content = one(
        user_task("a", inner=multi_instance(cardinality="4", condition=condition), properties={"resultVariable": "all"})
    )
    case = Running(content).start().do("a", ok=True).do("a", ok=False)
    assert case.open.count("a") == 2
    case.do("a", ok=True)
    assert case.open == ["z"]
    assert ("a", "cancelled") in case.log
    assert case.data["all"] == [{"ok": True}, {"ok": False}, {"ok": True}, None]


def test_a_cardinality_counts_and_nothing_to_do_passes() -> None:
    content = one(user_task("a", inner=multi_instance(cardinality="n")))
    assert Running(content).start(n=3).open == ["a"] * 3
    assert Running(content).start(n=0).open == ["z"]
    for wrong in (-1, 1.5, "x", None, True):
        with pytest.raises(StepFailed, match="cardinality"):
            Running(content).start(n=wrong)


@pytest.mark.parametrize("sequential", [False, True])
def test_of_nothing_to_do_the_list_of_results_is_empty(sequential: bool) -> None:
    marker = multi_instance(collection="people", item="x", sequential=sequential)
    content = one(user_task("a", inner=marker, properties={"resultVariable": "answers"}))
    assert Running(content).start(people=[]).data["answers"] == []
    assert Running(content).start(people=[], answers=["of the round before"]).data["answers"] == []


def test_a_collection_that_is_no_list_fails() -> None:
    content = one(user_task("a", inner=multi_instance(collection="people", item="x")))
    with pytest.raises(StepFailed, match=r"The collection 'people' is null, no list\. An empty list is written \[\]\."):
        Running(content).start()
    with pytest.raises(StepFailed) as caught:
        Running(content).start(people="x" * 900_000)
    assert len(caught.value.reason) < 200


@pytest.mark.parametrize(("count", "told"), [(None, "null"), (-1, "-1"), (1.5, "1.5"), (True, "true"), ("2", '"2"')])
def test_a_cardinality_that_is_no_number_of_instances_fails(count: Any, told: str) -> None:
    content = one(user_task("a", inner=multi_instance(cardinality="n")))
    with pytest.raises(StepFailed, match=f"The loop cardinality 'n' is {told}, no whole number from 0"):
        Running(content).start(n=count)


def test_instances_without_a_result_variable_bring_into_the_case_by_the_merge_rule() -> None:
    content = one(user_task("a", inner=multi_instance(cardinality="2")))
    case = Running(content).start(log=["start"])
    case.do("a", log=["start", "x"], note="one").do("a", log=["start", "y"], note="two")
    assert case.data["log"] == ["start", "x", "y"]
    assert case.data["note"] == "two"
    assert case.step.warnings == ("'a' overwrote a change that a parallel branch had made to 'note'.",)


def test_sub_processes_and_calls_may_be_multi_instance() -> None:
    inner = (
        multi_instance(collection="items", item="item")
        + start("is")
        + user_task("x")
        + end("ie")
        + flows("is", "x", "ie")
    )
    content = one(sub_process("sub", inner, properties={"resultVariable": "done"}))
    case = Running(content).start(items=[10, 20])
    first, second = case.step.open_tasks
    case.complete(second.task_id, note="b")
    assert case.sees("x") == {"items": [10, 20], "item": 10, "loopCounter": 0}
    assert case.complete(first.task_id, note="a").data["done"] == [{"note": "a"}, {"note": "b"}]
    called = one(
        call("c", "q", into("item", "n") + out("r", "r"), inner=multi_instance(collection="items", item="item"))
    )
    case = Running(called, source(CALLED, "q")).start(items=[1, 2])
    assert [case.sees("x"), len(case.step.open_tasks)] == [{"n": 1}, 2]
    assert case.do("x", r=5).do("x", r=5).data == {"items": [1, 2], "r": 5}


def test_a_message_may_be_sent_for_each_item() -> None:
    task = send_task(
        "st", "m", {"payload": "item", "correlationKey": "loopCounter"}, multi_instance(collection="items", item="item")
    )
    case = Running(one(task, around=message("m", "told"))).start(items=["a", "b"])
    assert [(each.payload, each.correlation_key) for each in case.step.outgoing] == [("a", "0"), ("b", "1")]


def test_a_timer_on_a_multi_instance_activity_cancels_every_instance() -> None:
    content = process(
        "p",
        start(),
        user_task("a", inner=multi_instance(cardinality="2")),
        boundary("b", "a", timer("Duration", "PT1H")),
        user_task("z"),
        end(),
        flows("s", "a", "e"),
        flows("b", "z", "e"),
    )
    case = Running(content).start()
    case.do("a").wait(timedelta(hours=1))
    assert (case.open, case.step.timers) == (["z"], ())


def test_an_error_in_one_instance_ends_all() -> None:
    inner = (
        multi_instance(cardinality="2")
        + start("is")
        + user_task("x")
        + end("ie", "", error_event("E"))
        + flows("is", "x", "ie")
    )
    content = process(
        "p",
        start(),
        sub_process("sub", inner),
        boundary("b", "sub", error_event("E")),
        user_task("z"),
        end(),
        flows("s", "sub", "e"),
        flows("b", "z", "e"),
        around=error("E", "1"),
    )
    assert Running(content).start().do("x").open == ["z"]


def test_one_build_serves_collections_of_different_kinds() -> None:
    """SpiffWorkflow's Camunda parser rewrites the spec for the next instance."""
    content = one(user_task("a", inner=multi_instance(collection="items", item="item")))
    built = Running(content).executable
    assert len(Running(built).start(items=[1, 2]).open) == 2
    assert len(Running(built).start(items=[]).open) == 1
    assert len(Running(built).start(items=["x"] * 5).open) == 5


def test_scripts_and_manual_tasks_may_be_multi_instance() -> None:
    loop = multi_instance(collection="items", item="item", sequential=True)
    content = one(script("x", "total = total + item", loop))
    assert Running(content).start(items=[1, 2, 3], total=0).data["total"] == 6
    manual = one(element("manualTask", "m", inner=multi_instance(cardinality="2")))
    assert Running(manual).start().log.count(("m", "completed")) == 2


EMPTY = [multi_instance(collection="items", item="item"), standard_loop("false", before=True)]


@pytest.mark.parametrize("nothing", EMPTY)
def test_many_activities_of_which_nothing_is_to_be_done_follow_one_another(nothing: str) -> None:
    names = [f"x{number}" for number in range(400)]
    tasks = [script(name, "done = 1", nothing) for name in names]
    content = process("p", start(), *tasks, end(), flows("s", *names, "e"))
    assert Running(content).start(items=[]).step.finished


@pytest.mark.parametrize("nothing", EMPTY)
def test_a_loop_of_activities_of_which_nothing_is_to_be_done_is_stopped(nothing: str) -> None:
    again = flow("y", "x", "items != null")
    content = process(
        "p", start(), script("x", "done = 1", nothing), script("y", "done = 1", nothing), flows("s", "x", "y"), again
    )
    with pytest.raises(BudgetSpent, match="10000 tokens"):
        Running(content).start(items=[])
