"""Service tasks: pure operations in the step, others waited for; results, errors, instances."""

import time
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.bpmn import interpreter
from engine.bpmn.case import codec
from engine.errors import StateRefused, StepFailed, TaskNotOpen
from engine.operations import Done, Failed, Input, Operation, OperationCall, OperationError, Output, Raised, operation
from engine.types import Json
from tests.bpmn_cases import Registers, Running, register, source
from tests.bpmn_models import (
    boundary,
    end,
    error,
    error_event,
    flow,
    flows,
    multi_instance,
    parameters,
    process,
    service_task,
    standard_loop,
    start,
    sub_process,
    timer,
    user_task,
)

SUM = [Output("sum", "number", "Both together.")]
NUMBERS = [Input("left", "number", "The first."), Input("right", "number", "The second.", default=1)]


@operation("add", title="Add", help="Adds two numbers.", inputs=NUMBERS, outputs=SUM, pure=True)
def add(left: float, right: float) -> dict[str, float]:
    return {"sum": left + right}


@operation(
    "order",
    title="Order",
    help="Orders things.",
    inputs=[Input("what", "text", "What.")],
    outputs=[Output("number", "text", "The order's number.")],
)
def order(call: OperationCall, what: str) -> dict[str, str]:
    raise NotImplementedError  # whoever calls it is no business of the interpreter


@operation("check", title="Check", help="Refuses everything.", pure=True)
def check() -> None:
    raise OperationError("REFUSED", "It is not wanted.")


def one(task: str, *around: str, after: str = "") -> bytes:
    """Return a process with one service task `t`, and a user task `u` behind it."""
    errors = error("R", "REFUSED") + error("F", "OPERATION_FAILED")
    return process("p", start(), task, user_task("u"), end(), flows("s", "t", "u", "e"), *around, after, around=errors)


def caught(code: str | None) -> str:
    return boundary("b", "t", error_event(code)) + user_task("handle") + flow("b", "handle")


def running(content: bytes, **variables: Json) -> Running:
    return Running(content, operations=[add, order, check]).start(**variables)


def test_a_pure_operation_runs_in_the_step() -> None:
    case = running(
        one(service_task("t", "add", properties={"resultVariable": "r"}, left="=a * 2", right="${b}")), a=2, b=3
    )
    assert (case.data["r"], case.open) == ({"sum": 7}, ["u"])
    change = next(change for change in case.step.activities if change.element_id == "t")
    assert (change.interface, change.state) == ("operation:add", "completed")
    assert "left" not in case.data


def test_output_parameters_pick_from_the_result() -> None:
    task = service_task("t", "add", extension=parameters({"left": "=a"}, {"total": "=sum + left", "text": "done"}))
    case = running(one(task), a=2)
    assert case.data["total"] == 5
    assert case.data["text"] == "done"
    assert "sum" not in case.data


def test_plain_texts_are_taken_as_the_type_of_the_input() -> None:
    case = running(one(service_task("t", "add", properties={"resultVariable": "r"}, left="1.5", right="-2")))
    assert case.data["r"] == {"sum": -0.5}


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({}, "'left' of the operation 'add' is missing"),
        ({"left": "=nothing"}, "missing or null"),
        ({"left": "many"}, "has to be a number, not 'many'"),
        ({"left": "1", "middle": "2"}, "no input 'middle'; it takes 'left', 'right'"),
    ],
)
def test_inputs_are_checked(inputs: dict[str, Any], said: str) -> None:
    with pytest.raises(StepFailed, match=said) as failed:
        running(one(service_task("t", "add", **inputs)))
    assert failed.value.element_id == "t"


def test_an_operation_that_is_not_there_fails_the_step() -> None:
    with pytest.raises(StepFailed, match="no operation 'fly' here"):
        running(one(service_task("t", "fly")))


def test_a_pure_operation_that_takes_too_long_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.operations.pure.SECONDS", 0.01)
    slow = Operation("slow", "Slow", "Sleeps.", lambda: time.sleep(0.05), pure=True)
    with pytest.raises(StepFailed, match=r"longer than 0\.01 seconds"):
        Running(one(service_task("t", "slow")), operations=[slow]).start()


def test_a_fault_of_a_pure_operation_fails_the_step_by_name() -> None:
    broken = Operation("broken", "Broken", "Divides by zero.", lambda: 1 / 0, pure=True)  # type: ignore[arg-type,return-value]  # it is broken
    with pytest.raises(StepFailed, match="'broken' failed: ZeroDivisionError"):
        Running(one(service_task("t", "broken")), operations=[broken]).start()


def test_another_operation_is_waited_for() -> None:
    case = running(one(service_task("t", "order", properties={"resultVariable": "r"}, what="=title")), title="chair")
    (pending,) = case.step.operations
    assert (pending.operation, pending.inputs, pending.element_id) == ("order", {"what": "chair"}, "t")
    assert pending.retries == (60.0, 600.0, 3600.0)
    assert case.log[-1] == ("t", "started")
    case.finish("t", number="O-1")
    assert (case.step.operations, case.open, case.data["r"]) == ((), ["u"], {"number": "O-1"})
    assert ("t", "completed") in case.log


def test_an_operation_ends_once() -> None:
    case = running(one(service_task("t", "order", what="x")))
    (pending,) = case.step.operations
    case.finish("t", number="O-1")
    with pytest.raises(TaskNotOpen):
        interpreter.finish(case.executable, case.step.state, pending.task_id, Done({}), case.context)


