"""Requirement graphs, knowledge models, services, imports, types."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.decisions import parse
from tests.unit.decisions.making import decision, literal, model, only, table

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
INPUT = '<inputData id="n" name="Amount Due"><variable name="Amount Due" typeRef="number"/></inputData>'


def test_a_decision_uses_what_it_requires_by_name() -> None:
    made = only(
        INPUT,
        decision(literal("Amount Due * 2"), "a", "Doubled Amount", [">n"]),
        decision(literal("Doubled Amount + Amount Due"), "b", "Total", ["a", ">n"]),
    )
    assert made.names == {"Amount Due"}
    result = made.evaluate({"Amount Due": 5}, now=NOW)
    assert (result.value, result.rules) == (15, ({"Total": 15},))


def test_camundas_result_names_of_required_tables() -> None:
    season = decision(
        table(["month"], ["season"], [("[3..5]", '"Spring"'), ("not([3..5])", '"Other"')]), "s", "Season of the year"
    )
    dish = decision(
        table(["season"], ["dish"], [('"Spring"', '"Steak"'), ('not("Spring")', '"Soup"')]), "d", "Dish", ["s"]
    )
    made = only(season, dish)
    assert made.names == {"month"}
    assert made.evaluate({"month": 4}, now=NOW).value == "Steak"


def test_process_variables_need_no_input_data() -> None:
    assert only(decision(literal("x + y"))).evaluate({"x": 1, "y": 2}, now=NOW).value == 3


def test_records_are_read_lazily() -> None:
    class Record(Mapping[str, Any]):
        def __getitem__(self, key: str) -> Any:
            assert key == "tier", "only what the table asks for is loaded"
            return "gold"

        def __iter__(self) -> Iterator[str]:
            raise AssertionError("the record is copied whole")

        def __len__(self) -> int:
            return 5

    made = only(decision(table(["need.tier"], ["x"], [('"gold"', "1")])))
    assert made.evaluate({"need": Record()}, now=NOW).value == 1


def test_knowledge_models_are_functions() -> None:
    bkm = (
        '<businessKnowledgeModel id="k" name="Add Up"><variable name="Add Up"/><encapsulatedLogic>'
        '<formalParameter name="one" typeRef="number"/><formalParameter name="two" typeRef="number"/>'
        f"{literal('one + two')}</encapsulatedLogic></businessKnowledgeModel>"
    )
    assert only(bkm, decision(literal("Add Up(1, 2)"), requires=["!k"])).evaluate({}, now=NOW).value == 3
    invocation = (
        f"<invocation>{literal('Add Up')}<binding><parameter name='one'/>{literal('x')}</binding>"
        f"<binding><parameter name='two'/>{literal('4')}</binding></invocation>"
    )
    assert only(bkm, decision(invocation, requires=["!k"])).evaluate({"x": 3}, now=NOW).value == 7


def test_boxed_expressions() -> None:
    context = (
        f"<context><contextEntry><variable name='a b'/>{literal('n * 2')}</contextEntry>"
        f"<contextEntry><variable name='c'/>{literal('a b + 1')}</contextEntry></context>"
    )
    assert only(decision(context)).evaluate({"n": 2}, now=NOW).value == {"a b": 4, "c": 5}
    relation = f"<relation><column name='x'/><row>{literal('1')}</row><row>{literal('2')}</row></relation>"
    assert only(decision(relation)).evaluate({}, now=NOW).value == [{"x": 1}, {"x": 2}]
    loop = f"<for iteratorVariable='i'><in>{literal('[1, 2]')}</in><return>{literal('i * 3')}</return></for>"
    assert only(decision(loop)).evaluate({}, now=NOW).value == [3, 6]
    choice = (
        f"<conditional><if>{literal('n > 1')}</if><then>{literal('1')}</then><else>{literal('2')}</else></conditional>"
    )
    assert only(decision(choice)).evaluate({"n": 2}, now=NOW).value == 1
    some = f"<some iteratorVariable='i'><in>{literal('[1, 2]')}</in><satisfies>{literal('i > 1')}</satisfies></some>"
    assert only(decision(some)).evaluate({}, now=NOW).value is True
    listed = f"<filter><in>{literal('[1, 2, 3]')}</in><match>{literal('item > 1')}</match></filter>"
    assert only(decision(listed)).evaluate({}, now=NOW).value == [2, 3]


def test_services_are_functions() -> None:
    service = (
        '<decisionService id="s" name="Serve"><variable name="Serve"/>'
        '<outputDecision href="#a"/><inputData href="#n"/></decisionService>'
    )
    made = only(
        INPUT,
        decision(literal("Amount Due * 2"), "a", "Doubled", [">n"]),
        service,
        decision(literal("Serve(21)"), requires=["!s"]),
    )
    assert made.evaluate({}, now=NOW).value == 42


def test_item_definitions_check_and_convert() -> None:
    types = (
        '<itemDefinition name="tLevel"><typeRef>string</typeRef>'
        '<allowedValues><text>"low","high"</text></allowedValues></itemDefinition>'
        '<itemDefinition name="tNeed"><itemComponent name="due"><typeRef>date</typeRef></itemComponent>'
        '<itemComponent name="level"><typeRef>tLevel</typeRef></itemComponent></itemDefinition>'
        '<inputData id="need" name="need"><variable name="need" typeRef="tNeed"/></inputData>'
    )
    made = only(types, decision(literal('need.due + duration("P1D")'), requires=[">need"]))
    assert made.evaluate({"need": {"due": "2026-03-31", "level": "low"}}, now=NOW).value == "2026-04-01"
    warnings: list[str] = []
    assert made.evaluate({"need": {"due": "2026-03-31", "level": "odd"}}, now=NOW, warnings=warnings).value is None
    assert "allowed" in warnings[0]


def test_types_may_contain_themselves() -> None:
    types = (
        '<itemDefinition name="tNode"><itemComponent name="below" isCollection="true">'
        "<typeRef>tNode</typeRef></itemComponent></itemDefinition>"
        '<inputData id="n" name="node"><variable name="node" typeRef="tNode"/></inputData>'
    )
    made = only(types, decision(literal("count(node.below)"), requires=[">n"]))
    assert made.evaluate({"node": {"below": [{"below": []}]}}, now=NOW).value == 1


def test_models_import_one_another_within_a_deployment() -> None:
    shared = model(decision(literal("base * 2"), "a", "Doubled"), namespace="shared")
    using = model(
        '<import namespace="shared" name="lib" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>',
        decision(literal("lib.Doubled + 1"), "b").replace(
            "<literalExpression>",
            '<informationRequirement><requiredDecision href="shared#a"/></informationRequirement><literalExpression>',
        ),
    )
    found, findings = parse(using, "using.dmn", {"shared.dmn": shared})
    assert found is not None, findings
    assert found.decisions["b"].evaluate({"base": 5}, now=NOW).value == 11
    assert [finding.rule for finding in parse(using, "using.dmn")[1]][:1] == ["dmn-import"]


@pytest.mark.parametrize("value", [5, None, "x"])
def test_invoking_by_name_gives_feel_values(value: Any) -> None:
    found, _ = parse(model(decision(literal("x"), name="The Decision")), "t.dmn")
    assert found is not None
    assert found.invoke("The Decision", {"x": value}, now=NOW) == value


def test_many_models_that_import_one_another_are_read_once() -> None:
    count = 30
    files = {}
    for number in range(count):
        others = "".join(f'<import namespace="n{other}" name="m{other}"/>' for other in range(number + 1, count))
        files[f"{number}.dmn"] = model(others, decision(literal("1"), f"d{number}"), namespace=f"n{number}")
    found, findings = parse(files["0.dmn"], "0.dmn", files)
    assert found is not None, findings
    assert found.invoke("d29", {}, now=NOW) == 1


def test_an_import_that_leads_round_is_a_finding() -> None:
    one = model('<import namespace="two" name="two"/>', decision(literal("1"), "a"), namespace="one")
    two = model('<import namespace="one" name="one"/>', decision(literal("1"), "b"), namespace="two")
    files = {"one.dmn": one, "two.dmn": two}
    for file, content in files.items():
        found, findings = parse(content, file, files)
        assert found is None
        assert "leads back" in findings[0].message
    assert [
        finding.rule for finding in parse(model('<import namespace="x" name="x"/>', namespace="x"), "x.dmn", files)[1]
    ] == ["dmn-import-cycle"]
