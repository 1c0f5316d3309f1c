"""What `${...}` becomes, and what it means then."""

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import ExpressionRefused
from engine.feel import is_expression, parse, text_or_expression, to_feel

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
DATA = {
    "a": True,
    "b": False,
    "n": 5,
    "name": "O'Hara",
    "none": None,
    "list": [10, 20],
    "c": {"k": {"x": 1}},
    "empty_text": "",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${a && !b}", True),
        ("${a and not b}", True),
        ("${a || b}", True),
        ("${n == 5}", True),
        ("${n eq 5 and n ne 6}", True),
        ("${n gt 4 && n lt 6 && n ge 5 && n le 5}", True),
        ("${n != 5}", False),
        ("${empty none}", True),
        ("${empty empty_text}", True),
        ("${!empty list}", True),
        ("${none == null}", True),
        ("${n > 3 ? 'yes' : 'no'}", "yes"),
        ("${name == 'O\\'Hara'}", True),
        ("${list[0] + list[1]}", 30),
        ("${c['k'].x}", 1),
        ("${n % 3}", 2),
        ("${n mod 3 + 4 div 2}", 4),
        ("${-n}", -5),
        ("${'say \"x\"'}", 'say "x"'),
        ("${'}'}", "}"),
        ("#{n}", 5),
        ("Dear ${name}, ${n} ${none}!", "Dear O'Hara, 5 !"),
        ("= n + 1", 6),
        (" ${n} ", 5),
        ("n + 1", 6),
    ],
)
def test_translation_means_the_same(text: str, expected: Any) -> None:
    assert parse(to_feel(text)).evaluate(DATA, now=NOW) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${execution.getVariable('x')}", "calls"),
        ("${bean.run()}", "calls"),
        ("${a = b}", "'=='"),
        ("${a", "}"),
        ("${}", "empty"),
        ("${a ? b}", "branches"),
        ("${list[n]}", "index"),
        ("${for}", "word of the language"),
        ("${a instanceof b}", "cannot be translated"),
        ("${a @ b}", "'@'"),
        ("${(a}", "parenthesis"),
        ("${" + "(" * 200 + "a" + ")" * 200 + "}", "nested"),
        ("${" + "!" * 200 + "a}", "nested"),
        ("${'a}", "end"),
        ("x" * 40_000, "longer"),
    ],
)
def test_what_cannot_be_translated_is_refused(text: str, words: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        to_feel(text)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("=a", True), (" = a", True), ("${a}", True), ("x #{a}", True), ("a = b", False), ("PT5M", False)],
)
def test_what_counts_as_an_expression(text: str, expected: bool) -> None:
    assert is_expression(text) is expected


def test_plain_text_is_its_own_value() -> None:
    plain = text_or_expression("staff, not an = expression")
    assert plain.evaluate({}, now=NOW) == "staff, not an = expression"
    assert plain.names == set()
    assert text_or_expression("=n * 2").evaluate(DATA, now=NOW) == 10
