"""Laws that hold for every text, value and expression."""

import contextlib
import json
import math
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, reject
from hypothesis import strategies as st

from engine.errors import BudgetSpent, ExpressionRefused
from engine.feel import Expression, is_expression, parse, parse_unary_tests, to_feel, to_instant
from engine.feel.builtins import registry
from engine.feel.comparison import compare, equal, order
from engine.feel.rendering import text_of
from engine.feel.temporal import parse_temporal
from engine.feel.values import native

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
STEPS = 3_000
NAMES = ("a", "b", "c d", "e-f", "items")

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
    st.sampled_from(["2026-03-31", "PT1H", "P1M", "2026-03-31T10:00:00Z", "1e5", "(a+)+$"]),
)
json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from([*NAMES, "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)
contexts = st.dictionaries(st.sampled_from(NAMES), json_values, max_size=5)
temporals = st.one_of(
    st.dates(), st.datetimes(timezones=st.just(UTC)), st.datetimes(), st.times(), st.timedeltas()
)  # fmt: skip

WORDS = [
    *"()[]{},:.+-*/=<>?",
    *("..", "**", "!=", "<=", ">=", "->", '"a"', "1", "2.5", '@"P1D"', "item", "partial", "number", "list"),
    *("in", "between", "and", "or", "not", "if", "then", "else", "for", "return", "some", "every", "satisfies"),
    *("function", "instance", "of", "null", "true", "false"),
]
pieces = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(NAMES),
    st.sampled_from(registry.names()),
    st.text(max_size=3),
)
texts = st.one_of(
    st.text(max_size=60), st.lists(pieces, max_size=40).map(" ".join), st.lists(pieces, max_size=40).map("".join)
)


def _nest(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        st.builds(
            lambda operands, sign: f"({operands[0]} {sign} {operands[1]})",
            pairs,
            st.sampled_from(["+", "-", "*", "/", "**", "=", "!=", "<", ">=", "and", "or", "in"]),
        ),
        st.builds(
            lambda name, arguments: f"{name}({', '.join(arguments)})",
            st.sampled_from(registry.names()),
            st.lists(inner, max_size=4),
        ),
        pairs.map(lambda two: f"(if {two[0]} then {two[1]} else null)"),
        pairs.map(lambda two: f"(for x in {two[0]} return {two[1]})"),
        pairs.map(lambda two: f"(some x in {two[0]} satisfies {two[1]})"),
        pairs.map(lambda two: f"({two[0]})[{two[1]}]"),
        pairs.map(lambda two: f"[{two[0]}..{two[1]}]"),
        pairs.map(lambda two: f"(for x in {two[0]}..{two[1]} return x)"),
        pairs.map(lambda two: f"{{k: {two[0]}, l: {two[1]}}}"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        inner.map(lambda one: f"-({one})"),
        inner.map(lambda one: f"({one}).k"),
        inner.map(lambda one: f"({one}).start"),
        inner.map(lambda one: f"({one}) instance of number"),
        inner.map(lambda one: f"(function(x, y) {one})"),
    )


LEAVES = [
    *(
        *NAMES,
        "x",
        "k",
        "item",
        "null",
        "true",
        "1",
        "-3",
        "0",
        "2.5",
        "1e300",
        "10 ** 30",
        "[1, 2, 3]",
        "(> 5)",
        "now()",
    ),
    *('"a"', '"P1Y"', '"(a+)+$"', '"2026-03-31"', '@"2026-03-31"', '@"9999-12-31"', '@"0001-01-01T00:00:00Z"'),
    *(
        '@"9999-12-31T23:59:59-14:00"',
        '@"10:00:00"',
        '@"PT1H"',
        '@"P999999999D"',
        '@"P1Y"',
        '@"10:00:00@Europe/Berlin"',
    ),
    '@"2026-03-29T02:30:00@Europe/Berlin"',
]
leaves = st.sampled_from(LEAVES)
expressions = st.recursive(leaves, _nest, max_leaves=12)


def parsed(source: str) -> Expression:
    """Parse what was generated to be right; only its depth may be refused."""
    try:
        return parse(source, NAMES)
    except ExpressionRefused as refused:
        if "nested" not in refused.reason:
            raise
        reject()


@given(texts)
def test_any_text_parses_or_is_refused(text: str) -> None:
    for read in (parse, parse_unary_tests):
        refused: ExpressionRefused | None = None
        try:
            read(text, NAMES)
        except ExpressionRefused as error:
            refused = error
        assert refused is None or refused.position is None or 0 <= refused.position <= len(text)


@given(texts, contexts)
def test_whatever_parses_evaluates_within_the_budget(text: str, context: dict[str, Any]) -> None:
    with contextlib.suppress(ExpressionRefused, BudgetSpent):
        json.dumps(parse(text, NAMES).evaluate(context, now=NOW, steps=STEPS))
        parse_unary_tests(text, NAMES).matches(1, context, now=NOW, steps=STEPS)


@given(expressions, contexts)
def test_evaluation_gives_json_or_spends_its_budget(source: str, context: dict[str, Any]) -> None:
    expression = parsed(source)
    warnings: list[str] = []
    try:
        result = expression.evaluate(context, now=NOW, steps=STEPS, warnings=warnings)
    except BudgetSpent:
        return
    json.dumps(result, allow_nan=False)


@given(expressions, contexts)
def test_the_same_input_gives_the_same_result(source: str, context: dict[str, Any]) -> None:
    def once() -> Any:
        try:
            return parsed(source).evaluate(context, now=NOW, steps=STEPS)
        except BudgetSpent:
            return "spent"

    assert once() == once()


@given(expressions, contexts)
def test_only_the_names_of_an_expression_matter(source: str, context: dict[str, Any]) -> None:
    expression = parsed(source)
    needed = {name: value for name, value in context.items() if name in expression.names}
    with contextlib.suppress(BudgetSpent):
        assert expression.evaluate(needed, now=NOW, steps=STEPS) == expression.evaluate(context, now=NOW, steps=STEPS)


@given(json_values)
def test_json_comes_out_as_it_went_in(value: Any) -> None:
    assert _close(parse("x").evaluate({"x": value}, now=NOW), value)


def _close(left: Any, right: Any) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_close, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_close(left[name], right[name]) for name in left)
    if isinstance(left, float) or isinstance(right, float):
        return not isinstance(left, bool) and math.isclose(left, right, rel_tol=1e-15)
    return type(left) is type(right) and left == right


@given(temporals)
def test_dates_and_durations_survive_as_text(value: Any) -> None:
    assert equal(parse_temporal(text_of(value)), value) is True


@given(json_values, json_values)
def test_equality_is_symmetric_and_reflexive(left: Any, right: Any) -> None:
    left, right = native(left), native(right)
    assert equal(left, left) is True
    assert equal(left, right) is equal(right, left)


@given(st.one_of(scalars, temporals), st.one_of(scalars, temporals), st.one_of(scalars, temporals))
def test_order_is_a_total_order_within_a_kind(one: Any, two: Any, three: Any) -> None:
    one, two, three = native(one), native(two), native(three)
    sign = order(one, two)
    assert sign is None or sign == -(order(two, one) or 0)
    if sign == -1 and order(two, three) == -1:
        assert order(one, three) == -1
    if sign is not None:
        assert (sign == 0) is (equal(one, two) is True)
        assert compare("<", one, two) is (sign < 0)
        assert compare("<=", one, two) is (sign <= 0)


@given(st.lists(st.booleans() | st.none(), min_size=1, max_size=6))
def test_three_valued_logic_follows_de_morgan(values: list[bool | None]) -> None:
    terms = ["null" if value is None else str(value).lower() for value in values]
    conjunction = parse(f"not({' and '.join(terms)})").evaluate({}, now=NOW)
    assert conjunction is parse(" or ".join(f"not({term})" for term in terms)).evaluate({}, now=NOW)


@given(st.text(max_size=60) | st.lists(pieces, max_size=20).map(lambda words: "${" + " ".join(words) + "}"))
def test_any_attribute_is_translated_or_refused(text: str) -> None:
    is_expression(text)
    with contextlib.suppress(ExpressionRefused):
        assert isinstance(to_feel(text), str)


@given(
    st.text(max_size=30)
    | st.from_regex(r"-?P[0-9]{0,12}Y?[0-9]{0,12}M?[0-9]{0,12}D?(T[0-9]{0,12}H)?", fullmatch=True)
    | json_values
)
def test_any_value_is_a_moment_or_refused(value: Any) -> None:
    try:
        moment = to_instant(value, NOW)
    except ExpressionRefused:
        return
    assert moment.tzinfo is UTC
