"""Expressions made to hang a worker or fill its memory: each ends within the budget, quickly."""

import time
from datetime import UTC, datetime

import pytest

from engine.errors import BudgetSpent
from engine.feel import parse, parse_unary_tests

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECONDS = 5
"""Far above what they take (under 0.5 s), far below what they would take unbounded."""

_SHARED = "for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]"

SPENT = [
    "for x in 1..10**9 return x",
    "for a in 1..1000 return for b in 1..1000 return for c in 1..1000 return 1",
    "for a in 1..1000, b in 1..1000, c in 1..1000 return 1",
    "some x in 1..10**9 satisfies x < 0",
    "for x in [1..10**9] return 1",
    'for i in 1..60 return if i = 1 then "xxxxxxxxxx" else partial[-1] + partial[-1]',
    "for i in 1..60 return if i = 1 then [1] else concatenate(partial[-1], partial[-1])",
    _SHARED,
    f"flatten({_SHARED})",
    f"string({_SHARED})",
    f"distinct values({_SHARED})",
    f"({_SHARED}) = ({_SHARED})",
    f"list contains({_SHARED}, 1)",
    f"({_SHARED}) in ({_SHARED})",
    f"is({_SHARED}, {_SHARED})",
    "string(for i in 1..20000 return 1e6000)",
    '{s: "' + "a" * 10_000 + '", r: string join(for i in 1..10000 return s)}.r',
    'replace("' + "a" * 5_000 + '", "a", "' + "b" * 5_000 + '")',
    "(function(x) x(x))(function(x) x(x))",
    "{f: function(n) f(n), r: f(1)}.r",
    "{f: function(n) if n < 2 then n else f(n-1) + f(n-2), r: f(30)}.r",
    "sort(for i in 1..50000 return modulo(i * 7919, 10007), function(a, b) a < b)",
    "for i in 1..15000 return list contains(partial, -1)",
    "distinct values(for i in 1..15000 return [i])",
    "{l: for i in 1..10000 return i, r: l[count(l[item > 0]) > 0]}.r",
    'for d in @"0001-01-01"..@"9999-12-31" return d',
    "for i in 1..10000 return [partial[-1]]",
    'for i in 1..500 return matches("a", "a{1000}" + string(i))',
    'matches(string join(for i in 1..15000 return "aaaaaaaaaa"), "((a?){100}){9}b")',
    "for i in 1..10000 return context put({}, string(i), partial)",
]


HARMLESS = [
    "9 ** 999999999",
    "2 ** (2 ** (2 ** (2 ** (2 ** 2))))",
    "exp(999999)",
    "1e999999999",
    'matches("' + "a" * 5_000 + '!", "^(a+)+$")',
    'replace("' + "a" * 5_000 + '!", "(a|aa)+$", "x")',
    'split("' + "a" * 5_000 + '!", "(a+)+;")',
    'matches("a", "((((a{100}){100}){100}){100})")',
    "decimal(1/3, 6000)",
    "decimal(9e6000, 6000)",
    'range("[' + "(" * 3_000 + '1..2]")',
    "5 in [1..10**30]",
    "date(9e6000, 1, 1)",
    "[1][9e6000]",
    'substring("a", 9e6000)',
    'duration("P" + string(9e300) + "D")',
    '@"P999999999D" * 1e30',
]


@pytest.mark.parametrize("source", SPENT, ids=range(len(SPENT)))
def test_budget_ends_it(source: str) -> None:
    expression = parse(source)
    start = time.process_time()
    with pytest.raises(BudgetSpent):
        expression.evaluate({}, now=NOW)
    assert time.process_time() - start < SECONDS


@pytest.mark.parametrize("source", HARMLESS, ids=range(len(HARMLESS)))
def test_it_ends_by_itself(source: str) -> None:
    start = time.process_time()
    parse(source).evaluate({}, now=NOW)
    assert time.process_time() - start < SECONDS


def test_cells_are_bounded_too() -> None:
    with pytest.raises(BudgetSpent):
        parse_unary_tests("some x in 1..10**9 satisfies x = ?").matches(-1, {}, now=NOW)


def test_values_are_weighed_where_they_leave_as_feel_values() -> None:
    with pytest.raises(BudgetSpent):
        parse(_SHARED).value({}, now=NOW)


def test_a_smaller_budget_can_be_given() -> None:
    assert len(parse("for i in 1..1000 return i").evaluate({}, now=NOW)) == 1000
    with pytest.raises(BudgetSpent):
        parse("for i in 1..1000 return i").evaluate({}, now=NOW, steps=500)


def test_deep_data_of_the_host_ends_in_an_error_that_can_be_told() -> None:
    deep: list[object] = []
    for _ in range(5_000):
        deep = [deep]
    for source in ("x", "x = y", "string(x)"):
        with pytest.raises(BudgetSpent):
            parse(source).evaluate({"x": deep, "y": [*deep]}, now=NOW)
