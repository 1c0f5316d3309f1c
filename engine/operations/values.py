"""Owns the border between case data and an operation's function: types checked on the way in and on the way out."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from engine.errors import StepFailed
from engine.json_data import NotData, checked
from engine.operations.definition import Input, Operation, ValueType
from engine.types import Json, RecordRef

_NUMBER: Final = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
_DAY: Final = len("2026-01-01")


class Misfit(ValueError):
    """A value is not of its type; the text says what it is."""


def accepted(operation: Operation, given: Mapping[str, Json]) -> dict[str, Json]:
    """Return the inputs of a call as JSON: those `given`, each of its type, and the defaults of those left out.

    Records are references, as case data holds them. Raises `StepFailed` that names the input.
    """
    for name in given:
        if operation.input(name) is None:
            raise StepFailed(f"The operation {operation.name!r} has no input {name!r}; it takes {_names(operation)}.")
    found: dict[str, Json] = {}
    for each in operation.inputs:
        value = given.get(each.name)
        if value is None and not each.required:
            value = given.get(each.name, each.default)
        elif value is None:
            raise StepFailed(f"The input {each.name!r} of the operation {operation.name!r} is missing or null.")
        try:
            found[each.name] = None if value is None else fitting(value, each.type)
        except Misfit as error:
            raise StepFailed(f"The input {each.name!r} of the operation {operation.name!r} {error}") from None
    return found


def fitting(value: Json, kind: ValueType) -> Json:
    """Return `value` if it is of the type `kind`; raise `Misfit`."""
    if not _FITS[kind](value):
        raise Misfit(f"has to be {_WORDS[kind]}, not {_shown(value)}.")
    return value


def from_text(text: str, kind: ValueType) -> Json:
    """Return what a plain text in a model means as a value of the type `kind`; the text itself where it means none."""
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text


def as_arguments(operation: Operation, inputs: Mapping[str, Json]) -> dict[str, Any]:
    """Return the arguments of the function for inputs that were `accepted`: dates as Python has them."""
    return {each.name: _argument(each, inputs.get(each.name)) for each in operation.inputs}


def result_of(operation: Operation, returned: Any) -> dict[str, Json]:
    """Return what the function returned as JSON, each output of its type. Raises `StepFailed` that names the output."""
    if returned is None:
        returned = {}
    if not isinstance(returned, Mapping):
        raise StepFailed(
            f"The operation {operation.name!r} returned a {type(returned).__name__}; its function has to return a "
            "mapping of outputs."
        )
    if refers(returned):
        raise StepFailed(f"The operation {operation.name!r} returned a reference to a record; it has to return fields.")
    known = {each.name for each in operation.outputs}
    for name in returned:
        if name not in known:
            raise StepFailed(
                f"The operation {operation.name!r} returned {str(name)[:80]!r}, which it does not declare."
            )
    found: dict[str, Json] = {}
    for each in operation.outputs:
        value = _plain(returned.get(each.name))
        try:
            found[each.name] = None if value is None else fitting(checked(value, each.name), each.type)
        except (Misfit, NotData) as error:
            raise StepFailed(f"The output {each.name!r} of the operation {operation.name!r}: {error}") from None
    try:
        checked(found)
    except NotData as error:
        raise StepFailed(f"What the operation {operation.name!r} returned: {error}") from None
    return found


def refers(value: Any) -> bool:
    """Say whether there is a reference to a record in `value`."""
    if isinstance(value, Mapping):
        return RecordRef.from_json(value) is not None or any(map(refers, value.values()))
    return isinstance(value, list | tuple) and any(map(refers, value))


def _argument(each: Input, value: Json) -> Any:
    if each.type == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    if each.type == "date-time" and isinstance(value, str):
        found = datetime.fromisoformat(value)
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return value


def _plain(value: Any) -> Any:
    """Return a date or an instant as JSON has it. Raises `Misfit` for an instant without time zone."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise StepFailed("An operation returned a date and time without a time zone.")
        return value.isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _is_date(value: Json) -> bool:
    if not isinstance(value, str) or len(value) != _DAY:
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_instant(value: Json) -> bool:
    if not isinstance(value, str) or len(value) <= _DAY:
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


_FITS: Final[Mapping[ValueType, Callable[[Json], bool]]] = {
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "date": _is_date,
    "date-time": _is_instant,
    "list": lambda value: isinstance(value, list),
    "context": lambda value: isinstance(value, dict),
    "record": lambda value: RecordRef.from_json(value) is not None,
}
_WORDS: Final[Mapping[ValueType, str]] = {
    "text": "a text",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date such as 2026-03-02",
    "date-time": "a date and time such as 2026-03-02T08:00:00Z",
    "list": "a list",
    "context": "a context",
    "record": "a record of a register",
}


def _shown(value: Json) -> str:
    if isinstance(value, dict):
        return "a context" if RecordRef.from_json(value) is None else "a record"
    return "a list" if isinstance(value, list) else repr(value)[:80]


def _names(operation: Operation) -> str:
    return ", ".join(repr(each.name) for each in operation.inputs) or "none"
