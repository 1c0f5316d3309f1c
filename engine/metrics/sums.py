"""Sums over ended cases under the names that daily figures have; which cases these are, and of which day, is not known.

Under each name and label stand a count and a total (see `Sums`). What a name means for whom reads it:

| name | label | count | total |
|---|---|---|---|
| `cases` | status | ended cases | cycle seconds |
| `outcome` | outcome | cases | cycle seconds |
| `cycle`, `working`, `waiting`, `idle` | bucket | cases | seconds |
| `effort` | | cases in which somebody entered any | minutes |
| `hand_overs`, `failures`, `repeats`, `send_backs` | | cases with at least one | how many |
| `first_time_right` | | cases | |
| `priority` | band | cases | cycle seconds |
| `priority_cycle` | band:bucket | cases | cycle seconds |
| `feedback` | score | answers | sum of the scores |
| `person`, `group`, `interface` | its name | cases | times |
| `own:KEY` | | cases with a value | sum of the values |
| `own_bucket:KEY` | bucket | cases | sum of the values |
| `element` | process_key element_id | completed executions | seconds |
| `element_waiting`, `element_working` | the same | completed executions, where one was claimed | seconds |
| `element_repeats`, `element_failures` | the same | cases with at least one | how many |
"""

from collections.abc import Iterator, Mapping
from typing import Final, Literal, Protocol

from engine.metrics.distribution import bucket

Band = Literal["low", "normal", "high"]

TIMES: Final = ("cycle", "working", "waiting", "idle")
TROUBLES: Final = ("hand_overs", "failures", "repeats", "send_backs")
_NORMAL_FROM: Final = 40
_HIGH_FROM: Final = 70


def band(priority: int) -> Band:
    """Return the band of a priority from 0 to 100: low below 40, high from 70."""
    if priority >= _HIGH_FROM:
        return "high"
    return "normal" if priority >= _NORMAL_FROM else "low"


class SummedCase(Protocol):
    """The columns of `CaseSummary` that are summed up."""

    @property
    def status(self) -> str: ...  # noqa: D102 - as the column
    @property
    def outcome(self) -> str | None: ...  # noqa: D102
    @property
    def priority(self) -> int: ...  # noqa: D102
    @property
    def cycle_seconds(self) -> float: ...  # noqa: D102
    @property
    def working_seconds(self) -> float: ...  # noqa: D102
    @property
    def waiting_seconds(self) -> float: ...  # noqa: D102
    @property
    def idle_seconds(self) -> float: ...  # noqa: D102
    @property
    def effort_minutes(self) -> int | None: ...  # noqa: D102
    @property
    def hand_overs(self) -> int: ...  # noqa: D102
    @property
    def failures(self) -> int: ...  # noqa: D102
    @property
    def repeats(self) -> int: ...  # noqa: D102
    @property
    def send_backs(self) -> int: ...  # noqa: D102
    @property
    def first_time_right(self) -> bool: ...  # noqa: D102
    @property
    def feedback(self) -> int | None: ...  # noqa: D102


class SummedActivities(Protocol):
    """What happened at one element in some cases, added up (see `CaseActivity`).

    `claimed` is how many completed executions the cases have in which one was claimed.
    """

    @property
    def process_key(self) -> str: ...  # noqa: D102 - as the column
    @property
    def element_id(self) -> str: ...  # noqa: D102
    @property
    def completed(self) -> int: ...  # noqa: D102
    @property
    def elapsed_seconds(self) -> float: ...  # noqa: D102
    @property
    def claimed(self) -> int: ...  # noqa: D102
    @property
    def waiting_seconds(self) -> float | None: ...  # noqa: D102
    @property
    def working_seconds(self) -> float | None: ...  # noqa: D102
    @property
    def repeated(self) -> int: ...  # noqa: D102
    @property
    def repeats(self) -> int: ...  # noqa: D102
    @property
    def failed(self) -> int: ...  # noqa: D102
    @property
    def failures(self) -> int: ...  # noqa: D102


class Sums:
    """Counts and totals by name and label."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], tuple[int, float]] = {}

    def add(self, name: str, label: str, count: int, total: float) -> None:
        """Add to what stands under `name` and `label`; what is nothing leaves no entry."""
        if count:
            counted, summed = self._found.get((name, label), (0, 0.0))
            self._found[name, label] = (counted + count, summed + total)

    def add_case(self, case: SummedCase) -> None:
        """Add an ended case."""
        cycle = case.cycle_seconds
        self.add("cases", case.status, 1, cycle)
        if case.outcome is not None:
            self.add("outcome", case.outcome, 1, cycle)
        for name, seconds in zip(
            TIMES, (cycle, case.working_seconds, case.waiting_seconds, case.idle_seconds), strict=True
        ):
            self.add(name, str(bucket(seconds)), 1, seconds)
        if case.effort_minutes is not None:
            self.add("effort", "", 1, case.effort_minutes)
        for name, often in zip(TROUBLES, (case.hand_overs, case.failures, case.repeats, case.send_backs), strict=True):
            self.add(name, "", int(often > 0), often)
        self.add("first_time_right", "", int(case.first_time_right), 0)
        self.add("priority", band(case.priority), 1, cycle)
        self.add("priority_cycle", f"{band(case.priority)}:{bucket(cycle)}", 1, cycle)
        if case.feedback is not None:
            self.add("feedback", str(case.feedback), 1, case.feedback)

    def add_label(self, kind: str, value: str, cases: int, times: int) -> None:
        """Add that a person, group or interface had to do with so many cases, so many times in all."""
        self.add(kind, value, cases, times)

    def add_value(self, measure: str, value: float) -> None:
        """Add what one of a process's own measures came to in a case."""
        self.add(f"own:{measure}", "", 1, value)
        self.add(f"own_bucket:{measure}", str(bucket(value)), 1, value)

    def add_activities(self, at: SummedActivities) -> None:
        """Add what happened at one element."""
        label = f"{at.process_key} {at.element_id}"
        self.add("element", label, at.completed, at.elapsed_seconds)
        self.add("element_waiting", label, at.claimed, at.waiting_seconds or 0)
        self.add("element_working", label, at.claimed, at.working_seconds or 0)
        self.add("element_repeats", label, at.repeated, at.repeats)
        self.add("element_failures", label, at.failed, at.failures)

    def items(self) -> Iterator[tuple[str, str, int, float]]:
        """Yield name, label, count and total."""
        for (name, label), (count, total) in sorted(self._found.items()):
            yield name, label, count, total

    def as_mapping(self) -> Mapping[tuple[str, str], tuple[int, float]]:
        """Return count and total by name and label."""
        return self._found
