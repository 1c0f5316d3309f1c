"""Gateways split and join as BPMN 2.0.2, 13.4 says, in loops too."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BudgetSpent, StepFailed
from tests.bpmn_cases import Running
from tests.bpmn_models import (
    boundary,
    catch,
    end,
    flow,
    flows,
    gateway,
    message,
    message_event,
    process,
    script,
    start,
    timer,
    user_task,
)


def test_the_first_condition_in_the_file_that_holds_is_taken() -> None:
    content = process(
        "p",
        start(),
        gateway("g", default="d"),
        user_task("a"),
        user_task("b"),
        user_task("c"),
        end(),
        flow("s", "g"),
        flow("g", "c", identity="d"),
        flow("g", "a", "n > 10"),
        flow("g", "b", "n > 5"),
        flows("a", "e"),
        flows("b", "e"),
        flows("c", "e"),
    )
    assert [Running(content).start(n=n).open for n in (11, 7, 1, None)] == [["a"], ["b"], ["c"], ["c"]]


def test_no_condition_and_no_default_fails_and_says_why() -> None:
    content = process("p", start(), gateway("g"), end("e"), flow("s", "g"), flow("g", "e", "a.b > 1"))
    with pytest.raises(StepFailed, match="No condition holds") as caught:
        Running(content).start(a={})
    assert caught.value.element_id == "g"
    assert "'b'" in str(caught.value)
    assert "(to 'e': Character" in caught.value.reason


def test_a_condition_that_is_neither_true_nor_false_fails() -> None:
    content = process("p", start(), gateway("g"), end("e"), flow("s", "g"), flow("g", "e", "1 + 1"))
    with pytest.raises(StepFailed, match="neither true nor false"):
        Running(content).start()


def test_conditions_on_flows_that_leave_a_task_are_asked() -> None:
    """SpiffWorkflow ignores them."""
    content = process(
        "p",
        start(),
        user_task("t"),
        user_task("a"),
        user_task("b"),
        user_task("c"),
        end(),
        flow("s", "t"),
        flow("t", "a", "a = true"),
        flow("t", "b", "b = true"),
        flow("t", "c", identity="d"),
        flows("a", "e"),
        flows("b", "e"),
        flows("c", "e"),
    ).replace(b'id="t"', b'id="t" default="d"', 1)
    assert Running(content).start().do("t", a=True, b=True).open == ["a", "b"]
    assert Running(content).start().do("t", a=False).open == ["c"]


def test_a_task_behind_which_no_condition_holds_fails() -> None:
    content = process(
        "p", start(), user_task("t"), end(), flow("s", "t"), flow("t", "e", "a = true"), flow("t", "e", "b", "second")
    )
    assert Running(content).start().do("t", a=True).step.finished
    with pytest.raises(StepFailed, match="No condition holds"):
        Running(content).start().do("t", b=False)


def test_several_flows_out_of_a_task_are_all_taken() -> None:
    content = process(
        "p",
        start(),
        user_task("a"),
        user_task("b"),
        end(),
        flow("s", "a"),
        flow("s", "b"),
        flows("a", "e"),
        flows("b", "e"),
    )
    case = Running(content).start()
    assert case.open == ["a", "b"]
    assert not case.do("a").step.finished
    assert case.do("b").step.finished


PARALLEL = process(
    "p",
    start(),
    gateway("g", "parallel"),
    user_task("a"),
    user_task("b"),
    gateway("j", "parallel"),
    user_task("z"),
    end(),
    flows("s", "g", "a", "j", "z", "e"),
    flows("g", "b", "j"),
)


def test_a_parallel_join_waits_for_every_branch() -> None:
    case = Running(PARALLEL).start().do("a")
    assert case.open == ["b"]
    case.do("b")
    assert case.open == ["z"]
    assert case.log == [("b", "completed"), ("j", "completed"), ("z", "started")]


def test_a_parallel_join_takes_one_token_from_each_flow_and_leaves_the_others() -> None:
    """Two tokens on one flow and one on the other: the second waits for the next round."""
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        user_task("a"),
        user_task("b"),
        user_task("c"),
        gateway("m"),
        gateway("j", "parallel"),
        gateway("more", default="d"),
        user_task("z"),
        end(),
        flow("s", "g"),
        flows("g", "a", "m", "j", "z", "e"),
        flows("g", "b", "m"),
        flows("g", "c", "more", "j"),
        flow("more", "c", "again = true"),
    ).replace(b'<bpmn:sequenceFlow id="more_j"', b'<bpmn:sequenceFlow id="d"')
    case = Running(content).start().do("a").do("b")
    assert case.open == ["c"]
    case.do("c", again=False)
    assert case.open == ["z"]
    with pytest.raises(StepFailed, match="waits for a branch") as caught:
        case.do("z")
    assert caught.value.element_id == "j", "the second token can never go on"


def test_a_parallel_join_in_a_loop_works_round_after_round() -> None:
    content = process(
        "p",
        start(),
        gateway("in"),
        gateway("g", "parallel"),
        user_task("a"),
        user_task("b"),
        gateway("j", "parallel"),
        gateway("x", default="d"),
        end(),
        flows("s", "in", "g", "a", "j", "x"),
        flows("g", "b", "j"),
        flow("x", "in", "again = true"),
        flow("x", "e", identity="d"),
    )
    case = Running(content).start()
    for _ in range(5):
        case.do("a").do("b", again=True)
        assert sorted(case.open) == ["a", "b"]
    assert case.do("b").do("a", again=False).step.finished


def inclusive(*more: str) -> bytes:
    return process(
        "p",
        start(),
        gateway("g", "inclusive", default="d"),
        user_task("a"),
        user_task("b"),
        user_task("c"),
        gateway("j", "inclusive"),
        user_task("z"),
        end(),
        flow("s", "g"),
        flow("g", "a", "a = true"),
        flow("g", "b", "b = true"),
        flow("g", "c", identity="d"),
        flows("a", "j", "z", "e"),
        flows("b", "j"),
        flows("c", "j"),
        *more,
    )


def test_an_inclusive_split_takes_what_holds_else_the_default() -> None:
    content = inclusive()
    assert Running(content).start(a=True, b=True).open == ["a", "b"]
    assert Running(content).start(b=True).open == ["b"]
    assert Running(content).start().open == ["c"]


@given(a=st.booleans(), b=st.booleans(), order=st.booleans())
def test_an_inclusive_join_waits_for_exactly_the_branches_that_were_taken(a: bool, b: bool, order: bool) -> None:
    case = Running(inclusive()).start(a=a, b=b)
    for done, task in enumerate(sorted(case.open, reverse=order)):
        assert "z" not in case.open, done
        case.do(task)
    assert case.open == ["z"]
    assert case.do("z").step.finished


def test_an_inclusive_join_waits_for_a_branch_that_may_still_turn_towards_it() -> None:
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        user_task("a"),
        user_task("b"),
        gateway("x", default="d"),
        gateway("j", "inclusive"),
        user_task("z"),
        end("e"),
        end("away"),
        flows("s", "g", "a", "j", "z", "e"),
        flows("g", "b", "x"),
        flow("x", "j", "come = true"),
        flow("x", "away", identity="d"),
    )
    case = Running(content).start().do("a")
    assert case.open == ["b"]
    assert Running.do(case, "b", come=False).open == ["z"], "the branch went elsewhere: nothing else can come"
    again = Running(content).start().do("a").do("b", come=True)
    assert again.open == ["z"]
    assert again.do("z").step.finished, "both tokens became one"


def test_an_inclusive_join_waits_for_an_activity_whose_reminder_has_come_to_it_already() -> None:
    content = process(
        "p",
        start(),
        gateway("g", "inclusive"),
        user_task("a"),
        boundary("remind", "a", message_event("M"), interrupting=False),
        user_task("reminded"),
        user_task("b"),
        gateway("j", "inclusive"),
        user_task("z"),
        end(),
        flow("s", "g"),
        flow("g", "a", "true"),
        flow("g", "b", "true"),
        flows("a", "j", "z", "e"),
        flows("b", "j"),
        flows("remind", "reminded", "j"),
        around=message("M", "note"),
    )
    case = Running(content).start().do("b").receive("note").do("reminded")
    assert case.open == ["a"], "what the reminder sent is no other way for the token at the activity"
    assert case.do("a").open == ["z"]
    assert case.do("z").step.finished


def late(*, race: bool) -> bytes:
    """Return a process with a branch that comes to the join as `a` does, or by a flow of its own when time is up."""
    waiting = user_task("c") + boundary("up", "c", timer("Duration", "PT1H")) + flow("c", "m")
    if race:
        waiting = gateway("c", "eventBased") + catch("up", timer("Duration", "PT1H")) + flow("c", "up")
        waiting += catch("told", message_event("M")) + flows("c", "told", "m")
    return process(
        "p",
        start(),
        gateway("g", "inclusive"),
        user_task("a"),
        waiting,
        gateway("m"),
        user_task("late"),
        gateway("j", "inclusive"),
        user_task("z"),
        end(),
        flow("s", "g"),
        flow("g", "a", "true"),
        flow("g", "c", "true"),
        flows("a", "m", "j", "z", "e"),
        flows("up", "late", "j"),
        around=message("M", "note"),
    )


@pytest.mark.parametrize("race", [False, True], ids=["boundary event", "race"])
def test_an_inclusive_join_waits_for_no_token_that_could_as_well_come_by_a_flow_that_has_one(race: bool) -> None:
    case = Running(late(race=race)).start().do("a")
    assert "z" in case.open, "what waits for the time is no other token than the one that it would replace"
    case.wait(timedelta(hours=1)).do("z").do("late")
    assert case.open == ["z"]
    assert case.do("z").step.finished


def test_an_inclusive_join_does_not_wait_for_its_own_loop() -> None:
    content = process(
        "p",
        start(),
        gateway("j", "inclusive"),
        user_task("a"),
        gateway("x", default="d"),
        end(),
        flows("s", "j", "a", "x"),
        flow("x", "j", "again = true"),
        flow("x", "e", identity="d"),
    )
    case = Running(content).start()
    for _ in range(3):
        case.do("a", again=True)
        assert case.open == ["a"]
    assert case.do("a", again=False).step.finished


def test_a_loop_in_which_nothing_waits_is_stopped() -> None:
    content = process(
        "p",
        start(),
        gateway("in"),
        script("x", "n = n + 1"),
        gateway("g", default="d"),
        end(),
        flow("s", "in"),
        flow("in", "g"),
        flow("g", "in", "true"),
        flow("g", "x", identity="d"),
        flow("x", "e"),
    )
    with pytest.raises(BudgetSpent, match="10000 tokens"):
        Running(content).start(n=0)


def test_a_step_has_a_time_limit() -> None:
    content = process(
        "p",
        start(),
        gateway("g", default="d"),
        end(),
        flow("s", "g"),
        flow("g", "g", "true"),
        flow("g", "e", identity="d"),
    )
    case = Running(content)
    case.limits = {"max_tasks": 10**9, "max_seconds": 0.05}
    with pytest.raises(BudgetSpent, match=r"0\.05 seconds"):
        case.start()


def test_tokens_that_multiply_are_stopped() -> None:
    content = process(
        "p",
        start(),
        gateway("m"),
        gateway("g", "parallel"),
        end(),
        flows("s", "m", "g", "e"),
        flow("g", "m", identity="back"),
    )
    with pytest.raises(BudgetSpent):
        Running(content).start()
