"""Owns what is written in a picture of a model: names, broken into lines that fit, where modelers write them."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from engine.types.diagram import Box, Shape
from webapp.pictures.outlines import SUB_PROCESSES

LETTER: Final = 6.0
"""About the width of a letter of 12 pixels."""

LINE: Final = 14
BAND: Final = 30
"""The width of the band along a pool or lane in which its name stands."""

MOST_LINES: Final = 6
"""More lines than these are cut: a name is no text."""

LONGEST_WORD: Final = 30
"""Letters of a word that is not broken, even if it needs a little more room than there is."""

CONTAINERS: Final = frozenset({"participant", "lane", "group"})


def contains(shape: Shape) -> bool:
    """Return whether other shapes lie in this one, so that its name stands at its edge."""
    return shape.kind in CONTAINERS or (shape.kind in SUB_PROCESSES and shape.expanded)


@dataclass(frozen=True, slots=True)
class Words:
    """A name in lines, and about how much room they need."""

    lines: tuple[str, ...]

    @property
    def width(self) -> float:
        """As wide as the widest line."""
        return max((sum(map(_letter, line)) for line in self.lines), default=0.0)

    @property
    def height(self) -> float:
        """As high as its lines."""
        return float(LINE * len(self.lines))

    def at(self, x: float, y: float) -> Box:
        """Return the room that they take with their upper left corner there."""
        return Box(x, y, self.width, self.height)


def _letter(letter: str) -> float:
    """Return about the width of a letter of 12 pixels, in a wide font."""
    if letter in "iljtfrI.,:;'|!()[]-/ ":
        return 4.2
    return 9.5 if letter in "mwMW@%" else 12.5 if letter > "\u2e7f" else 8.0 if letter.isupper() else 7.2


def into(name: str, width: float) -> Words:
    """Return a name in lines of about `width`, at most six; a long word may need more."""
    return Words(tuple(_lines(name, width * LETTER / 7, MOST_LINES)))


def in_lines(name: str, count: int) -> Words:
    """Return a name in `count` lines at most, as narrow as that goes."""
    letters = max(len(name) // count, 4)
    while len(lines := _lines(name, letters * LETTER, len(name) + 1)) > count:
        letters += 1 + letters // 20
    return Words(tuple(lines))


def outside(lines: Iterable[str], box: Box, kind: str) -> Markup:
    """Return a name outside a shape, its lines in the middle of `box`."""
    return _tspans(lines, box.x + box.width / 2, box.y + 11, kind)


def on_shape(shape: Shape) -> Markup:
    """Return the name of a shape within it: in activities and annotations, along the edge of pools and lanes."""
    box, name = shape.box, shape.name
    if not name:
        return Markup("")
    if shape.kind in {"participant", "lane"} and shape.expanded and not shape.upright:
        x, y = box.x + BAND / 2 + 4, box.y + box.height / 2
        line = Markup('<text class="name" transform="translate({:.1f} {:.1f}) rotate(-90)">{}</text>')
        return line.format(x, y, textwrap.shorten(name, max(4, int(box.height / LETTER)), placeholder="…"))
    if shape.kind == "textAnnotation":
        return _text(name, box.x + 6, box.y + 15, box.width - 8, int(box.height / LINE), "note")
    if contains(shape) and shape.expanded:
        return _text(name, box.x + box.width / 2, box.y + 18, box.width - 10, 1)
    room = int((box.height - 4) / LINE)
    lines = _lines(name, box.width - 10, room)
    return _tspans(lines, box.x + box.width / 2, box.y + box.height / 2 - (len(lines) - 1) * LINE / 2 + 4)


def _text(name: str, x: float, y: float, width: float, most: int = MOST_LINES, kind: str = "name") -> Markup:
    return _tspans(_lines(name, width, most), x, y, kind)


def _lines(name: str, width: float, most: int) -> list[str]:
    longest = max(map(len, name.split()), default=0)
    letters = max(int(width / LETTER), min(longest, LONGEST_WORD), 4)
    return textwrap.wrap(name, letters, max_lines=max(1, most), placeholder=" …")


def _tspans(lines: Iterable[str], x: float, y: float, kind: str = "name") -> Markup:
    line = Markup('<tspan x="{:.1f}" y="{:.1f}">{}</tspan>')
    spans = Markup("").join(line.format(x, y + at * LINE, text) for at, text in enumerate(lines))
    return Markup('<text class="{}">{}</text>').format(kind, spans)
