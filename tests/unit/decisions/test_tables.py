"""Decision tables: cells, types, hit policies, results."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.decisions import parse
from engine.errors import BudgetSpent, StepFailed
from tests.unit.decisions.making import decision, model, only, table

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
RULES = [("< 10", '"small"', "1"), ("[5..20]", '"middle"', "2"), ("> 15", '"large"', "3")]


def sized(hit_policy: str | None, aggregation: str | None = None) -> str:
    return decision(table(["n"], ["points"], [(rule[0], rule[2]) for rule in RULES], hit_policy, aggregation))


@pytest.mark.parametrize(
    ("hit_policy", "aggregation", "n", "value", "rules"),
    [
        ("UNIQUE", None, 3, 1, [1]),
        (None, None, 12, 2, [2]),
        ("UNIQUE", None, -1, 1, [1]),
        ("FIRST", None, 7, 1, [1]),
        ("ANY", None, 30, 3, [3]),
        ("COLLECT", None, 7, [1, 2], [1, 2]),
        ("COLLECT", "SUM", 7, 3, [3]),
        ("COLLECT", "MIN", 18, 2, [2]),
        ("COLLECT", "MAX", 18, 3, [3]),
        ("COLLECT", "COUNT", 18, 2, [2]),
        ("RULE ORDER", None, 18, [2, 3], [2, 3]),
    ],
)
def test_hit_policies(hit_policy: str | None, aggregation: str | None, n: int, value: Any, rules: list[int]) -> None:
    result = only(sized(hit_policy, aggregation)).evaluate({"n": n}, now=NOW)
    assert result.value == value
    assert [rule["points"] for rule in result.rules] == rules


@pytest.mark.parametrize(("hit_policy", "value"), [("PRIORITY", 2), ("OUTPUT ORDER", [2, 1])])
def test_priorities_follow_the_order_of_the_output_values(hit_policy: str, value: Any) -> None:
    listed = "<outputValues><text>3, 2, 1</text></outputValues>"
    logic = table(["n"], ["points"], [("< 10", "1"), ("> 5", "2")], hit_policy, extra=listed)
    assert only(decision(logic)).evaluate({"n": 7}, now=NOW).value == value


def test_two_unique_rules_at_once_are_an_error_that_names_them() -> None:
    with pytest.raises(StepFailed, match=r"rules 1, 2 .* UNIQUE"):
        only(sized("UNIQUE")).evaluate({"n": 7}, now=NOW)


def test_any_needs_the_same_result() -> None:
    with pytest.raises(StepFailed, match="ANY"):
        only(sized("ANY")).evaluate({"n": 7}, now=NOW)
    same = table(["n"], ["x"], [("< 10", "1"), ("> 5", "1.0")], "ANY")
    assert only(decision(same)).evaluate({"n": 7}, now=NOW).value == 1


def test_nothing_matches() -> None:
    result = only(sized("UNIQUE")).evaluate({"n": None}, now=NOW)
    assert (result.value, result.rules) == (None, ())
    assert result.mapped("singleEntry") is None
    assert result.mapped("resultList") == []


def test_default_outputs_are_used_when_nothing_matches() -> None:
    default = "<defaultOutputEntry><text>0</text></defaultOutputEntry>"
    logic = table(["n"], ["points"], [("> 5", "1")], extra=default)
    result = only(decision(logic)).evaluate({"n": 1}, now=NOW)
    assert (result.value, result.rules) == (0, ({"points": 0},))


def test_several_inputs_and_outputs() -> None:
    logic = table(
        ["priority", "customer.tier"],
        ["level", "hours"],
        [
            ('"high"', '"gold", "silver"', '"A"', "4"),
            ('"high"', 'not("gold", "silver")', '"B"', "8"),
            ("-", "", '"C"', "hours * 2"),
        ],
        "FIRST",
    )
    made = only(decision(logic))
    assert made.names == {"priority", "customer", "hours"}
    assert made.evaluate({"priority": "high", "customer": {"tier": "gold"}}, now=NOW).value == {
        "level": "A",
        "hours": 4,
    }
    assert made.evaluate({"priority": "high", "customer": {}}, now=NOW).value == {"level": "B", "hours": 8}
    assert made.evaluate({"priority": None, "customer": {}}, now=NOW).value == {"level": "C", "hours": None}
    assert made.evaluate({"priority": "low", "hours": 6}, now=NOW).mapped("singleResult") == {"level": "C", "hours": 12}


@pytest.mark.parametrize(
    ("of_type", "cell", "value"),
    [
        ("date", '< date("2026-05-01")', "2026-03-31"),
        ("dateTime", '> date and time("2026-01-01T00:00:00Z")', "2026-03-31T00:00:00Z"),
        ("dayTimeDuration", '> duration("PT1H")', "PT2H"),
        ("integer", "> 3", 5),
        ("number", "5", 5.0),
        ("boolean", "true", True),
        ("string", '"a"', "a"),
    ],
)
def test_typed_inputs_read_json(of_type: str, cell: str, value: Any) -> None:
    assert (
        only(decision(table([("x", of_type)], ["y"], [(cell, '"hit"')]))).evaluate({"x": value}, now=NOW).value == "hit"
    )


@pytest.mark.parametrize(
    ("of_type", "value"), [("date", "tomorrow"), ("number", "5"), ("string", 5), ("boolean", "true")]
)
def test_an_input_of_the_wrong_type_is_an_error(of_type: str, value: Any) -> None:
    with pytest.raises(StepFailed, match="'x'"):
        only(decision(table([("x", of_type)], ["y"], [("-", "1")]))).evaluate({"x": value}, now=NOW)


def test_allowed_input_values_are_enforced() -> None:
    logic = table(["x"], ["y"], [("-", "1")]).replace(
        "</input>", '<inputValues><text>"a","b"</text></inputValues></input>'
    )
    made = only(decision(logic))
    assert made.evaluate({"x": "a"}, now=NOW).value == 1
    with pytest.raises(StepFailed, match="allowed values"):
        made.evaluate({"x": "c"}, now=NOW)


def test_an_output_of_the_wrong_type_becomes_null_with_a_warning() -> None:
    warnings: list[str] = []
    made = only(decision(table(["x"], [("y", "number")], [("-", '"text"')])))
    assert made.evaluate({"x": 1}, now=NOW, warnings=warnings).value is None
    assert "'y'" in warnings[0]


def test_the_clock_is_passed_in() -> None:
    made = only(decision(table([("due", "date")], ["late"], [("< today()", "true"), (">= today()", "false")])))
    assert made.evaluate({"due": "2026-03-30"}, now=NOW).value is True
    assert made.evaluate({"due": "2026-03-31"}, now=NOW).value is False


def test_camundas_ways_of_writing_are_understood() -> None:
    logic = table(["${order.total}"], ["x"], [("> 5", "1")]).replace(
        "<inputExpression>", '<inputExpression expressionLanguage="juel">'
    )
    assert only(decision(logic)).evaluate({"order": {"total": 7}}, now=NOW).value == 1
    named = table(["a"], ["x"], [("cell > 5", "1")]).replace("<input id", '<input camunda:inputVariable="cell" id')
    assert only(decision(named)).evaluate({"a": 7}, now=NOW).value == 1


def test_an_unnamed_single_output_is_called_like_the_decision() -> None:
    result = only(decision(table(["n"], [""], [("-", "1")]), "grade")).evaluate({"n": 1}, now=NOW)
    assert result.rules == ({"grade": 1},)


def test_a_cell_that_takes_too_much_spends_the_budget() -> None:
    with pytest.raises(BudgetSpent):
        only(decision(table(["n"], ["x"], [("count(for i in 1..10**9 return i) > ?", "1")]))).evaluate(
            {"n": 1}, now=NOW
        )


def test_mapping_modes() -> None:
    collected = only(sized("COLLECT")).evaluate({"n": 7}, now=NOW)
    assert collected.mapped("collectEntries") == [1, 2]
    assert collected.mapped("resultList") == [{"points": 1}, {"points": 2}]
    assert collected.mapped(None) == collected.mapped("resultList")
    for mode in ("singleEntry", "singleResult"):
        with pytest.raises(StepFailed, match="2 results"):
            collected.mapped(mode)
    single = only(sized("FIRST")).evaluate({"n": 7}, now=NOW)
    assert single.mapped("singleEntry") == 1
    assert single.mapped("singleResult") == {"points": 1}
    wide = only(decision(table(["n"], ["a", "b"], [("-", "1", "2")]))).evaluate({"n": 7}, now=NOW)
    for mode in ("singleEntry", "collectEntries"):
        with pytest.raises(StepFailed, match="2 outputs"):
            wide.mapped(mode)
    with pytest.raises(StepFailed, match="'other'"):
        wide.mapped("other")


def test_models_tell_the_names_they_need() -> None:
    found, _ = parse(
        model(decision(table(["a"], ["x"], [("b", "c")]), "one"), decision(table(["d"], ["x"], [("-", "1")]), "two")),
        "t.dmn",
    )
    assert found is not None
    assert found.names == {"a", "b", "c", "d"}
    assert found.decisions["two"].names == {"d"}
