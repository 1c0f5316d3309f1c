"""Owns drawing a model as SVG: its shapes, flows and names, what is done and where a case stands, or a heat map.

It carries classes and presentation attributes only (the content security policy forbids inline styles), a title and a
description for who does not see it. Colours are those of comity.css, so that it follows the theme.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Final

from markupsafe import Markup

from engine.types.diagram import Box, Diagram, Edge, Shape
from webapp.pictures import symbols
from webapp.pictures.outlines import outline, path, symbol, through
from webapp.pictures.placing import is_outside, names_outside
from webapp.pictures.writing import contains, on_shape, outside

MARGIN: Final = 24
HEAD: Final = 9.0
"""The length of an arrow's head."""

ROUND: Final = 0.34
"""How far from its middle the mark of a circle or diamond is, in parts of its width."""

DRAWN: Final = 4_096
"""How many shapes are kept as they were drawn, and edges: they never change, and cases differ in their marks only."""

_ARROWS: Final = frozenset({"sequenceFlow", "messageFlow", "dataInputAssociation", "dataOutputAssociation"})


def picture(
    identity: str,
    title: str,
    told: str,
    diagram: Diagram,
    *,
    here: Collection[str] = (),
    done: Collection[str] = (),
    heat: Mapping[str, int] | None = None,
) -> Markup:
    """Return the drawing, empty markup when there is nothing to draw.

    `identity` is unique on the page; `told` says in words what the picture shows. `here` and `done` are ids of
    elements, `heat` gives some a step from 1 to 5.
    """
    if not diagram.shapes:
        return Markup("")
    stands = {diagram.shape_of(each) for each in here}
    passed = {diagram.shape_of(each) for each in done} - stands
    steps: dict[str, int] = {}
    for element, step in (heat or {}).items():
        place = diagram.shape_of(element)
        steps[place] = max(step, steps.get(place, 0))
    nodes = sorted(diagram.shapes, key=lambda shape: (not contains(shape), -shape.box.width * shape.box.height))
    below = [shape for shape in nodes if contains(shape)]
    parts = [_shape(shape, stands, passed, steps) for shape in below]
    parts += [_edge(edge) for edge in diagram.edges]
    parts += [_shape(shape, stands, passed, steps) for shape in nodes[len(below) :]]
    names = names_outside(diagram.shapes, diagram.edges)
    parts += [outside(each.lines, each.box, "name way" if each.of_flow else "name beside") for each in names]
    left, top, right, bottom = _extent(diagram, [each.box for each in names])
    return Markup(
        '<svg class="drawn" role="img" width="{}" height="{}" viewBox="{} {} {} {}" aria-labelledby="{}-title {}-desc">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>'
    ).format(
        *(round(right - left), round(bottom - top), round(left), round(top), round(right - left), round(bottom - top)),
        *(identity, identity, identity, title, identity, told, Markup("").join(parts)),
    )


def _extent(diagram: Diagram, names: Sequence[Box]) -> tuple[float, float, float, float]:
    boxes = [*(shape.box for shape in diagram.shapes), *names]
    corners = [(box.x, box.y) for box in boxes] + [(box.x + box.width, box.y + box.height) for box in boxes]
    corners += [point for edge in diagram.edges for point in edge.points]
    across, down = [x for x, _ in corners], [y for _, y in corners]
    return min(across) - MARGIN, min(down) - MARGIN, max(across) + MARGIN, max(down) + MARGIN


def _shape(shape: Shape, here: Collection[str], done: Collection[str], heat: Mapping[str, int]) -> Markup:
    state = "here" if shape.element_id in here else "done" if shape.element_id in done else ""
    warmth = f"heat-{heat[shape.element_id]}" if shape.element_id in heat else ""
    parts = [_inked(shape)]
    corner = _corner(shape)
    if state == "here":
        parts.append(Markup('<circle class="token" cx="{:.1f}" cy="{:.1f}" r="9"/>').format(*corner))
    elif state == "done":
        disc = Markup('<circle class="tick" cx="{:.1f}" cy="{:.1f}" r="8"/>').format(*corner)
        parts += [disc, symbol(symbols.TICK, *corner, "tick")]
    classes = " ".join(filter(None, ("node", shape.kind, state, warmth)))
    return Markup('<g class="{}">{}</g>').format(classes, Markup("").join(parts))


def _corner(shape: Shape) -> tuple[float, float]:
    """Return where a mark is put: the upper right corner, on the outline of what has none, clear of names beside it."""
    box = shape.box
    if shape.kind.endswith(("Event", "Gateway")):
        return box.x + box.width * (0.5 + ROUND), box.y + box.height * (0.5 - ROUND)
    return box.x + box.width - 2, box.y + 2


@lru_cache(DRAWN)
def _inked(shape: Shape) -> Markup:
    return outline(shape) if is_outside(shape) else outline(shape) + on_shape(shape)


@lru_cache(DRAWN)
def _edge(edge: Edge) -> Markup:
    parts = [path(through(edge.points), "line")]
    if edge.kind in _ARROWS:
        (x0, y0), (x, y) = edge.points[-2:]
        turn = math.degrees(math.atan2(y - y0, x - x0))
        head = Markup('<path class="head" d="M0 0l{} {}v{}z" transform="translate({:.1f} {:.1f}) rotate({:.1f})"/>')
        parts.append(head.format(-HEAD, -HEAD / 2, HEAD, x, y, turn))
    return Markup('<g class="edge {}">{}</g>').format(edge.kind, Markup("").join(parts))
