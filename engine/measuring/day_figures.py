"""Owns what the cases of a day come to: read with what stands beside them, and added up; it writes nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from sqlalchemy import BindParameter, Connection, bindparam, case, func, select

from engine.measuring.rows import ACTIVITY, LABEL, VALUE
from engine.metrics.packed import PackedCase, pack_case
from engine.metrics.sums import SummedActivities, SummedCase, Sums
from engine.persistence.database import AnyRow

CHUNK: Final = 1_000
"""How many cases a statement adds up."""

_SUMMED_LABELS: Final = frozenset(("person", "group", "interface"))
_THESE: Final[BindParameter[Sequence[str]]] = bindparam("ids", expanding=True)
# By the ids of the cases, not joined to them: a planner that has no statistics yet would read the whole tables.
_LABELS: Final = select(LABEL.c.instance_id, LABEL.c.kind, LABEL.c.value, LABEL.c.count).where(
    LABEL.c.instance_id.in_(_THESE)
)
_VALUES: Final = (
    select(VALUE.c.instance_id, VALUE.c.measure, VALUE.c.value)
    .where(VALUE.c.instance_id.in_(_THESE))
    .order_by(VALUE.c.instance_id, VALUE.c.measure)
)
_ACTIVITIES: Final = (
    select(
        ACTIVITY.c.process_key,
        ACTIVITY.c.element_id,
        func.sum(ACTIVITY.c.completed).label("completed"),
        func.sum(ACTIVITY.c.elapsed_seconds).label("elapsed_seconds"),
        func.sum(case((ACTIVITY.c.waiting_seconds.is_not(None), ACTIVITY.c.completed), else_=0)).label("claimed"),
        func.sum(ACTIVITY.c.waiting_seconds).label("waiting_seconds"),
        func.sum(ACTIVITY.c.working_seconds).label("working_seconds"),
        func.sum(case((ACTIVITY.c.repeats > 0, 1), else_=0)).label("repeated"),
        func.sum(ACTIVITY.c.repeats).label("repeats"),
        func.sum(case((ACTIVITY.c.failures > 0, 1), else_=0)).label("failed"),
        func.sum(ACTIVITY.c.failures).label("failures"),
    )
    .where(ACTIVITY.c.instance_id.in_(_THESE))
    .group_by(ACTIVITY.c.process_key, ACTIVITY.c.element_id)
)


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The cases of a day: their sums by version of the definition, and each of them as it is packed."""

    sums: Mapping[int, Sums]
    packed: Sequence[PackedCase]


def day_sums(connection: Connection, cases: Sequence[AnyRow]) -> DayFigures:
    """Return the sums of `cases`, rows of `case_summary`, and what is packed of them."""
    found: dict[int, Sums] = defaultdict(Sums)
    packed: list[PackedCase] = []
    for chunk in (cases[first : first + CHUNK] for first in range(0, len(cases), CHUNK)):
        labels, values = _beside(connection, chunk)
        for row in chunk:
            sums, own_labels, own_values = (
                found[row.definition_version],
                labels[row.instance_id],
                values[row.instance_id],
            )
            sums.add_case(cast(SummedCase, row))
            for (kind, value), times in own_labels.items():
                if kind in _SUMMED_LABELS:
                    sums.add_label(kind, value, 1, times)
            for measure, amount in own_values.items():
                sums.add_value(measure, amount)
            packed.append(
                pack_case(cast(SummedCase, row), row.definition_version, row.organisation_id, own_labels, own_values)
            )
        for version in {row.definition_version for row in chunk}:
            ids = [row.instance_id for row in chunk if row.definition_version == version]
            for activities in connection.execute(_ACTIVITIES, {"ids": ids}):
                found[version].add_activities(cast(SummedActivities, activities))
    return DayFigures(dict(found), packed)


def _beside(
    connection: Connection, cases: Sequence[AnyRow]
) -> tuple[dict[str, dict[tuple[str, str], int]], dict[str, dict[str, float]]]:
    """Return the labels and own measures of cases, by their ids."""
    which = {"ids": [row.instance_id for row in cases]}
    labels: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    values: dict[str, dict[str, float]] = defaultdict(dict)
    for instance_id, kind, value, times in connection.execute(_LABELS, which):
        labels[instance_id][kind, value] = times
    for instance_id, measure, amount in connection.execute(_VALUES, which):
        values[instance_id][measure] = amount
    return labels, values
