"""Models drawn on the server: whole, inside the frame, marked, safe with any text."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.model.drawn import diagram
from engine.types.diagram import Box, Diagram, Edge, Shape
from webapp.pictures import symbols
from webapp.pictures.drawing import picture

ROOT = Path(__file__).parents[3]
MODELS = sorted([*ROOT.glob("workflows/*/*.bpmn"), *ROOT.glob("docs/examples/*.bpmn")])
KINDS = [
    *("startEvent", "endEvent", "boundaryEvent", "intermediateThrowEvent", "task", "callActivity", "subProcess"),
    *("participant", "lane", "group", "textAnnotation", "dataStoreReference", "dataObjectReference"),
    *(*symbols.TASKS, *symbols.GATEWAYS),
]
places = st.floats(min_value=-5_000, max_value=5_000)
sizes = st.floats(min_value=0, max_value=2_000)
boxes = st.builds(Box, places, places, sizes, sizes)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60)
shapes = st.builds(
    Shape,
    st.sampled_from("abc"),
    st.sampled_from(KINDS),
    texts,
    boxes,
    st.none() | boxes,
    st.sampled_from(["", *symbols.EVENTS, "unheard-of"]),
    st.sampled_from(["", *symbols.REPEATS]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
points = st.lists(st.tuples(places, places), min_size=2, max_size=5).map(tuple)
edges = st.builds(Edge, texts, st.sampled_from(["sequenceFlow", "association"]), texts, points, st.none() | boxes)


def parsed(markup: str) -> Any:
    return etree.fromstring(markup.encode())


def task(element_id: str, name: str = "Do it", x: float = 0) -> Shape:
    return Shape(element_id, "userTask", name, Box(x, 0, 100, 80))


def classes(drawn: Any) -> list[str]:
    return [group.get("class") for group in drawn.findall("g")]


@given(st.lists(shapes, max_size=6), st.lists(edges, max_size=4), texts)
def test_any_diagram_is_drawn_whole_with_its_words(some: list[Shape], ways: list[Edge], told: str) -> None:
    markup = picture("p", told, told, Diagram(tuple(some), tuple(ways)), here="a", done="ab", heat={"c": 3})
    if not some:
        assert markup == ""
        return
    drawn = parsed(markup)
    assert len(drawn.findall("g")) == len(some) + len(ways)
    assert drawn.get("aria-labelledby") == "p-title p-desc"
    assert (drawn.findtext("title"), drawn.findtext("desc")) == (told, told)
    assert all(each.get("style") is None for each in drawn.iter())
    left, top, width, height = map(float, drawn.get("viewBox").split())
    for each in some:
        assert left < each.box.x
        assert each.box.x + each.box.width < left + width
        assert top < each.box.y
        assert each.box.y + each.box.height < top + height


def test_where_the_case_stands_goes_before_what_is_done() -> None:
    found = Diagram((task("a"), task("b"), task("c")))
    drawn = parsed(picture("p", "t", "d", found, here=["a"], done=["a", "b"]))
    assert classes(drawn) == ["node userTask here", "node userTask done", "node userTask"]
    assert len(drawn.findall(".//circle[@class='token']")) == 1
    assert len(drawn.findall(".//path[@class='tick']")) == 1, "a sign, not the colour alone"


@pytest.mark.parametrize("kind", ["endEvent", "exclusiveGateway"])
def test_the_tick_of_a_round_shape_keeps_off_the_name_above_it(kind: str) -> None:
    """It lies on the outline; the corner of the box around it is where names begin."""
    shape = Shape("a", kind, "Decision?", Box(0, 0, 50, 50), Box(30, -18, 54, 14))
    [tick] = parsed(picture("p", "t", "d", Diagram((shape,)), done=["a"])).findall(".//circle[@class='tick']")
    assert float(tick.get("cy")) - float(tick.get("r")) >= 0
    assert float(tick.get("cx")) + float(tick.get("r")) <= 50


def test_a_collapsed_sub_process_stands_for_what_is_in_it() -> None:
    closed = Shape("sub", "subProcess", "Part", Box(0, 0, 100, 80), expanded=False)
    found = Diagram((closed,), (), {"u": "sub", "w": "sub"})
    assert classes(parsed(picture("p", "t", "d", found, here=["u"]))) == ["node subProcess here"]
    heat = parsed(picture("p", "t", "d", found, heat={"u": 2, "w": 4}))
    assert classes(heat) == ["node subProcess heat-4"], "the greatest of both"


def test_what_holds_others_lies_below_flows_and_these_below_tasks() -> None:
    pool = Shape("pool", "participant", "Us", Box(0, 0, 900, 400))
    found = Diagram((task("a"), pool), (Edge("f", "sequenceFlow", "", ((0, 0), (9, 9))),))
    assert classes(parsed(picture("p", "t", "d", found))) == ["node participant", "edge sequenceFlow", "node userTask"]


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Restate the need as a requirement", ["Restate the", "need as a", "requirement"]),
        ("Donaudampfschifffahrt", ["Donaudampfschifffahrt"]),
        ("x" * 70, ["x" * 30, "x" * 30, "x" * 10]),
        ("<b>&", ["<b>&"]),
        ("word " * 100, ["word word word", "word word word", "word word word", "word word word", "word word …"]),
    ],
)
def test_names_are_broken_into_lines_that_fit(name: str, lines: list[str]) -> None:
    drawn = parsed(picture("p", "t", "d", Diagram((task("a", name),))))
    assert [line.text for line in drawn.iter("tspan")] == lines


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_names_of_shipped_models_are_not_cut(path: Path) -> None:
    found = diagram(path.read_bytes())
    drawn = parsed(picture("p", "t", "d", found))
    assert not [text for text in drawn.itertext() if "…" in text]
    written = {" ".join(line.text or "" for line in text.iter("tspan")) or text.text for text in drawn.iter("text")}
    names = [shape.name for shape in found.shapes] + [edge.name for edge in found.edges]
    assert set(filter(None, names)) <= written
