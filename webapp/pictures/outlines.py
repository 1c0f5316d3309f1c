"""Owns the outline of each kind of shape (BPMN 2.0.2 chapter 10) as SVG, with the sign in it; names are elsewhere."""

from collections.abc import Iterable
from typing import Final

from markupsafe import Markup

from engine.types.diagram import Shape
from webapp.pictures import symbols

SUB_PROCESSES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
DATA: Final = frozenset({"dataObjectReference", "dataStoreReference", "dataInput", "dataOutput"})


def outline(shape: Shape) -> Markup:
    """Return the outline of a node, lane or artefact."""
    box, kind = shape.box, shape.kind
    x, y = box.x + box.width / 2, box.y + box.height / 2
    if kind.endswith("Event"):
        return _event(shape, x, y, min(box.width, box.height) / 2)
    if kind.endswith("Gateway"):
        points = ((x, box.y), (box.x + box.width, y), (x, box.y + box.height), (box.x, y))
        return path(through(points) + "z", "outline") + symbol(symbols.GATEWAYS.get(kind, ""), x, y)
    if kind == "textAnnotation":
        return path(f"M{box.x + 12:.1f} {box.y:.1f}h-12v{box.height:.1f}h12", "bracket")
    if kind == "dataStoreReference":
        bow = f"a{box.width / 2:.1f} {box.height / 8:.1f} 0 0 0 {box.width:.1f} 0"
        top = f"M{box.x:.1f} {box.y + box.height / 8:.1f}"
        back = f"a{box.width / 2:.1f} {box.height / 8:.1f} 0 0 0 {-box.width:.1f} 0"
        return path(f"{top}v{box.height * 3 / 4:.1f}{bow}v{-box.height * 3 / 4:.1f}{back}{bow}", "outline")
    if kind in DATA:
        fold = min(12.0, box.width / 3)
        sheet = f"M{box.x:.1f} {box.y:.1f}h{box.width - fold:.1f}l{fold:.1f} {fold:.1f}v{box.height - fold:.1f}"
        return path(
            f"{sheet}h{-box.width:.1f}z M{box.x + box.width - fold:.1f} {box.y:.1f}v{fold:.1f}h{fold:.1f}", "outline"
        )
    return _rectangle(shape) + _marks(shape)


def _event(shape: Shape, x: float, y: float, radius: float) -> Markup:
    dashed = "" if shape.interrupting else " aside"
    circle = Markup('<circle class="outline{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>')
    parts = [circle.format(dashed, x, y, radius)]
    if shape.kind in {"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}:
        parts.append(circle.format(dashed, x, y, max(radius - 3, 1)))
    throws = shape.kind in {"intermediateThrowEvent", "endEvent"}
    parts.append(symbol(symbols.EVENTS.get(shape.symbol, ""), x, y, "filled" if throws else "symbol"))
    return Markup("").join(parts)


def _rectangle(shape: Shape) -> Markup:
    box = shape.box
    round_ = 0 if shape.kind in {"participant", "lane"} else 10
    return Markup(
        '<rect class="outline" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="{}"/>'
    ).format(box.x, box.y, box.width, box.height, round_)  # fmt: skip


def _marks(shape: Shape) -> Markup:
    """Return what stands in an activity's corner and at its foot."""
    box, sent = shape.box, "filled" if shape.kind == "sendTask" else "symbol"
    parts = [symbol(symbols.TASKS.get(shape.kind, ""), box.x + 15, box.y + 14, sent)]
    foot, x = box.y + box.height - 10, box.x + box.width / 2
    if shape.kind in SUB_PROCESSES and not shape.expanded:
        parts.append(symbol(symbols.COLLAPSED, x, foot))
        x -= 18
    parts.append(symbol(symbols.REPEATS.get(shape.repeats, ""), x, foot))
    return Markup("").join(parts)


def symbol(sign: str, x: float, y: float, kind: str = "symbol") -> Markup:
    """Return one of `webapp.pictures.symbols` around (x, y); nothing for an empty one."""
    if not sign:
        return Markup("")
    return Markup('<path class="{}" d="{}" transform="translate({:.1f} {:.1f})"/>').format(kind, sign, x, y)


def path(way: str, kind: str) -> Markup:
    """Return a line along `way` (the attribute `d`), of the class `kind`."""
    return Markup('<path class="{}" d="{}"/>').format(kind, way)


def through(points: Iterable[tuple[float, float]]) -> str:
    """Return the way through all points."""
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
