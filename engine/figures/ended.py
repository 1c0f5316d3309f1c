"""Reads what ended in some periods, from daily sums and rows of cases, into tallies; what figures mean is not known.

How many and how much comes from the sums of the days that are summed up, and from the rows of other days; from the rows
alone where a filter asks for what sums do not know. Lengths of time are read one by one up to `MOST_ROWS` cases, which
is exact and faster than the sums' buckets: on a day they are about as many as its cases. Beyond that come the buckets.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Connection,
    Date,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    tuple_,
    union_all,
)

from engine.figures.scope import LABEL, PERIODS, SUMMARY, Scope, place
from engine.figures.tally import COLUMNS, Tally
from engine.metrics.periods import Period
from engine.metrics.process import OwnMeasure
from engine.metrics.sums import TIMES
from engine.persistence.models import CaseActivity, CaseValue, DailyFigure, ProcessDefinition, SummedDay
from engine.persistence.statements import table

MOST_ROWS: Final = 60_000
"""Of how many ended cases the lengths are read one by one."""
FEW_DAYS: Final = 200
"""How many days are named one by one."""
KINDS: Final = ("person", "group", "interface")
"""The labels that are counted."""
COUNTS: Final = (
    "cases", "outcome", "effort", "hand_overs", "failures", "repeats", "send_backs", "first_time_right", "feedback",
    "priority",
)  # fmt: skip
"""The sums of how many and how much, of what stands in the rows of cases."""
BUCKETS: Final = (*TIMES, "priority_cycle")
"""The sums of lengths of time by bucket."""
ELEMENTS: Final = ("element", "element_waiting", "element_working", "element_repeats", "element_failures")
"""The sums of what happened at elements; their labels are the process's key and the element's id."""

ACTIVITY: Final = table(CaseActivity)
VALUE: Final = table(CaseValue)
DAILY: Final = table(DailyFigure)
SUMMED: Final = table(SummedDay)
_D: Final = table(ProcessDefinition)

_KEYS: Final[BindParameter[Any]] = bindparam("keys", expanding=True)
_FIRST, _LAST = bindparam("first", type_=Date), bindparam("last", type_=Date)
_WITHIN: Final = (SUMMARY.c.definition_key.in_(_KEYS), SUMMARY.c.ended_on.between(_FIRST, _LAST))

# Marks of days that have no cases are of no use, and days with cases are few beside the cases: so the days are gone
# through by the index, one seek each, and kept when they have no mark.
_OWN: Final = select(_D.c.key).where(_D.c.key.in_(_KEYS)).distinct().subquery()
_STARTS: Final = select(
    _OWN.c.key,
    select(func.min(SUMMARY.c.ended_on))
    .where(SUMMARY.c.definition_key == _OWN.c.key, SUMMARY.c.ended_on >= _FIRST)
    .scalar_subquery()
    .label("day"),
).cte("days", recursive=True)
_DAYS: Final = _STARTS.union_all(
    select(
        _STARTS.c.key,
        select(func.min(SUMMARY.c.ended_on))
        .where(SUMMARY.c.definition_key == _STARTS.c.key, SUMMARY.c.ended_on > _STARTS.c.day)
        .scalar_subquery(),
    ).where(_STARTS.c.day <= _LAST)
)
UNSUMMED: Final = select(_DAYS.c.key, _DAYS.c.day).where(
    _DAYS.c.day <= _LAST,
    ~exists().where(SUMMED.c.definition_key == _DAYS.c.key, SUMMED.c.day == _DAYS.c.day),
)
"""Days on which cases ended, and that are not summed up."""
_NO_MARK: Final = ~exists().where(
    SUMMED.c.definition_key == SUMMARY.c.definition_key, SUMMED.c.day == SUMMARY.c.ended_on
)

ROWS: Final = select(*(SUMMARY.c[name] for name in COLUMNS)).where(*_WITHIN)
LABELS: Final = (
    select(SUMMARY.c.ended_on, LABEL.c.kind, LABEL.c.value, func.count(), func.sum(LABEL.c.count))
    .join_from(SUMMARY, LABEL, LABEL.c.instance_id == SUMMARY.c.instance_id)
    .where(*_WITHIN, LABEL.c.kind.in_(KINDS))
    .group_by(SUMMARY.c.ended_on, LABEL.c.kind, LABEL.c.value)
)
ACTIVITIES: Final = (
    select(
        ACTIVITY.c.process_key,
        ACTIVITY.c.element_id,
        func.sum(ACTIVITY.c.completed).label("completed"),
        func.sum(ACTIVITY.c.elapsed_seconds).label("elapsed"),
        func.sum(case((ACTIVITY.c.waiting_seconds.is_not(None), ACTIVITY.c.completed), else_=0)).label("claimed"),
        func.sum(ACTIVITY.c.waiting_seconds).label("waiting"),
        func.sum(ACTIVITY.c.working_seconds).label("working"),
        func.sum(ACTIVITY.c.repeats).label("repeats"),
        func.sum(ACTIVITY.c.failures).label("failures"),
    )
    .join_from(SUMMARY, ACTIVITY, ACTIVITY.c.instance_id == SUMMARY.c.instance_id)
    .where(*_WITHIN)
    .group_by(ACTIVITY.c.process_key, ACTIVITY.c.element_id)
)
VALUES: Final = (
    select(SUMMARY.c.ended_on, VALUE.c.measure, VALUE.c.value)
    .join_from(SUMMARY, VALUE, VALUE.c.instance_id == SUMMARY.c.instance_id)
    .where(*_WITHIN, VALUE.c.measure.in_(bindparam("measures", expanding=True)))
)
_SPANS: Final = union_all(
    *(
        select(
            literal_column(str(number)).label("number"),
            bindparam(f"first{number}", type_=Date).label("first"),
            bindparam(f"last{number}", type_=Date).label("last"),
        )
        for number in range(PERIODS)
    )
).cte("spans")
_VERSION: Final = (bindparam("any_version", type_=Integer) == 1) | (
    DAILY.c.version == bindparam("version", type_=Integer)
)
SUMS: Final = (
    select(_SPANS.c.number, DAILY.c.name, DAILY.c.label, func.sum(DAILY.c.count), func.sum(DAILY.c.total))
    .join_from(_SPANS, DAILY, DAILY.c.day.between(_SPANS.c.first, _SPANS.c.last))
    .where(DAILY.c.definition_key.in_(_KEYS), DAILY.c.name.in_(bindparam("names", expanding=True)), _VERSION)
    .group_by(DAILY.c.label, DAILY.c.name, _SPANS.c.number)  # in this order: labels differ most, and sorting costs
)
"""Daily sums by span, also those of days whose mark is gone."""
STALE: Final = select(DAILY.c.definition_key, DAILY.c.day).where(DAILY.c.name == "cases").distinct()
"""Days that have sums; to be asked of days without a mark."""
_MARKED: Final = exists().where(SUMMED.c.definition_key == DAILY.c.definition_key, SUMMED.c.day == DAILY.c.day)


def _lengths(gather: Any) -> Select[Any]:
    """Return the query for all lengths of time, gathered into an array for each day; and priorities, in their order."""
    columns = (*(SUMMARY.c[f"{name}_seconds"] for name in TIMES), SUMMARY.c.priority)
    return (
        select(SUMMARY.c.ended_on, *map(gather, columns))
        .where(*_WITHIN)
        .group_by(SUMMARY.c.definition_key, SUMMARY.c.ended_on)
    )


# An array for a day, not a row for a case: most of the time would go into making rows.
LENGTHS: Final = {"sqlite": _lengths(func.json_group_array), "postgresql": _lengths(func.array_agg)}


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
        measures = [each for each in measures if each.kind != "ratio"]
        if self._scope.filter.plain:
            names = [*(COUNTS if cases else ()), *(KINDS if labels else ()), *(f"own:{each.key}" for each in measures)]
            spread = [f"own_bucket:{each.key}" for each in measures if each.kind != "count"]
            self._add_sums(names + spread)
        if cases:
            self._add_cases()
        if labels:
            for day, kind, value, count, times in self._rest(LABELS):
                self.tallies[place(day, self._spans)].add(kind, value, count, times)
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

    def _add_cases(self) -> None:
        if not self._scope.filter.plain:
            self._add_rows(self._rest(ROWS), lengths=True)
            return
        rows = self._rest(ROWS)
        many = len(rows) + sum(tally.ended for tally in self.tallies) > self.most_rows
        self._add_rows(rows, lengths=many)
        if many:
            self._add_sums(BUCKETS)
        else:
            self._add_lengths()

    def _add_rows(self, rows: Sequence[Any], *, lengths: bool) -> None:
        ordered = sorted(rows, key=itemgetter(0))
        for span, tally in zip(self._spans, self.tallies, strict=True):
            begin, end = (
                find(ordered, day, key=itemgetter(0))
                for find, day in ((bisect_left, span.first), (bisect_right, span.last))
            )
            tally.add_rows(ordered[begin:end], lengths=lengths)

    def _add_lengths(self) -> None:
        statement = LENGTHS[self._connection.dialect.name].where(*self._scope.ended())
        found: list[list[Sequence[Any]]] = [[] for _ in self._spans]
        for day, *arrays in self._connection.execute(statement, self._within):
            found[place(day, self._spans)].append(arrays)
        for number, days in enumerate(found):
            if days:
                *lengths, priorities = map(_joined, zip(*days, strict=True))
                self.tallies[number].add_lengths(dict(zip(TIMES, lengths, strict=True)), () if number else priorities)

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
            return SUMS.where(_MARKED)
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
        days = tuple_(SUMMARY.c.definition_key, SUMMARY.c.ended_on).in_(found) if len(found) <= FEW_DAYS else _NO_MARK
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
