"""Counts in sentences."""

import re
from pathlib import Path

import pytest

from engine.types.counting import all_counted, counted

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("count", "told", "every"),
    [
        (0, "0 rows", "No rows"),
        (1, "1 row", "1 row"),
        (2, "2 rows", "Both rows"),
        (3, "3 rows", "All 3 rows"),
        (1_000, "1,000 rows", "All 1,000 rows"),
        (1_234_567, "1,234,567 rows", "All 1,234,567 rows"),
    ],
)
def test_what_is_counted_is_called_by_its_number(count: int, told: str, every: str) -> None:
    assert counted(count, "row") == told
    assert all_counted(count, "row") == every


def test_other_plurals_are_told() -> None:
    assert counted(1, "entry", "entries") == "1 entry"
    assert counted(2, "entry", "entries") == "2 entries"
    assert all_counted(2, "entry", "entries") == "Both entries"


def test_no_text_leaves_the_plural_to_the_reader() -> None:
    """Neither "1 error(s)" nor an s that a template adds by itself."""
    by_hand = re.compile(r"\} \w+\(s\)|'s' if|\"s\" if")
    found = [
        f"{file.relative_to(ROOT)}: {line.strip()[:100]}"
        for folder in ("engine", "forms", "webapp")
        for file in (*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("*.html"))
        if "migrations" not in file.parts
        for line in file.read_text(encoding="utf-8").splitlines()
        if by_hand.search(line)
    ]
    assert found == []
