"""Figures of cases that really ran: sums and rows agree, filters split what there is, lists hold what figures count."""

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from statistics import median_low
from typing import Any

import pytest
import sqlalchemy as sa

from engine.metrics.periods import Period
from engine.persistence.models import SummedDay
from engine.views.performance import FigureFilter, Performance
from tests.engine import figures_walk
from tests.engine.figures.test_sums import assert_same, assert_same_elements
from tests.engine.stage import OWEN, Stage
from tests.engine.test_cost import counted

pytestmark = pytest.mark.slow

STATEMENTS = 16
"""Most statements of a page of figures with own measures, parts and choices."""


@pytest.fixture
def walked(stage: Stage) -> Stage:
    figures_walk.deploy(stage)
    figures_walk.walk(stage, 3, steps=60)
    return stage


def whole(stage: Stage) -> FigureFilter:
    """Return a filter with all days of the walk."""
    return FigureFilter(Period.of_days(60, stage.clock.now.date()))


def narrowed(stage: Stage, **facts: Any) -> FigureFilter:
    return replace(whole(stage), **facts)


def value(found: Performance, key: str) -> float:
    (number,) = [each.value for measure in found.measures for each in measure.statistics if each.key == key]
    return number or 0


def test_sums_of_days_change_nothing(walked: Stage) -> None:
    walked.clock.pass_by(days=2)
    service, wanted = walked.engine.performance, whole(walked)
    before, heat = service.performance("walk", OWEN, wanted), service.heat_map("walk", OWEN, wanted)
    assert value(before, "completed") > 3
    assert heat
    walked.engine.management.sum_days()
    assert walked.count("summed_day") > 1
    assert_same(service.performance("walk", OWEN, wanted), before, exact=True)
    assert_same_elements(service.heat_map("walk", OWEN, wanted), heat)


