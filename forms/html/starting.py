"""Owns what a form shows before anybody has typed: defaults and the first empty rows."""

from collections.abc import Mapping

from engine.types import Json
from forms.components import Field, Group, Part, RowList


def with_defaults(parts: tuple[Part, ...], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return `values` with the default of every field whose key is missing; None counts as emptied on purpose."""
    shown = dict(values)
    for part in parts:
        match part:
            case Field():
                if part.key not in shown and part.default is not None:
                    shown[part.key] = list(part.default) if isinstance(part.default, tuple) else part.default
            case Group(path=None):
                shown = with_defaults(part.parts, shown)
            case Group(path=str(path)):
                inner = shown.get(path)
                if inner is None or isinstance(inner, Mapping):
                    filled = with_defaults(part.parts, inner or {})
                    if filled:
                        shown[path] = filled
            case RowList():
                if part.path not in shown:
                    shown[part.path] = [{} for _ in range(part.rows)]
    return shown
