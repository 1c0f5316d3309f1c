"""The statements by which ended cases are read for figures, built once; it runs none of them."""

from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Date,
    Integer,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    union_all,
)

from engine.figures.scope import LABEL, PERIODS, SUMMARY
from engine.figures.tally import COLUMNS
from engine.persistence.models import CaseActivity, CaseValue, DailyFigure, PackedMonth, ProcessDefinition, SummedDay
from engine.persistence.statements import table

KINDS: Final = ("person", "group", "interface")
"""The labels that are counted."""

ACTIVITY: Final = table(CaseActivity)
VALUE: Final = table(CaseValue)
DAILY: Final = table(DailyFigure)
SUMMED: Final = table(SummedDay)
MONTH: Final = table(PackedMonth)
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
NO_MARK: Final = ~exists().where(
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
MARKED: Final = exists().where(SUMMED.c.definition_key == DAILY.c.definition_key, SUMMED.c.day == DAILY.c.day)


_MONTHS: Final = (
    MONTH.c.definition_key.in_(_KEYS),
    MONTH.c.month.between(bindparam("first_month", type_=Date), _LAST),
)
PACKED: Final = select(MONTH.c.definition_key, MONTH.c.content).where(*_MONTHS)
"""Packed months with days between the first and the last."""
PACKED_CASES: Final = select(func.coalesce(func.sum(MONTH.c.cases), 0)).where(*_MONTHS)
