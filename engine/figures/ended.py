"""Reads what ended in some periods into tallies: from packed months, daily sums, rows; what figures mean is not known.

Each case counts by what is packed of it (engine.metrics.packed), whatever the filter: that is exact. Of more than
`MOST_CASES` without a filter how many and how much come from the sums of the days, and lengths of time from their
buckets. Days that are not summed up come from the rows of their cases.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Connection, Select, tuple_

from engine.figures.queries import (
    ACTIVITIES,
    DAILY,
    KINDS,
    LABELS,
    MARKED,
    NO_MARK,
    PACKED,
    PACKED_CASES,
    ROWS,
    STALE,
    SUMS,
    UNSUMMED,
    VALUES,
)
from engine.figures.scope import PERIODS, SUMMARY, Scope, place
from engine.figures.tally import BY_PRIORITY, COUNTS, Tally
from engine.figures.trend import Older
from engine.metrics.packed import Packed
from engine.metrics.periods import Period
from engine.metrics.process import OwnMeasure
from engine.metrics.sums import TIMES

MOST_CASES: Final = 60_000
"""How many ended cases are counted one by one where their daily sums could tell."""
FEW_DAYS: Final = 200
"""How many days are named one by one."""
ELEMENTS: Final = ("element", "element_waiting", "element_working", "element_repeats", "element_failures")
"""The sums of what happened at elements; their labels are the process's key and the element's id."""


class Ended:
    """What ended in some periods of one length, newest first and without gaps between them.

    Given `tally`, what is added comes to what that one, of the only period, holds already.
    """

    most_cases = MOST_CASES

    def __init__(
        self, connection: Connection, scope: Scope, spans: Sequence[Period], tally: Tally | None = None
    ) -> None:
        self._connection, self._scope, self._spans = connection, scope, spans
        self._whole = Period(spans[-1].first, spans[0].last)
        self._within = {"keys": scope.keys, "first": self._whole.first, "last": self._whole.last}
        self._months = {**self._within, "first_month": self._whole.first.replace(day=1)}
        self._unsummed: list[tuple[str, date]] | None = None
        self.tallies = tuple(Tally() for _ in spans) if tally is None else (tally,)

    def add(self, *, cases: bool = False, labels: bool = False, measures: Sequence[OwnMeasure] = ()) -> None:
        """Add what stands in the rows of cases, people with groups and interfaces, and own measures, as asked for."""
        self._add(cases=cases, labels=labels, measures=measures, times=TIMES, spreads=None)

    def add_for_trend(self, measures: Sequence[OwnMeasure], older: Older) -> None:
        """Add what trends tell of older periods."""
        self._add(cases=True, labels=False, measures=measures, times=older.times, spreads=older.spreads)

    def add_elements(self) -> None:
        """Add what happened at elements; for one period only."""
        if self._scope.filter.plain:
            self._add_sums(ELEMENTS)
        (tally,) = self.tallies
        for row in self._rest(ACTIVITIES, summed=self._scope.filter.plain):
            label = f"{row.process_key} {row.element_id}"
            tally.add("element", label, row.completed, row.elapsed)
            tally.add("element_waiting", label, row.claimed, row.waiting or 0)
            tally.add("element_working", label, row.claimed, row.working or 0)
            tally.add("element_repeats", label, row.repeats, row.repeats)
            tally.add("element_failures", label, row.failures, row.failures)

    def _add(
        self,
        *,
        cases: bool,
        labels: bool,
        measures: Sequence[OwnMeasure],
        times: Sequence[str],
        spreads: Collection[str] | None,
    ) -> None:
        own = [each.key for each in measures if each.kind != "ratio"]
        spread = [each.key for each in measures if each.kind in ("duration", "field")]
        spread = [key for key in spread if spreads is None or key in spreads]
        names = [*(COUNTS if cases else ()), *(KINDS if labels else ())]
        times = times if cases else ()
        if self._scope.filter.plain and self._many():
            names += (f"own:{key}" for key in own)
            names += (f"own_bucket:{key}" for key in spread)
            names += ("effort", *times, BY_PRIORITY) if cases else ()
            self._add_sums(names)
        else:
            self._add_packed(names, times, own, spread)
        self._add_unsummed(cases=cases, labels=labels, measures=own)

    def _many(self) -> bool:
        """Return whether there are more cases than are counted one by one: without regard to the version, and about."""
        return int(self._connection.execute(PACKED_CASES, self._months).scalar_one()) > self.most_cases

    def _add_packed(
        self, names: Sequence[str], times: Sequence[str], measures: Sequence[str], spread: Collection[str]
    ) -> None:
        unsummed, wanted = set(self._unsummed_days()), self._scope.labels()
        for key, content in self._connection.execute(PACKED, self._months):
            packed = Packed.decode(content)
            days: dict[int, set[date]] = defaultdict(set)
            for day in packed.days:
                if self._whole.first <= day <= self._whole.last and (key, day) not in unsummed:
                    days[place(day, self._spans)].add(day)
            for number, own in days.items():
                if chosen := packed.chosen(own, wanted):
                    self.tallies[number].add_packed(chosen, names, times, measures, spread, by_priority=not number)

    def _add_unsummed(self, *, cases: bool, labels: bool, measures: Sequence[str]) -> None:
        if cases:
            ordered = sorted(self._rest(ROWS), key=itemgetter(0))
            for span, tally in zip(self._spans, self.tallies, strict=True):
                begin, end = (
                    find(ordered, day, key=itemgetter(0))
                    for find, day in ((bisect_left, span.first), (bisect_right, span.last))
                )
                tally.add_rows(ordered[begin:end])
        if labels:
            for day, kind, value, count, uses in self._rest(LABELS):
                self.tallies[place(day, self._spans)].add(kind, value, count, uses)
        if measures:
            values: dict[tuple[int, str], list[float]] = defaultdict(list)
            for day, measure, value in self._rest(VALUES, {"measures": measures}):
                values[place(day, self._spans), measure].append(value)
            for (number, measure), found in values.items():
                self.tallies[number].add_values(measure, found)

    def _add_sums(self, names: Sequence[str]) -> None:
        wanted: dict[str, Any] = {
            "keys": self._scope.keys,
            "names": names,
            "any_version": int(self._scope.filter.version is None),
            "version": self._scope.filter.version or 0,
        }
        nothing = Period(date.max, date.max)
        for number in range(PERIODS):
            span = self._spans[number] if number < len(self._spans) else nothing
            wanted |= {f"first{number}": span.first, f"last{number}": span.last}
        for number, name, label, count, total in self._connection.execute(self._sums(), wanted):
            self.tallies[number].add_daily(name, label, count, total)

    def _sums(self) -> Select[Any]:
        """Return the statement for the sums of marked days: few have lost their mark, and only these are left out."""
        unsummed = self._unsummed_days()
        if len(unsummed) > FEW_DAYS:
            return SUMS.where(MARKED)
        here = tuple_(DAILY.c.definition_key, DAILY.c.day)
        stale = [tuple(row) for row in self._connection.execute(STALE.where(here.in_(unsummed)))] if unsummed else []
        return SUMS.where(here.not_in(stale)) if stale else SUMS

    def _rest(
        self, statement: Select[Any], wanted: Mapping[str, Any] | None = None, *, summed: bool = True
    ) -> Sequence[Any]:
        """Return the rows of days that are not `summed` up, of all days where the sums do not know the filter."""
        if summed:
            unsummed = self._unsummed_days()
            if not unsummed:
                return ()
            here = tuple_(SUMMARY.c.definition_key, SUMMARY.c.ended_on)
            statement = statement.where(here.in_(unsummed) if len(unsummed) <= FEW_DAYS else NO_MARK)
        found = statement.where(*self._scope.ended())
        return self._connection.execute(found, {**self._within, **(wanted or {})}).all()

    def _unsummed_days(self) -> list[tuple[str, date]]:
        if self._unsummed is None:
            self._unsummed = [tuple(row) for row in self._connection.execute(UNSUMMED, self._within)]
        return self._unsummed
