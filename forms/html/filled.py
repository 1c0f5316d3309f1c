"""Owns what of the data a form's HTML shows in full: what its page may say that it was filled with; it writes no HTML.

Entries of contexts that have no field are left out, and so is a list as a whole when a part of one of its rows is not
shown: a page must not tell its reader more than its fields do.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from engine.types import Json
from forms.components import CheckboxField, ChoiceField, Field, Group, Part, RowList
from forms.html.controls import Control, RowsControl, Section, Shown
from forms.html.showing import as_typed

_NOTHING: Final = object()


def filled_with(parts: Iterable[Part], values: Mapping[str, Json], shown: Iterable[Shown]) -> dict[str, Json]:
    """Return those of `values`, which `parts` were filled with, that stand in the fields `shown` of them."""
    return _within(parts, values, {control.name: control for control in _controls(shown)}, "")


def _controls(shown: Iterable[Shown]) -> Iterator[Control]:
    for each in shown:
        match each:
            case Control():
                yield each
            case Section():
                yield from _controls(each.children)
            case RowsControl():
                for row in each.rows:
                    yield from _controls(row.children)


def _within(
    parts: Iterable[Part], values: Mapping[str, Json], controls: Mapping[str, Control], place: str
) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for part in parts:
        match part:
            case Group(path=None):
                found |= _within(part.parts, values, controls, place)
            case Group(path=str(name)) | RowList(path=name) | Field(key=name) if name in values:
                value = _of(part, values[name], controls, f"{place}{name}")
                if value is not _NOTHING:
                    found[name] = value
    return found


def _of(part: Part, value: Json, controls: Mapping[str, Control], here: str) -> Any:
    """Return what is shown of `value`, `_NOTHING` when that is nothing."""
    match part, value:
        case Group() | RowList(), None:
            return None
        case Group(), Mapping():
            return _within(part.parts, value, controls, f"{here}.") or _NOTHING
        case RowList(), list():
            rows = [
                _within(part.parts, row, controls, f"{here}.{index}.") if isinstance(row, Mapping) else _NOTHING
                for index, row in enumerate(value)
            ]
            return rows if rows == value else _NOTHING
        case Field(), _ if here in controls and _stands_in(part, value, controls[here]):
            return value
    return _NOTHING


def _stands_in(part: Field, value: Json, control: Control) -> bool:
    """Say whether `value` can be read from the field's HTML."""
    if isinstance(part, ChoiceField):
        items = value if part.multiple and isinstance(value, list) else [value]
        chosen = {choice.value for choice in control.choices if choice.chosen}
        return all(item is None or (not isinstance(item, dict | list) and as_typed(item) in chosen) for item in items)
    if isinstance(part, CheckboxField):
        return value is None or isinstance(value, bool)
    return not isinstance(value, dict | list)
