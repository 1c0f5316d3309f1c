"""Scripts: names in and out, what data can hold, errors with their line, no clock and no chance."""

import ast
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExpressionRefused, StepFailed
from engine.scripting import Script, ScriptFailed
from engine.scripting.names import names_of

NOW = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)


def run(source: str, **inputs: Any) -> dict[str, Any]:
    return Script.of(source).run(inputs, now=NOW)


def test_names_assigned_at_the_top_become_variables() -> None:
    source = """
total = 0
for item in items:
    if item > limit:
        total += item
def twice(n):
    hidden = n * 2
    return hidden
_private = 1
half, rest = divmod(total, 2)
doubled = twice(total)
"""
    assert run(source, items=[1, 5, 9], limit=2) == {
        "total": 14,
        "item": 9,
        "half": 7,
        "rest": 0,
        "doubled": 28,
    }


def test_what_a_script_reads_and_sets_is_known_beforehand() -> None:
    script = Script.of("a = b + c.d\nfor x in [y for y in z]:\n    a += x\n")
    assert script.assigns == {"a", "x"}
    assert {"a", "b", "c", "x", "z"} <= script.reads


def test_a_name_set_in_a_branch_that_did_not_run_is_not_there() -> None:
    assert run("if False:\n    a = 1\nb = 2") == {"b": 2}


def test_functions_and_modules_are_no_variables() -> None:
    assert run("import math\nf = lambda n: n\ndef g():\n    return 1\na = f(math.floor(2.5)) + g()") == {"a": 3}


def test_inputs_can_be_changed_only_by_setting_them() -> None:
    assert run("items.append(2)", items=[1]) == {}
    assert run("items.append(2)\nitems = items", items=[1]) == {"items": [1, 2]}


@pytest.mark.parametrize(
    ("source", "changes"),
    [
        ("items.append(2)", {"items"}),
        ("x = items.pop()", {"items"}),
        ("order['lines'][0].price = 2", {"order"}),
        ("del order['a']", {"order"}),
        ("for item in items:\n    order['n'] += item['n']", {"order"}),
        ("items.append(2)\nitems = items", set()),
        ("found = []\nfor item in items:\n    found.append(item)", set()),
        ("def add(to):\n    to.append(1)\nn = len(items)", set()),
        ("n = [x.get('a') for x in items]", set()),
    ],
)
def test_what_a_script_changes_and_does_not_set_is_known(source: str, changes: set[str]) -> None:
    assert Script.of(source).changes == changes


def test_indentation_of_the_whole_script_does_not_count() -> None:
    assert run("\n    a = 1\n    b = a + 1\n    ") == {"a": 1, "b": 2}


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=5)
"""Texts that a database holds."""


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**62), 2**62) | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=8,
    )
)
def test_data_go_in_and_come_out_as_they_are(value: Any) -> None:
    assert run("b = a", a=value) == {"b": value}


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("import datetime\na = datetime.datetime.now(datetime.timezone.utc)", "2026-01-05T08:30:00+00:00"),
        ("import datetime\na = datetime.date.today()", "2026-01-05"),
        ("import time\ntime.sleep(3600)\na = 1", 1),
        ("a = (1, 2.5)", [1, 2.5]),
    ],
)
def test_dates_and_numbers_come_back_as_data_has_them(source: str, value: Any) -> None:
    assert run(source) == {"a": value}


def test_chance_is_the_same_every_time() -> None:
    source = "import random\na = [random.random() for _ in range(3)]"
    assert run(source) == run(source)


@pytest.mark.parametrize(
    ("source", "line", "words"),
    [
        ("a = 1\nb = amont", 2, "amont"),
        ("\n\na = 1 / 0", 3, "ZeroDivisionError"),
        ("def f(n):\n    return n['x']\na = f({})", 2, "KeyError"),
        ("raise ValueError('no such thing')", 1, "no such thing"),
        ("assert 1 == 2", 1, "AssertionError"),
    ],
)
def test_an_error_names_its_line_and_reason(source: str, line: int, words: str) -> None:
    with pytest.raises(ScriptFailed, match=words) as caught:
        run(source)
    assert caught.value.line == line
    assert isinstance(caught.value, StepFailed)


@pytest.mark.parametrize(
    "source",
    [
        "a = {1, 2}",
        "a = float('nan')",
        "a = 10**30",
        "a = {1: 2}",
        "a = b'x'",
        "import datetime\na = datetime.datetime(2026, 1, 1)",
    ],
)
def test_what_data_cannot_hold_is_refused(source: str) -> None:
    with pytest.raises(ScriptFailed):
        run(source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a = (", "line 1"),
        ("class A:\n    pass", "class"),
        ("if a:\n    class A: pass", "line 2"),
        ("a = 1\n" * 4_000, "20000"),
        ("(" * 500 + ")" * 500, "nested|line 1"),
        ("a = '\x00'", "line|text"),
    ],
)
def test_what_cannot_be_read_is_refused(source: str, words: str) -> None:
    with pytest.raises(ExpressionRefused, match=words):
        Script.of(source)


def test_the_clock_is_handed_in() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Script.of("a = 1").run({}, now=NOW.replace(tzinfo=None))


def test_where_the_interpreter_does_not_start_a_script_fails_with_the_reason() -> None:
    told = (
        "from datetime import UTC, datetime\n"
        "from engine.scripting import Script, ScriptFailed\n"
        "try:\n    Script.of('a = 1').run({}, now=datetime.now(UTC))\n"
        "except ScriptFailed as failed:\n    print(failed)"
    )
    found = subprocess.run(
        [sys.executable, "-c", told],
        env={**os.environ, "MONTY_BIN": "no-such-program"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Scripts cannot run here" in found.stdout


def test_a_parser_that_another_thread_disturbs_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    parse = ast.parse

    def disturbed(source: str) -> ast.Module:
        asked.append(source)
        if len(asked) == 1:
            raise SystemError("AST constructor recursion depth mismatch (before=147, after=61)")
        return parse(source)

    monkeypatch.setattr(ast, "parse", disturbed)
    assert names_of("a = b").assigns == {"a"}
    assert asked == ["a = b", "a = b"]
