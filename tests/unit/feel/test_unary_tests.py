"""What decision cells match."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.feel import parse_unary_tests

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "value", "expected"),
    [
        ("-", None, True),
        ('"a"', "a", True),
        ('"a"', "b", False),
        ('"a", "b"', "b", True),
        ('not("a", "b")', "b", False),
        ('not("a", "b")', "c", True),
        ("< 10", 5, True),
        (">= 10, < 2", 1, True),
        ("[1..5]", 5, True),
        ("[1..5)", 5, False),
        ("]1..5]", 1, False),
        ("5", 5.0, True),
        ("true", True, True),
        ("null", None, True),
        ("limit", 7, True),
        ("> limit", 8, True),
        ("? > 3 and ? < 9", 5, True),
        ("? > 3 and ? < 9", 10, False),
        ('starts with(?, "ab")', "abc", True),
        ("list contains(?, 2)", [1, 2], True),
        ("[1, 2, 3]", 2, True),
        ('date("2026-01-01")', date(2026, 1, 1), True),
        ('< date("2026-01-01")', date(2025, 1, 1), True),
        ("> 5", "text", None),
        ("> 5", None, None),
        ("not(> 5)", "text", None),
    ],
)
def test_cell_matches(cell: str, value: Any, expected: bool | None) -> None:
    assert parse_unary_tests(cell).matches(value, {"limit": 7}, now=NOW) is expected


def test_names_of_a_cell_leave_out_the_input() -> None:
    assert parse_unary_tests("> limit, ? = other").names == {"limit", "other"}
