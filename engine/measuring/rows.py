"""Owns the rows of an ended case's figures: what is read of its log, and how figures become rows."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from engine.errors import NotFound
from engine.metrics.summary import ActivityFigures, CaseFigures
from engine.persistence.models import CaseActivity, CaseLabel, CaseSummary, CaseValue, SummedDay
from engine.persistence.statements import EVENT, table
from engine.registers.access import RegisterAccess
from engine.types import Json, RecordRef

SUMMARY: Final = table(CaseSummary)
ACTIVITY: Final = table(CaseActivity)
LABEL: Final = table(CaseLabel)
VALUE: Final = table(CaseValue)
MARK: Final = table(SummedDay)

LOG_COLUMNS: Final = (
    EVENT.c.instance_id,
    EVENT.c.at,
    EVENT.c.kind,
    EVENT.c.process_key,
    EVENT.c.task_id,
    EVENT.c.element_id,
    EVENT.c.element_kind,
    EVENT.c.actor,
    EVENT.c.effort_minutes,
    EVENT.c.outcome,
    EVENT.c.rework,
    EVENT.c.interface,
    EVENT.c.detail,
)
LOG_OF_CASE: Final[Select[Any]] = (
    select(*LOG_COLUMNS).where(EVENT.c.instance_id == bindparam("instance")).order_by(EVENT.c.id)
)
NEW_SUMMARY: Final = insert(SUMMARY)
NEW_ACTIVITIES: Final = insert(ACTIVITY)
NEW_LABELS: Final = insert(LABEL)
NEW_VALUES: Final = insert(VALUE)
DROP_MARK: Final = delete(MARK).where(
    MARK.c.definition_key == bindparam("of_definition"), MARK.c.day == bindparam("of_day")
)

_COLUMNS: Final = tuple(column.name for column in SUMMARY.c)
_OF_ACTIVITY: Final = tuple(each.name for each in fields(ActivityFigures))


def summary_row(figures: CaseFigures) -> dict[str, Any]:
    """Return the row of `case_summary`."""
    return {name: getattr(figures, name) for name in _COLUMNS}


def activity_rows(figures: CaseFigures) -> Iterable[dict[str, Any]]:
    """Yield the rows of `case_activity`."""
    for each in figures.activities:
        yield {"instance_id": figures.instance_id, **{name: getattr(each, name) for name in _OF_ACTIVITY}}


def label_rows(figures: CaseFigures) -> Iterable[dict[str, Any]]:
    """Yield the rows of `case_label`."""
    for (kind, value), count in sorted(figures.labels.items()):
        yield {"instance_id": figures.instance_id, "kind": kind, "value": value, "count": count}


def service_rows(instance_id: str, services: Iterable[str]) -> list[dict[str, Any]]:
    """Return the rows of `case_label` that a case starts with."""
    return [{"instance_id": instance_id, "kind": "service", "value": service, "count": 1} for service in services]


def value_rows(figures: CaseFigures) -> Iterable[dict[str, Any]]:
    """Yield the rows of `case_value`."""
    for measure, value in sorted(figures.values.items()):
        yield {"instance_id": figures.instance_id, "measure": measure, "value": value}


def resolver(connection: Connection) -> Callable[[RecordRef], Mapping[str, Json] | None]:
    """Return what reads the bodies of work products over `connection`, each once."""
    access = RegisterAccess(connection, {})

    def body(ref: RecordRef) -> Mapping[str, Json] | None:
        try:
            return access.body(ref)
        except NotFound:
            return None

    return body
