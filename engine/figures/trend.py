"""What is told of the periods before the last two, for trends: how many and how much, and few lengths; reads nothing.

Lengths of time are most of what a page has to read. Of older periods only those are read whose trend is looked at
first, and those that a target names.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from engine.figures.values import INTERFACES, TIMES
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import measure_of

WHOLE: Final = 2
"""How many periods, counted from the newest, are told as a whole: the one asked for and the one before it."""
_ALWAYS: Final = frozenset(("cycle_time", "waiting_time"))
_LABELLED: Final = frozenset(("people", "groups", *INTERFACES))


@dataclass(frozen=True, slots=True)
class Older:
    """What is told of older periods. `times` are names of lengths, `spreads` keys of a process's own measures."""

    times: tuple[str, ...]
    spreads: frozenset[str]
    untold: frozenset[str]
    """measures of which nothing is told"""

    def tells(self, statistic: str) -> bool:
        """Return whether a statistic is told of older periods."""
        return measure_of(statistic) not in self.untold


def older(process: ManagedProcess, targets: Collection[str]) -> Older:
    """Return what is told of older periods of a process whose framework has `targets` for these statistics."""
    named = set(map(measure_of, targets))
    times = {key: name for key, name in TIMES.items() if key in _ALWAYS or key in named}
    own = {each.key for each in process.measures if each.kind in ("duration", "field")}
    untold = _LABELLED | (set(TIMES) - set(times)) | (own - named)
    return Older(tuple(times.values()), frozenset(own & named), frozenset(untold))
