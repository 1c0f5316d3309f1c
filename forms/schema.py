"""Owns the making of a marshmallow schema from the parts of a form, and the flattening of its messages."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from marshmallow import Schema, ValidationError, fields

from engine.types import Json
from forms.characters import storable
from forms.components import (
    CheckboxField,
    ChoiceField,
    Computed,
    DateTimeField,
    Field,
    Group,
    NumberField,
    Part,
    RowList,
    TextField,
)
from forms.inputs import CheckboxInput, ChoiceInput, DateTimeInput, Ignored, NumberInput, TextInput

MOST_ROWS: Final = 100
MOST_MESSAGES: Final = 200
UNKNOWN = "This form has no such field. Remove it."


class _Schema(Schema):
    error_messages = {"unknown": UNKNOWN, "type": "Give the fields of this part by name."}  # noqa: RUF012 - as marshmallow declares it


class Rows(fields.Nested):
    """The rows of a dynamic list, bounded in number before any of them is looked at."""

    def _deserialize(
        self, value: Json, attr: str | None, data: Mapping[str, Any] | None, partial: Any = None, **kwargs: Any
    ) -> Any:
        if not isinstance(value, list):
            raise ValidationError("Give a list of rows.")
        if len(value) > MOST_ROWS:
            raise ValidationError(f"Enter at most {MOST_ROWS} rows; there are {len(value):,}.")
        return super()._deserialize(value, attr, data, partial=partial, **kwargs)


def schema_for(parts: tuple[Part, ...]) -> Schema:
    """Return the schema that turns what was handed in for `parts` into stored values; unknown names are refused."""
    members: dict[str, Any] = dict(_members(parts))
    return _Schema.from_dict(members, name="FormSchema")()


def load(schema: Schema, values: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, str]]:
    """Return the usable values without empty ones, and one message for each place (`rows.0.name`) that was refused."""
    try:
        return _without_none(schema.load(values)), {}
    except ValidationError as error:
        messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]
        usable = error.valid_data if isinstance(error.valid_data, dict) else {}
        return _without_none(usable), dict(_flat(messages, "", [MOST_MESSAGES]))


def _members(parts: tuple[Part, ...]) -> Iterator[tuple[str, fields.Field[Any]]]:
    for part in parts:
        match part:
            case TextField():
                yield part.key, TextInput(part)
            case NumberField():
                yield part.key, NumberInput(part)
            case CheckboxField():
                yield part.key, CheckboxInput(part)
            case ChoiceField():
                yield part.key, ChoiceInput(part)
            case DateTimeField():
                yield part.key, DateTimeInput(part)
            case Computed():
                yield part.key, Ignored()
            case Group(path=None):
                yield from _members(part.parts)
            case Group(path=str(path)):
                yield path, fields.Nested(schema_for(part.parts), allow_none=True)
            case RowList():
                yield part.path, Rows(schema_for(part.parts), many=True, allow_none=True)
            case Field():
                raise TypeError(f"No input is known for {type(part).__name__}.")


def _flat(messages: Mapping[Any, Any], place: str, left: list[int]) -> Iterator[tuple[str, str]]:
    for key, inner in messages.items():
        below = storable(f"{place}.{key}" if place else str(key))[:300]
        here = (place or "form") if key == "_schema" else below
        if isinstance(inner, Mapping):
            yield from _flat(inner, here, left)
        elif left[0] > 0:
            left[0] -= 1
            yield here, str(inner[0])


def _without_none(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value]
    return value
