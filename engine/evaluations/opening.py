"""What the case of an evaluation begins with: its figures as they are now, missed targets, earlier actions.

It reads only, and knows neither rights nor the clock.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, or_, select

from engine.evaluations import actions
from engine.figures import assembly
from engine.figures.processes import Processes
from engine.metrics.amounts import amount
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import statistics_of
from engine.persistence import models
from engine.persistence.database import AnyRow
from engine.persistence.statements import table
from engine.types import Actor, Json
from engine.views.performance import FigureFilter, Performance, Statistic

MOST_FIGURES: Final = 100
"""As many rows as a list of a form holds; figures with a target come first."""
_DIGITS: Final = 6

_USER, _GROUP = table(models.User), table(models.Group)
_ROLE, _MEMBER = table(models.RoleAssignment), table(models.Membership)
_PEOPLE: Final = (
    select(_USER.c.id, _USER.c.name)
    .where(
        _USER.c.active,
        _USER.c.id.in_(select(_ROLE.c.user_id).where(or_(_ROLE.c.role == "staff", _ROLE.c.role == "process_owner"))),
    )
    .order_by(_USER.c.name, _USER.c.id)
    .limit(800)
)
_GROUPS: Final = (
    select(_GROUP.c.id, _GROUP.c.name)
    .where(_GROUP.c.id.in_(select(_MEMBER.c.group_id)))
    .order_by(_GROUP.c.name, _GROUP.c.id)
    .limit(200)
)


def facts(
    connection: Connection,
    processes: Processes,
    process: ManagedProcess,
    period: Period,
    before: Sequence[AnyRow],
    now: datetime,
) -> dict[str, Json]:
    """Return the variables of the case; `before` are the records of the actions that earlier evaluations agreed on."""
    performance = assembly.performance(connection, processes, process, FigureFilter(period), now)
    figures = kept_figures(performance)
    by_key = {each.key: each for measure in performance.measures for each in measure.statistics}
    statistics = statistics_of(process)
    missed = [each for each in figures if each.light == "red"]
    return {
        "evaluation_title": f"Evaluation of {process.name}, {period.first} to {period.last}",
        "process": process.key,
        "process_name": process.name,
        "period_from": period.first.isoformat(),
        "period_to": period.last.isoformat(),
        "framework_version": performance.framework[2] if performance.framework else None,
        "evaluated_framework": list(performance.framework) if performance.framework else None,
        "unknown_targets": list(performance.unknown_targets),
        "figures": [_row(each) for each in figures],
        "trends": _trends(performance),
        "missed_targets": [{"value": each.key, "label": _missed(each)} for each in missed],
        "judgements": [{"statistic": each.key} for each in missed],
        "previous_actions": actions.kept(before, by_key, statistics, period.last),
        "owner_options": owners(connection),
    }


def kept_figures(performance: Performance) -> list[Statistic]:
    """Return the figures that an evaluation keeps: those of the measures that the framework looks at, targets first."""
    found = [each for measure in performance.measures if measure.selected for each in measure.statistics]
    return sorted(found, key=lambda each: each.light == "none" and each.target is None)[:MOST_FIGURES]


def read_figures(stored: Json) -> tuple[Statistic, ...]:
    """Return the figures that a case keeps."""
    return tuple(Statistic(**each) for each in stored or ())


def read_trends(stored: Json) -> dict[str, tuple[tuple[date, float | None], ...]]:
    """Return the trends that a case keeps, by statistic; none in a case from before they were kept."""
    return {
        key: tuple((date.fromisoformat(day), value) for day, value in points) for key, points in (stored or {}).items()
    }


def owners(connection: Connection) -> list[Json]:
    """Return who an action may be given to, as options: people who work here, and groups that have somebody."""
    people = [{"value": f"user:{row.id}", "label": row.name} for row in connection.execute(_PEOPLE)]
    groups = [{"value": f"group:{row.id}", "label": f"{row.name} (group)"} for row in connection.execute(_GROUPS)]
    return [*people, *groups]


def initiator(actor: Actor) -> dict[str, Json]:
    """Return the variable that says who started a case."""
    return {"id": actor.user_id, "name": actor.name, "organisation": actor.organisation_id}


def _trends(performance: Performance) -> dict[str, Json]:
    """Return the trend of every statistic that has a target: first days of periods with the values."""
    found: dict[str, Json] = {}
    for measure in performance.measures:
        trends = {measure.statistics[0].key: measure.trend, **measure.other_trends}
        for statistic in measure.statistics:
            if statistic.target is not None:
                found[statistic.key] = [
                    [day.isoformat(), value if value is None else round(value, _DIGITS)]
                    for day, value in trends.get(statistic.key, ())
                ]
    return found


def _row(statistic: Statistic) -> dict[str, Json]:
    row = asdict(statistic)
    return {name: round(value, _DIGITS) if isinstance(value, float) else value for name, value in row.items()}


def _missed(statistic: Statistic) -> str:
    return f"{statistic.name}: {amount(statistic.value, statistic.unit)}, target {statistic.target}"
