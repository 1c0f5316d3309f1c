"""Reading how a model is drawn: shapes, edges, labels; what is damaged is left out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.model import drawn
from engine.bpmn.model.drawn import diagram
from engine.types.diagram import Box

ROOT = Path(__file__).parents[3]
MODELS = sorted([*ROOT.glob("workflows/*/*.bpmn"), *ROOT.glob("docs/examples/*.bpmn")])
BEGIN = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions targetNamespace="t" xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI">
<bpmn:collaboration id="c"><bpmn:participant id="pool" name="Us" processRef="p"/>
  <bpmn:participant id="them" name="They"/></bpmn:collaboration>
<bpmn:category id="k"><bpmn:categoryValue id="v" value="Together"/></bpmn:category>
<bpmn:process id="p">
  <bpmn:startEvent id="s" name="Go"><bpmn:timerEventDefinition id="d"/></bpmn:startEvent>
  <bpmn:subProcess id="sub"><bpmn:subProcess id="deep"><bpmn:userTask id="u"/></bpmn:subProcess></bpmn:subProcess>
  <bpmn:userTask id="t" name="Do &amp; done">
    <bpmn:multiInstanceLoopCharacteristics isSequential="true"/></bpmn:userTask>
  <bpmn:boundaryEvent id="b" attachedToRef="t" cancelActivity="false">
    <bpmn:messageEventDefinition/><bpmn:signalEventDefinition/></bpmn:boundaryEvent>
  <bpmn:sequenceFlow id="f" name="then" sourceRef="s" targetRef="t"/>
  <bpmn:textAnnotation id="a"><bpmn:text> Mind the gap </bpmn:text></bpmn:textAnnotation>
  <bpmn:group id="g" categoryValueRef="v"/>
</bpmn:process>
<bpmndi:BPMNDiagram><bpmndi:BPMNPlane bpmnElement="c">"""
END = "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"


def file(*parts: str) -> bytes:
    return "".join((BEGIN, *parts, END)).encode()


def shape(element: str, bounds: str = 'x="10" y="20" width="30" height="40"', inner: str = "", more: str = "") -> str:
    return f'<bpmndi:BPMNShape bpmnElement="{element}" {more}><dc:Bounds {bounds}/>{inner}</bpmndi:BPMNShape>'


def edge(*points: tuple[object, object]) -> str:
    places = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in points)
    return f'<bpmndi:BPMNEdge bpmnElement="f">{places}</bpmndi:BPMNEdge>'


def test_shapes_say_what_stands_on_them_and_how_they_are_marked() -> None:
    label = '<bpmndi:BPMNLabel><dc:Bounds x="1" y="2" width="3" height="4"/></bpmndi:BPMNLabel>'
    ids = ("pool", "them", "t", "b", "a", "g", "sub")
    found = diagram(file(shape("s", inner=label), *map(shape, ids)))
    by_id = {each.element_id: each for each in found.shapes}
    assert (by_id["s"].kind, by_id["s"].symbol, by_id["s"].label) == ("startEvent", "timer", Box(1, 2, 3, 4))
    assert by_id["t"].box == Box(10, 20, 30, 40)
    assert (by_id["t"].name, by_id["t"].repeats) == ("Do & done", "sequential")
    assert (by_id["b"].symbol, by_id["b"].interrupting) == ("multiple", False)
    assert (by_id["a"].name, by_id["g"].name) == ("Mind the gap", "Together")
    assert [by_id[each].expanded for each in ("pool", "them", "sub")] == [True, False, False]


def test_what_is_in_a_collapsed_sub_process_is_shown_by_it() -> None:
    found = diagram(file(shape("sub")))
    assert [found.shape_of(each) for each in ("u", "deep", "sub", "t", "nothing")] == [
        "sub",
        "sub",
        "sub",
        "t",
        "nothing",
    ]


def test_edges_have_their_points_in_order() -> None:
    (found,) = diagram(file(shape("s"), edge((1, 2), (3.5, -4), (5, 6)))).edges
    assert (found.kind, found.name, found.points) == ("sequenceFlow", "then", ((1, 2), (3.5, -4), (5, 6)))


@pytest.mark.parametrize("number", ["", "NaN", "inf", "-1e9", "x", "1e400"])
def test_places_that_are_none_are_left_out(number: str) -> None:
    bounds = f'x="{number}" y="2" width="3" height="4"'
    found = diagram(file(shape("t", bounds), shape("s"), shape("nothing"), edge((1, 2), (number, 3)), edge((1, 1))))
    assert [each.element_id for each in found.shapes] == ["s"]
    assert found.edges == ()
    assert diagram(file(shape("t", 'x="1" y="2" width="-3" height="4"'))).shapes == ()


def test_a_model_that_is_not_drawn_or_too_large_to_read_has_no_shapes() -> None:
    assert diagram(BEGIN.partition("<bpmndi:BPMNDiagram>")[0].encode() + b"</bpmn:definitions>").shapes == ()
    assert diagram(file(*[shape("t")] * (drawn.MOST + 1))).shapes == ()


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_node_of_a_shipped_model_has_its_shape_and_every_flow_its_edge(path: Path) -> None:
    root = etree.parse(path).getroot()
    found = diagram(path.read_bytes())
    shapes, edges = ({each.element_id for each in some} for some in (found.shapes, found.edges))
    for element in root.iter("{*}sequenceFlow", "{*}messageFlow"):
        assert element.get("id") in edges
    for element in root.iter("{*}userTask", "{*}startEvent", "{*}endEvent", "{*}exclusiveGateway", "{*}callActivity"):
        assert element.get("id") in shapes


@given(st.text(max_size=40))
def test_any_text_as_a_number_does_no_harm(number: str) -> None:
    node = etree.fromstring(file(shape("t")))
    (bounds,) = node.iter("{*}Bounds")
    bounds.set("width", "".join(each for each in number if each.isprintable()))
    assert len(diagram(etree.tostring(node)).shapes) <= 1
