"""Owns the pages of lists, their cursors, and how people are named."""

import base64
import binascii
import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from engine.errors import InputRefused

_GREATEST = 2**31
_LONGEST = 300

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
        except (ValueError, binascii.Error, RecursionError) as error:
            raise _damaged() from error
        if not isinstance(values, list) or not all(map(_could_be, values)):
            raise _damaged()
        return cls(tuple(values))

    def moment_and_id(self) -> tuple[datetime, str]:
        """Return the values of a list that is sorted by an instant (UTC) and an id.

        Raises `InputRefused` for a cursor of another kind of list.
        """
        identity = self.values[-1] if len(self.values) == 2 else None
        if not isinstance(identity, str) or "\0" in identity:
            raise _damaged()
        return self.moment(0), identity

    def number_and_id(self) -> tuple[float, str]:
        """Return the values of a list that is sorted by a number and an id.

        Raises `InputRefused` for a cursor of another kind of list.
        """
        text, identity = self.values if len(self.values) == 2 else (None, None)
        try:
            number = float(text) if isinstance(text, str) else math.nan
        except ValueError as error:
            raise _damaged() from error
        if not math.isfinite(number) or not isinstance(identity, str):
            raise _damaged()
        return number, identity

    def identity(self) -> str:
        """Return the value of a list that is sorted by an id; raise `InputRefused` for a cursor of another kind."""
        value = self.values[0] if len(self.values) == 1 else None
        if not isinstance(value, str) or "\0" in value:
            raise _damaged()
        return value

    def number(self) -> int:
        """Return the value of a list that is sorted by a number; raise as `identity` does."""
        value = self.values[0] if len(self.values) == 1 else None
        if not isinstance(value, int):
            raise _damaged()
        return value

    def moment(self, position: int) -> datetime:
        """Return the instant at `position`, which the cursor has; raise `InputRefused` when it is none.

        A time without a zone is one of SQLite's, in UTC.
        """
        value = self.values[position]
        try:
            moment = datetime.fromisoformat(value if isinstance(value, str) else "")
            return moment.replace(tzinfo=moment.tzinfo or UTC)
        except ValueError as error:
            raise _damaged() from error


def _damaged() -> InputRefused:
    return InputRefused({"after": ["This link is damaged: go back to the first page."]})


def _could_be(value: Any) -> bool:
    """Say whether a row could have this sort value: links are typed by anybody, databases take less than JSON."""
    if isinstance(value, int):
        return abs(value) < _GREATEST
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        return False
    try:
        datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        return True  # no instant
    except OverflowError:
        return False
    return True


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
