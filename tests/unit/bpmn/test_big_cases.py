"""Big cases: many instances, much data, many automatic steps; time grows with them, not with their square."""

import time

import pytest

from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    call,
    element,
    end,
    flow,
    flows,
    gateway,
    into,
    multi_instance,
    one,
    out,
    process,
    start,
    user_task,
)

NOTHING = source(process("q", start(), end(), flows("s", "e")), "q")


def counting(rounds: int) -> bytes:
    """A loop without a person in it, which calls a process in each round."""
    count = call("c", "q", into("n", "n") + out("n + 1", "n", expression=True))
    return process(
        "p", start(), gateway("g"), count, gateway("x", default="on"), user_task("z"), end(),
        flows("s", "g", "c", "x"), flow("x", "g", f"n < {rounds}"), flow("x", "z", identity="on"), flow("z", "e"),
    )  # fmt: skip


def test_a_thousand_instances_are_completed_one_after_the_other() -> None:
    task = user_task("a", inner=multi_instance(cardinality="1000"), properties={"resultVariable": "found"})
    case = Running(one(task)).start()
    size = len(case.step.state)
    for number, waiting in enumerate([each.task_id for each in case.step.open_tasks]):
        if number % 100 == 0:
            assert len(case.open) == 1000 - number
        case.complete(waiting, n=number)
    assert case.open == ["z"]
    assert [each["n"] for each in case.data["found"]] == list(range(1000))
    assert len(case.step.state) < size


@pytest.mark.parametrize("kilobytes", [100, 1000])
def test_much_data_goes_through_every_step(kilobytes: int) -> None:
    big = [{"number": number, "text": "x" * 75} for number in range(kilobytes * 9)]
    case = Running(one(user_task("a"))).start(big=big)
    assert len(case.step.state) > kilobytes * 800
    assert case.do("a", other=1).do("z").data == {"big": big, "other": 1}


@pytest.mark.parametrize("sequential", [False, True])
def test_thousands_of_automatic_instances_are_one_step(sequential: bool) -> None:
    loop = multi_instance(cardinality="9000", sequential=sequential)
    case = Running(one(element("manualTask", "m", inner=loop))).start()
    assert case.log.count(("m", "completed")) == 9000


def test_a_long_loop_of_automatic_steps_costs_in_proportion() -> None:
    """Four times the rounds, about four times the time; it was sixteen, as scopes that had ended were looked at."""

    def seconds(rounds: int) -> float:
        case = Running(source(counting(rounds)), NOTHING)
        case.limits = {"max_tasks": 1_000_000, "max_seconds": 60}
        found = []
        for _ in range(3):
            began = time.process_time()
            assert case.start(n=0).data["n"] == rounds
            found.append(time.process_time() - began)
        return min(found)

    seconds(50)
    assert seconds(2_000) < 9 * seconds(500)
