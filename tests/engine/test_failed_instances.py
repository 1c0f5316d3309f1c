"""Which instance of an activity with several of them has failed: the failure says it, and whoever reads it."""

import pytest

from engine.errors import StepFailed
from engine.operations import Input, Operation, OperationCall, Output
from engine.types import ENGINE, Json
from engine.views import FailureRow
from tests.bpmn_models import (
    call,
    end,
    flows,
    into,
    message,
    message_event,
    multi_instance,
    process,
    rule,
    script,
    service_task,
    standard_loop,
    start,
    sub_process,
    user_task,
)
from tests.engine.stage import ANN, OWEN, OWNER, STARTERS, Stage
from tests.engine.test_failure_reasons import TABLE

EACH = multi_instance(collection="=numbers", item="number")
ONE_BY_ONE = multi_instance(collection="=numbers", item="number", sequential=True)
DIVIDE = "share = 1 / number"
SET = 'numbers = [1, 2, 0, 4]\nareas = ["north", "south"]'


def _behind(*activities: str, path: tuple[str, ...] = ("x",)) -> bytes:
    """Return a process in which a task of the analysts is followed by `path`."""
    return process(
        "p",
        start(),
        user_task("ask", "Ask", candidateGroups="analysts"),
        script("set", SET),
        *activities,
        end(),
        flows("s", "ask", "set", *path, "e"),
        properties=OWNER,
        **STARTERS,
    )


def _failure(stage: Stage) -> FailureRow:
    (found,) = stage.engine.management.failures(OWEN).rows
    return found


def _fails(stage: Stage, content: bytes, **files: bytes) -> FailureRow:
    stage.deploy(ENGINE, p__bpmn=content, **files)
    stage.start()
    with pytest.raises(StepFailed) as raised:
        stage.do("ask")
    failure = _failure(stage)
    assert failure.instance is not None
    assert failure.instance in str(raised.value)
    return failure


def _inside(inner: str, marker: str) -> str:
    return sub_process("x", start("xs"), inner, end("xe"), flows("xs", "i", "xe"), marker, name="Sites")


@pytest.mark.parametrize("marker", [EACH, ONE_BY_ONE], ids=["parallel", "sequential"])
def test_a_failure_says_which_instance_it_is(stage: Stage, marker: str) -> None:
    failure = _fails(stage, _behind(script("x", DIVIDE, marker)))
    assert (failure.element_id, failure.instance) == ("x", "instance 3 of 4, number: 0")
    (event,) = [e for e in stage.engine.history.timeline(failure.case.id, OWEN) if e.kind == "failure.recorded"]
    assert event.detail is not None
    assert event.detail["instance"] == failure.instance
    with pytest.raises(StepFailed, match="instance 3 of 4"):
        stage.engine.management.retry(failure.id, actor=OWEN)


def test_an_instance_of_a_number_of_them_has_no_element(stage: Stage) -> None:
    marker = multi_instance(cardinality="3")
    failure = _fails(stage, _behind(script("x", "share = 1 / (loopCounter - 1)", marker)))
    assert failure.instance == "instance 2 of 3"


@pytest.mark.parametrize("marker", [EACH, ONE_BY_ONE], ids=["parallel", "sequential"])
def test_what_fails_within_a_sub_process_says_which_instance_that_is(stage: Stage, marker: str) -> None:
    failure = _fails(stage, _behind(_inside(script("i", DIVIDE), marker)))
    assert (failure.element_id, failure.instance) == ("i", "instance 3 of 4 of 'Sites', number: 0")


def test_nested_instances_are_said_from_the_outside_in(stage: Stage) -> None:
    within = script("i", "share = 1 / number if area == 'south' else 1", EACH)
    failure = _fails(stage, _behind(_inside(within, multi_instance(collection="=areas", item="area"))))
    assert failure.instance == "instance 2 of 2 of 'Sites', area: \"south\"; instance 3 of 4, number: 0"


