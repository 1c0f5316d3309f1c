"""Whatever cases go through: their figures are what a count of the exported log by hand gives, also when rebuilt."""

from collections import Counter, defaultdict
from typing import Any

import pytest

from engine.persistence.models import Base
from tests.engine import figures_walk as hand
from tests.engine.stage import Stage

TABLES = ("case_summary", "case_activity", "case_label", "case_value")


def contents(stage: Stage, *tables: str) -> dict[str, list[Any]]:
    """Return all rows of tables, sorted."""
    with stage.engine.database.read() as connection:
        return {
            name: sorted(map(tuple, connection.execute(Base.metadata.tables[name].select())), key=str)
            for name in tables
        }


@pytest.mark.parametrize("seed", [1, 2])
def test_figures_are_what_the_log_says(stage: Stage, seed: int) -> None:
    hand.deploy(stage)
    hand.walk(stage, seed)
    logs, data = hand.logs(stage), hand.data_of(stage)
    assert len(logs) > 5
    with stage.engine.database.read() as connection:
        rows = {name: connection.execute(Base.metadata.tables[name].select()).mappings().all() for name in TABLES}
    for number, log in logs.items():
        case, variables = data[number]
        own = {name: [row for row in found if row["instance_id"] == case] for name, found in rows.items()}
        (summary,) = own["case_summary"]
        expected = hand.counted_by_hand(log)
        assert {name: summary[name] for name in expected} == expected, number
        assert summary["ended_on"] == log[-1]["at"].date()
        assert (summary["definition_key"], summary["organisation_id"]) == ("p", "acme")
        assert summary["priority"] == variables["size"]
        assert {(row["kind"], row["value"]): row["count"] for row in own["case_label"]} == hand.labels_by_hand(log)
        elements = {
            row["element_id"]: (row["completed"], row["cancelled"], row["repeats"], row["elapsed_seconds"])
            for row in own["case_activity"]
        }
        assert elements == hand.elements_by_hand(log)
        values = {row["measure"]: row["value"] for row in own["case_value"]}
        assert values == hand.values_by_hand(log, variables)
    assert len(rows["case_summary"]) == len(logs)


@pytest.mark.parametrize("seed", [4])
def test_figures_that_are_rebuilt_are_the_same(stage: Stage, seed: int) -> None:
    hand.deploy(stage)
    hand.walk(stage, seed)
    stage.clock.pass_by(days=2)
    stage.engine.management.sum_days()
    before = contents(stage, *TABLES, "daily_figure", "summed_day")
    with stage.engine.database.write() as connection:
        for name in ("case_value", "case_activity", "case_summary"):
            connection.execute(Base.metadata.tables[name].delete())
    done = stage.engine.management.rebuild_figures()
    assert (done.cases, done.skipped) == (len(before["case_summary"]), 0)
    assert contents(stage, *TABLES) == {name: before[name] for name in TABLES}
    assert stage.count("summed_day") == 0
    assert stage.engine.management.sum_days() == done.days == len(before["summed_day"])
    assert contents(stage, *TABLES, "daily_figure", "summed_day") == before
    assert stage.engine.management.rebuild_figures() == done
    assert contents(stage, *TABLES) == {name: before[name] for name in TABLES}


def test_sums_of_days_are_what_the_log_says(stage: Stage) -> None:
    hand.deploy(stage)
    hand.walk(stage, 6)
    stage.clock.pass_by(days=2)
    stage.engine.management.sum_days()
    sums: dict[tuple[str, str, str], list[float]] = defaultdict(lambda: [0, 0])
    for log in hand.logs(stage).values():
        for (name, label), total in _of_case(log).items():
            found = sums[str(log[-1]["at"].date()), name, label]
            found[0] += 1
            found[1] += total
    told = {
        (str(row.day), row.name, row.label): [row._mapping["count"], row.total]
        for row in stage.rows("SELECT * FROM daily_figure")
        if row.name in ("cases", "effort", "repeats", "send_backs", "person", "group", "own:drafts")
    }
    assert told == sums
    elements: Counter[str] = Counter()
    for log in hand.logs(stage).values():
        elements.update({name: facts[0] for name, facts in hand.elements_by_hand(log).items() if facts[0]})
    rows = stage.rows("SELECT label, sum(count) AS often FROM daily_figure WHERE name = 'element' GROUP BY label")
    assert {row.label.removeprefix("p "): int(row.often) for row in rows} == elements


def _of_case(log: hand.Log) -> dict[tuple[str, str], float]:
    """Return what a case adds to some of the sums of its day."""
    case = hand.counted_by_hand(log)
    found = {("cases", case["status"]): case["cycle_seconds"]}
    if case["effort_minutes"] is not None:
        found["effort", ""] = case["effort_minutes"]
    found.update({(name, ""): case[name] for name in ("repeats", "send_backs") if case[name]})
    found.update({key: times for key, times in hand.labels_by_hand(log).items() if key[0] != "service"})
    found["own:drafts", ""] = hand.values_by_hand(log, {})["drafts"]
    return found
