"""What the cases that ended in a period add up to, from packed cases, rows or daily sums alike; reads nothing itself.

Names and labels are those of engine.metrics.sums. What cases say is exact; percentiles out of daily sums come from
buckets.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from engine.metrics import distribution
from engine.metrics.packed import Chosen
from engine.metrics.sums import TIMES, TROUBLES, band

COLUMNS: Final = (
    "ended_on",
    "status",
    "outcome",
    "priority",
    *(f"{name}_seconds" for name in TIMES),
    *TROUBLES,
    "effort_minutes",
    "first_time_right",
    "feedback",
)
"""The columns of `CaseSummary` that `Tally.of_rows` takes, in order."""
BANDS: Final = {"low": (0, 39), "normal": (40, 69), "high": (70, 100)}
"""Priorities by band: lowest and highest, both included."""

COUNTS: Final = (
    "cases", "outcome", *TROUBLES, "first_time_right", "feedback", "priority",
)  # fmt: skip
"""The sums of how many and how much, of what stands in the rows of cases; effort is one that not all cases have."""

BY_PRIORITY: Final = "priority_cycle"
"""The name of cycle times by priority; those of other lengths bear their names."""
_OWN_BUCKET: Final = "own_bucket:"
_BAND: Final = tuple(map(band, range(101)))


@dataclass(slots=True)
class Sum:
    """How many, and what their values come to."""

    count: int = 0
    total: float = 0.0


@dataclass(slots=True)
class Spread:
    """Values of which percentiles are asked: as they are, or (out of daily sums) by bucket."""

    values: list[float] = field(default_factory=list)
    buckets: Counter[int] = field(default_factory=Counter)
    sum: Sum = field(default_factory=Sum)

    def add(self, values: Sequence[float]) -> None:
        """Add values."""
        self.values += values
        self.sum.count += len(values)
        self.sum.total += sum(values)

    def percentiles(self, shares: Sequence[float]) -> tuple[list[float | None], bool]:
        """Return a percentile for each of `shares` (0 to 1), None without values; and whether they are approximate."""
        if not self.buckets:
            self.values.sort()
            return [distribution.exact_percentile(self.values, share) for share in shares], False
        counts = self.buckets + Counter(map(distribution.bucket, self.values))
        return [distribution.percentile(counts, share) for share in shares], True


@dataclass(slots=True)
class Tally:
    """Cases that ended in a period, added up."""

    sums: dict[str, dict[str, Sum]] = field(default_factory=dict)
    """by name and label"""
    spreads: dict[str, Spread] = field(default_factory=dict)
    """by name; those of cycle times by priority as `priority_cycle:high`, of own measures as `own:KEY`"""

    def sum(self, name: str, label: str = "") -> Sum:
        """Return one sum; an empty one where there is nothing."""
        return self.sums.get(name, {}).get(label) or Sum()

    def labels(self, name: str) -> Mapping[str, Sum]:
        """Return the sums of a name by their labels."""
        return self.sums.get(name, {})

    def spread(self, name: str) -> Spread:
        """Return the values of a name; an empty one where there are none."""
        found = self.spreads.get(name)
        if found is None:
            found = self.spreads[name] = Spread()
        return found

    @property
    def ended(self) -> int:
        """Return how many cases ended."""
        return sum(each.count for each in self.labels("cases").values())

    @property
    def completed(self) -> int:
        """Return how many of them were completed."""
        return self.sum("cases", "completed").count

    def add(self, name: str, label: str, count: int, total: float) -> None:
        """Add a sum."""
        found = self.sums.setdefault(name, {}).setdefault(label, Sum())
        found.count += count
        found.total += total

    def add_daily(self, name: str, label: str, count: int, total: float) -> None:
        """Add a sum of one or more days as `DailyFigure` has it."""
        if name in TIMES or name.startswith(_OWN_BUCKET):
            self._bucket(name.replace(_OWN_BUCKET, "own:", 1), label, count, total)
        elif name == BY_PRIORITY:
            own, _, number = label.partition(":")
            self._bucket(f"{name}:{own}", number, count, total)
        else:
            self.add(name, label, count, total)

    def add_packed(
        self,
        chosen: Chosen,
        names: Sequence[str],
        times: Sequence[str],
        measures: Sequence[str],
        spread: Collection[str],
        *,
        by_priority: bool,
    ) -> None:
        """Add ended cases: the sums of `names`, the lengths `times` with effort (none: neither), own `measures`.

        Percentiles are kept of the own measures in `spread`, and of cycle times `by_priority` where that is asked for.
        """
        for name, label, count, total in chosen.sums(names):
            self.add(name, label, count, total)
        for name in times:
            self.spread(name).add(chosen.numbers(name))
        if times:
            self._add_numbers("effort", chosen.numbers("effort"))
        if times and by_priority:
            for own in BANDS:
                self.spread(f"{BY_PRIORITY}:{own}").add(chosen.numbers("cycle", ("priority", own)))
        for measure in measures:
            name = f"own:{measure}"
            found = chosen.numbers(name)
            self._add_numbers(name, found)
            if measure in spread:
                self.spread(name).add(found)

    def add_rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Add ended cases, rows of `COLUMNS`. It goes by columns: that is some times faster."""
        if not rows:
            return
        columns = dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))
        bands = list(map(_BAND.__getitem__, columns["priority"]))
        for name in TIMES:
            self.spread(name).add(columns[f"{name}_seconds"])
        for own in set(bands):
            same = [cycle for cycle, each in zip(columns["cycle_seconds"], bands, strict=True) if each == own]
            self.spread(f"{BY_PRIORITY}:{own}").add(same)
        for name, column in (("cases", "status"), ("outcome", "outcome"), ("feedback", "feedback")):
            self._add_counts(name, columns[column])
        for name in TROUBLES:
            self.add(name, "", len(rows) - columns[name].count(0), sum(columns[name]))
        self.add("first_time_right", "", sum(columns["first_time_right"]), 0)
        self._add_numbers("effort", [each for each in columns["effort_minutes"] if each is not None])
        self._add_counts("priority", bands)

    def add_values(self, measure: str, values: Sequence[float]) -> None:
        """Add what a process's own measure came to in some cases."""
        self.spread(f"own:{measure}").add(values)
        self._add_numbers(f"own:{measure}", values)

    def _add_numbers(self, name: str, values: Sequence[float]) -> None:
        self.add(name, "", len(values), sum(values))

    def _add_counts(self, name: str, labels: Iterable[Any]) -> None:
        for label, count in Counter(labels).items():
            if label is not None:
                self.add(name, str(label), count, 0)

    def _bucket(self, name: str, label: str, count: int, total: float) -> None:
        spread = self.spread(name)
        spread.buckets[int(label)] += count
        spread.sum.count += count
        spread.sum.total += total
