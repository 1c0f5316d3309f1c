"""The cases that a figure counts, one page at a time, each with its own value; it knows nobody's rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, case, exists, func, or_, select

from engine.errors import NotFound
from engine.figures.queries import ACTIVITY, VALUE
from engine.figures.scope import LABEL, SUMMARY, Scope
from engine.figures.tally import BANDS
from engine.figures.values import INTERFACES
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import MINUTES, SCORE, SECONDS, SHARE, TIMES, measure_of, measures_of
from engine.persistence.database import AnyRow
from engine.persistence.statements import INSTANCE
from engine.views.lists import Cursor, Page
from engine.views.performance import CaseBehind

_COLUMNS: Final = (
    INSTANCE.c.id, INSTANCE.c.number, INSTANCE.c.title, INSTANCE.c.status, INSTANCE.c.outcome,
    INSTANCE.c.started_at, INSTANCE.c.ended_at,
)  # fmt: skip
_LENGTHS: Final = {
    "cycle_time": SUMMARY.c.cycle_seconds,
    "waiting_time": SUMMARY.c.waiting_seconds,
    "working_time": SUMMARY.c.working_seconds,
    "idle_time": SUMMARY.c.idle_seconds,
}
_TROUBLES: Final = {
    "hand_overs": SUMMARY.c.hand_overs,
    "failures": SUMMARY.c.failures,
    "repeats": SUMMARY.c.repeats,
    "send_backs": SUMMARY.c.send_backs,
}
_NAMES: Final = {"people": "person", "groups": "group"} | dict.fromkeys(INTERFACES, "interface")
_COMPLETED: Final = SUMMARY.c.status == "completed"

FEW_PAGES: Final = 4
"""How many pages of cases are looked at first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which ended cases, with which value: `conditions` on `SUMMARY`. Most first; `least_first` the other way round.

    Without a value the last to end come first.
    """

    conditions: tuple[ColumnElement[bool], ...] = ()
    value: Any = None
    unit: str = ""
    least_first: bool = False


@dataclass(frozen=True, slots=True)
class Behind:
    """Looks for the cases behind the figures of a process.

    `visible` is a condition on `ProcessInstance`, `now` an aware instant, `limit` how many cases a page has.
    """

    connection: Connection
    scope: Scope
    process: ManagedProcess
    visible: ColumnElement[bool]
    now: datetime
    limit: int

    def page(self, named: str, label: str | None, after: Cursor | None) -> Page[CaseBehind]:
        """Return a page of the cases that the statistic or measure `named` counts.

        `label` is one of the measure's parts, or with `element` the process's key and the element's id. Raises
        `NotFound` for an unknown measure, `InputRefused` for a damaged cursor.
        """
        measure = measure_of(named)
        if measure == "started":
            return self._running(after, started=True)
        if measure in ("open", "backlog_age"):
            return self._running(after, started=False)
        wanted = _wanted(self.process, measure, label)
        if wanted is None:
            raise NotFound("measure", named)
        return self._ended(wanted, after)

    def _ended(self, wanted: Wanted, after: Cursor | None) -> Page[CaseBehind]:
        by_value, period = wanted.value is not None, self.scope.filter.period
        place = wanted.value if by_value else SUMMARY.c.ended_at
        counted = (
            select(SUMMARY.c.instance_id, SUMMARY.c.status.label("how"), place.label("place"))
            .where(SUMMARY.c.definition_key.in_(self.scope.keys), SUMMARY.c.ended_on.between(period.first, period.last))
            .where(*self.scope.ended(), *wanted.conditions)
        )
        last = None if after is None else after.number_and_id() if by_value else after.moment_and_id()
        rows = self._first(
            _sorted(counted, place, last, least_first=wanted.least_first, identity=SUMMARY.c.instance_id),
            least_first=wanted.least_first,
        )
        shown = tuple(
            CaseBehind(
                row.id, row.number, row.title, row.how, row.outcome, row.started_at, row.ended_at,
                float(row.place) if by_value else None, wanted.unit,
            )
            for row in rows[:self.limit]
        )  # fmt: skip
        if len(rows) <= self.limit:
            return Page(shown)
        end = rows[self.limit - 1]
        return Page(shown, Cursor((repr(float(end.place)) if by_value else end.place.isoformat(), end.id)))

    def _first(self, counted: Select[Any], *, least_first: bool) -> Sequence[AnyRow]:
        """Return the rows of a page, and one more where there are more, in the order of `counted`.

        To look up all that are counted, of a year, takes several times as long as the first only. Where too few of them
        may be seen, all are looked up.
        """
        enough = self.limit * FEW_PAGES
        ids = [row.instance_id for row in self.connection.execute(counted.limit(enough))]
        rows = self._seen(counted.where(SUMMARY.c.instance_id.in_(ids)), least_first=least_first)
        return rows if len(rows) > self.limit or len(ids) < enough else self._seen(counted, least_first=least_first)

    def _seen(self, counted: Select[Any], *, least_first: bool) -> Sequence[AnyRow]:
        these = counted.subquery()
        query = (
            select(*_COLUMNS, these.c.how, these.c.place)
            .join_from(these, INSTANCE, INSTANCE.c.id == these.c.instance_id)
            .where(self.visible)
            .order_by(these.c.place if least_first else these.c.place.desc(), INSTANCE.c.id)
        )
        return self.connection.execute(query.limit(self.limit + 1)).all()

    def _running(self, after: Cursor | None, *, started: bool) -> Page[CaseBehind]:
        """Return cases that started in the period, newest first, or those open at its end (or now), oldest first."""
        period = self.scope.filter.period
        end = min(period.end, self.now)
        if started:
            when = (INSTANCE.c.started_at >= period.start, INSTANCE.c.started_at < period.end)
        else:
            still = or_(INSTANCE.c.status == "active", INSTANCE.c.ended_at >= period.end)
            when = (INSTANCE.c.started_at < period.end, still)
        query = select(*_COLUMNS).where(
            INSTANCE.c.definition_key.in_(self.scope.keys), *when, *self.scope.running(), self.visible
        )
        query = _sorted(query, INSTANCE.c.started_at, after and after.moment_and_id(), least_first=not started)
        rows = self.connection.execute(query.limit(self.limit + 1)).all()
        found = tuple(
            CaseBehind(
                row.id, row.number, row.title, row.status, row.outcome, row.started_at, row.ended_at,
                None if started else max(0.0, (end - row.started_at).total_seconds()), "" if started else SECONDS,
            )
            for row in rows[:self.limit]
        )  # fmt: skip
        more = len(rows) > self.limit
        return Page(found, Cursor((found[-1].started_at.isoformat(), found[-1].instance_id)) if more else None)


def _wanted(process: ManagedProcess, measure: str, label: str | None) -> Wanted | None:  # noqa: PLR0911 - a table
    if measure in ("completed", "withdrawn", "cancelled"):
        return Wanted((SUMMARY.c.status == measure,))
    if measure in _LENGTHS:
        return Wanted(_band(label), _LENGTHS[measure], SECONDS)
    if measure in _TROUBLES:
        return Wanted((_TROUBLES[measure] > 0,), _TROUBLES[measure], TIMES)
    if measure in _NAMES:
        return Wanted((_goes_with(_names(measure, label)),), _times(_names(measure, label)), TIMES)
    if measure == "effort":
        return Wanted((SUMMARY.c.effort_minutes.is_not(None),), SUMMARY.c.effort_minutes, MINUTES)
    if measure == "outcomes":
        return Wanted((_COMPLETED,) if label is None else (SUMMARY.c.outcome == label,))
    if measure == "first_time_right":
        return Wanted((_COMPLETED,), case((SUMMARY.c.first_time_right, 1.0), else_=0.0), SHARE, least_first=True)
    if measure in ("feedback", "feedback_rate"):
        score = SUMMARY.c.feedback.is_not(None) if label is None else SUMMARY.c.feedback == _number(label)
        return Wanted((score,), SUMMARY.c.feedback, SCORE, least_first=True)
    if measure == "priorities":
        return Wanted(_band(label), SUMMARY.c.priority)
    if measure == "element":
        return _at_element(label)
    return _own(process, measure)


def _band(label: str | None) -> tuple[ColumnElement[bool], ...]:
    """Return the condition for a band of priorities; a band that there is not has no cases."""
    return () if label is None else (SUMMARY.c.priority.between(*BANDS.get(label, (1, 0))),)


def _number(label: str) -> int:
    return int(label) if label.isascii() and label.isdigit() and len(label) == 1 else 0


def _names(measure: str, label: str | None) -> tuple[ColumnElement[bool], ...]:
    found: list[ColumnElement[bool]] = [LABEL.c.instance_id == SUMMARY.c.instance_id, LABEL.c.kind == _NAMES[measure]]
    if label is not None:
        found.append(LABEL.c.value == label)
    if measure in INTERFACES:
        found.append(LABEL.c.value.startswith(INTERFACES[measure], autoescape=True))
    return tuple(found)


def _goes_with(conditions: tuple[ColumnElement[bool], ...]) -> ColumnElement[bool]:
    return exists().where(*conditions)


def _times(conditions: tuple[ColumnElement[bool], ...]) -> Any:
    return select(func.sum(LABEL.c.count)).where(*conditions).scalar_subquery()


def _at_element(label: str | None) -> Wanted:
    process_key, _, element_id = (label or "").partition(" ")
    here = (
        ACTIVITY.c.instance_id == SUMMARY.c.instance_id,
        ACTIVITY.c.process_key == process_key,
        ACTIVITY.c.element_id == element_id,
    )
    elapsed = select(ACTIVITY.c.elapsed_seconds).where(*here).scalar_subquery()
    return Wanted((exists().where(*here),), elapsed, SECONDS)


def _own(process: ManagedProcess, key: str) -> Wanted | None:
    """Return the cases of an own measure, of a count those that have any; of a ratio those of its numerator."""
    measures = {each.key: each for each in measures_of(process) if each.kind == "own"}
    own = {each.key: each for each in process.measures}
    if key not in own:
        return None
    if own[key].kind == "ratio":
        above = own[key].numerator or ""
        return Wanted() if above not in own or own[above].kind == "ratio" else _own(process, above)
    here = (VALUE.c.instance_id == SUMMARY.c.instance_id, VALUE.c.measure == key)
    value = select(VALUE.c.value).where(*here).scalar_subquery()
    any_of_it = (VALUE.c.value > 0,) if own[key].kind == "count" else ()
    return Wanted((exists().where(*here, *any_of_it),), value, measures[key].unit)


def _sorted(
    query: Select[Any], by: Any, after: Any, *, least_first: bool, identity: ColumnElement[str] = INSTANCE.c.id
) -> Select[Any]:
    """Return the query in the order of `by`, then of the id, from after the last row that was shown."""
    if after is not None:
        place, last = after
        beyond = by > place if least_first else by < place
        query = query.where(or_(beyond, (by == place) & (identity > last)))
    return query.order_by(by if least_first else by.desc(), identity)
