"""Owns which names a formula of a form sees; the rules are those of form-js (see `forms.expressions`)."""

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import Final, cast

from engine.types import Json
from forms.components import CheckboxField, ChoiceField, Computed, Field, Group, Part, RowList

PLACES: Final = frozenset(("this", "parent", "i", "_this_", "_parent_", "_i_"))
"""The names by which a formula reaches the row, the values of the form, and the places of rows."""


def empty_value(part: Field) -> Json:
    """Return what a field without an answer counts as: false for a checkbox, [] for several choices, else null."""
    if isinstance(part, CheckboxField):
        return False
    return [] if isinstance(part, ChoiceField) and part.multiple else None


def filled(parts: tuple[Part, ...], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return `values` with every name of `parts`: what is missing counts as empty."""
    found: dict[str, Json] = {}
    for part in parts:
        match part:
            case Field():
                value = values.get(part.key)
                found[part.key] = empty_value(part) if value is None else value
            case Computed():
                found[part.key] = values.get(part.key)
            case Group(path=None):
                found |= filled(part.parts, values)
            case Group(path=str(path)):
                inner = values.get(path)
                found[path] = filled(part.parts, inner if isinstance(inner, Mapping) else {})
            case RowList():
                rows = values.get(part.path)
                given = rows if isinstance(rows, list) else []
                found[part.path] = [filled(part.parts, row if isinstance(row, Mapping) else {}) for row in given]
    return found


def outer_scope(data: Mapping[str, Json], values: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the scope outside lists: the form's (filled) values before the data, which is read as needed."""
    return _scope(data, values, this=values, parent=None, i=[])


def row_scope(
    data: Mapping[str, Json], values: Mapping[str, Json], row: Mapping[str, Json], number: int
) -> Mapping[str, Json]:
    """Return the scope within row `number` (from 1): plain names mean the outer values, `this` means the row."""
    return _scope(data, values, this=row, parent=values, i=[number])


def _scope(data: Mapping[str, Json], values: Mapping[str, Json], **places: Json) -> Mapping[str, Json]:
    always = {f"_{name}_": place for name, place in places.items()}
    # A chain and no copy: the data may hold records that are read only when a formula asks. Nothing writes into it.
    return ChainMap(always, *(cast(MutableMapping[str, Json], names) for names in (values, data)), places)
