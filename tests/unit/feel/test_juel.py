"""What `${...}` becomes, and what it means then."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import ExpressionRefused
from engine.feel import is_expression, parse, text_or_expression, to_feel
from engine.feel.juel_calls import _FUNCTIONS, _METHODS, _OF_THE_EXECUTION

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
    ("text", "words"),
    [
        ("${dateTime().plusWeeks(1).toDate()}", "a duration such as P3D"),
        ("${list.contains('a')}", "list contains("),
        ("${execution.getVariable('x')}", "${amount}"),
        ("${execution.processBusinessKey}", "${businessKey}"),
        ("#{execution.processInstanceId}", "${businessKey}"),
        ("${task.assignee}", "completedBy"),
        ("${currentUser()}", "completedBy"),
        ("${S(customer).prop('name').stringValue()}", "${customer.name}"),
        ("${holidays.book(days)}", "an operation does"),
    ],
)
def test_what_camunda_users_know_is_told_with_what_to_write_instead(text: str, words: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        to_feel(text)
    assert words in str(refused.value)


def test_what_is_told_to_be_written_instead_can_be_written() -> None:
    told = " ".join((*_METHODS.values(), *_FUNCTIONS.values(), *_OF_THE_EXECUTION.values()))
    written = re.findall(r"\$\{[^}]*\}", told) + [f"={call}" for call in re.findall(r"[a-z ]+\([^()]*\)", told)]
    assert len(written) > 20
    for each in written:
        parse(to_feel(each))


def test_entries_of_a_variable_that_is_called_as_camundas_objects_are_read() -> None:
    assert to_feel("${task.title}") == "task.title"
    assert to_feel("${execution.plan}") == "execution.plan"


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
