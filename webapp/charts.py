"""Owns small charts as SVG made on the server: a line for a trend, bars for shares and bands; it knows no measure.

They carry classes and presentation attributes only (the content security policy forbids inline styles), a title and a
description for who does not see them, and they fit 288 pixels, the width of a small phone. Axes begin at zero.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

Scale = Literal["count", "seconds", "share", "score"]
"""What an axis counts in: it decides where a round number lies."""

WIDTH, HEIGHT = 288, 148
LEFT, RIGHT, TOP, BOTTOM = 52, 10, 18, 22
BAR_STEP, BAR_HEIGHT = 34, 8
LONGEST_LABEL = 30
MOST_BARS = 8

_SECONDS = (1, 2, 4, 10, 20, 30, 60, 120, 240, 600, 1_200, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400)
_ROUND = (1, 2, 4, 6, 8, 10)
_WHOLE = {"share": 1.0, "score": 5.0}
"""The top of an axis, unless a value is greater: what one measure is of another may be more than all of it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A line to hold the values against, with its words."""

    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its label and its value in words."""

    label: str
    value: float
    words: str


def ceiling(value: float, scale: Scale) -> float:
    """Return the round number at the top of an axis that has to hold `value`; its half is round too."""
    if scale in _WHOLE:
        return _WHOLE[scale] if value <= _WHOLE[scale] else _ceiling(value)
    if scale == "seconds":
        if fitting := [step for step in _SECONDS if step >= value]:
            return float(fitting[0])
        return 86_400 * _ceiling(value / 86_400)
    return max(2.0, _ceiling(value))


