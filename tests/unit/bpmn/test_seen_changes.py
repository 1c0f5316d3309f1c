"""What was made from a value as it stood is no change of the value before: nothing is merged, doubled or warned of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn import interpreter
from engine.bpmn.reading.executable import Executable
from engine.operations import Operation, Output
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
    out,
    parameters,
    process,
    script,
    service_task,
    standard_loop,
    start,
    user_task,
)

THREE = multi_instance(collection="[1,2,3]", item="i")


def instances(*inside: str, inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> bytes:
    """Return a process with a sub-process that is done three times at once."""
    mapped = parameters(inputs, outputs) if inputs or outputs else ""
    content = THREE + "".join(inside)
    return process(
        "p",
        start(),
        element("subProcess", "x", inner=content, extension=mapped),
        user_task("z"),
        end(),
        flows("s", "x", "z", "e"),
    )


def one_after(first: str, second: str) -> bytes:
    """Return a process with two branches, `x` and `y`, of which `x` has run when `y` does."""
    return process(
        "p",
        start(),
        gateway("f", "parallel"),
        first,
        element("manualTask", "w"),
        second,
        gateway("j", "parallel"),
        user_task("z"),
        end(),
        flows("s", "f", "x", "j", "z", "e"),
        flows("f", "w", "y", "j"),
    )


@pytest.mark.parametrize(
    ("source_text", "start_value", "came_to"),
    [
        ("found = found + [i]", [], [1, 2, 3]),
        ("found = found + i", 0, 6),
        ("found = {**found, 'n': found['n'] + i}", {"n": 0}, {"n": 6}),
    ],
)
def test_instances_that_are_done_one_after_the_other_add_to_what_is_there(
    source_text: str, start_value: object, came_to: object
) -> None:
    task = script("x", source_text, THREE)
    case = Running(process("p", start(), task, user_task("z"), end(), flows("s", "x", "z", "e"))).start(
        found=start_value
    )
    assert (case.data["found"], case.step.warnings) == (came_to, ())


def test_a_script_in_an_instance_adds_to_what_the_instances_before_have_brought() -> None:
    case = Running(
        instances(
            start("is"), user_task("a"), script("k", "found = found + [i]"), end("ie"), flows("is", "a", "k", "ie")
        )
    ).start(found=[])
    case.do("a").do("a").do("a")
    assert (case.data["found"], case.step.warnings) == ([1, 2, 3], ())


def test_a_person_in_an_instance_adds_to_what_the_page_showed() -> None:
    case = Running(
        instances(start("is"), user_task("a"), user_task("b"), end("ie"), flows("is", "a", "b", "ie"))
    ).start(found=[])
    case.do("a").do("b", found=["first"])
    case.do("a")
    assert case.sees("b")["found"] == ["first"]
    case.do("b", found=["first", "second"])
    assert (case.data["found"], case.step.warnings) == (["first", "second"], ())


def test_people_in_an_instance_who_were_shown_the_same_each_add_to_it() -> None:
    case = Running(
        instances(
            start("is"),
            gateway("f", "parallel"),
            user_task("a"),
            user_task("b"),
            gateway("j", "parallel"),
            end("ie"),
            flows("is", "f", "a", "j", "ie"),
            flows("f", "b", "j"),
        )
    ).start(found=["o"])
    case.do("a", found=["o", "a"]).do("b", found=["o", "b"])
    assert (case.data["found"], case.step.warnings) == (["o", "a", "b"], ())


def test_what_an_instance_has_of_its_own_is_not_changed_behind_its_back() -> None:
    inside = start("is"), user_task("a"), user_task("b"), end("ie"), flows("is", "a", "b", "ie")
    case = Running(instances(*inside)).start(found=[])
    case.do("a", found=["1a"]).do("a", found=["2a"])
    first, second = (task.task_id for task in case.step.open_tasks if task.element_id == "b")
    case.complete(first, found=["1a", "1b"])
    case.complete(second, found=["2a", "2b"])
    assert (case.data["found"], case.step.warnings) == (["1a", "1b", "2a", "2b"], ())


def test_an_instance_that_did_not_look_is_merged_as_ever() -> None:
    inside = start("is"), user_task("a"), end("ie"), flows("is", "a", "ie")
    case = Running(instances(*inside)).start(found=["o"], v=0)
    case.do("a", found=["o", "x"], v=1).do("a", found=["o", "y"], v=2)
    assert case.data["found"] == ["o", "x", "y"]
    assert case.step.warnings == ("'x' overwrote a change that a parallel branch had made to 'v'.",)


def test_an_instance_that_overwrites_without_looking_is_warned_of() -> None:
    blind = script("y", "v = 2", THREE)
    case = Running(one_after(script("x", "v = 1"), blind)).start(v=0)
    assert (case.data["v"], len(case.step.warnings)) == (2, 1)


def test_an_output_adds_to_what_is_there_when_it_is_worked_out() -> None:
    outputs = parameters({}, {"found": "=concatenate(found, [v])"})
    tasks = [element("userTask", name, extension=outputs) for name in "xy"]
    case = Running(one_after(*tasks)).start(found=[]).do("x", v=1).do("y", v=2)
    assert case.data["found"] == [1, 2]


def test_an_output_of_an_instance_adds_to_what_is_there_when_it_is_worked_out() -> None:
    task = element("userTask", "x", inner=THREE, extension=parameters({}, {"t": "=t + v", "l": "=concatenate(l, [v])"}))
    case = Running(process("p", start(), task, user_task("z"), end(), flows("s", "x", "z", "e"))).start(t=0, l=[])
    case.do("x", v=7).do("x", v=8)
    assert not [text for text in case.step.warnings if "'t'" in text]
    case.do("x", v=9)
    assert (case.data["t"], case.data["l"]) == (24, [7, 8, 9])


def test_an_output_of_what_a_person_brought_is_merged_with_what_others_added_since() -> None:
    mapped = parameters({"mine": "=found"}, {"found": "=mine"})
    tasks = [element("userTask", name, extension=mapped) for name in "xy"]
    case = Running(one_after(*tasks)).start(found=["o"]).do("x", mine=["o", 1]).do("y", mine=["o", 2])
    assert (case.data["found"], case.step.warnings) == (["o", 1, 2], ())


def test_an_output_of_the_name_of_its_input_is_merged_with_what_others_added_since() -> None:
    mapped = parameters({"found": "=found"}, {"found": "=found"})
    tasks = [user_task("x"), element("userTask", "y", extension=mapped)]
    lie: dict[str, list[str]] = {"found": []}
    for page in (None, lie):
        case = Running(one_after(*tasks)).start(found=["o"]).do("x", found=["o", 1]).do("y", page=page, found=["o", 2])
        assert (case.data["found"], case.step.warnings) == (["o", 1, 2], ()), "what a task has of its own is its own"
    case = Running(one_after(*tasks)).start(found=0).do("x", found=1).do("y", found=2)
    assert (case.data["found"], len(case.step.warnings)) == (2, 1)


def test_an_input_is_what_was_there_when_the_activity_began() -> None:
    inner = start("is"), script("k", "mine = mine + [2]"), end("ie")
    sub = element(
        "subProcess",
        "y",
        inner="".join(inner) + flows("is", "k", "ie"),
        extension=parameters({"mine": "=found"}, {"found": "=mine"}),
    )
    case = Running(one_after(script("x", "found = found + [1]"), sub)).start(found=[])
    assert (case.data["found"], case.step.warnings) == ([1, 2], ())


@pytest.mark.parametrize("mapped", ["", into("found", "found") + out("found", "found")])
def test_a_called_process_gets_what_was_there_when_it_was_called(mapped: str) -> None:
    called = process("c", start("cs"), script("k", "found = found + [2]"), end("ce"), flows("cs", "k", "ce"))
    content = one_after(script("x", "found = found + [1]"), call("y", "c", mapped))
    case = Running(content, source(called, "c")).start(found=[])
    assert (case.data["found"], case.step.warnings) == ([1, 2], ())


def test_variables_of_a_called_process_are_nobody_elses() -> None:
    called = process("c", start("cs"), script("k", "found = 2"), end("ce"), flow("cs", "k"), flow("k", "ce"))
    content = one_after(script("x", "found = 1"), call("y", "c", out("found", "other")))
    case = Running(content, source(called, "c")).start(found=0)
    assert (case.data["found"], case.data["other"], case.step.warnings) == (1, 2, ())


def test_a_list_of_results_that_overwrites_what_another_branch_wrote_is_warned_of() -> None:
    results = user_task("y", inner=THREE, properties={"resultVariable": "v"})
    case = Running(one_after(user_task("x"), results)).start(v=0).do("x", v=1).do("y", a=1).do("y", a=2)
    assert case.do("y", a=3).data["v"] == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert case.step.warnings == ("'y' overwrote a change that a parallel branch had made to 'v'.",)


def test_what_an_operation_gives_is_warned_of_when_it_overwrites_what_another_branch_wrote() -> None:
    ask = Operation("ask", "Ask", "Asks.", lambda call: None, [], [Output("answer", "text", "What was said.")])  # noqa: ARG005
    asking = service_task("y", "ask", properties={"resultVariable": "v"})
    case = Running(one_after(user_task("x"), asking), operations=[ask]).start(v=0).do("x", v=1).finish("y", answer="b")
    assert case.data["v"] == {"answer": "b"}
    assert case.step.warnings == ("'y' overwrote a change that a parallel branch had made to 'v'.",)


SHARED = process(
    "p",
    start(),
    gateway("f", "parallel"),
    element(
        "subProcess",
        "x",
        inner=THREE
        + start("is")
        + gateway("if", "parallel")
        + user_task("a")
        + script("k", "found = found + [v]")
        + element("userTask", "b", extension=parameters({}, {"found": "=concatenate(found, [w])"}))
        + gateway("ij", "parallel")
        + user_task("c")
        + end("ie")
        + flows("is", "if", "a", "k", "ij", "c", "ie")
        + flows("if", "b", "ij"),
    ),
    user_task("o", inner=standard_loop("loopCounter < 3")),
    gateway("j", "parallel"),
    user_task("z"),
    end(),
    flows("s", "f", "x", "j", "z", "e"),
    flows("f", "o", "j"),
)
SHARING = Running(SHARED).executable


@given(st.lists(st.integers(0, 20), min_size=12, max_size=12))
def test_whoever_adds_in_whatever_order_each_addition_is_there_once(order: list[int]) -> None:
    case = Running(SHARING).start(found=[])
    for number, choice in enumerate(order):
        task = case.step.open_tasks[choice % len(case.step.open_tasks)]
        if task.element_id in ("c", "o"):
            seen = interpreter.variables_of(case.executable, case.step.state, task.task_id, case.context)["found"]
            assert len(seen) == len(set(seen))
            case.complete(task.task_id, found=[*seen, number])
        else:
            case.complete(task.task_id, v=number, w=number)
    assert case.open == ["z"]
    assert sorted(case.data["found"]) == list(range(12))


def nested(inner: str) -> bytes:
    """Return a process that is done twice at once within: `inner`, which has the task `a`, and then the task `b`."""
    within = (
        start("os")
        + inner
        + user_task("b")
        + end("oe")
        + flows("os", "a" if "subProcess" not in inner else "i", "b", "oe")
    )
    return process(
        "p",
        start(),
        gateway("f", "parallel"),
        element("subProcess", "x", inner=multi_instance(cardinality="2") + within),
        user_task("o", inner=standard_loop("loopCounter < 3")),
        gateway("j", "parallel"),
        user_task("z"),
        end(),
        flows("s", "f", "x", "j", "z", "e"),
        flows("f", "o", "j"),
    )


TWICE = multi_instance(cardinality="2") + start("is") + user_task("a") + end("ie") + flows("is", "a", "ie")
NESTED = [Running(nested(each)).executable for each in (user_task("a"), element("subProcess", "i", inner=TWICE))]


@pytest.mark.parametrize("model", NESTED, ids=["once", "twice"])
def test_what_an_instance_was_shown_counts_once_also_when_it_is_done_later(model: Executable) -> None:
    case = Running(model).start(found=[])
    case.do("o", found=["o1"]).do("a", found=["o1", "a1"]).do("o", found=["o1", "o2"])
    while case.open != ["z"]:
        case.do(next(each for each in ("a", "b", "o") if each in case.open))
    assert sorted(case.data["found"]) == ["a1", "o1", "o2"]


@pytest.mark.parametrize("model", NESTED, ids=["once", "twice"])
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=7, max_size=7))
def test_whoever_adds_within_instances_adds_once(model: Executable, order: list[tuple[int, bool]]) -> None:
    case, added = Running(model).start(found=[]), []
    for number, (choice, adds) in enumerate(order):
        task = case.step.open_tasks[choice % len(case.step.open_tasks)]
        seen = interpreter.variables_of(case.executable, case.step.state, task.task_id, case.context)["found"]
        added += [number] if adds else []
        case.complete(task.task_id, **({"found": [*seen, number]} if adds else {}))
    while case.open != ["z"]:
        case.complete(case.step.open_tasks[0].task_id)
    assert sorted(case.data["found"]) == added
