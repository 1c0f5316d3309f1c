"""How the figures of a process are laid out: the worst target first, every kind, trends with their target, files."""

import csv
import io
import json
from dataclasses import replace
from datetime import date

from engine.views.performance import AgeBand, Share
from tests.unit.webapp.making import element, measure, performance, statistic
from webapp.performance import drawings, files, sections
from webapp.spreadsheet import lines

TIMES = ("median", "p85", "p95", "mean")


def timing(key: str, value: float) -> object:
    return measure(key, *(statistic(f"{key}.{ending}", value) for ending in TIMES))


def test_the_worst_target_is_told_first() -> None:
    found = performance(
        measure("first_time_right", statistic("first_time_right", 0.95, target="at least 80 %")),
        measure("feedback", statistic("feedback", 4.05, target="at least 4")),
        measure("cycle_time", statistic("cycle_time.median", 7 * 86_400, target="at most 5 days")),
        measure("effort", statistic("effort", 10)),
    )
    told = sections.targeted(found)
    assert [figure.statistic.light for figure, _ in told] == ["red", "amber", "green"]
    light, summary, which = sections.verdict([figure for figure, _ in told])
    assert (light, summary) == ("red", "1 of 3 targets missed.")
    assert which == "Cycle time, median: 7 d, target at most 5 days."


def test_the_verdict_of_what_cannot_be_judged() -> None:
    few = performance(measure("feedback", statistic("feedback", 1, target="at least 4", cases=2)))
    light, summary, _ = sections.verdict([figure for figure, _ in sections.targeted(few)])
    assert (light, summary) == ("grey", "1 of 1 target cannot be judged yet.")
    assert sections.verdict([])[:2] == ("none", "No target is set.")


def test_green_with_unjudged_ones_does_not_claim_that_every_target_is_met() -> None:
    found = performance(
        measure("first_time_right", statistic("first_time_right", 0.95, target="at least 80 %")),
        measure("feedback", statistic("feedback", 1, target="at least 4", cases=2)),
    )
    light, summary, _ = sections.verdict([figure for figure, _ in sections.targeted(found)])
    assert (light, summary) == ("green", "1 of 2 targets met.")


def test_percentiles_stand_side_by_side_and_the_rest_in_rows() -> None:
    found = performance(
        timing("cycle_time", 100.0),  # type: ignore[arg-type]
        measure("started", statistic("started", 4)),
        measure("hand_overs", statistic("hand_overs", 1)),
    )
    shown = {section.key: section for section in sections.sections(found)}
    assert list(shown) == ["volumes", "timings", "resources"]
    (spread,) = shown["timings"].spreads
    assert [figure.statistic.key if figure else None for figure in spread.figures] == [
        *(f"cycle_time.{ending}" for ending in TIMES),
        None,
    ]
    assert shown["timings"].columns[-1] == "Mean"
    assert not shown["timings"].figures
    assert [figure.name for figure in shown["volumes"].figures] == ["Started"]


def test_what_the_framework_does_not_look_at_comes_last() -> None:
    quiet = replace(measure("started", statistic("started", 4)), selected=False)
    (section,) = sections.sections(performance(quiet, measure("completed", statistic("completed", 3))))
    assert [figure.name for figure in section.figures] == ["Completed", "Started"]


def test_one_point_is_no_trend_and_two_are() -> None:
    assert drawings.trend(measure("started", statistic("started", 4), points=1)) is None
    drawn = drawings.trend(measure("effort", statistic("effort", 130, target="at most 3 h"), points=2))
    assert drawn is not None
    assert drawn.rows[0] == ("1 Jan 2026", "2 h 10 min")
    assert "at most 3 hours" in drawn.picture


def test_values_below_zero_have_no_chart() -> None:
    days = ((date(2026, 1, 1), 4.0), (date(2026, 4, 1), -7.0))
    assert drawings.trend(replace(measure("started", statistic("started", 4)), trend=days)) is None


def test_each_target_has_the_trend_of_its_own_statistic() -> None:
    late = statistic("cycle_time.p85", 7 * 86_400, target="at most 5 days")
    days = ((date(2026, 1, 1), 4 * 86_400.0), (date(2026, 4, 1), 7 * 86_400.0))
    times = replace(measure("cycle_time", statistic("cycle_time.median", 3600), late), other_trends={late.key: days})
    ((_, drawn),) = sections.targeted(performance(times))
    assert drawn is not None
    assert drawn.title == "Cycle time, 85th percentile"
    assert drawn.rows == (("1 Jan 2026", "4 d"), ("1 Apr 2026", "7 d"))


def test_the_cycle_time_is_split_into_its_parts() -> None:
    measures = [
        timing(key, size) for key, size in (("waiting_time", 60.0), ("working_time", 30.0), ("idle_time", 10.0))
    ]
    parts = [(name, round(share, 3)) for name, share in drawings.time_split(measures)]  # type: ignore[arg-type]
    assert parts == [("Waiting time", 0.6), ("Working time", 0.3), ("Idle time", 0.1)]
    assert drawings.time_split([]) == []


def test_a_period_without_cases_is_empty_though_cases_stand_open() -> None:
    assert sections.is_empty(
        performance(measure("started", statistic("started", 0)), measure("open", statistic("open", 9)))
    )
    assert not sections.is_empty(performance(measure("completed", statistic("completed", 1))))


def test_ages_are_told_in_words() -> None:
    bands = (AgeBand(0, 7, 1), AgeBand(7, 30, 1), AgeBand(30, None, 1))
    assert [drawings.band_words(band) for band in bands] == ["under 7 days", "7 to under 30 days", "30 days and more"]


def test_files_have_every_figure_and_nothing_for_what_was_not_recorded() -> None:
    outcomes = measure("outcomes", statistic("outcomes", None), parts=(Share("=1+1", 3, 0.75, 4.0, "=1+1"),), points=1)
    found = performance(outcomes, timing("cycle_time", 90.5))  # type: ignore[arg-type]
    elements = [element("A", count=3, waiting_seconds=60.0)]
    table = list(csv.DictReader(io.StringIO("".join(lines(files.HEADER, files.rows(found, elements))))))
    values = {(row["row"], row["key"]): row["value"] for row in table}
    assert values["statistic", "outcomes"] == ""
    assert values["statistic", "cycle_time.p85"] == "90.5"
    assert values["part", "'=1+1"] == "3"
    assert values["element waiting", "A"] == "60.0"
    assert values["element working", "A"] == ""
    assert sum(row["row"] == "backlog" for row in table) == 3
    document = json.loads(json.dumps(files.document(found, elements)))
    assert document["measures"][0]["statistics"][0]["value"] is None
    assert document["filter"]["from"] == "2026-01-01"
    assert document["elements"][0]["working_seconds"] is None