def _ceiling(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next((step * power for step in _ROUND if step * power >= value), 10 * power)


def trend(
    identity: str,
    title: str,
    points: Sequence[tuple[str, float | None]],
    words: Callable[[float], str],
    scale: Scale,
    target: Target | None = None,
) -> Markup:
    """Return a line through `points` (label, value; oldest first), broken where a value is None.

    `identity` is unique on the page, `words` writes a value. Empty markup when there is no value at all.
    """
    values = [value for _, value in points if value is not None]
    if not values:
        return Markup("")
    top = ceiling(max([*values, target.value if target else 0]), scale)
    places = _places(points, top)
    parts = [_grid(top, words), *_dates(points), *_lines(places)]
    if target is not None:
        parts.append(_target(target, top, values[: len(values) // 2 + 1]))
    last = max(at for at, place in enumerate(places) if place)
    for at, (place, (label, value)) in enumerate(zip(places, points, strict=True)):
        if place and value is not None:
            parts.append(_dot(place, f"{label}: {words(value)}", last=at == last))
            if at == last:
                parts.append(_last_words(place, words(value), target, top))
    told = "; ".join(f"{label}: {'not recorded' if value is None else words(value)}" for label, value in points)
    if target is not None:
        told += f". Target: {target.words}"
    return _svg(identity, title, told, HEIGHT, parts, "trend")


def bars(identity: str, title: str, rows: Sequence[Bar]) -> Markup:
    """Return horizontal bars, the first eight; what is left out stands in the table beside the chart."""
    if not any(row.value for row in rows):
        return Markup("")
    shown = rows[:MOST_BARS]
    longest = max(row.value for row in shown) or 1
    parts = [_bar(row, at * BAR_STEP, row.value / longest) for at, row in enumerate(shown)]
    told = "; ".join(f"{row.label}: {row.words}" for row in shown)
    return _svg(identity, title, told, len(shown) * BAR_STEP, parts, "bars")


def _bar(row: Bar, y: int, share: float) -> Markup:
    label = row.label if len(row.label) <= LONGEST_LABEL else f"{row.label[: LONGEST_LABEL - 1]}…"
    wide = max(1.0, share * WIDTH) if row.value > 0 else 0
    return Markup(
        '<text class="label" x="0" y="{}">{}</text><text class="value" x="{}" y="{}" text-anchor="end">{}</text>'
        '<rect class="ground" x="0" y="{}" width="{}" height="{}"/>'
        '<rect class="bar" x="0" y="{}" width="{}" height="{}"/>'
    ).format(
        y + 13, label, WIDTH, y + 13, row.words, y + 18, WIDTH, BAR_HEIGHT, y + 18, f"{wide:.1f}", BAR_HEIGHT
    )  # fmt: skip


def _svg(identity: str, title: str, told: str, height: int, parts: Sequence[Markup], kind: str) -> Markup:
    return Markup(
        '<svg class="chart {}" role="img" width="{}" height="{}" viewBox="0 0 {} {}" '
        'aria-labelledby="{}-title {}-desc">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}</svg>'
    ).format(
        kind, WIDTH, height, WIDTH, height, identity, identity, identity, title, identity, told, Markup("").join(parts)
    )


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _places(points: Sequence[tuple[str, float | None]], top: float) -> list[tuple[float, float] | None]:
    wide = WIDTH - LEFT - RIGHT
    step = wide / max(1, len(points) - 1)
    begin = LEFT if len(points) > 1 else LEFT + wide / 2
    return [None if value is None else (begin + at * step, _y(value, top)) for at, (_, value) in enumerate(points)]


def _grid(top: float, words: Callable[[float], str]) -> Markup:
    lines = Markup("")
    for value in (0.0, top / 2, top):
        y = _y(value, top)
        lines += Markup(
            '<line class="{}" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
            '<text class="tick" x="{}" y="{:.1f}" text-anchor="end">{}</text>'
        ).format("axis" if not value else "grid", LEFT, WIDTH - RIGHT, y, y, LEFT - 6, y + 4, words(value))
    return lines


def _dates(points: Sequence[tuple[str, float | None]]) -> list[Markup]:
    y = HEIGHT - 6
    if len(points) == 1:
        centre = LEFT + (WIDTH - LEFT - RIGHT) / 2
        return [
            Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(centre, y, points[0][0])
        ]
    ends = ((LEFT, "start", points[0][0]), (WIDTH - RIGHT, "end", points[-1][0]))
    return [
        Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>').format(x, y, anchor, label)
        for x, anchor, label in ends
    ]


def _lines(places: Sequence[tuple[float, float] | None]) -> list[Markup]:
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [
        Markup('<polyline class="line" points="{}"/>').format(" ".join(f"{x:.1f},{y:.1f}" for x, y in run))
        for run in runs
        if len(run) > 1
    ]


def _dot(place: tuple[float, float], words: str, *, last: bool) -> Markup:
    return Markup('<circle class="dot" cx="{:.1f}" cy="{:.1f}" r="{}"><title>{}</title></circle>').format(
        *place, 4 if last else 2.5, escape(words)
    )


def _last_words(place: tuple[float, float], words: str, target: Target | None, top: float) -> Markup:
    x, y = place
    at = y - 9
    # Above the dot, but below it where the target's line and its words are.
    if at < TOP - 2 or (target is not None and abs(at - 4 - _y(target.value, top)) < 14):
        at = y + 18
    anchor = "end" if x > WIDTH - 60 else "middle"
    return Markup('<text class="value" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        min(x + 4, WIDTH - 2) if anchor == "end" else x, min(at, HEIGHT - BOTTOM - 4), anchor, words
    )


def _target(target: Target, top: float, beginning: Sequence[float]) -> Markup:
    y = _y(target.value, top)
    # The words stand on the side of the line where the first values are not, as far as there is room.
    below = sum(value > target.value for value in beginning) * 2 > len(beginning)
    below = y < TOP + 4 or (below and y < HEIGHT - BOTTOM - 16)
    return Markup(
        '<line class="target" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>'
        '<text class="target-words" x="{}" y="{:.1f}">{}</text>'
    ).format(LEFT, WIDTH - RIGHT, y, y, LEFT + 4, y + 13 if below else y - 4, target.words)
