"""Events that wait for a condition: when it is asked, that it occurs when it becomes true, and not as long as it is."""

from datetime import timedelta

import pytest

from engine.errors import BudgetSpent, StepFailed
from tests.bpmn_cases import Registers, Running, register, source
from tests.bpmn_models import (
    boundary,
    catch,
    condition,
    end,
    event_sub_process,
    flow,
    flows,
    gateway,
    multi_instance,
    process,
    reads,
    script,
    start,
    store,
    sub_process,
    timer,
    user_task,
)

HOUR = timedelta(hours=1)


def beside(*parts: str) -> bytes:
    """The process: a branch of user tasks `a` and `b`, and one that starts with the element `c`, then the task `z`."""
    return process(
        "p",
        start(),
        gateway("g", "parallel"),
        user_task("a"),
        user_task("b"),
        end("e1"),
        *parts,
        user_task("z"),
        end("e2"),
        flows("s", "g", "a", "b", "e1"),
        flows("g", "c", "z", "e2"),
    )


def with_boundary(text: str, *, interrupting: bool) -> bytes:
    """The process: `c` with a condition on it, beside tasks `a` and `b`."""
    event = boundary("x", "c", condition(text), interrupting=interrupting)
    return beside(user_task("c"), event, user_task("h"), end("he"), flows("x", "h", "he"))


def test_a_condition_is_waited_for() -> None:
    case = Running(beside(catch("c", condition("n > 1")))).start(n=0)
    assert (case.open, case.step.timers, case.step.subscriptions) == (["a"], (), ())
    assert sorted(case.do("a", n=2).open) == ["b", "z"]
    assert ("c", "completed") in case.log


def test_a_condition_that_holds_already_does_not_wait() -> None:
    assert sorted(Running(beside(catch("c", condition("n > 1")))).start(n=5).open) == ["a", "z"]


def test_a_condition_that_was_true_when_it_began_to_wait_has_occurred() -> None:
    """Another branch may make it false before the step is over."""
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        catch("c", condition("n = 1")),
        script("x", "n = 0"),
        user_task("z"),
        end("e1"),
        end("e2"),
        flows("s", "g", "c", "z", "e1"),
        flows("g", "x", "e2"),
    )
    assert Running(content).start(n=1).open == ["z"]


def test_a_condition_interrupts_its_activity() -> None:
    case = Running(with_boundary("stop", interrupting=True)).start(stop=False).do("a", stop=True)
    assert sorted(case.open) == ["b", "h"]
    assert ("c", "cancelled") in case.log
    assert ("x", "completed") in case.log


def test_one_that_holds_when_the_activity_begins_interrupts_it_at_once() -> None:
    case = Running(with_boundary("stop", interrupting=True)).start(stop=True)
    assert sorted(case.open) == ["a", "h"]
    held = process(
        "p",
        start(),
        script("c", "ran = True"),
        boundary("x", "c", condition("stop"), interrupting=True),
        user_task("h"),
        end(),
        end("he"),
        flows("s", "c", "e"),
        flows("x", "h", "he"),
    )
    case = Running(held).start(stop=True)
    assert (case.open, "ran" in case.data) == (["h"], False), "also one that would be over in the same step"


def test_one_that_does_not_interrupt_occurs_each_time_it_becomes_true() -> None:
    loop = process(
        "p",
        start(),
        gateway("m"),
        user_task("a"),
        gateway("g", default="d"),
        end(),
        flows("s", "m", "a", "g"),
        flow("g", "m", "more = true"),
        flow("g", "e", identity="d"),
        event_sub_process(
            "h", condition("level > 3"), user_task("t"), end("he"), flows("h_start", "t", "he"), interrupting=False
        ),
    )
    case = Running(loop).start(level=1)
    counts = []
    for level in (2, 4, 5, 3, 9, 9):
        case.do("a", level=level, more=True)
        counts.append(case.open.count("t"))
    assert counts == [0, 1, 1, 1, 2, 2]


def test_a_condition_races_at_an_event_based_gateway() -> None:
    def racing(**data: object) -> Running:
        content = process(
            "p",
            start(),
            gateway("all", "parallel"),
            user_task("a"),
            end("e0"),
            gateway("g", "eventBased"),
            catch("c", condition("n > 1")),
            catch("t", timer("Duration", "PT1H")),
            user_task("x"),
            user_task("y"),
            end("e1"),
            end("e2"),
            flows("s", "all", "a", "e0"),
            flows("all", "g", "c", "x", "e1"),
            flows("g", "t", "y", "e2"),
        )
        return Running(content).start(**data)

    assert sorted(racing(n=0).do("a", n=2).open) == ["x"]
    assert sorted(racing(n=0).wait(HOUR).open) == ["a", "y"]
    at_once = racing(n=3)
    assert (sorted(at_once.open), at_once.step.timers) == (["a", "x"], ())


