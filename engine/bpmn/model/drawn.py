"""Owns reading how a model is drawn (BPMN DI, BPMN 2.0.2 chapter 12); it draws nothing and judges nothing.

What is missing or makes no sense, such as a shape without an element or a corner at infinity, is left out: a drawing is
no part of what a model does.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Final

from engine.bpmn.model.xml import Element, bpmn, children_of, name_of, read_bpmn
from engine.types.diagram import Box, Diagram, Edge, Shape

_DI: Final = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_BOUNDS: Final = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
_POINT: Final = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"

FURTHEST: Final = 100_000.0
"""Coordinates beyond are taken for damage."""

MOST: Final = 2_000
"""Models with more shapes and edges are not drawn: nobody could read them."""


def diagram(content: bytes) -> Diagram:
    """Return how the BPMN file in `content` is drawn, without shapes when it is not; raise `XmlRefused`."""
    root = read_bpmn(content)
    plane = next(iter(root.iterfind(f"{_DI}BPMNDiagram/{_DI}BPMNPlane")), None)
    if plane is None or len(plane) > MOST:
        return Diagram()
    elements = {element.get("id", ""): element for element in root.iter(bpmn("*"))}
    shapes = tuple(_shapes(plane, elements))
    edges = tuple(_edges(plane, elements))
    return Diagram(shapes, edges, _shown_by(elements, {shape.element_id for shape in shapes}))


def _shapes(plane: Element, elements: Mapping[str, Element]) -> Iterator[Shape]:
    for node in plane.iterchildren(f"{_DI}BPMNShape"):
        element, box = elements.get(node.get("bpmnElement", "")), _box(node)
        if element is None or box is None:
            continue
        yield Shape(
            element_id=element.get("id", ""),
            kind=name_of(element),
            name=_name(element, elements),
            box=box,
            label=_label(node),
            symbol=_symbol(element),
            repeats=_repeats(element),
            expanded=_is_open(node, element),
            interrupting=element.get("cancelActivity", element.get("isInterrupting")) != "false",
            upright=node.get("isHorizontal") == "false",
        )


def _edges(plane: Element, elements: Mapping[str, Element]) -> Iterator[Edge]:
    for node in plane.iterchildren(f"{_DI}BPMNEdge"):
        element = elements.get(node.get("bpmnElement", ""))
        places = [_numbers(point, "x", "y") for point in node.iterchildren(_POINT)]
        points = tuple((place[0], place[1]) for place in places if place is not None)
        if element is not None and len(points) > 1 and len(points) == len(places):
            yield Edge(element.get("id", ""), name_of(element), _name(element, elements), points, _label(node))


def _name(element: Element, elements: Mapping[str, Element]) -> str:
    """Return what stands on an element: its name, the text of an annotation, the category of a group."""
    if name_of(element) == "textAnnotation":
        return "".join("".join(map(str, text.itertext())) for text in children_of(element, "text")).strip()
    if name_of(element) == "group":
        category = elements.get(element.get("categoryValueRef", "").rpartition(":")[2])
        return "" if category is None else category.get("value", "")
    return element.get("name", "")


def _is_open(node: Element, element: Element) -> bool:
    if name_of(element) == "participant":
        return element.get("processRef") is not None
    return name_of(element) in {"lane", "group"} or node.get("isExpanded") == "true"


def _symbol(element: Element) -> str:
    found = [name_of(child) for child in element if name_of(child).endswith("EventDefinition")]
    return "multiple" if len(found) > 1 else "".join(found).removesuffix("EventDefinition")


def _repeats(element: Element) -> str:
    for child in children_of(element, "standardLoopCharacteristics", "multiInstanceLoopCharacteristics"):
        if name_of(child).startswith("standard"):
            return "loop"
        return "sequential" if child.get("isSequential") == "true" else "parallel"
    return ""


def _box(node: Element) -> Box | None:
    bounds = node.find(_BOUNDS)
    found = None if bounds is None else _numbers(bounds, "x", "y", "width", "height")
    return None if found is None or min(found[2:]) < 0 else Box(*found)


def _label(node: Element) -> Box | None:
    label = node.find(f"{_DI}BPMNLabel")
    return None if label is None else _box(label)


def _numbers(node: Element, *names: str) -> list[float] | None:
    try:
        found = [float(node.get(name, "")) for name in names]
    except ValueError:
        return None
    return found if all(math.isfinite(each) and abs(each) <= FURTHEST for each in found) else None


def _shown_by(elements: Mapping[str, Element], drawn: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for identity, element in elements.items():  # in document order: what is around something comes before it
        around = element.getparent()
        if identity in drawn or around is None:
            continue
        outer = around.get("id", "")
        if outer in drawn or outer in found:
            found[identity] = found.get(outer, outer)
    return found
