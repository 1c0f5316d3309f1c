"""Owns what is in the way of a name in a picture: shapes, lines and other names, and how much of a place they take."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from engine.types.diagram import Box, Shape

LINE_WEIGHT: Final = 6.0
"""What a unit of a line that crosses a name counts, in units of area."""

SLACK: Final = 1.5
"""How much of the height of a name is empty, above and below."""

AIR: Final = 1.5
"""How much of the room right and left of a name belongs to it: widths of letters are estimated."""

MARGIN: Final = 1.5
"""Half of the strongest outline of a shape."""

Bounds = tuple[float, float, float, float]
"""left, top, right, bottom"""


class Obstacle:
    """Something that a name should not cover, within its `bounds`."""

    __slots__ = ("bounds",)

    def __init__(self, bounds: Bounds) -> None:
        """Take the smallest rectangle around it."""
        self.bounds = bounds

    def covers(self, place: Bounds) -> float:
        """Return how much of `place` it takes, 0 for nothing; `place` overlaps its bounds."""
        left, top, right, bottom = self.bounds
        return (min(right, place[2]) - max(left, place[0])) * (min(bottom, place[3]) - max(top, place[1]))


class Round(Obstacle):
    """A circle or, as `power` 1, a diamond within its bounds."""

    __slots__ = ("power",)

    def __init__(self, bounds: Bounds, power: int) -> None:
        """Take its bounds and 1 for a diamond, 2 for a circle."""
        super().__init__(bounds)
        self.power = power

    def covers(self, place: Bounds) -> float:
        """Return how much of `place` it takes, 0 where only a corner of its bounds is touched."""
        left, top, right, bottom = self.bounds
        x, y = (left + right) / 2, (top + bottom) / 2
        across = abs(min(max(x, place[0]), place[2]) - x) / max((right - left) / 2, 1)
        down = abs(min(max(y, place[1]), place[3]) - y) / max((bottom - top) / 2, 1)
        return super().covers(place) if across**self.power + down**self.power < 1 else 0.0


class Line(Obstacle):
    """A straight piece of a flow or of a border."""

    __slots__ = ("points",)

    def __init__(self, x0: float, y0: float, x1: float, y1: float) -> None:
        """Take both ends."""
        super().__init__((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        self.points = (x0, y0, x1, y1)

    def covers(self, place: Bounds) -> float:
        """Return what the piece of the line within `place` counts (Liang and Barsky's clipping)."""
        x0, y0, x1, y1 = self.points
        across, down = x1 - x0, y1 - y0
        first, last = 0.0, 1.0
        for step, room in (
            (-across, x0 - place[0]), (across, place[2] - x0), (-down, y0 - place[1]), (down, place[3] - y0),
        ):  # fmt: skip
            if step == 0:
                if room < 0:
                    return 0.0
            elif step < 0:
                first = max(first, room / step)
            else:
                last = min(last, room / step)
        return 0.0 if first >= last else (last - first) * (abs(across) + abs(down)) * LINE_WEIGHT


def bounds(box: Box) -> Bounds:
    """Return a box by its corners."""
    return box.x, box.y, box.x + box.width, box.y + box.height


def of_node(shape: Shape) -> Obstacle:
    """Return a shape that holds no others."""
    left, top, right, bottom = bounds(shape.box)
    place = (left - MARGIN, top - MARGIN, right + MARGIN, bottom + MARGIN)
    if shape.kind.endswith("Event"):
        return Round(place, 2)
    return Round(place, 1) if shape.kind.endswith("Gateway") else Obstacle(place)


def borders(box: Box) -> Iterable[Line]:
    """Return the four sides of a shape that holds others."""
    left, top, right, bottom = bounds(box)
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    return (Line(*one, *other) for one, other in pairwise(corners))


def near(obstacles: Iterable[Obstacle], place: Bounds) -> list[Obstacle]:
    """Return those that may cover a part of `place`."""
    left, top, right, bottom = place
    return [
        each
        for each in obstacles
        if each.bounds[0] < right and each.bounds[2] > left and each.bounds[1] < bottom and each.bounds[3] > top
    ]


def taken(obstacles: Iterable[Obstacle], place: Bounds) -> float:
    """Return how much of `place` is taken, 0 when it is free."""
    inner = (place[0] - AIR, place[1] + SLACK, place[2] + AIR, max(place[3] - SLACK, place[1] + SLACK))
    return sum(each.covers(inner) for each in near(obstacles, inner))
