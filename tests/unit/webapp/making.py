"""Makes figures of a process as the engine returns them, for tests of how pages lay them out."""

from datetime import date, timedelta
from typing import Any

from engine.metrics import registry, targets
from engine.metrics.periods import Period
from engine.views.performance import (
    AgeBand,
    ElementFigures,
    FigureFilter,
    MeasureFigures,
    Performance,
    Share,
    Statistic,
)

PERIOD = Period(date(2026, 1, 1), date(2026, 3, 31))
VALUES = {"seconds": 200_000.0, "minutes": 130.0, "share": 0.93, "score": 4.2}


def statistic(key: str, value: float | None = None, *, target: str = "", cases: int = 40, **more: Any) -> Statistic:
    """Return a statistic of the registry with its light."""
    (found,) = (each for measure in registry.MEASURES for each in measure.statistics if each.key == key)
    aim = targets.parse(target, found) if target else None
    light, why = targets.judge(value, cases, aim)
    return Statistic(
        found.key, found.name, found.unit, value, cases, target=str(aim) if aim else None, light=light, why=why, **more
    )


def measure(key: str, *statistics: Statistic, parts: tuple[Share, ...] = (), points: int = 0) -> MeasureFigures:
    """Return a measure of the registry; `points` is how many values its trend has, the oldest first."""
    (found,) = (each for each in registry.MEASURES if each.key == key)
    trend = tuple((PERIOD.first + timedelta(days=90 * at), VALUES.get(found.unit, 10.0)) for at in range(points))
    return MeasureFigures(key, found.name, found.kind, found.definition, statistics, parts, trend)


def performance(*measures: MeasureFigures, **more: Any) -> Performance:
    """Return the figures of a process."""
    facts: dict[str, Any] = {
        "backlog": (AgeBand(0, 7, 3), AgeBand(7, 30, 1), AgeBand(30, None, 0)),
        "definitions": (),
        "choices": {},
        "framework": None,
        **more,
    }
    return Performance("a21", "Requirements", "A21", FigureFilter(PERIOD), measures, **facts)


def element(
    element_id: str, *, process: str = "one", kind: str = "userTask", count: int = 1, **more: Any
) -> ElementFigures:
    """Return the figures of an element, named like its id."""
    facts: dict[str, Any] = {
        "repeats": 0,
        "failures": 0,
        "elapsed_seconds": None,
        "waiting_seconds": None,
        "working_seconds": None,
        **more,
    }
    return ElementFigures(process, element_id, f"Do {element_id}", kind, count, **facts)
