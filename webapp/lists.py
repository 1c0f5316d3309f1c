"""Owns moving through long lists by links: keyset cursors forwards, and the trail of cursors back; it reads no rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import request, url_for

from engine.errors import InputRefused
from engine.views import Cursor

Option = TypeVar("Option")

LONGEST_TRAIL = 20
"""Links stay short; somebody further in goes back to the first page or narrows the list."""

FIRST = "-"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a list the reader is: the cursor of this page and those of the pages before it."""

    after: Cursor | None
    trail: tuple[str, ...]

    @classmethod
    def of_request(cls) -> "Place":
        """Return the place that the address asks for; raise `InputRefused` when it was tampered with."""
        trail = tuple(part for part in request.args.get("trail", "").split(".") if part)
        if len(trail) > LONGEST_TRAIL:
            raise InputRefused({"trail": ["This link is damaged: go back to the first page."]})
        after = request.args.get("after")
        return cls(Cursor.parse(after) if after else None, trail)

    @property
    def is_first(self) -> bool:
        """Return whether this is the first page."""
        return self.after is None

    def next_link(self, cursor: Cursor | None) -> str | None:
        """Return the address of the page that begins after `cursor`; None when there is none."""
        if cursor is None:
            return None
        here = str(self.after) if self.after else FIRST
        return link(after=str(cursor), trail=".".join((*self.trail, here)[-LONGEST_TRAIL:]))

    def previous_link(self) -> str | None:
        """Return the address of the page before; None on the first one."""
        if self.after is None:
            return None
        *rest, before = self.trail or (FIRST,)
        return link(after=None if before == FIRST else before, trail=".".join(rest) or None)


def chosen(options: Sequence[tuple[Option, str]], asked: str | None) -> Option:
    """Return which of `options` (value and label) the address asks for; the first when it asks for none of them."""
    return next((value for value, _ in options if value == asked), options[0][0])


def link(**changes: str | None) -> str:
    """Return the address of this page with some of its query changed; None takes a parameter away."""
    query: dict[str, str | None] = {**request.args.to_dict(), **changes}
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return url_for(request.endpoint or "home.show", **{**(request.view_args or {}), **kept})


def filter_link(**changes: str | None) -> str:
    """Return as `link`, from the first page on: another filter is another list."""
    return link(after=None, trail=None, task=None, **changes)
