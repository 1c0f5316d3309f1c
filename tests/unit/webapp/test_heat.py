"""The heat map as values: five steps, a legend that fits them, what no case reached, where to look first."""

import json

from hypothesis import given
from hypothesis import strategies as st

from engine.views import Element
from tests.unit.webapp.making import element
from webapp.performance.attention import hints
from webapp.performance.heat import FIGURES, heat_map, hottest

MODEL = [Element("one", name, f"Do {name}", "userTask") for name in "ABC"]


def test_the_most_is_step_five_and_nothing_is_no_step() -> None:
    found = [element("A", waiting_seconds=100.0), element("B", waiting_seconds=10.0), element("C")]
    shown = heat_map("waiting", found, MODEL)
    assert [(line.figures.element_id, line.step) for line in shown.lines] == [("A", 5), ("B", 1), ("C", 0)]
    assert json.loads(shown.marks) == {"A": [5, "2 min"], "B": [1, "10 s"]}
    assert shown.lines[2].words == ""


def test_counts_have_a_legend_of_whole_numbers() -> None:
    shown = heat_map("failures", [element("A", failures=3), element("B", failures=1)], MODEL)
    assert shown.legend == ((2, "1"), (5, "3"))


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=3))
def test_each_count_lies_within_the_bounds_of_its_step(counts: list[int]) -> None:
    found = [element(name, count=count) for name, count in zip("ABC", counts, strict=False)]
    shown = heat_map("frequency", found, MODEL)
    bounds = {step: [int(one.replace(",", "")) for one in words.split(" to ")] for step, words in shown.legend}
    for line in shown.lines:
        if line.figures.count:
            assert bounds[line.step][0] <= line.figures.count <= bounds[line.step][-1]
        else:
            assert line.step == 0


def test_nothing_of_the_figure_is_empty() -> None:
    shown = heat_map("rework", [element("A")], MODEL)
    assert shown.empty
    assert shown.marks == "{}"


def test_what_no_case_reached_is_named_but_not_gateways() -> None:
    model = [*MODEL, Element("one", "G", "", "exclusiveGateway")]
    shown = heat_map("frequency", [element("A")], model)
    assert [each.id for each in shown.untouched] == ["B", "C"]


def test_elements_of_older_versions_are_listed_too() -> None:
    shown = heat_map("frequency", [element("Gone", count=4), element("A", count=1)], MODEL)
    assert [line.figures.element_id for line in shown.lines] == ["Gone", "A"]


def test_every_figure_can_be_shown() -> None:
    for figure, _ in FIGURES:
        assert heat_map(figure, [element("A", elapsed_seconds=1.0)], MODEL).figure == figure


def test_the_model_with_most_of_the_figure_is_shown_first() -> None:
    found = [
        element("A", failures=1),
        element("X", process="two", failures=4),
        element("Y", process="away", failures=9),
    ]
    assert hottest("failures", found, ["one", "two"]) == "two"
    assert hottest("rework", found, ["one", "two"]) == "one"


def test_hints_name_the_steps_where_most_is_lost() -> None:
    found = [
        element("A", count=10, waiting_seconds=3_600.0, working_seconds=60.0),
        element("B", count=1, waiting_seconds=7_200.0, repeats=3),
        element("C", count=1, failures=1, elapsed_seconds=60.0),
        element("M", kind="receiveTask", count=2, elapsed_seconds=86_400.0),
        element("S", kind="callActivity", count=2, elapsed_seconds=99_400.0),
    ]
    told = [(hint.loss, hint.step, hint.words) for hint in hints(found)]
    assert told == [
        ("Waits most", "Do A", "1 h until somebody claims it, 10 times"),
        ("Waits most", "Do B", "2 h until somebody claims it, 1 time"),
        ("Waits most", "Do C", "1 min until it is done, never claimed, 1 time"),
        ("Waits for others", "Do M", "1 d for a message, a time or a machine, 2 times"),
        ("Takes most work", "Do A", "1 min from claim to completion, 10 times"),
        ("Fails", "Do C", "1 time"),
        ("Is done again", "Do B", "3 times"),
    ]
    assert hints([element("A")]) == []
