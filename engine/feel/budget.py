"""Owns the limits of one evaluation (steps, sizes, call depth), its clock and its warnings; it knows no expression.

Work is charged *before* it is done. Values may share structure (`[p, p]` in a loop has 2^n leaves at n nodes), so
whoever walks a value charges for what the walk will touch, not for what is stored.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any

from engine.errors import BudgetSpent

STEPS = 200_000
"""What one evaluation may cost. About 0.1 to 0.4 seconds of work: a bound, not a deadline."""

MAX_TEXT = 1_000_000
"""Longest text that an evaluation may make, in characters."""

MAX_CALLS = 40
"""How deep functions written in FEEL may call one another."""

MAX_VALUE = 100_000
"""How many nodes a value may have where it leaves the evaluation, shared parts counted each time."""

_MAX_WARNINGS = 50


class Run:
    """One evaluation: what is left of its budget, its `now` (aware), time zone, and where warnings go."""

    __slots__ = ("_charged", "calls", "left", "max_calls", "now", "time_zone", "warnings")

    def __init__(
        self,
        now: datetime,
        time_zone: tzinfo = UTC,
        warnings: list[str] | None = None,
        steps: int = STEPS,
        max_calls: int = MAX_CALLS,
    ) -> None:
        if now.tzinfo is None:
            raise ValueError("now has no time zone")
        self.now, self.time_zone, self.warnings = now, time_zone, warnings
        self.left, self.calls, self.max_calls = steps, 0, max_calls
        self._charged: set[object] | None = None

    def charge(self, amount: int) -> None:
        """Take `amount` steps from the budget; raise `BudgetSpent` when they are not there."""
        self.left -= amount
        if self.left < 0:
            raise BudgetSpent(
                "An expression needs more steps than it may take. "
                "Loop over fewer values, or split the work over several steps."
            )

    def charge_once(self, key: object, amount: int) -> None:
        """Charge for preparing `key`, the first time that this run needs it: the same whether or not a cache has it."""
        self._charged = set() if self._charged is None else self._charged
        if key not in self._charged:
            self.charge(amount)
            self._charged.add(key)

    def enter(self) -> None:
        """Count a call of a function written in FEEL; raise `BudgetSpent` when calls are nested too deeply."""
        self.calls += 1
        if self.calls > self.max_calls:
            raise BudgetSpent(f"Functions in an expression call one another more than {self.max_calls} levels deep.")

    def charge_text(self, length: int) -> None:
        """Charge for making a text of `length` characters; raise `BudgetSpent` when it would be too long."""
        if length > MAX_TEXT:
            raise BudgetSpent(f"An expression makes a text of more than {MAX_TEXT} characters.")
        self.charge(length >> 6)

    def charge_walk(self, value: Any) -> None:
        """Charge for walking all of `value`."""
        self.charge(size(value))

    def warn(self, at: int | None, reason: str) -> None:
        """Note why something became null; `at` is the character of the expression, counted from 0."""
        if self.warnings is not None and len(self.warnings) < _MAX_WARNINGS:
            text = reason if at is None else f"Character {at + 1}: {reason}"
            if text not in self.warnings:
                self.warnings.append(text)


def size(value: Any, limit: int = MAX_VALUE, *, load: bool = True) -> int:
    """Return how many nodes `value` has, shared parts counted each time; raise `BudgetSpent` beyond `limit`.

    Without `load`, contexts of the host other than plain dicts count as one: looking into them could load them.
    """
    if type(value) is str:
        return 1 + (len(value) >> 6)
    count, waiting = 0, [value]
    while waiting:
        part = waiting.pop()
        count += _own_size(part)
        inner: Collection[Any] = part if isinstance(part, list | tuple) else ()
        if isinstance(part, Mapping) and (load or type(part) is dict):
            inner = part.values()
        if count + len(waiting) + len(inner) > limit:
            raise BudgetSpent(f"A value in an expression has more than {limit} parts.")
        waiting.extend(inner)
    return count


def _own_size(part: Any) -> int:
    if type(part) is str:
        return 1 + (len(part) >> 6)
    if type(part) is Decimal:
        return 1 + (abs(part.adjusted()) >> 6)  # written out, 1e6000 has 6001 digits
    return 1
