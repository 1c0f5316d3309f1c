"""What does not parse: each refusal says where and why."""

from datetime import UTC, datetime

import pytest

from engine.errors import ExpressionRefused
from engine.feel import parse, parse_unary_tests


@pytest.mark.parametrize(
    ("source", "position", "words"),
    [
        ("", 0, "empty"),
        ("1 +", 3, "value"),
        ("1 in [1..3", 10, "range"),
        ('name = "Ada', 7, "does not end"),
        ("a == b", 3, "value"),
        ("if a then b", 11, "else"),
        ("cout([1])", 0, "count()"),
        ("(1 + 2", 6, "')'"),
        ("1 2", 2, "'2'"),
        ("a §", 2, "§"),
        ("f(1, b: 2)", 0, "by position or by name"),
        ("x instance of numbr", 14, "numbr"),
        ("{a: 1, a: 2}", 0, "same name"),
        ('function() external {java: {class: "x"}}', 11, "Java"),
        ("a = 'x'", 4, "value"),
    ],
)
def test_refusal_has_position_and_reason(source: str, position: int, words: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse(source)
    assert refused.value.position == position, refused.value
    assert words in str(refused.value)


@pytest.mark.parametrize("source", ["", " ", '"a",', "not(", "> ", "[1..", "a b(", "1..2"])
def test_bad_cells_are_refused(source: str) -> None:
    with pytest.raises(ExpressionRefused):
        parse_unary_tests(source)


MONSTERS = [
    "(" * 3000 + "1" + ")" * 3000,
    "[" * 5000,
    "-" * 5000 + "1",
    "not(" * 2000 + "true" + ")" * 2000,
    "1 in (" * 400,
    "1 in (" * 25,
    "[1]" + "[true]" * 2000,
    "x" + " = x" * 2000,
    "if true then " * 800 + "1",
    "1" + " " * 40_000,
    "/*" + "*" * 31_000,
    '"' + "\\" * 20_000,
    "x instance of " + "list<" * 2000,
    "{a:" * 2000,
    "for a in " * 1000,
    "function(a: " * 1000,
]


@pytest.mark.parametrize("source", MONSTERS, ids=range(len(MONSTERS)))
def test_monstrous_texts_are_refused(source: str) -> None:
    with pytest.raises(ExpressionRefused):
        parse(source)
    with pytest.raises(ExpressionRefused):
        parse_unary_tests(source)


@pytest.mark.parametrize(("source", "expected"), [("+".join(["1"] * 3_000), 3_000), ("(" * 30 + "1" + ")" * 30, 1)])
def test_long_chains_and_honest_nesting_are_fine(source: str, expected: int) -> None:
    assert parse(source).evaluate({}, now=datetime(2026, 1, 1, tzinfo=UTC)) == expected


def test_parsing_is_cached_by_source_and_names() -> None:
    assert parse("a-b", ["a-b"]) is parse("a-b", ["a-b"])
    assert parse("a-b", ["a-b"]).names == {"a-b"}
    assert parse("a-b").names == {"a", "b"}
