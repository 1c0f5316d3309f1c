"""What the built-in functions give, with what they refuse (null)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.feel import parse
from engine.feel.builtins import registry

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)

CASES: list[tuple[str, Any]] = [
    # texts
    ('substring("foobar", 3)', "obar"),
    ('substring("foobar", 3, 3)', "oba"),
    ('substring("foobar", -2, 1)', "a"),
    ('substring("foobar", 0)', None),
    ('substring(string: "foobar", start position: 2)', "oobar"),
    ('string length("\\U01F600")', 1),
    ('upper case("straße")', "STRASSE"),
    ('lower case("ABC")', "abc"),
    ('trim("  a ")', "a"),
    ('substring before("foobar", "bar")', "foo"),
    ('substring before("foobar", "x")', ""),
    ('substring after("foobar", "ob")', "ar"),
    ('substring after("foobar", "")', "foobar"),
    ('contains("foobar", "ob")', True),
    ('starts with("foobar", "fo")', True),
    ('ends with("foobar", "r")', True),
    ('string join(["a", null, "b"], ", ")', "a, b"),
    ('string join(["a", 1])', None),
    # patterns
    ('matches("foobar", "^fo*b")', True),
    ('matches("FOO", "foo", "i")', True),
    ('matches("a", "(")', None),
    ('matches("a", "a", "y")', None),
    ('replace("abcd", "(ab)|(a)", "[1=$1][2=$2]")', "[1=ab][2=]cd"),
    ('replace("a.b", ".", "-", "q")', "a-b"),
    ('replace("abc", "x*", "-")', None),
    ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
    # numbers
    ("decimal(1/3, 2)", 0.33),
    ("decimal(2.5, 0)", 2),
    ("floor(-1.5)", -2),
    ("ceiling(1.2)", 2),
    ("round up(5.5, 0)", 6),
    ("round half up(-5.5, 0)", -6),
    ("round half down(5.5, 0)", 5),
    ("abs(-3)", 3),
    ('abs(@"-PT5H")', "PT5H"),
    ("modulo(-12, 5)", 3),
    ("modulo(10, 0)", None),
    ("sqrt(16)", 4),
    ("sqrt(-1)", None),
    ("odd(5)", True),
    ("even(1.5)", None),
    ("even(1e50)", True),
    ("exp(0)", 1),
    ("log(0)", None),
    # aggregates
    ("sum([1, 2, 3])", 6),
    ("sum(1, 2)", 3),
    ("sum([])", None),
    ('sum([@"PT1H", @"PT2H"])', "PT3H"),
    ('sum([1, "a"])', None),
    ("min([3, 1, 2])", 1),
    ('max("a", "c", "b")', "c"),
    ('max([1, "a"])', None),
    ("mean([1, 2])", 1.5),
    ("median([3, 1, 2, 10])", 2.5),
    ("stddev([2, 4, 7, 5])", 2.0816659994661326),
    ("mode([1, 2, 2, 3, 3])", [2, 3]),
    ("product([2, 3])", 6),
    ("count([1, null])", 2),
    ("all([true, null])", None),
    ("all([false, null])", False),
    ("any([null, true])", True),
    # lists
    ("list contains([1, 2], 2)", True),
    ("list contains([1, null], null)", True),
    ("append([1], 2, 3)", [1, 2, 3]),
    ("sublist([1, 2, 3], -2)", [2, 3]),
    ("sublist([1, 2, 3], 2, 5)", None),
    ("concatenate([1], [2, 3])", [1, 2, 3]),
    ("insert before([1, 3], 2, 2)", [1, 2, 3]),
    ("remove([1, 2, 3], 2)", [1, 3]),
    ("remove([1], 2)", None),
    ("list replace([1, 2], 1, 9)", [9, 2]),
    ("list replace([1, 5, 6], function(item, new) item > 4, 0)", [1, 0, 0]),
    ("reverse([1, 2])", [2, 1]),
    ("index of([1, 2, 1], 1)", [1, 3]),
    ("distinct values([1, 2, 1, [1], [1], null, null])", [1, 2, [1], None]),
    ("distinct values([1, true, 1.0])", [1, True]),
    ("union([1, 2], [2, 3])", [1, 2, 3]),
    ("flatten([[1, [2]], 3])", [1, 2, 3]),
    ("sort([3, 1, 2])", [1, 2, 3]),
    ('sort([3, "a"])', None),
    # contexts
    ('context([{key: "a", value: 1}])', {"a": 1}),
    ('context([{key: "a"}])', None),
    ('context put({a: 1}, "b", 2)', {"a": 1, "b": 2}),
    ('context put({a: {b: 1}}, ["a", "c"], 2)', {"a": {"b": 1, "c": 2}}),
    ('context put({a: 1}, ["x", "c"], 2)', None),
    ("context merge([{a: 1}, {a: 2, b: 3}])", {"a": 2, "b": 3}),
    ('get value({a: 1}, "a")', 1),
    ('get value({a: {b: 2}}, ["a", "b"])', 2),
    ("get entries({a: 1})", [{"key": "a", "value": 1}]),
    ("is empty([])", True),
    ('is empty("x")', False),
    ("is(1, 1.0)", True),
    ('is(@"10:00:00", @"10:00:00Z")', False),
    # conversions
    ('number("1 000,5", " ", ",")', 1000.5),
    ('number("x")', None),
    ("string(1.50)", "1.5"),
    ('string([1, "a", null, {b: true}])', '[1, "a", null, {b: true}]'),
    ("string(null)", None),
    ("date(2026, 2, 29)", None),
    ('date("2026-02-28").day', 28),
    ('date and time(date("2026-01-01"), time("10:00:00Z"))', "2026-01-01T10:00:00Z"),
    ('date and time(@"2026-01-01T10:00:00Z", "Asia/Tokyo")', "2026-01-01T19:00:00@Asia/Tokyo"),
    ('time("10:00:00@Nowhere/Else")', None),
    ('time(10, 30, 15.5, @"PT1H")', "10:30:15.5+01:00"),
    ('years and months duration(date("2025-01-31"), date("2026-03-30"))', "P1Y1M"),
    ('duration("P1Y1D")', None),
    # dates and ranges
    ('day of week(date("2026-03-31"))', "Tuesday"),
    ('month of year(date("2026-03-31"))', "March"),
    ('week of year(date("2026-01-01"))', 1),
    ('day of year(date("2026-02-01"))', 32),
    ("before(1, [2..3])", True),
    ("after([5..6], 5)", False),
    ("includes([1..10], 5)", True),
    ("during([2..3], [1..10])", True),
    ("overlaps([1..5], [5..8])", True),
    ("meets([1..5], [5..8])", True),
    ("meets([1..5), [5..8])", False),
    ("coincides([1..5], [1..5])", True),
    ('before("a", 1)', None),
    ('5 in range("[1..10)")', True),
    ('range("[a..10)")', None),
    ('range("[10..1]")', None),
]


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_builtin_gives(source: str, expected: Any) -> None:
    result = parse(source).evaluate({}, now=NOW)
    assert result == expected
    assert type(result) is type(expected) or isinstance(expected, int | float)


def test_every_builtin_has_a_case() -> None:
    covered = " ".join(source for source, _ in CASES)
    elsewhere = {"not", "now", "today", "round down"}  # in test_language, or one of several alike
    alike = {"overlaps before", "overlaps after", "met by", "starts", "started by", "finishes", "finished by"}
    assert [name for name in registry.names() if f"{name}(" not in covered and name not in elsewhere | alike] == []


def test_the_page_for_process_owners_lists_every_builtin() -> None:
    page = (Path(__file__).parents[3] / "docs" / "feel.md").read_text(encoding="utf-8")
    assert [name for name in registry.names() if f"`{name}`" not in page] == []


def test_wrong_arguments_say_how_the_function_is_used() -> None:
    warnings: list[str] = []
    assert parse("upper case(1)").evaluate({}, now=NOW, warnings=warnings) is None
    assert "upper case(string: string)" in warnings[0]
