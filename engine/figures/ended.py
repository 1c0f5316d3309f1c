"""Reads what ended in some periods, from daily sums and rows of cases, into tallies; what figures mean is not known.

How many and how much comes from the sums of the days that are summed up, and from the rows of other days; from the rows
alone where a filter asks for what sums do not know. Lengths of time are read one by one up to `MOST_ROWS` cases, which
is exact and faster than the sums' buckets: on a day they are about as many as its cases. Beyond that come the buckets.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from itertools import chain
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
    ROWS,
    STALE,
    SUMS,
    UNSUMMED,
    VALUES,
    gathered,
)
from engine.figures.scope import PERIODS, SUMMARY, Scope, place
from engine.figures.tally import Tally
from engine.figures.trend import Older
from engine.metrics.periods import Period
from engine.metrics.process import OwnMeasure
from engine.metrics.sums import TIMES

MOST_ROWS: Final = 60_000
"""Of how many ended cases the lengths are read one by one."""
FEW_DAYS: Final = 200
"""How many days are named one by one."""
COUNTS: Final = (
    "cases", "outcome", "effort", "hand_overs", "failures", "repeats", "send_backs", "first_time_right", "feedback",
    "priority",
)  # fmt: skip
"""The sums of how many and how much, of what stands in the rows of cases."""
BY_PRIORITY: Final = "priority_cycle"
"""The sums of cycle times by priority and bucket; those of other lengths bear their names."""
ELEMENTS: Final = ("element", "element_waiting", "element_working", "element_repeats", "element_failures")
"""The sums of what happened at elements; their labels are the process's key and the element's id."""


class Ended:
    """What ended in some periods of one length, newest first and without gaps between them.

    Given `tally`, what is added comes to what that one, of the only period, holds already.
    """

    most_rows = MOST_ROWS

    def __init__(
        self, connection: Connection, scope: Scope, spans: Sequence[Period], tally: Tally | None = None
    ) -> None:
        self._connection, self._scope, self._spans = connection, scope, spans
        self._within = {"keys": scope.keys, "first": spans[-1].first, "last": spans[0].last}
        self._unsummed: list[tuple[str, date]] | None = None
        self.tallies = tuple(Tally() for _ in spans) if tally is None else (tally,)

    def add(self, *, cases: bool = False, labels: bool = False, measures: Sequence[OwnMeasure] = ()) -> None:
        """Add what stands in the rows of cases, people with groups and interfaces, and own measures, as asked for."""
        self._add(cases=cases, labels=labels, measures=measures, times=TIMES, spreads=None)

    def add_for_trend(self, measures: Sequence[OwnMeasure], older: Older) -> None:
        """Add what trends tell of older periods."""
        self._add(cases=True, labels=False, measures=measures, times=older.times, spreads=older.spreads)

    def _add(
        self,
        *,
        cases: bool,
        labels: bool,
        measures: Sequence[OwnMeasure],
        times: Sequence[str],
        spreads: Collection[str] | None,
    ) -> None:
        measures = [each for each in measures if each.kind != "ratio"]
        if self._scope.filter.plain:
            names = [*(COUNTS if cases else ()), *(KINDS if labels else ()), *(f"own:{each.key}" for each in measures)]
            spread = [
                each.key for each in measures if each.kind != "count" and (spreads is None or each.key in spreads)
            ]
            self._add_sums([*names, *(f"own_bucket:{key}" for key in spread)])
        if cases:
            self._add_cases(times)
        if labels:
            for day, kind, value, count, uses in self._rest(LABELS):
                self.tallies[place(day, self._spans)].add(kind, value, count, uses)
        if measures:
            self._add_values([each.key for each in measures])

    def add_elements(self) -> None:
        """Add what happened at elements; for one period only."""
        if self._scope.filter.plain:
            self._add_sums(ELEMENTS)
        (tally,) = self.tallies
        for row in self._rest(ACTIVITIES):
            label = f"{row.process_key} {row.element_id}"
            tally.add("element", label, row.completed, row.elapsed)
            tally.add("element_waiting", label, row.claimed, row.waiting or 0)
            tally.add("element_working", label, row.claimed, row.working or 0)
            tally.add("element_repeats", label, row.repeats, row.repeats)
            tally.add("element_failures", label, row.failures, row.failures)

    def _add_cases(self, times: Sequence[str]) -> None:
        if not self._scope.filter.plain:
            self._add_rows(self._rest(ROWS), lengths=True)
            return
        rows = self._rest(ROWS)
        many = len(rows) + sum(tally.ended for tally in self.tallies) > self.most_rows
        self._add_rows(rows, lengths=many)
        if many:
            self._add_sums([*times, BY_PRIORITY])
        else:
            self._add_lengths(tuple(times))

    def _add_rows(self, rows: Sequence[Any], *, lengths: bool) -> None:
        ordered = sorted(rows, key=itemgetter(0))
        for span, tally in zip(self._spans, self.tallies, strict=True):
            begin, end = (
                find(ordered, day, key=itemgetter(0))
                for find, day in ((bisect_left, span.first), (bisect_right, span.last))
            )
            tally.add_rows(ordered[begin:end], lengths=lengths)

    def _add_lengths(self, times: tuple[str, ...]) -> None:
        statement = gathered(self._connection.dialect.name, times).where(*self._scope.ended())
        found: list[list[Sequence[Any]]] = [[] for _ in self._spans]
        for day, *arrays in self._connection.execute(statement, self._within):
            found[place(day, self._spans)].append(arrays)
        for number, days in enumerate(found):
            if days:
                *lengths, priorities = map(_joined, zip(*days, strict=True))
                self.tallies[number].add_lengths(dict(zip(times, lengths, strict=True)), () if number else priorities)

    def _add_values(self, measures: Sequence[str]) -> None:
        values: dict[tuple[int, str], list[float]] = {}
        for day, measure, value in self._rest(VALUES, {"measures": measures}):
            values.setdefault((place(day, self._spans), measure), []).append(value)
        for (span, measure), found in values.items():
            self.tallies[span].add_values(measure, found)

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

    def _rest(self, statement: Select[Any], wanted: Mapping[str, Any] | None = None) -> Sequence[Any]:
        """Return the rows of what the sums do not hold: all with a filter that they do not know."""
        if not self._scope.filter.plain:
            statement = statement.where(*self._scope.ended())
        elif not self._unsummed_days():
            return ()
        else:
            statement = self._where_unsummed(statement)
        return self._connection.execute(statement, {**self._within, **(wanted or {})}).all()

    def _where_unsummed(self, statement: Select[Any]) -> Select[Any]:
        found = self._unsummed_days()
        days = tuple_(SUMMARY.c.definition_key, SUMMARY.c.ended_on).in_(found) if len(found) <= FEW_DAYS else NO_MARK
        return statement.where(days, *self._scope.ended())

    def _unsummed_days(self) -> list[tuple[str, date]]:
        if self._unsummed is None:
            self._unsummed = [tuple(row) for row in self._connection.execute(UNSUMMED, self._within)]
        return self._unsummed


def _joined(arrays: Sequence[Any]) -> list[Any]:
    """Return the values of arrays one after the other; SQLite gives each as a JSON text, PostgreSQL as a list."""
    if isinstance(arrays[0], str):
        found: list[Any] = json.loads(f"[{','.join(array[1:-1] for array in arrays)}]")
        return found
    return list(chain.from_iterable(arrays))
