"""Owns what may enter case data: JSON within limits, copied on the way in; it knows no variable by name."""

import json
import math
from collections.abc import Mapping
from typing import Any, Final

from engine.types import Json

MAX_NODES: Final = 100_000
"""How many values one write to case data may have, shared parts counted each time."""

MAX_DEPTH: Final = 50
"""How deep they may be nested."""

MAX_TEXT: Final = 1_000_000
"""How many characters of text they may have together."""


MAX_TOLD: Final = 80
"""How many characters a message shows of a value."""


class NotData(ValueError):
    """A value cannot be case data; the text says where and why."""


def checked(value: Any, place: str = "") -> Json:
    """Return a copy of `value` that is JSON; raise `NotData` when it is something else, or too much."""
    return _Copy().of(value, place, 0)


def told(value: Any) -> str:
    """Return a value as a message shows it: as JSON has it (`null`, `true`, `"text"`), cut where it is long."""
    if isinstance(value, str):
        value = value[: MAX_TOLD + 1]  # what is cut anyway need not be spelt
    text = ""
    for piece in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
        text += piece
        if len(text) > MAX_TOLD:
            return f"{text[:MAX_TOLD]}..."
    return text


class _Copy:
    """One copy; `nodes` and `text` are how much it may still take."""

    __slots__ = ("nodes", "text")

    def __init__(self) -> None:
        self.nodes, self.text = MAX_NODES, MAX_TEXT

    def of(self, value: Any, place: str, depth: int) -> Json:
        self.nodes -= 1
        if self.nodes < 0:
            raise NotData(f"{place or 'The data'} has more than {MAX_NODES} values.")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value, place)
        if isinstance(value, int):
            if abs(value) >= 2**63:
                raise NotData(f"{place or 'A number'} is too large for data.")
            return value
        if isinstance(value, float):
            if not math.isfinite(value):
                raise NotData(f"{place or 'A number'} is not a number that data can hold.")
            return value
        if depth >= MAX_DEPTH:
            raise NotData(f"{place or 'The data'} is nested more than {MAX_DEPTH} levels deep.")
        if isinstance(value, Mapping):
            return {
                self._name(name, place): self.of(part, f"{place}.{name}", depth + 1) for name, part in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.of(item, place, depth + 1) for item in value]
        raise NotData(
            f"{place or 'A value'} is a {type(value).__name__}; data holds text, numbers, lists and contexts."
        )

    def _text(self, value: str, place: str) -> str:
        self.text -= len(value)
        if self.text < 0:
            raise NotData(f"{place or 'The data'} has more than {MAX_TEXT} characters.")
        if "\0" in value:
            raise NotData(f"{place or 'A text'} has the character U+0000 in it, which PostgreSQL cannot hold.")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise NotData(f"{place or 'A text'} has half a character in it (a lone surrogate).") from None
        return str.__str__(value)

    def _name(self, name: Any, place: str) -> str:
        if not isinstance(name, str):
            raise NotData(f"{place or 'The data'} has an entry named by a {type(name).__name__}; names are text.")
        return self._text(name, place)
