"""What a decision reads from case data: for each input the names by which it may be given."""

import pytest

from engine.decisions import parse
from tests.unit.decisions.making import decision, literal, model, table


def inputs(content: bytes) -> set[frozenset[str]]:
    found, findings = parse(content, "test.dmn")
    assert found is not None, findings
    return set(found.decisions["d"].inputs)


def names(*alternatives: str) -> frozenset[str]:
    return frozenset(alternatives)


@pytest.mark.parametrize(
    ("logic", "needed"),
    [
        (literal("amount * rate"), {names("amount"), names("rate")}),
        (literal("need.title"), {names("need")}),
        (literal("items[price > limit]"), {names("items")}),
        (literal("for x in xs return x + y"), {names("xs"), names("y")}),
        (table(["amount"], ["price"], [("> limit", "base + 1")]), {names("amount"), names("limit"), names("base")}),
        (table(["amount"], ["price"], [("?  > 1", '"a"')]), {names("amount")}),
        ("<context><contextEntry><variable name='a'/>" + literal("1") + "</contextEntry><contextEntry>"
         + literal("a + b") + "</contextEntry></context>", {names("b")}),
    ],
)  # fmt: skip
def test_the_names_in_its_logic(logic: str, needed: set[frozenset[str]]) -> None:
    assert inputs(model(decision(logic))) == needed


def test_an_input_goes_by_its_name_or_that_of_its_variable() -> None:
    drawn = '<inputData id="i" name="Amount"><variable name="amount"/></inputData>'
    assert inputs(model(drawn + decision(literal("Amount + 1"), requires=[">i"]))) == {names("Amount", "amount")}


def test_what_required_decisions_give_is_no_input_but_what_they_read_is() -> None:
    risk = decision(table(["amount"], ["risk", "score"], [("> 1", '"high"', "2")]), "r", "Risk")
    asks = decision(literal('if Risk.risk = "high" then score else margin'), requires=["r"])
    assert inputs(model(risk + asks)) == {names("amount"), names("margin")}


def test_what_only_stands_beside_it_is_no_input() -> None:
    other = decision(literal("elsewhere"), "o", "Other")
    assert inputs(model(other + decision(literal("here")))) == {names("here")}


def test_what_a_function_reads_from_outside_is_an_input_and_its_parameters_are_none() -> None:
    function = (
        '<businessKnowledgeModel id="k" name="fee"><encapsulatedLogic><formalParameter name="n"/>'
        + literal("n * rate")
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    assert inputs(model(function + decision(literal("fee(pieces)"), requires=["!k"]))) == {
        names("pieces"),
        names("rate"),
    }
