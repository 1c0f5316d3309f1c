"""Owns the question whether two rules of a UNIQUE table surely match the same input.

It looks at texts and evaluates nothing.

It reports only what is certain: cells that are dashes, equal, or share a text or number. Ranges and conditions are left
to the run.
"""

import re
from collections.abc import Sequence

from lxml.etree import _Element as Element

from engine.decisions.document import children, text_of
from engine.decisions.expressions import Expressions

_MAX_RULES = 300
_VALUES = re.compile(r'\s*(?:"[^"\\]*"|-?[0-9]+(?:\.[0-9]+)?|true|false)\s*')


def find_overlaps(rules: Sequence[Element], expressions: Expressions) -> None:
    """Add a warning for each pair of rules that must match together for some input."""
    cells = [[_values(text_of(cell)) for cell in children(rule, "inputEntry")] for rule in rules[:_MAX_RULES]]
    for later in range(len(cells)):
        for earlier in range(later):
            if len(cells[earlier]) == len(cells[later]) and all(
                _meet(one, other) for one, other in zip(cells[earlier], cells[later], strict=True)
            ):
                expressions.find(
                    "dmn-unique-overlap",
                    rules[later],
                    f"The rules {earlier + 1} and {later + 1} match the same input, but the hit policy is UNIQUE.",
                    "Make their conditions exclude one another, or choose the hit policy FIRST.",
                    warning=True,
                )
                break


def _values(text: str) -> frozenset[str] | str | None:
    """Return the values a cell lists, None for a dash, the text itself for anything else."""
    if text in ("", "-"):
        return None
    parts = _split(text)
    return frozenset(part.strip() for part in parts) if parts else text


def _split(text: str) -> list[str]:
    parts: list[str] = []
    position = 0
    while True:
        match = _VALUES.match(text, position)
        if match is None:
            return []
        parts.append(match[0])
        position = match.end()
        if position == len(text):
            return parts
        if text[position] != ",":
            return []
        position += 1


def _meet(one: frozenset[str] | str | None, other: frozenset[str] | str | None) -> bool:
    if one is None or other is None:
        return True
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return bool(one & other)
