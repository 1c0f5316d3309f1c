"""Owns how case data read on a page: short values as JSON in a line, long ones folded behind words on what they are."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.types import Json
from webapp.json_input import written

MOST_LETTERS: Final = 160
"""What is longer in a line is folded."""

BEGINNING: Final = 60
MOST_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class ShownVariable:
    """A variable: `text` is its value as JSON, a short one in one line; `brief` says what a long one is, else empty."""

    name: str
    text: str
    brief: str = ""


def shown(variables: Mapping[str, Json]) -> list[ShownVariable]:
    """Return the variables in their order."""
    return [_shown(name, value) for name, value in variables.items()]


def _shown(name: str, value: Json) -> ShownVariable:
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= MOST_LETTERS:
        return ShownVariable(name, line)
    return ShownVariable(name, written(value), _brief(value))


def _brief(value: Json) -> str:
    if isinstance(value, Mapping):
        names = ", ".join(name if len(name) <= BEGINNING else f"{name[:BEGINNING]}…" for name in [*value][:MOST_NAMES])
        return f"{{…}} with {names}" + (f" and {len(value) - MOST_NAMES:,} more" if len(value) > MOST_NAMES else "")
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[…] with {len(value):,} entr{'ies' if len(value) != 1 else 'y'}"
    return f"{written(value)[:BEGINNING]}… ({len(str(value)):,} characters)"
