"""Owns typed variables of Camunda 7 (`{"value": ..., "type": "Long"}`): their values as case data has them."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from engine.errors import InputRefused
from engine.types import Json


class _Misfit(Exception):
    """A variable cannot be taken; the text says why."""


def values(sent: object) -> dict[str, Json]:
    """Return the values of `sent` by name; raise `InputRefused` that names each variable that is not of its type."""
    if sent is None:
        return {}
    if not isinstance(sent, Mapping):
        raise InputRefused({"variables": ['Give an object such as {"amount": {"value": 12, "type": "Integer"}}.']})
    found: dict[str, Json] = {}
    wrong: dict[str, list[str]] = {}
    for name, variable in sent.items():
        try:
            found[name] = _value(variable)
        except _Misfit as error:
            wrong[str(name)] = [str(error)]
    if wrong:
        raise InputRefused(wrong)
    return found


def _value(variable: object) -> Json:
    if not isinstance(variable, Mapping) or not set(variable) <= {"value", "type", "valueInfo", "local"}:
        raise _Misfit('Give a variable as {"value": ..., "type": ...}.')
    if variable.get("valueInfo"):
        raise _Misfit("A valueInfo is not understood here: leave it out.")
    value, kind = variable.get("value"), variable.get("type")
    if value is None:
        return None
    if kind is None:
        return value
    reader = _READERS.get(str(kind).lower())
    if reader is None:
        raise _Misfit(f"The type {kind!r} is not understood here: use {', '.join(_NAMES)}.")
    return reader(value)


def _a(kind: str, fits: Callable[[Any], bool]) -> Callable[[Any], Json]:
    """Return the reader of values that JSON has as they are."""

    def read(value: Any) -> Json:
        if not fits(value):
            raise _Misfit(f"It has to be {kind}.")
        return value

    return read


def _instant(value: Any) -> Json:
    try:
        found = datetime.fromisoformat(_text(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise _Misfit("It has to be a date and time such as 2026-03-02T08:00:00.000+0000.")
    return found.isoformat()


def _json(value: Any) -> Json:
    try:
        return json.loads(_text(value))
    except (ValueError, RecursionError):
        raise _Misfit("It has to be a text that holds JSON.") from None


_text: Final = _a("a text", lambda value: isinstance(value, str))
_whole: Final = _a("a whole number", lambda value: isinstance(value, int) and not isinstance(value, bool))
_number: Final = _a("a number", lambda value: isinstance(value, int | float) and not isinstance(value, bool))
_NAMES: Final = ("String", "Boolean", "Short", "Integer", "Long", "Double", "Date", "Json", "Null")
_READERS: Final[Mapping[str, Callable[[Any], Json]]] = {
    "string": _text,
    "boolean": _a("true or false", lambda value: isinstance(value, bool)),
    "short": _whole,
    "integer": _whole,
    "long": _whole,
    "double": _number,
    "number": _number,
    "date": _instant,
    "json": _json,
}
