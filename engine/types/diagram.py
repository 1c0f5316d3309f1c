"""Plain values of a drawn model (BPMN DI, BPMN 2.0.2 chapter 12): where its shapes and edges lie, and what they are.

Lengths are in the units of the file, which modelers take as pixels; y grows downwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A node, lane or artefact. `kind` is its name in BPMN, `symbol` that of the event that it is about (`timer`).

    `label` is where the name stands, None where the shape itself or its foot is the place.
    """

    element_id: str
    kind: str
    name: str
    box: Box
    label: Box | None = None
    symbol: str = ""
    repeats: str = ""
    """`loop`, `sequential` or `parallel`: how an activity is repeated"""
    expanded: bool = True
    """whether the content of a sub-process or pool is drawn within it"""
    interrupting: bool = True
    upright: bool = False
    """whether a pool or lane has its name at the top instead of at the left"""


@dataclass(frozen=True, slots=True)
class Edge:
    """A flow or association; `points` are two or more (x, y), from source to target."""

    element_id: str
    kind: str
    name: str
    points: tuple[tuple[float, float], ...]
    label: Box | None = None


@dataclass(frozen=True, slots=True)
class Diagram:
    """The first diagram of a model, which modelers open.

    `shown_by` names for each element without a shape of its own the one around it that has: a collapsed sub-process for
    what is in it.
    """

    shapes: tuple[Shape, ...] = ()
    edges: tuple[Edge, ...] = ()
    shown_by: Mapping[str, str] | None = None

    def shape_of(self, element_id: str) -> str:
        """Return the id of the element whose shape stands for `element_id`; that id itself where there is none."""
        return (self.shown_by or {}).get(element_id, element_id)
