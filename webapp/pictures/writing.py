"""Owns what is written in a picture of a model: names, broken into lines that fit, where modelers write them."""

import textwrap
from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from engine.types.diagram import Edge, Shape
from webapp.pictures.outlines import DATA, SUB_PROCESSES

LETTER: Final = 6.0
"""About the width of a letter of 12 pixels."""

LINE: Final = 14
BAND: Final = 30
"""The width of the band along a pool or lane in which its name stands."""

LONGEST_WORD: Final = 30
"""Letters of a word that is not broken, even if it needs a little more room than there is."""

CONTAINERS: Final = frozenset({"participant", "lane", "group"})


def contains(shape: Shape) -> bool:
    """Return whether other shapes lie in this one, so that its name stands at its edge."""
    return shape.kind in CONTAINERS or (shape.kind in SUB_PROCESSES and shape.expanded)


def on_edge(edge: Edge) -> Markup:
    """Return the name of a flow."""
    if not edge.name:
        return Markup("")
    if edge.label is not None:
        return _text(edge.name, edge.label.x + edge.label.width / 2, edge.label.y + 11, max(edge.label.width, 72))
    middle = len(edge.points) // 2
    (x0, y0), (x1, y1) = edge.points[middle - 1], edge.points[middle]
    return _text(edge.name, (x0 + x1) / 2, (y0 + y1) / 2 - 6, 90)


def on_shape(shape: Shape) -> Markup:
    """Return the name of a shape: within activities, beside events, along the edge of pools and lanes."""
    box, label, name = shape.box, shape.label, shape.name
    if not name:
        return Markup("")
    if shape.kind in {"participant", "lane"} and shape.expanded and not shape.upright:
        x, y = box.x + BAND / 2 + 4, box.y + box.height / 2
        line = Markup('<text class="name" transform="translate({:.1f} {:.1f}) rotate(-90)">{}</text>')
        return line.format(x, y, textwrap.shorten(name, max(4, int(box.height / LETTER)), placeholder="…"))
    if label is not None:
        return _text(name, label.x + label.width / 2, label.y + 11, max(label.width, 90))
    if shape.kind == "textAnnotation":
        return _text(name, box.x + 6, box.y + 15, box.width - 8, int(box.height / LINE), "note")
    if contains(shape) and shape.expanded:
        return _text(name, box.x + box.width / 2, box.y + 18, box.width - 10, 1)
    if shape.kind.endswith(("Event", "Gateway")) or shape.kind in DATA:
        return _text(name, box.x + box.width / 2, box.y + box.height + 15, max(90, box.width))
    room = int((box.height - 4) / LINE)
    lines = _lines(name, box.width - 10, room)
    return _tspans(lines, box.x + box.width / 2, box.y + box.height / 2 - (len(lines) - 1) * LINE / 2 + 4)


def _text(name: str, x: float, y: float, width: float, most: int = 6, kind: str = "name") -> Markup:
    return _tspans(_lines(name, width, most), x, y, kind)


def _lines(name: str, width: float, most: int) -> list[str]:
    longest = max(map(len, name.split()), default=0)
    letters = max(int(width / LETTER), min(longest, LONGEST_WORD), 4)
    return textwrap.wrap(name, letters, max_lines=max(1, most), placeholder=" …")


def _tspans(lines: Iterable[str], x: float, y: float, kind: str = "name") -> Markup:
    line = Markup('<tspan x="{:.1f}" y="{:.1f}">{}</tspan>')
    spans = Markup("").join(line.format(x, y + at * LINE, text) for at, text in enumerate(lines))
    return Markup('<text class="{}">{}</text>').format(kind, spans)
