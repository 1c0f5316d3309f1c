"""Improvement actions as they are recorded, and what has become of the figures that they were to move."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any, Final, cast, get_args

from sqlalchemy import Connection, and_, bindparam, select

from engine.evaluations.statements import VERSION
from engine.metrics.registry import StatisticDefinition
from engine.metrics.targets import FEWEST_CASES
from engine.persistence.database import AnyRow
from engine.persistence.statements import RECORD, TASK
from engine.types import Json
from engine.views.evaluations import Effect, ImprovementAction
from engine.views.performance import Statistic

REGISTER: Final = "improvement_actions"
_STATES: Final = ("open", "done", "dropped")
_SMALLEST: Final = 0.001
"""Figures that differ by less than this share of themselves are the same: approximate ones differ by nothing more."""

_OF_CASES: Final = (
    select(RECORD.c.id, RECORD.c.status, RECORD.c.created_at, VERSION.c.body, VERSION.c.instance_id)
    .join_from(
        RECORD,
        VERSION,
        and_(
            VERSION.c.register == RECORD.c.register,
            VERSION.c.record_id == RECORD.c.id,
            VERSION.c.version == RECORD.c.version,
        ),
    )
    .where(
        RECORD.c.register == REGISTER,
        VERSION.c.instance_id.in_(bindparam("cases", expanding=True)),
    )
    .order_by(RECORD.c.created_at, RECORD.c.id)
)
_TASKS: Final = select(TASK.c.id, TASK.c.reads).where(
    TASK.c.instance_id.in_(bindparam("cases", expanding=True)), TASK.c.state == "open"
)


_STATUSES: Final = select(RECORD.c.id, RECORD.c.status).where(
    RECORD.c.register == REGISTER, RECORD.c.id.in_(bindparam("numbers", expanding=True))
)


def states(connection: Connection, numbers: Sequence[str]) -> dict[str, str]:
    """Return the state in which each of these actions is now."""
    rows = connection.execute(_STATUSES, {"numbers": list(numbers)}) if numbers else ()
    return {row.id: row.status for row in rows}


def of_cases(connection: Connection, cases: Sequence[str]) -> list[AnyRow]:
    """Return the actions that these evaluations (ids of cases) have recorded, the oldest first."""
    return list(connection.execute(_OF_CASES, {"cases": list(cases)})) if cases else []


def open_tasks(connection: Connection, cases: Sequence[str]) -> dict[str, str]:
    """Return the open task of each action of these evaluations by the action's number."""
    rows = connection.execute(_TASKS, {"cases": list(cases)}) if cases else ()
    return {ref["id"]: row.id for row in rows for ref in row.reads if ref["register"] == REGISTER}


def kept(
    rows: Sequence[AnyRow],
    figures: Mapping[str, Statistic],
    statistics: Mapping[str, StatisticDefinition],
    last: date,
) -> list[Json]:
    """Return actions as an evaluation that is opened now keeps them: with the figure then and now, and the effect.

    `last` is the last day of its period (UTC).
    """
    found: list[Json] = []
    for row in rows:
        measure = row.body.get("measure")
        figure, statistic = figures.get(measure), statistics.get(measure)
        then, now = row.body.get("figure_then"), figure.value if figure else None
        found.append(
            {
                "number": row.id,
                "action": row.body.get("action"),
                "owner": row.body.get("owner_name") or row.body.get("owner"),
                "due": row.body.get("due"),
                "state": row.status,
                "note": row.body.get("result_note"),
                "figure": statistic.name if statistic else measure,
                "unit": statistic.unit if statistic else "",
                "then": then,
                "now": now,
                "effect": _effect(row, figure, statistic, last) if measure else None,
            }
        )
    return found


def _effect(action: AnyRow, figure: Statistic | None, statistic: StatisticDefinition | None, last: date) -> Effect:
    """Return what became of the figure of an action, if that can be said yet, and of these few cases."""
    then, now = action.body.get("figure_then"), figure.value if figure else None
    word = effect(then, now, statistic.better if statistic else None)
    if word != "not recorded" and last <= action.created_at.astimezone(UTC).date():
        return "too early"
    counts = statistic is not None and statistic.counts
    if word != "not recorded" and figure is not None and figure.cases < FEWEST_CASES and not counts:
        return "too few cases"
    return word


def effect(then: float | None, now: float | None, better: str | None) -> Effect:
    """Return in a word what became of a figure; `better` says which way is good (lower, higher, None)."""
    if then is None or now is None:
        return "not recorded"
    if abs(now - then) <= _SMALLEST * max(abs(now), abs(then)):
        return "unchanged"
    rose = now > then
    if better is None:
        return "more" if rose else "less"
    return "better" if rose == (better == "higher") else "worse"


def shown(stored: Mapping[str, Json], task_id: str | None = None) -> ImprovementAction:
    """Return an action as `kept` made it, or as its record has it."""
    state, word = stored.get("state"), stored.get("effect")
    return ImprovementAction(
        number=stored.get("number"),
        action=str(stored.get("action") or ""),
        owner=str(stored.get("owner") or ""),
        due=day(stored.get("due")),
        state=state if state in _STATES else "open",
        note=stored.get("note"),
        figure=stored.get("figure"),
        unit=str(stored.get("unit") or ""),
        then=stored.get("then"),
        now=stored.get("now"),
        effect=cast("Effect", word) if word in get_args(Effect) else None,
        task_id=task_id,
    )


def day(text: Any) -> date | None:
    """Return the day that a stored text says, None for anything else."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None
