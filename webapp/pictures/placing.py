"""Owns where names outside shapes stand: where the file says when that is free, else beside it or what they name.

Files are written for another font, and names change after their places were chosen. So each name has a list of places,
the best first; it gets the first that neither shape, line nor name takes, or the one of which least is taken.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from engine.types.diagram import Box, Edge, Shape
from webapp.pictures.outlines import DATA
from webapp.pictures.room import Bounds, Line, Obstacle, borders, bounds, near, of_node, taken
from webapp.pictures.writing import BAND, LINE, MOST_LINES, Words, contains, in_lines, into

GAP: Final = 4.0
"""Between a name and what it names, where the file does not say its place."""

USUAL: Final = 90.0
"""How wide names outside shapes are where the file does not say."""

WIDER: Final = 1.6
"""How much wider than the file says a name may be to stay in as many lines: its font is narrower."""

REACH: Final = 28
"""How far a name is pushed away from where the file has it."""

LONG: Final = 200
"""Letters of a name for which nobody counts the lines of the file."""

MOST: Final = 100_000
"""Names times obstacles; in a picture with more, names stand where they would if nothing were in the way."""

KEPT: Final = 256
"""Pictures whose names are kept as placed: a model never changes."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A name that has its place: its lines within `box`, centred; `of_flow` tells flows from shapes."""

    lines: tuple[str, ...]
    box: Box
    of_flow: bool


def is_outside(shape: Shape) -> bool:
    """Return whether the name of a shape stands outside it."""
    if not shape.name or contains(shape):
        return False
    return shape.kind.endswith(("Event", "Gateway")) or shape.kind in DATA


@lru_cache(KEPT)
def names_outside(shapes: tuple[Shape, ...], edges: tuple[Edge, ...]) -> tuple[Placed, ...]:
    """Return the names of flows, and of those shapes that have theirs outside, each once."""
    named: list[Shape | Edge] = [*(edge for edge in edges if edge.name), *filter(is_outside, shapes)]
    named.sort(key=lambda each: each.label is None)  # whoever has no place of its own goes round the others
    obstacles = list(_obstacles(shapes, edges))
    crowded = len(named) * (len(obstacles) + len(named)) > MOST
    found = []
    for each in named:
        placed = _place(each, [] if crowded else obstacles)
        obstacles.append(Obstacle(bounds(placed.box)))
        found.append(placed)
    return tuple(found)


def _obstacles(shapes: Sequence[Shape], edges: Sequence[Edge]) -> Iterator[Obstacle]:
    for shape in shapes:
        if not contains(shape):
            yield of_node(shape)
            continue
        yield from borders(shape.box)
        if shape.kind in {"participant", "lane"} and shape.expanded:
            left, top, right, bottom = bounds(shape.box)
            yield Obstacle((left, top, right, top + BAND) if shape.upright else (left, top, left + BAND, bottom))
    for edge in edges:
        for one, other in pairwise(edge.points):
            yield Line(*one, *other)


def _place(named: Shape | Edge, obstacles: Sequence[Obstacle]) -> Placed:
    places = list(_places(named))
    around = [bounds(box) for _, box in places]
    whole: Bounds = (
        min(each[0] for each in around), min(each[1] for each in around),
        max(each[2] for each in around), max(each[3] for each in around),
    )  # fmt: skip
    close = near(obstacles, whole)
    best, least = places[0], math.inf
    for place, where in zip(places, around, strict=True):
        amount = taken(close, where)
        if amount < least:
            best, least = place, amount
        if not least:
            break
    words, box = best
    return Placed(words.lines, box, isinstance(named, Edge))


def _places(named: Shape | Edge) -> Iterator[tuple[Words, Box]]:
    """Return where a name may stand, the best first."""
    label = named.label
    middle = None if label is None else (label.x + label.width / 2, label.y + label.height / 2)
    if isinstance(named, Shape):
        box = named.box
        if label is None or middle is None or _within(middle, box):
            yield from _beside(box, named.name)
        else:
            yield from _as_told(label, named.name, below=middle[1] > box.y + box.height / 2)
            yield from _beside(box, named.name)
    elif label is None:
        yield from _along(named)
    else:
        yield from _as_told(label, named.name, below=False)
        yield from _along(named)


def _within(point: tuple[float, float], box: Box) -> bool:
    return box.x < point[0] < box.x + box.width and box.y < point[1] < box.y + box.height


def _as_told(label: Box, name: str, *, below: bool) -> Iterator[tuple[Words, Box]]:
    """Yield the place of the file in its number of lines, grown away from what is named, then pushed to the sides."""
    narrow = into(name, max(label.width, USUAL))
    some = [narrow]
    if len(name) < LONG:
        told = in_lines(name, min(max(1, round(label.height / LINE)), MOST_LINES))
        if told != narrow and told.width <= WIDER * max(label.width, USUAL):
            some.insert(0, told)
    for words in some:
        across = label.width - words.width
        down = label.height - words.height
        levels = [0.0] if down >= 0 else [0.0, down / 2, down] if below else [down, down / 2, 0.0]
        for dx in (across / 2, 0.0, across):
            for dy in levels:
                yield words, words.at(label.x + dx, label.y + dy)
    for words in some:
        x, y = label.x + (label.width - words.width) / 2, label.y
        for step in range(LINE // 2, REACH + 1, LINE // 2):
            for dx, dy in ((0, -step), (0, step), (-step, 0), (step, 0)):
                yield words, words.at(x + dx, y + dy)


def _beside(box: Box, name: str) -> Iterator[tuple[Words, Box]]:
    """Yield the places below, above, right and left of a shape."""
    x, y = box.x + box.width / 2, box.y + box.height / 2
    for width in (max(USUAL, box.width), USUAL * 2 / 3):
        words = into(name, width)
        yield words, words.at(x - words.width / 2, box.y + box.height + GAP)
        yield words, words.at(x - words.width / 2, box.y - words.height - GAP)
        yield words, words.at(box.x + box.width + GAP, y - words.height / 2)
        yield words, words.at(box.x - words.width - GAP, y - words.height / 2)


def _along(edge: Edge) -> Iterator[tuple[Words, Box]]:
    """Yield the places beside the middle of the pieces of a line, the longest first."""
    pieces = list(pairwise(edge.points))
    pieces.sort(key=lambda piece: -math.dist(*piece))
    for (x0, y0), (x1, y1) in pieces[:4]:
        x, y, level = (x0 + x1) / 2, (y0 + y1) / 2, abs(x1 - x0) >= abs(y1 - y0)
        widths = (max(USUAL, min(abs(x1 - x0) - 2 * BAND, 2 * USUAL)), USUAL) if level else (USUAL, USUAL * 2 / 3)
        for width in widths:
            words = into(edge.name, width)
            if level:
                yield words, words.at(x - words.width / 2, y - words.height - GAP)
                yield words, words.at(x - words.width / 2, y + GAP)
            else:
                yield words, words.at(x + GAP, y - words.height / 2)
                yield words, words.at(x - words.width - GAP, y - words.height / 2)
