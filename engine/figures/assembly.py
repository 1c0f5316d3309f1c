"""Puts the figures of a process together: one period, the ones before it, targets, parts, the backlog, the choices.

The statements of one page are bounded whatever the process: tests count them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select

from engine import figures_due
from engine.figures import choices, framework, volumes
from engine.figures.ended import Ended
from engine.figures.framework import Framework
from engine.figures.judging import light_of
from engine.figures.parts import parts
from engine.figures.processes import Processes
from engine.figures.scope import Scope, periods
from engine.figures.trend import WHOLE, Older, older
from engine.figures.values import Figure, Told, figures
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import Measure, StatisticDefinition, measures_of
from engine.persistence.models import ProcessDefinition
from engine.persistence.statements import INSTANCE, table
from engine.views.performance import FigureFilter, MeasureFigures, Performance, Share, Statistic

_D: Final = table(ProcessDefinition)
_OWN: Final = select(_D.c.key).where(_D.c.key.in_(bindparam("keys", expanding=True))).distinct().subquery()
_OLDEST: Final = select(
    select(func.min(INSTANCE.c.started_at)).where(INSTANCE.c.definition_key == _OWN.c.key).scalar_subquery()
).select_from(_OWN)


@dataclass(frozen=True, slots=True)
class History:
    """What is told of a period and of the ones before it, newest first: each period with its figures by statistic.

    `older` is what is told of those before the first two.
    """

    spans: tuple[Period, ...]
    told: tuple[Told, ...]
    figures: tuple[Mapping[str, Figure], ...]
    older: Older


def performance(
    connection: Connection, processes: Processes, process: ManagedProcess, wanted: FigureFilter, now: datetime
) -> Performance:
    """Return the figures of `process` for the cases that `wanted` lets count; `now` is an aware instant.

    It asks for nobody's rights: `may_see_cases` is False.
    """
    governed = framework.load(connection, {process.key: process})[process.key]
    past = history(connection, processes, process, wanted, now, older(process, governed.targets))
    current = past.told[0]
    occurring = choices.occurring(connection, process.cases)
    split = parts(current.tally)
    people = [share.label for share in split.get("people", ())]
    groups = {share.label for share in split.get("groups", ())} | occurring["group"]
    names = choices.names(connection, people, groups)
    words = choices.titles(connection, occurring["service"] | occurring["organisation"])
    group_names = {key: name for (kind, key), name in names.items() if kind == "group"}
    definitions = processes.definitions(process.cases)
    called = {f"process:{each.key}": each.name for each in definitions}
    split = {
        "people": _named(
            split.get("people", ()), {key: name for (kind, key), name in names.items() if kind == "person"}
        ),
        "groups": _named(split.get("groups", ()), group_names),
        "calls": _named(split.get("calls", ()), called),
    } | {key: shares for key, shares in split.items() if key not in ("people", "groups", "calls")}
    return Performance(
        key=process.key,
        name=process.name,
        reference=process.reference,
        filter=wanted,
        measures=tuple(_measure(each, past, governed, split.get(each.key, ())) for each in measures_of(process)),
        backlog=volumes.bands(current.ages or ()),
        definitions=tuple((each.id, each.name) for each in definitions),
        choices=choices.choices(occurring, processes.versions(process.cases), words, group_names),
        framework=governed.ref,
        unknown_targets=governed.unknown,
        computing=sum(figures_due.waiting(connection, process.cases).values()),
    )


def history(
    connection: Connection,
    processes: Processes,
    process: ManagedProcess,
    wanted: FigureFilter,
    now: datetime,
    before: Older,
) -> History:
    """Return the statistics of `process` in the filter's period and in up to eleven of its length before it."""
    scope = Scope(process.cases, wanted, processes.ids(process.cases, wanted.version))
    spans = periods(wanted.period, _oldest(connection, scope))
    ended = Ended(connection, scope, spans[:WHOLE])
    ended.add(cases=True, labels=True, measures=process.measures)
    tallies = ended.tallies
    if spans[WHOLE:]:
        rest = Ended(connection, scope, spans[WHOLE:])
        rest.add_for_trend(process.measures, before)
        tallies += rest.tallies
    started = volumes.started(connection, scope, spans)
    ages = volumes.ages(connection, scope, wanted.period, now)
    # A case counts for a group by the tasks that it had until it ends, then by those that were completed: the two
    # cannot be taken from one another.
    known = wanted.group is None
    open_then = volumes.open_before(len(ages), started, [tally.ended for tally in tallies])
    told = tuple(
        Told(tally, started[at], open_then[at] if known or not at else None, None if at else ages)
        for at, tally in enumerate(tallies)
    )
    return History(spans, told, tuple(figures(each, process) for each in told), before)


def _oldest(connection: Connection, scope: Scope) -> date | None:
    found = [moment for moment in connection.execute(_OLDEST, {"keys": scope.keys}).scalars() if moment is not None]
    return min(found).date() if found else None


def _measure(measure: Measure, past: History, governed: Framework, shares: Sequence[Share]) -> MeasureFigures:
    first, *others = (each.key for each in measure.statistics)
    return MeasureFigures(
        key=measure.key,
        name=measure.name,
        kind=measure.kind,
        definition=measure.definition,
        statistics=tuple(_statistic(each, past, governed) for each in measure.statistics),
        parts=tuple(shares),
        trend=_trend(first, past),
        other_trends={key: _trend(key, past) for key in others if key in governed.targets},
        selected=governed.selects(measure.key),
    )


def _trend(key: str, past: History) -> tuple[tuple[date, float | None], ...]:
    count = len(past.spans) if past.older.tells(key) else WHOLE
    values = [(span.first, found[key].value) for span, found in zip(past.spans, past.figures, strict=True)][:count]
    return tuple(sorted(values, key=lambda point: point[0]))


def _statistic(statistic: StatisticDefinition, past: History, governed: Framework) -> Statistic:
    figure, before = past.figures[0][statistic.key], past.figures[1][statistic.key]
    targets = governed.targets.get(statistic.key, ())
    light, why = light_of(statistic, figure, targets)
    return Statistic(
        key=statistic.key,
        name=statistic.name,
        unit=statistic.unit,
        value=figure.value,
        cases=figure.cases,
        approximate=figure.approximate,
        before=before.value,
        target=" and ".join(map(str, targets)) or None,
        light=light,
        why=why,
    )


def _named(shares: Sequence[Share], names: Mapping[str, Any]) -> tuple[Share, ...]:
    return tuple(replace(share, name=names.get(share.label, share.name)) for share in shares)
