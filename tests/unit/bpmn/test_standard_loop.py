"""The standard loop: an activity done again and again while a condition holds, one round at a time."""

from datetime import timedelta

import pytest

from engine.bpmn.case.context import StepBudgetSpent
from engine.bpmn.reading.process import ModelParser
from engine.errors import DefinitionRefused, StepFailed
from engine.types import Json
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    boundary,
    call,
    end,
    error,
    error_event,
    flow,
    flows,
    process,
    script,
    standard_loop,
    start,
    sub_process,
    timer,
    user_task,
)


def looping(activity: str, *more: str, around: str = "") -> bytes:
    return process("p", start(), activity, user_task("u"), end(), flows("s", "t", "u", "e"), *more, around=around)


def run(activity: str, **variables: Json) -> Running:
    return Running(looping(activity)).start(**variables)


def test_an_activity_is_done_again_while_the_condition_holds() -> None:
    case = run(user_task("t", inner=standard_loop('answer != "yes"')))
    for answer in ("no", "perhaps"):
        assert case.open == ["t"]
        case.do("t", answer=answer)
    assert case.do("t", answer="yes").open == ["u"]
    assert case.data == {"answer": "yes"}


def test_it_is_asked_before_the_first_round_if_the_model_says_so() -> None:
    assert run(script("t", "n = n + 1", standard_loop("n < 3", before=True)), n=7).data == {"n": 7}
    assert run(script("t", "n = n + 1", standard_loop("n < 3")), n=7).data == {"n": 8}
    assert run(script("t", "n = n + 1", standard_loop("n < 3", before=True)), n=0).data == {"n": 3}


def test_the_maximum_ends_it() -> None:
    assert run(script("t", "n = n + 1", standard_loop("true", maximum="4")), n=0).data == {"n": 4}
    assert run(script("t", "n = n + 1", standard_loop(maximum="2")), n=0).data == {"n": 2}


def test_rounds_are_counted_from_0() -> None:
    case = run(script("t", "seen = seen + [loopCounter]", standard_loop("loopCounter < 3")), seen=[])
    assert case.data == {"seen": [0, 1, 2]}


def test_a_sub_process_loops() -> None:
    inner = sub_process("t", standard_loop("n < 2"), start("is"), user_task("v"), end("ie"), flows("is", "v", "ie"))
    case = run(inner, n=0)
    assert case.sees("v") == {"n": 0, "loopCounter": 0}
    case.do("v", n=1)
    assert case.sees("v") == {"n": 1, "loopCounter": 1}
    assert case.do("v", n=2).open == ["u"]


def test_a_called_process_loops() -> None:
    called = process("q", start("qs"), script("qi", "n = n + 1"), end("qe"), flows("qs", "qi", "qe"))
    case = Running(source(looping(call("t", "q", inner=standard_loop("n < 3")))), source(called, "q")).start(n=0)
    assert case.data["n"] == 3


def test_an_event_on_the_activity_ends_the_loop() -> None:
    content = looping(
        user_task("t", inner=standard_loop("true")),
        boundary("late", "t", timer("Duration", "PT1H")),
        user_task("handle"),
        flow("late", "handle"),
    )
    case = Running(content).start().do("t").wait(timedelta(hours=1))
    assert case.open == ["handle"]


def test_an_error_in_a_round_ends_the_loop() -> None:
    inner = sub_process("t", standard_loop("true"), start("is"), end("ie", "", error_event("E")), flows("is", "ie"))
    content = looping(
        inner, boundary("b", "t", error_event("E")), user_task("handle"), flow("b", "handle"), around=error("E", "1")
    )
    assert Running(content).start().open == ["handle"]


def test_rounds_are_told_apart_from_rework() -> None:
    case = run(user_task("t", inner=standard_loop("true"))).do("t").do("t")
    assert [change.rework for change in case.step.activities if change.element_id == "t"] == [False, False]


def test_a_loop_in_which_nothing_waits_is_stopped() -> None:
    case = Running(looping(script("t", "x = 1", standard_loop("true"))))
    case.limits["max_tasks"] = 500
    with pytest.raises(StepBudgetSpent, match="a loop in which"):
        case.start()


def test_a_condition_that_is_neither_true_nor_false_fails_the_step() -> None:
    with pytest.raises(StepFailed, match="The loop condition gives 1") as failed:
        run(script("t", "x = 1", standard_loop("1")))
    assert failed.value.element_id == "t"


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        (standard_loop(), "neither a condition nor a maximum"),
        (standard_loop("true", maximum="0"), "maximum is '0'"),
        (standard_loop("true", maximum="many"), "maximum is 'many'"),
        (standard_loop("1 +"), "cannot be used"),
    ],
)
def test_loops_that_cannot_be_run_are_refused(marker: str, said: str) -> None:
    with pytest.raises(DefinitionRefused, match=said):
        ModelParser(source(looping(user_task("t", inner=marker)))).read()


def test_a_long_loop_leaves_no_more_behind_than_a_short_one() -> None:
    case = run(user_task("t", inner=standard_loop("true")))
    for _ in range(5):
        case.do("t", x=1)
    short = len(case.step.state)
    for _ in range(100):
        case.do("t", x=1)
    assert len(case.step.state) <= short + 4
