"""Targets of the framework in force: the light of each figure, the worst of a process, and what fits no measure."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.metrics.periods import Period
from engine.metrics.process import ManagedProcess, OwnMeasure
from engine.persistence.models import Record, RecordVersion, Register
from engine.types import Json
from engine.views.performance import FigureFilter, Performance, ProcessOverview, Statistic
from tests.engine.figures.cases import DAY, Case, Tables, at, lasting
from tests.engine.stage import MORNING, OWEN, Stage

NOW = MORNING.replace(month=4, day=1)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
MEASURES = (
    OwnMeasure("rounds", "Rounds", "count", better="lower"),
    OwnMeasure("share", "Share", "ratio", unit="%", numerator="rounds", denominator="completed", better="higher"),
)


@pytest.fixture
def tables(stage: Stage) -> Tables:
    stage.clock.now = NOW
    found = Tables(stage.engine.database)
    found.definition("p")
    found.managed(
        ManagedProcess("a21", "Requirements", owner_group="owners", cases=("p",), framework="frames", measures=MEASURES)
    )
    return found


def govern(tables: Tables, *bodies: Json, register: str = "frames") -> None:
    """Write the versions of a framework, oldest first."""
    now = at(date(2026, 1, 1))
    version: dict[str, Any] = {"register": register, "status": None, "created_at": now}
    with tables.database.write() as connection:
        connection.execute(
            sa.insert(Register),
            {"key": register, "name": register, "definition": {}, "form_resource_id": "p:1", "changed_at": now},
        )
        connection.execute(
            sa.insert(Record),
            {**version, "id": "F-1", "version": len(bodies), "title": "F", "changed_at": now, "text": ""},
        )
        for number, body in enumerate(bodies, 1):
            row = {**version, "record_id": "F-1", "version": number, "body": body, "created_by": "owen"}
            connection.execute(sa.insert(RecordVersion), row)


def target(measure: str, text: str) -> Json:
    return {"measure": measure, "target": text}


def figures(stage: Stage) -> Performance:
    return stage.engine.performance.performance("a21", OWEN, FigureFilter(MARCH))


def statistic(found: Performance, key: str) -> Statistic:
    return next(each for measure in found.measures for each in measure.statistics if each.key == key)


def line(stage: Stage) -> ProcessOverview:
    (found,) = stage.engine.performance.processes(OWEN)
    return found


def ten_cases(*, days: float, **facts: Any) -> list[Case]:
    return [lasting(at(date(2026, 3, 20)), days * DAY, **facts) for _ in range(10)]


def test_the_newest_version_of_the_framework_judges(stage: Stage, tables: Tables) -> None:
    govern(
        tables,
        {"targets": [target("cycle_time.p85", "at most 9 days")]},
        {"targets": [target("cycle_time.p85", "at most 5 days"), target("feedback", "4")], "measures": ["effort"]},
    )
    tables.cases(*ten_cases(days=6.2))
    found = figures(stage)
    cycle = statistic(found, "cycle_time.p85")
    assert (cycle.light, cycle.target) == ("red", "at most 5 days")
    assert cycle.why == "6.2 days; the target is at most 5 days."
    assert statistic(found, "feedback").light == "grey"
    assert found.framework == ("frames", "F-1", 2)
    assert {each.key for each in found.measures if each.selected} == {"effort", "cycle_time", "feedback"}
    assert line(stage).light == "red"
    assert line(stage).why == "Cycle time, 85th percentile: 6.2 days; the target is at most 5 days."
    assert line(stage).framework == ("frames", "F-1", 2)


@pytest.mark.parametrize(
    ("days", "light", "why"),
    [
        (4.8, "amber", "Cycle time, median: Only just met: 4.8 days; the target is at most 5 days."),
        (3, "green", "Cycle time, median: 3 days; the target is at most 5 days."),
    ],
)
def test_the_overview_shows_the_worst_light(stage: Stage, tables: Tables, days: float, light: str, why: str) -> None:
    govern(tables, {"targets": [target("cycle_time.median", "5 days")]})
    tables.cases(*ten_cases(days=days))
    assert (line(stage).light, line(stage).why) == (light, why)


def test_several_targets_and_two_for_one_statistic(stage: Stage, tables: Tables) -> None:
    targets = [
        target("completed", "at least 20"),
        target("cycle_time.median", "5 days"),
        target("cycle_time.median", "at least 1 day"),
        target("failures", "at most 5 %"),
    ]
    govern(tables, {"targets": targets})
    tables.cases(*ten_cases(days=6, failures=1))
    assert line(stage).light == "red"
    assert line(stage).why == "Completed: 10 cases; the target is at least 20 cases. And 2 more."
    assert statistic(figures(stage), "cycle_time.median").target == "at most 5 days and at least 1 day"
    assert statistic(figures(stage), "cycle_time.median").light == "red"


def test_the_overview_looks_at_the_last_full_review_interval(stage: Stage, tables: Tables) -> None:
    govern(tables, {"review_interval": "P3M", "targets": [target("cycle_time.median", "5 days")]})
    old = at(date(2026, 1, 1))
    tables.cases(*(lasting(old, 6 * DAY) for _ in range(6)), lasting(at(date(2025, 12, 31)), 99 * DAY))
    tables.cases(lasting(at(NOW.date(), 1), 99 * DAY))  # today is not over
    assert line(stage).period == Period(date(2026, 1, 1), date(2026, 3, 31))
    assert (line(stage).completed, line(stage).light) == (6, "red")


@pytest.mark.parametrize(
    ("interval", "first"),
    [
        ("P3M", date(2026, 1, 1)),
        ("P1M", date(2026, 3, 1)),
        ("P1Y", date(2025, 4, 1)),
        ("P2W", date(2026, 3, 18)),
        ("P90D", date(2026, 1, 1)),
        ("P1DT12H", date(2026, 3, 31)),
        (None, date(2026, 3, 2)),
        ("", date(2026, 3, 2)),
        ("soon", date(2026, 3, 2)),
        ("P0D", date(2026, 3, 2)),
        ("P9999Y", date(2026, 3, 2)),
        ("-P1M", date(2026, 3, 2)),
    ],
)
def test_review_intervals(interval: str | None, first: date) -> None:
    assert Period.of_interval(interval, date(2026, 3, 31)) == Period(first, date(2026, 3, 31))


def test_a_month_that_ends_short_begins_on_its_first_day() -> None:
    assert Period.of_interval("P1M", date(2026, 2, 28)) == Period(date(2026, 2, 1), date(2026, 2, 28))


def test_targets_on_everything_that_has_a_number(stage: Stage, tables: Tables) -> None:
    targets = [
        target("open", "at most 1"),
        target("backlog_age.median", "at most 1 day"),
        target("people", "at least 1"),
        target("messages", "at least 1"),
        target("rounds", "at most 5"),
        target("share", "at least 50 %"),
    ]
    govern(tables, {"targets": targets})
    labels = {("person", "ann"): 1, ("interface", "message:m"): 2}
    tables.cases(*ten_cases(days=1, labels=labels, values={"rounds": 1.0}))
    tables.cases(*(Case(started=at(date(2026, 3, 1)), ended=None) for _ in range(6)))
    found = figures(stage)
    assert {key["measure"]: statistic(found, key["measure"]).light for key in targets} == {
        "open": "red",
        "backlog_age.median": "red",
        "people": "amber",  # as many as it takes, and not one more
        "messages": "green",
        "rounds": "red",
        "share": "green",
    }
    assert line(stage).light == "red"
    assert line(stage).why == "Open: 6 cases; the target is at most 1 case. And 2 more."


def test_what_fits_no_measure_is_told(stage: Stage, tables: Tables) -> None:
    targets = [
        target("cycle_time.p99", "at most 5 days"),
        target("cycle_time.p85", "90 %"),
        {"measure": "cycle_time.p85"},
        "at most 5 days",
        target("failures", "at most 5 %"),
    ]
    govern(tables, {"targets": targets})
    wrong, unit, *empty = figures(stage).unknown_targets
    assert "'cycle_time.p99'" in wrong
    assert "is measured in days or hours" in unit
    assert empty == ["A target of the framework names no measure, or says nothing."] * 2


@pytest.mark.parametrize("body", [{}, {"targets": None}, {"targets": "none", "measures": 7, "review_interval": 3}])
def test_a_framework_that_says_nothing_of_use(stage: Stage, tables: Tables, body: Json) -> None:
    govern(tables, body)
    assert line(stage).light == "none"
    assert all(measure.selected for measure in figures(stage).measures)


def test_without_a_framework_there_is_no_light(stage: Stage, tables: Tables) -> None:
    assert (line(stage).light, line(stage).why) == ("none", "No framework is in force.")
    tables.cases(*ten_cases(days=1))
    assert figures(stage).framework is None


def test_own_measures_and_ratios(stage: Stage, tables: Tables) -> None:
    assert statistic(figures(stage), "share").why == "Rounds was not recorded in any case that ended in this period."
    tables.cases(lasting(at(date(2026, 3, 9)), DAY, values={"rounds": 3}, status="cancelled"))
    ratio = statistic(figures(stage), "share")
    assert (ratio.value, ratio.why) == (None, "Completed is 0: there is nothing to divide by.")
    tables.cases(*ten_cases(days=1))
    assert statistic(figures(stage), "share").value == 0.3
    assert statistic(figures(stage), "rounds").value == 3
    assert statistic(figures(stage), "rounds.mean").value == 3  # of the one case in which there was something to count


def test_a_period_has_up_to_eleven_before_it(stage: Stage, tables: Tables) -> None:
    first = date(2026, 3, 31) - timedelta(days=31 * 15)
    tables.cases(lasting(at(first), DAY))
    found = next(each for each in figures(stage).measures if each.key == "completed")
    assert len(found.trend) == 12
    assert found.trend[-1][0] == MARCH.first
    assert [later - day for (day, _), (later, _) in zip(found.trend, found.trend[1:], strict=False)] == [
        timedelta(days=31)
    ] * 11
