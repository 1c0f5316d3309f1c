"""Owns the reading of JSON that somebody types: what is wrong is told with line and column, in plain words."""

import json
from collections.abc import Sequence
from typing import Any, Final

from engine.errors import InputRefused
from engine.types import Json

_SAID: Final = {
    "Expecting ',' delimiter": "a comma, or the closing bracket, is missing before this",
    "Expecting ':' delimiter": "a colon is missing after the name",
    "Expecting property name enclosed in double quotes": 'a name in double quotes is missing, as in {"name": 1}',
    "Expecting value": "a value is missing: a number, true, false, null, a text in double quotes, [...] or {...}",
    "Illegal trailing comma before end of object": "a comma before the closing bracket is one too many",
    "Illegal trailing comma before end of array": "a comma before the closing bracket is one too many",
    "Extra data": "the value has ended before this",
    "Unterminated string starting at": "the text that begins here has no closing quote",
    "Invalid control character at": "a text may not go over several lines; write \\n for a new one",
    "Invalid \\escape": 'after a backslash stands one of " \\ / b f n r t u',
    "Invalid \\uXXXX escape": "after \\u stand four hexadecimal digits",
}


def read(text: str, field: str) -> Json:
    """Return the value that `text` writes in JSON; raise `InputRefused` under `field` for what is none.

    A name that an object has twice, NaN and Infinity are refused too: something would be lost without a word.
    """
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        said = next((words for begin, words in _SAID.items() if error.msg.startswith(begin)), error.msg)
        raise InputRefused({field: [f"Line {error.lineno}, column {error.colno}: {said}."]}) from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise InputRefused({field: [f"This cannot be used: {reason}."]}) from None


def read_object(text: str, field: str) -> dict[str, Json]:
    """Return the variables that `text` writes as a JSON object; nothing but blanks is none. Raises `InputRefused`."""
    value = read(text, field) if text.strip() else {}
    if not isinstance(value, dict):
        raise InputRefused({field: ['Write the variables as an object, as in {"approved": true}.']})
    return value


def written(value: Json) -> str:
    """Return a value as people read and change it."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the name {name!r} stands in one object twice")
        found[name] = value
    return found


def _no_number(name: str) -> Json:
    raise ValueError(f"{name} is no number of JSON")