def test_conditions_are_asked_with_the_same_data() -> None:
    """The first that occurs may change what the second looks at: it had become true all the same."""
    parts = [
        event_sub_process(
            name,
            condition("n = 1"),
            script(f"{name}_x", f"n = 0\n{name} = True"),
            end(f"{name}_e"),
            flows(f"{name}_start", f"{name}_x", f"{name}_e"),
            interrupting=False,
        )
        for name in ("one", "two")
    ]
    content = process("p", start(), user_task("a"), user_task("b"), end(), flows("s", "a", "b", "e"), *parts)
    data = Running(content).start(n=0).do("a", n=1).data
    assert (data["one"], data["two"]) == (True, True)


def test_a_condition_sees_the_variables_of_its_instance() -> None:
    inner = (
        start("is"),
        user_task("t"),
        end("ie"),
        flows("is", "t", "ie"),
        event_sub_process(
            "h", condition("item = wanted"), user_task("found"), end("he"), flows("h_start", "found", "he")
        ),
    )
    sub = sub_process("sub", multi_instance(collection="items", item="item"), *inner)
    content = process(
        "p",
        start(),
        gateway("g", "parallel"),
        user_task("a"),
        end("e1"),
        sub,
        end(),
        flows("s", "g", "a", "e1"),
        flows("g", "sub", "e"),
    )
    case = Running(content).start(items=["x", "y"]).do("a", wanted="y")
    assert sorted(case.open) == ["found", "t"]
    assert case.sees("found")["item"] == "y"


def test_a_newer_version_of_a_framework_makes_a_condition_true() -> None:
    made = Registers(singletons={"rules": "R"}, running_cases={"rules": "rc"})
    made.add("rules", "R", rc="take over", days=2)
    known = {"rules": register("rules", "days", "rc", singleton=True)}
    content = process(
        "p",
        store("st", "rules"),
        start(),
        user_task("f", inner=reads("st")),
        catch("c", condition("rules.days > 3")),
        user_task("z"),
        end(),
        flows("s", "f", "c", "z", "e"),
    )
    case = Running(source(content, registers=known), registers=made).start().do("f")
    assert case.open == []
    assert case.adopt(made.add("rules", "R", rc="take over", days=5)).open == ["z"]


@pytest.mark.parametrize("interrupting", [False, True])
def test_a_condition_that_the_last_task_of_its_scope_makes_true_occurs(interrupting: bool) -> None:
    handler = event_sub_process(
        "h", condition("n > 3"), user_task("t"), end("he"), flows("h_start", "t", "he"), interrupting=interrupting
    )
    inner = sub_process("sub", start("is"), user_task("a"), end("ie"), flows("is", "a", "ie"), handler)
    content = process("p", start(), inner, user_task("z"), end(), flows("s", "sub", "z", "e"))
    case = Running(content).start(n=0).do("a", n=5)
    assert case.open == ["t"]
    assert case.do("t").open == ["z"]
    assert Running(content).start(n=0).do("a", n=1).open == ["z"]


def test_a_loop_of_conditions_is_stopped() -> None:
    def flip(name: str, before: int, after: int) -> str:
        path = flows(f"{name}_start", f"{name}_x", f"{name}_e")
        inner = (script(f"{name}_x", f"n = {after}"), end(f"{name}_e"), path)
        return event_sub_process(name, condition(f"n = {before}"), *inner, interrupting=False)

    parts = (start(), user_task("a"), user_task("b"), end(), flows("s", "a", "b", "e"))
    case = Running(process("p", *parts, flip("up", 0, 1), flip("down", 1, 0))).start(n=5)
    case.limits = {"max_tasks": 300}
    with pytest.raises(BudgetSpent):
        case.do("a", n=0)


@pytest.mark.parametrize(("text", "said"), [("n", "gives 5, neither"), ('"yes"', 'gives "yes", neither')])
def test_what_is_neither_true_nor_false_fails_the_step(text: str, said: str) -> None:
    with pytest.raises(StepFailed, match=said) as caught:
        Running(beside(catch("c", condition(text)))).start(n=5)
    assert caught.value.element_id == "c"
    assert Running(beside(catch("c", condition("missing")))).start().open == ["a"], "null is not true"
