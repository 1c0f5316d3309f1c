"""Charts are whole for any numbers: inside their frame, with a title and words, without styles, safe with any text."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from webapp import charts
from webapp.charts import Bar, Scale, Target

values = st.floats(min_value=0, max_value=1e12, allow_nan=False)
scales = st.sampled_from(["count", "seconds", "share", "score"])


def parsed(markup: str) -> Any:
    return etree.fromstring(markup.encode())


def words(value: float) -> str:
    return f"{value:g}"


@given(
    st.lists(st.none() | values, min_size=1, max_size=12).filter(lambda all_: any(each is not None for each in all_)),
    st.none() | values,
    scales,
)
def test_every_point_lies_inside_the_frame(points: list[float | None], target: float | None, scale: Scale) -> None:
    aim = None if target is None else Target(target, "the target")
    drawn = parsed(charts.trend("t", "A title", [(str(at), one) for at, one in enumerate(points)], words, scale, aim))
    assert len(drawn.findall("circle")) == sum(one is not None for one in points)
    for dot in drawn.findall("circle"):
        assert charts.LEFT - 0.1 <= float(dot.get("cx")) <= charts.WIDTH
        assert charts.TOP - 0.1 <= float(dot.get("cy")) <= charts.HEIGHT - charts.BOTTOM + 0.1
    for line in drawn.findall("line"):
        assert charts.TOP - 0.1 <= float(line.get("y1")) <= charts.HEIGHT - charts.BOTTOM + 0.1
    assert all(element.get("style") is None for element in drawn.iter())


@given(values, scales)
def test_an_axis_holds_its_value_and_is_not_much_longer(value: float, scale: Scale) -> None:
    top = charts.ceiling(value, scale)
    assert top >= value
    assert top <= max(5.0 if scale == "score" else 2.0, 2.5 * value)


def test_shares_and_scores_have_the_whole_range() -> None:
    assert charts.ceiling(0.2, "share") == 1
    assert charts.ceiling(4.1, "score") == 5
    assert charts.ceiling(2.5, "share") == 4  # what one measure is of another may be more than all of it


@pytest.mark.parametrize(("value", "top"), [(86_400 * 3, 86_400 * 4), (5_000, 7_200), (50, 60), (0, 1)])
def test_times_end_at_a_round_time(value: float, top: float) -> None:
    assert charts.ceiling(value, "seconds") == top


def test_a_gap_breaks_the_line() -> None:
    drawn = parsed(charts.trend("t", "T", [("a", 1), ("b", 2), ("c", None), ("d", 3), ("e", 4)], words, "count"))
    assert len(drawn.findall("polyline")) == 2
    assert "c: not recorded" in str(drawn.findtext("desc"))


def test_nothing_recorded_is_nothing_drawn() -> None:
    assert charts.trend("t", "T", [("a", None)], words, "count") == ""
    assert charts.bars("b", "B", [Bar("one", 0, "0")]) == ""


def test_the_target_is_a_line_with_its_words() -> None:
    drawn = parsed(charts.trend("t", "T", [("a", 1.0), ("b", 2.0)], words, "count", Target(8, "at most 8")))
    assert drawn.xpath("//line[@class='target']")
    assert drawn.xpath("string(//text[@class='target-words'])") == "at most 8"
    assert "Target: at most 8" in str(drawn.findtext("desc"))


def test_a_chart_names_itself_by_title_and_description() -> None:
    drawn = parsed(charts.bars("b", "Outcomes", [Bar("accepted", 3, "3"), Bar("rejected", 1, "1")]))
    assert drawn.get("role") == "img"
    assert drawn.get("aria-labelledby") == "b-title b-desc"
    assert drawn.findtext("title") == "Outcomes"
    assert drawn.findtext("desc") == "accepted: 3; rejected: 1"


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="\ufffe\uffff"), max_size=60))
def test_any_label_is_text_and_nothing_else(label: str) -> None:
    drawn = parsed(charts.bars("b", label, [Bar(label, 1, label)]))
    assert drawn.findtext("title") == label or not label
    assert {element.tag for element in drawn.iter()} == {"svg", "title", "desc", "text", "rect"}


@given(st.lists(values, min_size=1, max_size=20).filter(any))
def test_bars_are_as_long_as_their_shares_and_at_most_eight(sizes: list[float]) -> None:
    markup = charts.bars("b", "B", [Bar(str(at), size, words(size)) for at, size in enumerate(sizes)])
    if not any(sizes[: charts.MOST_BARS]):
        return
    found = [float(bar.get("width")) for bar in parsed(markup).xpath("//rect[@class='bar']")]
    assert len(found) == min(len(sizes), charts.MOST_BARS)
    longest = max(sizes[: charts.MOST_BARS])
    for width, size in zip(found, sizes, strict=False):
        assert 0 <= width <= charts.WIDTH
        assert math.isclose(width, max(charts.WIDTH * size / longest, 1 if size else 0), abs_tol=0.06)
