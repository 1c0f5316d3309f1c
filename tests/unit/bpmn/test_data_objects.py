"""Data objects: variables of the process or sub-process that they are drawn in."""

import pytest

from engine.errors import StepFailed
from tests.bpmn_cases import Running
from tests.bpmn_models import (
    data_object,
    element,
    end,
    flows,
    multi_instance,
    process,
    reads,
    script,
    start,
    sub_process,
    user_task,
    writes,
)


def drawn(*parts: str, path: tuple[str, ...] = ("s", "a", "b", "e")) -> bytes:
    return process("p", start(), *parts, end(), flows(*path))


def test_an_activity_cannot_begin_without_the_data_that_it_reads() -> None:
    content = drawn(
        data_object("d", "Purchase order [new]"), user_task("a", inner=writes("d")), user_task("b", inner=reads("d"))
    )
    case = Running(content).start()
    with pytest.raises(StepFailed, match="data object 'Purchase order', but the variable 'purchase_order'") as failed:
        case.do("a")
    assert failed.value.element_id == "b"
    assert case.do("a", purchase_order="P-1").open == ["b"]


@pytest.mark.parametrize(
    ("object_", "variable"),
    [
        (data_object("d", "Purchase order"), "purchase_order"),
        (data_object("d", "Purchase order", "po"), "po"),
        (data_object("d", "2nd opinion"), "_2nd_opinion"),
        (data_object("d", "Größe"), "größe"),
        (data_object("d"), "d_object"),
        (element("dataObject", "d", "Direct", attributes='isCollection="true"'), "direct"),
    ],
)
def test_what_variable_a_data_object_stands_for(object_: str, variable: str) -> None:
    content = drawn(object_, user_task("a"), user_task("b", inner=reads("d")))
    with pytest.raises(StepFailed, match=f"variable {variable!r}"):
        Running(content).start().do("a")


def test_all_references_to_an_object_are_the_same_variable() -> None:
    second = element("dataObjectReference", "d2", "Order [checked]", attributes='dataObjectRef="d_object"')
    content = drawn(
        element("dataObject", "d_object", "Order"),
        element("dataObjectReference", "d", "Anything", attributes='dataObjectRef="d_object"'),
        second, user_task("a", inner=writes("d")), user_task("b", inner=reads("d2")),
    )  # fmt: skip
    assert Running(content).start().do("a", order=1).open == ["b"]


def test_a_data_object_of_a_sub_process_is_a_variable_of_its_own() -> None:
    inner = sub_process(
        "a", start("is"), data_object("d", "Draft"), user_task("w", inner=writes("d")),
        user_task("r", inner=reads("d")), end("ie"), flows("is", "w", "r", "ie"),
    )  # fmt: skip
    case = Running(drawn(inner, user_task("b"))).start(draft="outside")
    assert case.sees("w") == {"draft": None}
    case.do("w", draft="inside", other=1)
    assert case.sees("r") == {"draft": "inside", "other": 1}
    assert case.data == {"draft": "outside", "other": 1}
    assert case.do("r").data == {"draft": "outside", "other": 1}


def test_each_instance_of_a_sub_process_has_its_own() -> None:
    inner = sub_process(
        "a", multi_instance(cardinality="2"), start("is"), data_object("d", "Draft"), user_task("w"), end("ie"),
        flows("is", "w", "ie"), properties={"resultVariable": "all"},
    )  # fmt: skip
    case = Running(drawn(inner, user_task("b"))).start()
    case.do("w", draft=1, x=1).do("w", draft=2, x=2)
    assert case.data == {"all": [{"x": 1}, {"x": 2}]}


def test_an_activity_that_does_not_write_what_it_is_drawn_to_is_warned_of() -> None:
    content = drawn(data_object("d", "Order"), script("a", "other = 1", writes("d")), user_task("b"))
    assert "drawn to write the data object 'Order'" in Running(content).start().step.warnings[0]
    content = drawn(data_object("d", "Order"), script("a", "order = 1", writes("d")), user_task("b"))
    assert Running(content).start().step.warnings == ()
