"""Owns how much FEEL one reading of a form may run; it knows no expression.

Each expression has its own bound of steps in the language. A form has many expressions and, in lists, many rows: this
is the bound on all of them.
"""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from engine.errors import BudgetSpent, ExpressionRefused
from engine.types import Json
from forms.expressions import Formula

EVALUATIONS: Final = 20_000
CPU_SECONDS: Final = 2.0


class Allowance:
    """What is left for one reading, and its `now` (an aware instant)."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("now has no time zone")
        self.now = now
        self._left, self._until = EVALUATIONS, time.thread_time() + CPU_SECONDS

    def value(self, formula: Formula, scope: Mapping[str, Json]) -> Json:
        """Return the value of `formula`, null when there is none; raise `BudgetSpent` when all take too much."""
        self._left -= 1
        if self._left < 0 or time.thread_time() > self._until:
            raise BudgetSpent(
                "The conditions and computed values of this form take too long. Its owner has to make them simpler."
            )
        try:
            return formula.evaluate(scope, self.now)
        except ExpressionRefused:
            return None
