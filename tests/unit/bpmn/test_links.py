"""Link events: a throw and a catch of the same name are one sequence flow."""

import pytest

from engine.bpmn.reading.executable import build, steps_of
from engine.bpmn.reading.process import ModelParser
from engine.errors import DefinitionRefused
from tests.bpmn_cases import Running, source
from tests.bpmn_models import catch, end, flow, flows, gateway, link, process, start, sub_process, throw, user_task


def linked(*parts: str) -> bytes:
    return process("p", start(), end(), *parts)


LINKED = linked(
    throw("out", link("far")), catch("in", link("far")), user_task("u"), flows("s", "out"), flows("in", "u", "e")
)


def test_a_token_goes_on_at_the_catch_event() -> None:
    case = Running(LINKED).start()
    assert case.open == ["u"]
    assert [name for name, _ in case.log] == ["s", "out", "in", "u"]
    assert case.do("u").step.finished


def test_several_throws_lead_to_one_catch() -> None:
    content = linked(
        gateway("g"), throw("one", link("far")), throw("two", link("far")), catch("in", link("far")), user_task("u"),
        flow("s", "g"), flow("g", "one", "which = 1"), flow("g", "two", "which = 2"), flows("in", "u", "e"),
    )  # fmt: skip
    for which, thrown in ((1, "one"), (2, "two")):
        case = Running(content).start(which=which)
        assert case.open == ["u"]
        assert (thrown, "completed") in case.log


def test_a_link_may_lead_back() -> None:
    content = linked(
        catch("in", link("again")), user_task("u"), gateway("g", default="g_e"), throw("out", link("again")),
        gateway("m"), flow("s", "m"), flow("in", "m"), flows("m", "u", "g", "e"), flow("g", "out", "more"),
    )  # fmt: skip
    case = Running(content).start().do("u", more=True)
    assert case.open == ["u"]
    assert case.do("u", more=False).step.finished


def test_the_same_name_in_a_sub_process_is_another_link() -> None:
    inner = sub_process(
        "sub", start("is"), throw("io", link("far")), catch("ii", link("far")), user_task("v"),
        end("ie"),
        flows("is", "io"), flows("ii", "v", "ie"),
    )  # fmt: skip
    content = linked(
        inner, throw("out", link("far")), catch("in", link("far")), flows("s", "sub", "out"), flow("in", "e")
    )
    assert Running(content).start().do("v").step.finished


def test_the_steps_of_a_process_go_along_a_link() -> None:
    assert [each.id for each in steps_of(build([source(LINKED)]))] == ["s", "out", "in", "u", "e"]


@pytest.mark.parametrize(
    ("parts", "element", "said"),
    [
        ([throw("out", link("far")), flow("s", "out")], "out", "has no catch event"),
        ([throw("out", link("")), flow("s", "out")], "out", "has no name"),
        ([catch("in", link("far")), flow("in", "e")], "in", "No throw event"),
        (
            [throw("out", link("a")), catch("in", link("a")), catch("in2", link("a")), flow("s", "out"),
             flow("in", "e")],
            "in2",
            "more than one catch",
        ),
        (
            [throw("out", link("a")), catch("in", link("a")), flows("s", "out", "e"), flow("in", "e")],
            "out",
            "out of a throwing",
        ),
        ([throw("out", link("a")), catch("in", link("a")), flows("s", "in", "out")], "in", "into a catching"),
        (
            [throw("out", link("a")), flow("s", "out"),
             sub_process("sub", start("is"), catch("in", link("a")), end("ie"), flow("is", "ie"), flow("in", "ie"))],
            "out",
            "does not cross",
        ),
    ],
)  # fmt: skip
def test_links_that_cannot_be_run_are_refused(parts: list[str], element: str, said: str) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        ModelParser(source(linked(*parts))).read()
    (finding,) = refused.value.findings
    assert finding.element_id == element
    assert said in f"{finding.message} {finding.remedy}"