def test_figures_of_any_filter_are_what_the_log_says(walked: Stage) -> None:
    """Counted by hand from the exported log, for periods and filters of all kinds, of packed cases and of others."""
    walked.clock.pass_by(days=2)
    logs, data, dice = figures_walk.logs(walked), figures_walk.data_of(walked), random.Random(5)  # noqa: S311
    days = sorted({log[-1]["at"].date() for log in logs.values()})
    walked.engine.management.sum_days()
    with walked.engine.database.write() as connection:
        connection.execute(sa.delete(SummedDay).where(SummedDay.day == days[len(days) // 2]))
    seen = 0
    for _ in range(40):
        first, last = sorted(dice.choices(days, k=2))
        facts: dict[str, Any] = {
            "service": dice.choice((None, None, "S-1", "S-2")),
            "priority": dice.choice((None, None, "low", "normal", "high")),
            "group": dice.choice((None, None, "analysts", "clerks")),
        }
        found = walked.engine.performance.performance("walk", OWEN, FigureFilter(Period(first, last), **facts))
        meant = [
            log
            for number, log in logs.items()
            if first <= log[-1]["at"].date() <= last and _meant(log, data[number][1]["size"], **facts)
        ]
        cases = [figures_walk.counted_by_hand(log) for log in meant]
        labels = [figures_walk.labels_by_hand(log) for log in meant]
        seen += len(meant)
        assert value_ended(found) == len(cases)
        assert value(found, "completed") == sum(case["status"] == "completed" for case in cases)
        assert value(found, "effort.total") == sum(case["effort_minutes"] or 0 for case in cases)
        for name in ("repeats", "send_backs"):
            assert value(found, f"{name}.total") == sum(case[name] for case in cases)
        for name in ("cycle", "waiting", "working", "idle"):
            lengths = [case[f"{name}_seconds"] for case in cases]
            assert value(found, f"{name}_time.median") == (median_low(lengths) if lengths else 0)
        for measure, kind in (("people", "person"), ("groups", "group")):
            parts = next(each.parts for each in found.measures if each.key == measure)
            expected = Counter(value for each in labels for (what, value) in each if what == kind)
            assert {part.label: part.count for part in parts} == expected
            assert sum(part.total or 0 for part in parts) == sum(
                times for each in labels for (what, _), times in each.items() if what == kind
            )
    assert seen > 40


def _meant(log: figures_walk.Log, size: int, *, service: str | None, priority: str | None, group: str | None) -> bool:
    labels = figures_walk.labels_by_hand(log)
    bands = {"low": range(40), "normal": range(40, 70), "high": range(70, 101)}
    return (
        (service is None or ("service", service) in labels)
        and (priority is None or size in bands[priority])
        and (group is None or ("group", group) in labels)
    )


def test_a_change_to_a_past_day_counts_at_once(walked: Stage) -> None:
    walked.clock.pass_by(days=2)
    walked.engine.management.sum_days()
    wanted = whole(walked)
    (case, originator) = walked.rows(
        "SELECT s.instance_id, i.originator FROM case_summary s JOIN process_instance i ON i.id = s.instance_id"
        " WHERE s.status = 'completed' ORDER BY 1"
    )[0]
    person = replace(OWEN, user_id=originator or "olga", roles=frozenset({"originator"}))
    walked.engine.feedback.give(case, 2, "slow", actor=person)
    found = walked.engine.performance.performance("walk", OWEN, wanted)
    assert value(found, "feedback") == 2
    assert [(row.instance_id, row.value) for row in behind(walked, "feedback")] == [(case, 2)]


def behind(stage: Stage, measure: str, **facts: Any) -> tuple[Any, ...]:
    wanted = replace(whole(stage), **facts)
    return stage.engine.performance.cases_behind("walk", measure, OWEN, wanted, limit=200).rows


def test_lists_hold_what_figures_count(walked: Stage) -> None:
    found = walked.engine.performance.performance("walk", OWEN, whole(walked))
    for key in ("started", "completed", "cancelled", "withdrawn", "open"):
        assert len(behind(walked, key)) == value(found, key), key
    for key in ("failures", "repeats", "send_backs", "hand_overs"):
        total = value(found, f"{key}.total") if key != "hand_overs" else value(found, key) * value_ended(found)
        assert sum(row.value for row in behind(walked, key)) == pytest.approx(total)
    for measure in found.measures:
        for part in measure.parts:
            rows = walked.engine.performance.cases_behind(
                "walk", measure.key, OWEN, whole(walked), label=part.label, limit=200
            ).rows
            assert len(rows) == part.count, (measure.key, part)


def value_ended(found: Performance) -> float:
    return sum(value(found, key) for key in ("completed", "cancelled", "withdrawn"))


def test_filters_split_what_there_is(walked: Stage) -> None:
    service = walked.engine.performance
    everything = service.performance("walk", OWEN, whole(walked))
    for name, values in (
        ("priority", ("low", "normal", "high")),
        ("version", (1, 2)),
        ("organisation", ("acme", "nobody")),
    ):
        parts = [service.performance("walk", OWEN, narrowed(walked, **{name: each})) for each in values]
        for key in ("started", "completed", "cancelled", "open", "messages", "repeats.total", "drafts", "effort.total"):
            assert sum(value(part, key) for part in parts) == value(everything, key), (name, key)
    assert everything.choices["version"] == (("1", "Version 1"),)
    assert everything.choices["organisation"] == (("acme", "acme"),)


def test_each_choice_of_a_filter_finds_its_cases(walked: Stage) -> None:
    service = walked.engine.performance
    everything = service.performance("walk", OWEN, whole(walked))
    assert {"group", "service"} <= {name for name, values in everything.choices.items() if values}
    for kind in ("group", "service"):
        for label, _ in everything.choices[kind]:
            found = service.performance("walk", OWEN, narrowed(walked, **{kind: label}))
            expected = walked.value(
                "SELECT count(*) FROM case_label l JOIN case_summary s ON s.instance_id = l.instance_id"
                " WHERE l.kind = :kind AND l.value = :label",
                kind=kind,
                label=label,
            )
            assert value_ended(found) == expected
            assert service.heat_map("walk", OWEN, narrowed(walked, **{kind: label})) or not expected


def test_what_a_page_costs(walked: Stage) -> None:
    service, wanted = walked.engine.performance, whole(walked)
    walked.clock.pass_by(days=2)
    walked.engine.management.sum_days()
    past = FigureFilter(wanted.period.before())
    for ask, most in (
        (lambda: service.performance("walk", OWEN, wanted), STATEMENTS),
        (lambda: service.performance("walk", OWEN, past), STATEMENTS),
        (lambda: service.performance("walk", OWEN, replace(wanted, priority="high")), STATEMENTS),
        (lambda: service.processes(OWEN), 8),
        (lambda: service.heat_map("walk", OWEN, wanted), 5),
        (lambda: service.cases_behind("walk", "cycle_time", OWEN, wanted), 4),
    ):
        ask()
        with counted(walked) as counts:
            ask()
        assert counts["statements"] <= most
        assert counts["writes"] == 0


def test_a_period_of_the_future_is_empty(walked: Stage) -> None:
    wanted = whole(walked).period
    later = FigureFilter(Period(wanted.last + timedelta(days=5), wanted.last + timedelta(days=9)))
    found = walked.engine.performance.performance("walk", OWEN, later)
    assert value(found, "started") == value(found, "completed") == 0
