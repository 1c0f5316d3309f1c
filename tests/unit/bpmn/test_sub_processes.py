"""Embedded sub-processes, called processes and their variables."""

from datetime import timedelta

import pytest

from engine.errors import DefinitionRefused, StepFailed
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    call,
    definitions,
    end,
    error,
    error_event,
    flow,
    flows,
    gateway,
    into,
    one,
    out,
    process,
    process_part,
    start,
    sub_process,
    timer,
    user_task,
)

CALLED = process("q", start("qs"), user_task("x"), end("qe"), flows("qs", "x", "qe"))


def test_a_sub_process_shares_the_variables_around_it() -> None:
    content = one(sub_process("sub", start("is"), user_task("x"), end("ie"), flows("is", "x", "ie"), name="Work"))
    case = Running(content).start(a=1)
    assert case.sees("x") == {"a": 1}
    assert case.log == [("s", "completed"), ("sub", "started"), ("is", "completed"), ("x", "started")]
    case.do("x", b=2)
    assert case.data == {"a": 1, "b": 2}
    assert case.log == [("x", "completed"), ("ie", "completed"), ("sub", "completed"), ("z", "started")]


def test_a_timer_on_a_sub_process_cancels_all_within() -> None:
    inner = sub_process("inner", start("iis"), user_task("y"), end("iie"), flows("iis", "y", "iie"))
    outer = sub_process("sub", start("is"), inner, end("ie"), flows("is", "inner", "ie"))
    content = process(
        "p",
        start(),
        outer,
        boundary("b", "sub", timer("Duration", "PT1H")),
        user_task("z"),
        end(),
        flows("s", "sub", "e"),
        flows("b", "z", "e"),
    )
    case = Running(content).start().wait(timedelta(hours=1))
    assert case.open == ["z"]
    assert [each for each in case.log if each[1] == "cancelled"] == [
        (name, "cancelled") for name in ("sub", "inner", "y")
    ]


def test_a_called_process_has_variables_of_its_own() -> None:
    mappings = into("a", "given") + into("a * 2", "twice").replace("source=", "sourceExpression=")
    content = one(call("c", "q", mappings + out("r", "result") + out("r + given", "sum", expression=True)))
    case = Running(content, source(CALLED, "q")).start(a=5, secret=1)
    assert case.sees("x") == {"given": 5, "twice": 10}
    assert case.step.open_tasks[0].process_key == "q"
    assert ("c", "started") in case.log
    case.do("x", r=7, other=1)
    assert case.data == {"a": 5, "secret": 1, "result": 7, "sum": 12}
    assert "process:q" in [change.interface for change in case.step.activities]


def test_without_mappings_all_variables_go_in_and_come_out() -> None:
    case = Running(one(call("c", "q")), source(CALLED, "q")).start(a=5)
    assert case.sees("x") == {"a": 5}
    assert case.do("x", b=1).data == {"a": 5, "b": 1}


def test_only_what_is_mapped_out_comes_out() -> None:
    case = Running(one(call("c", "q", into("a", "a"))), source(CALLED, "q")).start(a=5).do("x", b=1)
    assert case.data == {"a": 5}


def test_a_process_that_calls_itself_without_end_is_stopped() -> None:
    content = process("p", start(), call("c", "p"), end(), flows("s", "c", "e"))
    with pytest.raises(StepFailed, match="50 levels"):
        Running(content).start()


def test_a_process_may_call_itself() -> None:
    content = process(
        "p",
        start(),
        user_task("a"),
        gateway("g", default="d"),
        call("c", "p", into("n", "n")),
        end(),
        flows("s", "a", "g"),
        flow("g", "c", "n > 0"),
        flow("g", "e", identity="d"),
        flow("c", "e"),
    )
    case = Running(content).start()
    case.do("a", n=1)
    assert (case.open, case.sees("a")) == (["a"], {"n": 1})
    assert case.do("a", n=0).step.finished


def test_an_error_in_a_called_process_is_caught_on_the_call() -> None:
    called = process(
        "q",
        start("qs"),
        user_task("x"),
        end("qe", "", error_event("E")),
        flows("qs", "x", "qe"),
        around=error("E", "42"),
    )
    content = process(
        "p",
        start(),
        call("c", "q"),
        boundary("b", "c", error_event("F")),
        user_task("fine"),
        user_task("h"),
        end(),
        flows("s", "c", "fine", "e"),
        flows("b", "h", "e"),
        around=error("F", "42"),
    )
    assert Running(content, source(called, "q")).start().do("x").open == ["h"]


def test_a_file_may_hold_pools_that_do_not_run() -> None:
    pools = (
        '<bpmn:collaboration id="c"><bpmn:participant id="p1" name="Us" processRef="p"/>'
        '<bpmn:participant id="p2" name="Them"/>'
        '<bpmn:messageFlow id="mf" sourceRef="p2" targetRef="p1"/></bpmn:collaboration>'
    )
    content = definitions(pools, process_part("p", start(), user_task("a"), end(), flows("s", "a", "e")))
    assert Running(content).start().do("a").step.finished


def test_sub_processes_that_stand_too_deep_in_one_another_are_refused() -> None:
    inner = start("is") + end("ie") + flow("is", "ie")
    for depth in range(60):
        path = flows(f"s{depth}", f"p{depth}", f"e{depth}")
        inner = start(f"s{depth}") + sub_process(f"p{depth}", inner) + end(f"e{depth}") + path
    with pytest.raises(DefinitionRefused, match="50 deep"):
        Running(process("p", inner))
