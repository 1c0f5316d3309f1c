"""Names outside shapes in pictures of models: where the file has them, and out of the way where it cannot be."""

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.model.drawn import diagram
from engine.types.diagram import Box, Diagram, Edge, Shape
from tests.unit.webapp.test_pictures import MODELS, boxes, edges, shapes, texts
from webapp.pictures.drawing import picture

Place = tuple[float, float, float, float]
"""left, top, right, bottom of what is written"""


def written(found: Diagram) -> dict[str, Place]:
    """Return each name with the place of its letters, about 6 wide each."""
    drawn: Any = etree.fromstring(picture("p", "t", "d", found).encode())
    places = {}
    for text in drawn.iter("text"):
        lines = [(float(line.get("x")), float(line.get("y")), str(line.text)) for line in text.iter("tspan")]
        half = max((len(line) * 3 for _, _, line in lines), default=0)
        if lines:
            x = lines[0][0]
            places[" ".join(line for _, _, line in lines)] = (x - half, lines[0][1] - 9, x + half, lines[-1][1] + 3)
    return places


def crosses(place: Place, line: tuple[tuple[float, float], tuple[float, float]]) -> bool:
    """Return whether a level or upright line goes through a place."""
    (x0, y0), (x1, y1) = line
    left, top, right, bottom = place
    return min(x0, x1) < right and max(x0, x1) > left and min(y0, y1) < bottom and max(y0, y1) > top


def overlaps(place: Place, box: Box) -> bool:
    left, top, right, bottom = place
    return box.x < right and box.x + box.width > left and box.y < bottom and box.y + box.height > top


def flow(name: str, label: Box | None, *points: tuple[float, float]) -> Edge:
    return Edge("f", "sequenceFlow", name, points, label)


def start(name: str, label: Box | None = None, x: float = 100) -> Shape:
    return Shape("s", "startEvent", name, Box(x, 100, 36, 36), label)


def test_a_name_that_fits_stands_where_the_file_has_it() -> None:
    across = flow("yes", Box(140, 80, 20, 14), (0, 100), (300, 100))
    left, top, right, bottom = written(Diagram((start("Begun", x=700),), (across,)))["yes"]
    assert (left + right) / 2 == pytest.approx(150)
    assert (top, bottom) == (82, 94)


@pytest.mark.parametrize(
    "label", [Box(452, 87, 160, 28), Box(470, 92, 124, 14), None], ids=["two lines", "one", "none"]
)
def test_a_flow_does_not_cross_its_own_name(label: Box | None) -> None:
    points = ((700.0, 180.0), (700.0, 108.0), (340.0, 108.0), (340.0, 160.0))
    found = Diagram((start("Begun"),), (flow("changed: qualify the successor", label, *points),))
    place = written(found)["changed: qualify the successor"]
    assert not [each for each in pairwise(points) if crosses(place, each)]


def test_an_upright_flow_does_not_cross_its_own_name() -> None:
    points = ((100.0, 0.0), (100.0, 300.0))
    label = Box(106, 140, 30, 14)  # of a shorter name
    place = written(Diagram((start("Begun", x=700),), (flow("no, sent back again", label, *points),)))
    assert not crosses(place["no, sent back again"], points)


@pytest.mark.parametrize("label", [Box(90, 143, 56, 14), None], ids=["told", "not told"])
def test_the_name_of_a_renamed_event_does_not_cover_its_neighbour(label: Box | None) -> None:
    name = "Complaint of a customer has come"
    beside = Shape("store", "dataStoreReference", "", Box(150, 140, 50, 50))
    place = written(Diagram((start(name, label), beside)))[name]
    assert not overlaps(place, beside.box)
    assert not overlaps(place, Box(100, 100, 36, 36))


def test_names_do_not_cover_one_another() -> None:
    near = [
        flow("accepted", Box(100, 80, 60, 14), (0, 100), (300, 100)),
        flow("refused", Box(110, 82, 60, 14), (0, 60), (300, 60)),
    ]
    places = written(Diagram((start("Begun", x=700),), tuple(near)))
    left, top, right, bottom = places["refused"]
    assert not overlaps(places["accepted"], Box(left, top, right - left, bottom - top))


def test_names_are_written_over_lines_with_the_ground_around_them() -> None:
    found = Diagram((start("Begun"),), (flow("on", None, (0, 0), (300, 0)),))
    drawn: Any = etree.fromstring(picture("p", "t", "d", found).encode())
    assert [each.get("class") for each in drawn][-2:] == ["name way", "name beside"]
    style = (Path(__file__).parents[3] / "webapp" / "static" / "comity.css").read_text(encoding="utf-8")
    [rule] = [line for line in style.splitlines() if line.startswith(".drawn :is(text.way, text.beside)")]
    assert "paint-order: stroke; stroke: var(--ground)" in rule


def test_the_label_of_a_task_is_within_it_whatever_the_file_says() -> None:
    named = Shape("t", "userTask", "Answer", Box(0, 0, 100, 80), Box(20, 30, 60, 14))
    left, top, right, bottom = written(Diagram((named,)))["Answer"]
    assert 0 < left < right < 100
    assert 0 < top < bottom < 80


@given(st.lists(shapes, max_size=6), st.lists(edges, max_size=4))
def test_the_frame_holds_all_names(some: list[Shape], ways: list[Edge]) -> None:
    markup = picture("p", "t", "d", Diagram(tuple(some), tuple(ways)))
    if not some:
        return
    drawn: Any = etree.fromstring(markup.encode())
    left, top, width, height = map(float, drawn.get("viewBox").split())
    for text in [*drawn.findall("text")]:
        for line in text.iter("tspan"):
            assert left < float(line.get("x")) < left + width
            assert top < float(line.get("y")) < top + height


@given(boxes, boxes, texts)
def test_each_name_stands_once_with_all_its_words(box: Box, label: Box, name: str) -> None:
    found = Diagram((Shape("s", "endEvent", name, box, label),), (flow(name, label, (0, 0), (5, 5)),))
    drawn: Any = etree.fromstring(picture("p", "t", "d", found).encode())
    lines = ["".join("".join(text.itertext()).split()) for text in drawn.findall("text")]
    assert lines == (["".join(name.split())] * 2 if name else [])


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_no_name_of_a_shipped_model_stands_in_a_shape(path: Path) -> None:
    found = diagram(path.read_bytes())
    drawn: Any = etree.fromstring(picture("p", "t", "d", found).encode())
    tasks = [shape.box for shape in found.shapes if shape.kind.endswith(("Task", "Activity"))]
    for text in drawn.findall("text"):
        for line in text.iter("tspan"):
            x, y, half = float(line.get("x")), float(line.get("y")), len(line.text) * 3
            assert not [box for box in tasks if overlaps((x - half, y - 8, x + half, y), box)], line.text


def test_a_crowded_picture_is_drawn_at_once() -> None:
    """A process owner may upload any drawing; names that are all in one place have nowhere to go."""
    crowd = [Shape(f"s{at}", "endEvent", f"End number {at}", Box(0, 0, 36, 36)) for at in range(2000)]
    some = [Shape(f"s{at}", "endEvent", f"End number {at}", Box(at % 7, 0, 36, 36)) for at in range(220)]
    for shapes_ in (crowd, some):
        began = time.process_time()
        picture("p", "t", "d", Diagram(tuple(shapes_)))
        assert time.process_time() - began < 5
