"""Input and output parameters: local variables that shadow, writes that stay or go outwards, what comes out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import decisions
from engine.bpmn.reading.process import ModelParser
from engine.errors import DefinitionRefused, StepFailed
from engine.types import Json
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    call,
    element,
    end,
    flows,
    gateway,
    message,
    multi_instance,
    parameters,
    process,
    rule,
    script,
    start,
    sub_process,
    user_task,
)
from tests.unit.bpmn.test_activities import DMN


def around(task: str, *more: str, identity: str = "t") -> bytes:
    """Return a process with one activity `t` and a user task `u` behind it."""
    return process(
        "p", start(), task, user_task("u"), end(), flows("s", identity, "u", "e"), *more, around=message("m", "m")
    )


def run(task: str, **variables: Json) -> Running:
    return Running(around(task)).start(**variables)


def extended(task: str, extension: str) -> str:
    """Return an activity with `extension` among its extensions."""
    place = task.index(">") + 1
    return f"{task[:place]}<bpmn:extensionElements>{extension}</bpmn:extensionElements>{task[place:]}"


def test_an_input_parameter_is_seen_inside_only() -> None:
    case = run(extended(user_task("t"), parameters({"x": "=a + 1", "plain": "some text"})), a=1, x="outside")
    assert case.sees("t") == {"a": 1, "x": 2, "plain": "some text"}
    assert case.data == {"a": 1, "x": "outside"}
    assert case.do("t").data == {"a": 1, "x": "outside"}


def test_writes_to_local_names_stay_and_others_go_outwards() -> None:
    case = run(extended(user_task("t"), parameters({"x": "=a"})), a=1)
    case.do("t", x=5, y=6)
    assert case.data == {"a": 1, "y": 6}


def test_output_parameters_are_worked_out_inside_and_set_outside() -> None:
    case = run(extended(user_task("t"), parameters({"x": "=a"}, {"x": "=x * 10", "sum": "${x + y}"})), a=1)
    case.do("t", x=5, y=6)
    assert case.data == {"a": 1, "y": 6, "x": 50, "sum": 11}


def test_input_parameters_do_not_see_one_another() -> None:
    case = run(extended(user_task("t"), parameters({"a": "=b", "b": "=a"})), a=1, b=2)
    assert case.sees("t") == {"a": 2, "b": 1}


def test_lists_maps_and_nothing() -> None:
    items = (
        "<camunda:list><camunda:value>=a</camunda:value><camunda:value>b</camunda:value><camunda:value/></camunda:list>"
    )
    one = '<camunda:entry key="one">=a</camunda:entry>'
    entries = f'<camunda:map>{one}<camunda:entry key="more">{items}</camunda:entry></camunda:map>'
    case = run(extended(user_task("t"), parameters({"items": items, "entries": entries, "none": ""})), a=1)
    assert case.sees("t") == {
        "a": 1,
        "items": [1, "b", None],
        "entries": {"one": 1, "more": [1, "b", None]},
        "none": None,
    }


def test_attributes_of_a_user_task_see_its_inputs() -> None:
    assert run(extended(user_task("t", assignee="${who}"), parameters({"who": "ann"}))).task("t").assignee == "ann"


def test_a_script_writes_its_local_names_inside() -> None:
    case = run(extended(script("t", "x = x + 1\ny = x"), parameters({"x": "=a"}, {"z": "=x"})), a=1)
    assert case.data == {"a": 1, "y": 2, "z": 2}


def test_parameters_of_send_and_receive_tasks() -> None:
    task = element(
        "sendTask",
        "t",
        attributes='messageRef="m"',
        properties={"payload": "{n: x}"},
        extension=parameters({"x": "=a"}),
    )
    assert run(task, a=1).step.outgoing[0].payload == {"n": 1}
    task = element(
        "receiveTask",
        "t",
        attributes='messageRef="m"',
        properties={"resultVariable": "got"},
        extension=parameters({"got": ""}, {"n": "=got.n"}),
    )
    case = run(task).receive("m", {"n": 3})
    assert case.data == {"n": 3}


def test_a_sub_process_has_its_inputs_for_all_that_is_in_it() -> None:
    inner = extended(sub_process("t", start("is"), script("i", "x = x + 1\ny = x"), user_task("v"), end("ie"),
                                 flows("is", "i", "v", "ie")), parameters({"x": "=a"}, {"out": "=x"}))  # fmt: skip
    case = run(inner, a=1)
    assert case.sees("v") == {"a": 1, "x": 2, "y": 2}
    case.do("v", x=7)
    assert case.data == {"a": 1, "y": 2, "out": 7}


def test_a_called_process_gets_inputs_as_variables() -> None:
    called = process("q", start("qs"), script("qi", "x = x + 1"), end("qe"), flows("qs", "qi", "qe"))
    content = around(extended(call("t", "q"), parameters({"x": "=a"}, {"out": "=x"})))
    case = Running(source(content), source(called, "q")).start(a=1)
    assert case.data == {"a": 1, "out": 2}


def test_each_instance_has_its_own_inputs_and_brings_its_outputs() -> None:
    task = user_task("t", inner=multi_instance(collection="=ns", item="n"), properties={"resultVariable": "all"})
    mapped = parameters({"double": "=n * 2"}, {"result": "=double + answer"})
    task = task.replace("</camunda:properties>", "</camunda:properties>" + mapped)
    case = run(task, ns=[1, 2])
    assert [case.sees("t")["double"]] == [2]
    case.do("t", answer=1).do("t", answer=2)
    assert case.data["all"] == [{"answer": 1, "result": 3}, {"answer": 2, "result": 6}]
    assert "double" not in case.data


def test_what_a_branch_does_to_a_shadowed_name_is_no_change_behind_ones_back() -> None:
    task = extended(user_task("t"), parameters({"x": "=x"}))
    content = process(
        "p", start(), gateway("g", "parallel"), task, user_task("o"), gateway("j", "parallel"), end(),
        flows("s", "g", "t", "j", "e"), flows("g", "o", "j"),
    )  # fmt: skip
    case = Running(content).start(x=1)
    case.do("o", x=2).do("t", x=3)
    assert (case.data["x"], case.step.warnings) == (2, ())


def test_an_output_meets_a_change_of_a_parallel_branch_by_the_rule() -> None:
    task = extended(user_task("t"), parameters({}, {"x": "=answer"}))
    content = process(
        "p", start(), gateway("g", "parallel"), task, user_task("o"), gateway("j", "parallel"), end(),
        flows("s", "g", "t", "j", "e"), flows("g", "o", "j"),
    )  # fmt: skip
    case = Running(content).start(x=1)
    case.do("o", x=2).do("t", answer=3)
    assert case.data["x"] == 3
    assert "overwrote a change" in case.step.warnings[0]


@given(
    outside=st.dictionaries(st.sampled_from("abcd"), st.integers(0, 9)),
    local=st.sets(st.sampled_from("abcd"), min_size=1),
    written=st.dictionaries(st.sampled_from("abcd"), st.integers(10, 19)),
)
def test_whatever_is_written_local_names_never_leave(
    outside: dict[str, int], local: set[str], written: dict[str, Any]
) -> None:
    task = extended(user_task("t"), parameters(dict.fromkeys(sorted(local), "=1")))
    case = run(task, **outside).do("t", **written)
    assert case.data == {**outside, **{name: value for name, value in written.items() if name not in local}}


@pytest.mark.parametrize(
    ("extension", "said"),
    [
        (parameters({"": "1"}), "has no name"),
        (parameters({"x": "1"}) + parameters({"x": "2"}), "is there twice"),
        (parameters({"x": '<camunda:script scriptFormat="groovy">1</camunda:script>'}), "is a script"),
        (parameters({"x": "<camunda:properties/>"}), "camunda:properties, which is not run"),
        (parameters({"x": "<camunda:list><camunda:entry key='a'>1</camunda:entry></camunda:list>"}), "camunda:entry"),
        (parameters({"x": "<camunda:map><camunda:entry>1</camunda:entry></camunda:map>"}), "entry without a key"),
        (parameters({"x": "<camunda:list/><camunda:list/>"}), "more than one value"),
        (parameters({"x": "=1 +"}), "cannot be used"),
        ("<camunda:inputOutput><camunda:other/></camunda:inputOutput>", "is no parameter"),
    ],
)
def test_parameters_that_cannot_be_run_are_refused_with_their_line(extension: str, said: str) -> None:
    with pytest.raises(DefinitionRefused, match=said) as refused:
        ModelParser(source(around(extended(user_task("t"), extension)))).read()
    assert refused.value.findings[0].line is not None


def test_a_parameter_that_cannot_be_data_fails_the_step() -> None:
    with pytest.raises(StepFailed, match="too large for data"):
        run(extended(user_task("t"), parameters({"x": "=10 ** 20"})))


def test_a_decision_reads_the_inputs() -> None:
    model, _ = decisions.parse(DMN, "d.dmn")
    assert model is not None
    content = around(extended(rule("t", "grade", "found"), parameters({"n": "=a"}, {"mark": "=found"})))
    case = Running(source(content, decisions=model.decisions)).start(a=7)
    assert case.data == {"a": 7, "found": "high", "mark": "high"}