def test_what_fails_in_a_called_process_says_which_call(stage: Stage) -> None:
    called = process("q", start(), script("i", DIVIDE), end(), flows("s", "i", "e"), **STARTERS)
    failure = _fails(stage, _behind(call("x", "q", into("number", "number"), ONE_BY_ONE)), q__bpmn=called)
    assert (failure.element_id, failure.instance) == ("i", "instance 3 of 4 of 'x', number: 0")


def test_a_decision_says_which_instance(stage: Stage) -> None:
    wrong = TABLE.replace(b"<text>1</text></inputExpression>", b"<text>number</text></inputExpression>")
    decide = rule("x", "grade", "result").replace("</bpmn:businessRuleTask>", f"{EACH}</bpmn:businessRuleTask>")
    assert _fails(stage, _behind(decide), g__dmn=wrong).instance == "instance 1 of 4, number: 1"


def test_a_round_of_a_loop_is_counted(stage: Stage) -> None:
    failure = _fails(stage, _behind(script("x", "share = 1 / (loopCounter - 1)", standard_loop(maximum="5"))))
    assert failure.instance == "round 2"


def test_a_condition_that_fails_after_a_round_is_said_of_that_round(stage: Stage) -> None:
    looping = script("x", "share = 1", standard_loop('if loopCounter < 2 then true else "no"'))
    assert _fails(stage, _behind(looping)).instance == "round 2"


def test_a_long_element_is_cut(stage: Stage) -> None:
    long = script("set", f"numbers = ['{'x' * 500}']")
    content = _behind(script("x", DIVIDE, EACH)).replace(script("set", SET).encode(), long.encode())
    instance = _fails(stage, content).instance
    assert instance is not None
    assert len(instance) < 120


def test_what_is_no_instance_says_none(stage: Stage) -> None:
    stage.deploy(p__bpmn=_behind(script("x", "share = 1 / 0")))
    stage.start()
    with pytest.raises(StepFailed):
        stage.do("ask")
    assert _failure(stage).instance is None


def _divide(number: int) -> dict[str, Json]:
    return {"share": 1 // number}


def _divide_later(call: OperationCall, number: int) -> dict[str, Json]:
    del call
    return _divide(number)


@pytest.mark.parametrize("pure", [True, False])
def test_an_operation_says_which_instance(database: str, pure: bool) -> None:
    run = _divide if pure else _divide_later
    outputs = [Output("share", "number", "The share.")]
    given = [Input("number", "number", "What it is divided by.")]
    stage = Stage(database, operations=[Operation("divide", "Divide", "Divides.", run, given, outputs, pure=pure)])
    stage.deploy(p__bpmn=_behind(service_task("x", "divide", EACH, number="=number")))
    stage.start()
    if pure:
        with pytest.raises(StepFailed):
            stage.do("ask")
    else:
        stage.do("ask")
        for _ in range(4):
            stage.engine.management.run_due()
    assert _failure(stage).instance == "instance 3 of 4, number: 0"
    stage.close()


def test_a_start_that_fails_says_which_instance(stage: Stage) -> None:
    content = process(
        "p",
        start("s", message_event("m")),
        script("set", SET),
        script("x", DIVIDE, EACH),
        end(),
        flows("s", "set", "x", "e"),
        around=message("m", "order"),
        properties=OWNER,
    )
    stage.deploy(p__bpmn=content)
    assert stage.engine.runtime.send_message("order", None, {}, actor=ANN).state == "failed"
    (failed,) = stage.engine.management.failed_starts(OWEN)
    assert failed.reason.startswith("At 'x', instance 3 of 4, number: 0: ")


def test_who_does_not_mend_is_not_told_what_the_instance_is_about(stage: Stage) -> None:
    failure = _fails(stage, _behind(script("x", DIVIDE, EACH)))
    (seen,) = stage.engine.history.case(failure.case.id, ANN).failures
    assert (seen.reason, seen.instance) == ("", None)
    events = stage.engine.history.timeline(failure.case.id, ANN)
    assert not any("instance" in (event.detail or {}) for event in events)
    (known,) = stage.engine.history.case(failure.case.id, OWEN).failures
    assert known.instance == failure.instance
