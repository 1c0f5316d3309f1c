"""Owns the rows of an ended case's figures: what is read of its log, and how figures become rows."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, delete, insert, select

from engine.errors import NotFound
from engine.metrics.own import Resolver
from engine.metrics.summary import ActivityFigures, CaseFigures
from engine.persistence.models import CaseActivity, CaseLabel, CaseSummary, CaseValue, ProcessDefinition, SummedDay
from engine.persistence.statements import EVENT, INSTANCE, table
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
_DEFINITIONS: Final = select(INSTANCE.c.definitions).where(INSTANCE.c.id == bindparam("instance"))
_REGISTERS: Final = select(ProcessDefinition.registers).where(
    ProcessDefinition.id.in_(bindparam("definitions", expanding=True))
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


class RecordBodies:
    """The bodies of work products that cases hold, over one reading connection; each is read once.

    A case's figures know of what its processes name in data stores, as the case itself does: a reference is data, which
    a model could have made up.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection, self._access = connection, RegisterAccess(connection)
        self._named: dict[tuple[str, ...], frozenset[str]] = {}

    def of_case(self, instance_id: str) -> Resolver:
        """Return what reads the bodies that a case may read; nothing is asked before it meets a reference."""

        def body(ref: RecordRef) -> Mapping[str, Json] | None:
            try:
                return self._access.body(ref) if ref.register in self._registers(instance_id) else None
            except NotFound:
                return None

        return body

    def _registers(self, instance_id: str) -> frozenset[str]:
        definitions = tuple(self._connection.execute(_DEFINITIONS, {"instance": instance_id}).scalar_one())
        if definitions not in self._named:
            found = self._connection.execute(_REGISTERS, {"definitions": definitions}).scalars()
            self._named[definitions] = frozenset(facts["key"] for registers in found for facts in registers.values())
        return self._named[definitions]
