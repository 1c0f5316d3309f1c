"""Owns the pages of lists, their cursors, and how people are named."""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.errors import InputRefused

Row_co = TypeVar("Row_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page of a list begins: the sort values of the last row shown. `str(cursor)` goes into a link."""

    values: tuple[str | int, ...]

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(json.dumps(self.values).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Return the cursor that a link carries; raise `InputRefused` when it is none of ours."""
        try:
            values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, binascii.Error) as error:
            raise InputRefused({"after": ["This link is damaged: go back to the first page."]}) from error
        if not isinstance(values, list) or not all(isinstance(value, str | int) for value in values):
            raise InputRefused({"after": ["This link is damaged: go back to the first page."]})
        return cls(tuple(values))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row_co]):
    """Part of a list; `next` is None on its last page."""

    rows: tuple[Row_co, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A user id and the name to show for it (the id itself where there is no such account any more)."""

    id: str
    name: str
