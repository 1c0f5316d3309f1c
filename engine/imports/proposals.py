"""Owns the proposal which column fills which field, by their names; what a person chose goes before it."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from engine.forms_protocol import FormField

_ALIKE: Final = 0.8
_SHORTEST_PART: Final = 4
"""letters that a name needs to count as part of another one"""


def proposed(fields: Sequence[FormField], columns: Sequence[str]) -> dict[str, str]:
    """Return columns by the key of the field that they most likely fill; each column once, each field once."""
    pairs = [
        (likeness, -place, -number, field.key, column)
        for place, field in enumerate(fields)
        for number, column in enumerate(columns)
        if (likeness := max(_likeness(column, field.key), _likeness(column, field.label))) >= _ALIKE
    ]
    found: dict[str, str] = {}
    for _, _, _, key, column in sorted(pairs, reverse=True):
        if key not in found and column not in found.values():
            found[key] = column
    return found


def _likeness(column: str, name: str) -> float:
    """Return 0 to 1: 1 for the same letters and digits; a name within the other counts nearly as much."""
    first, second = _bare(column), _bare(name)
    if not first or not second:
        return 0.0
    shorter, longer = sorted((first, second), key=len)
    if len(shorter) >= _SHORTEST_PART and shorter in longer:
        return 0.9 + 0.1 * len(shorter) / len(longer)
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _bare(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