@pytest.mark.parametrize(
    ("text", "waits"),
    [("R3/PT10M", (600.0,) * 3), ("PT1M,PT1H", (60.0, 3600.0)), ("P1D", (86400.0,)), ("R0/PT1M", ())],
)
def test_a_model_says_when_a_failed_call_is_tried_again(text: str, waits: tuple[float, ...]) -> None:
    cycle = f"<camunda:failedJobRetryTimeCycle>{text}</camunda:failedJobRetryTimeCycle>"
    case = running(one(service_task("t", "order", extension=cycle, what="x")))
    assert case.step.operations[0].retries == waits


@pytest.mark.parametrize("code", ["R", None])
def test_an_error_that_an_operation_raises_is_caught_on_the_task(code: str | None) -> None:
    case = running(one(service_task("t", "check"), caught(code)))
    assert case.open == ["handle"]
    assert ("t", "cancelled") in case.log


@pytest.mark.parametrize("code", ["R", None])
def test_an_error_of_an_operation_outside_is_caught_on_the_task(code: str | None) -> None:
    case = running(one(service_task("t", "order", what="x"), caught(code)))
    case.finish("t", Raised("REFUSED", "It is not wanted."))
    assert (case.open, case.step.operations) == (["handle"], ())


def test_an_error_is_caught_around_a_sub_process() -> None:
    inner = sub_process("sub", start("is"), service_task("i", "check"), end("ie"), flows("is", "i", "ie"))
    handling = boundary("b", "sub", error_event("R")) + user_task("handle") + flow("b", "handle")
    content = process("p", start(), inner, end(), flows("s", "sub", "e"), handling, around=error("R", "REFUSED"))
    assert running(content).open == ["handle"]


def test_an_error_that_nothing_catches_fails_the_step() -> None:
    with pytest.raises(StepFailed, match="'REFUSED', which no event catches: It is not wanted"):
        running(one(service_task("t", "check")))
    case = running(one(service_task("t", "order", what="x")))
    with pytest.raises(StepFailed, match="which no event catches"):
        case.finish("t", Raised("REFUSED", "It is not wanted."))


def test_a_failure_can_be_caught_as_an_error() -> None:
    case = running(one(service_task("t", "add", left="many"), caught("F")))
    assert case.open == ["handle"]
    case = running(one(service_task("t", "order", what="x"), caught("F")))
    assert case.finish("t", Failed("The shop is closed.")).open == ["handle"]


def test_a_failure_that_nothing_catches_is_told() -> None:
    case = running(one(service_task("t", "order", what="x")))
    with pytest.raises(StepFailed, match=r"The shop is closed\.") as failed:
        case.finish("t", Failed("The shop is closed."))
    assert failed.value.element_id == "t"


def test_an_event_on_the_task_drops_the_operation() -> None:
    content = one(
        service_task("t", "order", what="x"),
        boundary("late", "t", timer("Duration", "PT1H")),
        user_task("handle"),
        flow("late", "handle"),
    )
    case = running(content)
    case.wait(timedelta(hours=1))
    assert (case.open, case.step.operations) == (["handle"], ())


@pytest.mark.parametrize("sequential", [False, True])
def test_an_operation_may_be_done_for_each_item(sequential: bool) -> None:
    each = multi_instance(collection="things", item="thing", sequential=sequential)
    task = service_task("t", "order", each, {"resultVariable": "orders"}, what="=thing")
    case = running(one(task), things=["chair", "table"])
    for number, thing in enumerate(["chair", "table"]):
        assert case.step.operations[0].inputs == {"what": thing}
        assert len(case.step.operations) == (1 if sequential else 2 - number)
        case.finish("t", number=f"O-{number}")
    assert case.data["orders"] == [{"number": "O-0"}, {"number": "O-1"}]
    assert not {"what", "number", "thing"} & case.data.keys()


def test_output_parameters_are_what_an_instance_brings() -> None:
    extension = parameters({"left": "=n"}, {"twice": "=sum * 2"})
    task = service_task("t", "add", multi_instance(collection="ns", item="n"), {"resultVariable": "all"}, extension)
    assert running(one(task), ns=[1, 2]).data["all"] == [{"twice": 4}, {"twice": 6}]


def test_a_pure_operation_in_a_loop() -> None:
    task = service_task("t", "add", standard_loop("n < 5"), extension=parameters({"left": "=n"}, {"n": "=sum"}))
    assert running(one(task), n=0).data["n"] == 5


def test_records_go_in_with_their_fields() -> None:
    registers = Registers()
    ref = registers.add("need", "N-1", title="Faster")
    taken: list[Any] = []
    look = Operation(
        "look", "Look", "Looks.", lambda need, all_of: taken.append((need, all_of)), pure=True,
        inputs=[Input("need", "record", "A need."), Input("all_of", "list", "Needs.")],
    )  # fmt: skip
    task = service_task("t", "look", need="=need", all_of="=[need]")
    Running(
        source(one(task), registers={"need": register("need", "title")}), registers=registers, operations=[look]
    ).start(need=ref.as_json())
    body = {"title": "Faster", "number": "N-1", "version": 1, "status": None}
    assert taken == [(body, [body])]


def test_a_damaged_call_is_refused() -> None:
    case = running(one(service_task("t", "order", what="paper")))
    content = codec.content_of(case.step.state)
    [token] = content["scopes"][0]["tokens"]
    token[-1]["operation"] = "order"
    with pytest.raises(StateRefused, match="'operation' of a token at 't'"):
        interpreter.finish(case.executable, codec.packed(content), str(UUID(bytes=token[0])), Done({}), case.context)
