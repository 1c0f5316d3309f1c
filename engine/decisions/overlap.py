"""Owns the question whether two rules of a UNIQUE table surely match the same input.

It looks at texts and evaluates nothing.

It reports only what is certain: cells that are dashes, equal, or share a text, number or range of numbers. Other
conditions, and tables that ask the same expression in two columns, are left to the run.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import floor
from typing import Final

from lxml.etree import _Element as Element

from engine.decisions.document import children, text_of
from engine.decisions.expressions import Expressions

_MAX_RULES: Final = 300
_MAX_SPANS: Final = 8
_MAX_CELL: Final = 2_000
_MAX_LOOKS: Final = 500_000
_NUMBER = r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?"
_TEST = re.compile(
    rf"""\s*(?:(?P<text>"[^"\\]*"|true|false)|(?P<number>{_NUMBER})|(?P<sign><=|>=|<|>)\s*(?P<bound>{_NUMBER})
    |(?P<open>[\[(\]])\s*(?P<low>{_NUMBER})\s*\.\.\s*(?P<high>{_NUMBER})\s*(?P<close>[\])\[]))\s*(?:,|$)""",
    re.VERBOSE,
)
_INFINITE: Final = Decimal("Infinity")


@dataclass(frozen=True, slots=True)
class _Span:
    """Numbers from `low` to `high`; the bounds are in it or not."""

    low: Decimal
    high: Decimal
    with_low: bool = True
    with_high: bool = True

    def meets(self, other: "_Span") -> bool:
        """Say whether both have a number. Between whole numbers it has to be a whole one: most count something."""
        low = max(self.low, other.low)
        high = min(self.high, other.high)
        if low > high:
            return False
        has_low = all(each.with_low for each in (self, other) if each.low == low)
        has_high = all(each.with_high for each in (self, other) if each.high == high)
        if low == high:
            return has_low and has_high
        if _INFINITE in (-low, high) or low != floor(low) or high != floor(high):
            return True
        return has_low or has_high or high - low > 1


@dataclass(frozen=True, slots=True)
class _Cell:
    """What a cell matches, if that can be told from its text; None for a dash."""

    source: str
    texts: frozenset[str] = frozenset()
    spans: tuple[_Span, ...] = ()

    def meets(self, other: "_Cell") -> bool:
        """Say whether something surely matches both cells."""
        if self.source == other.source or self.texts & other.texts:
            return True
        return any(one.meets(two) for one, two in product(self.spans, other.spans))


def find_overlaps(rules: Sequence[Element], inputs: Sequence[str], expressions: Expressions) -> None:
    """Add a warning for each rule that must match together with an earlier one for some input.

    `inputs` are the expressions of the columns.
    """
    if len(set(inputs)) < len(inputs):
        return
    cells = [[_cell(text_of(cell)) for cell in children(rule, "inputEntry")] for rule in rules[:_MAX_RULES]]
    looks = _Looks(_MAX_LOOKS)
    for later in range(len(cells)):
        for earlier in range(later):
            if len(cells[earlier]) == len(cells[later]) and all(map(looks.meet, cells[earlier], cells[later])):
                expressions.find(
                    "dmn-unique-overlap",
                    rules[later],
                    f"The rules {earlier + 1} and {later + 1} match the same input, but the hit policy is UNIQUE.",
                    "Make their conditions exclude one another, or choose the hit policy FIRST.",
                    warning=True,
                )
                break


@dataclass(slots=True)
class _Looks:
    """How much may still be compared: a table is looked at for about a second."""

    left: int

    def meet(self, one: _Cell | None, other: _Cell | None) -> bool:
        if self.left <= 0:
            return False
        if one is None or other is None:
            return True
        self.left -= 1 + len(one.spans) * len(other.spans) + min(len(one.texts), len(other.texts)) // 8
        return one.meets(other)


def _cell(text: str) -> _Cell | None:
    if text in ("", "-"):
        return None
    texts: list[str] = []
    spans: list[_Span] = []
    position = 0
    while position < len(text) <= _MAX_CELL:
        match = _TEST.match(text, position)
        if match is None:
            return _Cell(text)
        position = match.end()
        if match["text"] is not None:
            texts.append(match["text"])
        else:
            spans.append(_span(match))
    return _Cell(text, frozenset(texts), tuple(spans[:_MAX_SPANS]))


def _span(match: re.Match[str]) -> _Span:
    if match["number"] is not None:
        return _Span(Decimal(match["number"]), Decimal(match["number"]))
    if match["sign"] is not None:
        bound, included = Decimal(match["bound"]), "=" in match["sign"]
        if match["sign"].startswith("<"):
            return _Span(-_INFINITE, bound, with_high=included)
        return _Span(bound, _INFINITE, with_low=included)
    return _Span(Decimal(match["low"]), Decimal(match["high"]), match["open"] == "[", match["close"] == "]")
