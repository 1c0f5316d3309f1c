"""Owns where the names of an expression are looked up: nested scopes of values, with the run they belong to."""

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel.budget import Run

MISSING: Any = object()
"""What a lookup gives for a name that nothing has."""


class Scope:
    """One level of names. The outermost one is the context that the caller passed, read lazily."""

    __slots__ = ("parent", "run", "values")

    def __init__(self, values: Mapping[str, Any], parent: "Scope | None", run: Run) -> None:
        self.values, self.parent, self.run = values, parent, run


Code = Callable[[Scope], Any]
"""A compiled expression: takes the scope, returns a FEEL value."""
