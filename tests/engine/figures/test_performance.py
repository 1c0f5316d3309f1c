"""What the performance service says of cases whose figures are known."""

from datetime import date, timedelta

import pytest

from engine.errors import NotFound
from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess
from engine.views.performance import FigureFilter, Performance, Statistic
from tests.engine.figures.cases import DAY, Case, Tables, at, lasting
from tests.engine.stage import ADA, ANN, MORNING, OWEN, Stage

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
NOW = MORNING.replace(month=4, day=1)


@pytest.fixture
def tables(stage: Stage) -> Tables:
    stage.clock.now = NOW
    found = Tables(stage.engine.database)
    found.definition("p")
    return found


def figures(stage: Stage, key: str = "p", **wanted: object) -> Performance:
    return stage.engine.performance.performance(key, OWEN, FigureFilter(MARCH, **wanted))  # type: ignore[arg-type]


def statistic(found: Performance, key: str) -> Statistic:
    return next(each for measure in found.measures for each in measure.statistics if each.key == key)


def test_the_figures_of_ten_cases(stage: Stage, tables: Tables) -> None:
    ended = at(date(2026, 3, 10))
    tables.cases(*(lasting(ended, days * DAY, hand_overs=days % 2) for days in range(1, 11)))
    found = figures(stage)
    assert statistic(found, "completed").value == 10
    assert statistic(found, "cycle_time.median").value == 5 * DAY
    assert statistic(found, "cycle_time.p85").value == 9 * DAY
    assert statistic(found, "cycle_time.mean").value == 5.5 * DAY
    assert not statistic(found, "cycle_time.median").approximate
    assert statistic(found, "hand_overs").value == 0.5
    assert statistic(found, "effort").value is None
    assert statistic(found, "effort").why == "Nobody entered effort in this period."
    assert statistic(found, "first_time_right").value == 1


def test_who_may_see_what(stage: Stage, tables: Tables) -> None:
    tables.definition("theirs", owners="others")
    service = stage.engine.performance
    assert [line.key for line in service.processes(OWEN)] == ["p"]
    assert [line.key for line in service.processes(ADA)] == ["p", "theirs"]
    assert service.processes(ANN) == []
    assert figures(stage).may_see_cases
    assert not service.performance("p", ADA, FigureFilter(MARCH)).may_see_cases
    for actor, key in ((OWEN, "theirs"), (ANN, "p"), (OWEN, "nothing")):
        with pytest.raises(NotFound):
            service.performance(key, actor, FigureFilter(MARCH))


def test_open_cases_at_the_end_of_each_period(stage: Stage, tables: Tables) -> None:
    tables.cases(
        Case(started=at(date(2026, 2, 1)), ended=at(date(2026, 2, 20))),
        Case(started=at(date(2026, 2, 1)), ended=at(date(2026, 3, 20))),
        Case(started=at(date(2026, 2, 1)), ended=None),
        Case(started=at(date(2026, 3, 28)), ended=None),
        Case(started=at(date(2026, 3, 28)), ended=at(date(2026, 4, 1), 1)),
    )
    found = figures(stage)
    volume = statistic(found, "open")
    assert (volume.value, volume.before) == (3, 2)
    assert statistic(found, "started").value == 2
    assert [(band.from_days, band.count) for band in found.backlog] == [(0, 2), (7, 0), (30, 1), (90, 0)]
    march = MARCH.first
    (trend,) = [measure.trend for measure in found.measures if measure.key == "open"]
    assert trend == ((march - timedelta(days=31), 2), (march, 3))


def test_an_empty_process_has_no_figures_but_counts_of_none(stage: Stage, tables: Tables) -> None:
    found = figures(stage)
    for measure in found.measures:
        for each in measure.statistics:
            assert each.value in (None, 0.0)
            assert each.value == 0 or each.why
            assert each.light == "none"
    (line,) = stage.engine.performance.processes(OWEN)
    assert (line.open, line.started, line.completed, line.light) == (0, 0, 0, "none")


def test_a_managed_process_takes_its_definitions_together(stage: Stage, tables: Tables) -> None:
    tables.definition("q")
    tables.managed(ManagedProcess("a21", "Requirements", owner_group="owners", cases=("p", "q")))
    tables.cases(Case(key="p"), Case(key="q"))
    assert statistic(figures(stage, "a21"), "completed").value == 2
    assert [line.key for line in stage.engine.performance.processes(OWEN)] == ["a21"]
    with pytest.raises(NotFound):
        figures(stage, "p")
