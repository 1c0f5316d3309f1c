"""Owns how single values are put into words: in inputs as they were typed, on pages as people read them."""

import re
from datetime import date, datetime, time
from typing import Final

from markupsafe import Markup, escape

from engine.types import Json
from engine.types.counting import counted
from forms.components import ChoiceField, DateTimeField, Part, TextField
from forms.markdown import lines
from forms.moments import Subtype

_DURATION: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
_UNITS: Final = ("year", "month", "week", "day", "hour", "minute", "second")
_UNSHOWABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_INPUT_SHAPES: Final = {
    "date": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "time": re.compile(r"\d{2}:\d{2}(?::\d{2})?"),
    "datetime": re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2})?"),
}


def as_typed(value: Json) -> str:
    """Return the text that an input shows for a raw or stored value; what no page can hold is replaced."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value) if isinstance(value, str | int | float) else ""
    return _UNSHOWABLE.sub("\ufffd", text)


def moment_as_typed(value: Json, subtype: Subtype) -> tuple[str, bool]:
    """Return the text for a date or time input, and whether a browser's own input can show it."""
    text = as_typed(value)
    bare = text.removesuffix("Z").replace(" ", "T", 1)
    if not text:
        return "", True
    if not _INPUT_SHAPES[subtype].fullmatch(bare) or not _exists(bare, subtype):
        return text, False
    clock, seconds, rest = bare.rpartition(":00")
    return (clock if ":" in clock and seconds and not rest else bare), True


def in_words(part: Part | None, value: Json, labels: dict[str, str] | None = None) -> Markup:
    """Return a stored value as HTML to read; `labels` has the words for the values of a choice."""
    if value is None or value in ("", []):
        return Markup('<span class="empty">Not given</span>')
    if isinstance(part, DateTimeField) and isinstance(value, str):
        return _moment(part, value)
    if isinstance(value, bool):
        return escape("Yes" if value else "No")
    if isinstance(value, list):
        items = [in_words(part, item, labels) for item in value]
        return (
            items[0]
            if len(items) == 1
            else Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(i) for i in items))
        )
    if isinstance(value, dict):
        pairs = (
            Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(as_typed(key), in_words(None, item))
            for key, item in value.items()
        )
        return Markup('<dl class="values">{}</dl>').format(Markup("").join(pairs))
    text = as_typed(value)
    if isinstance(part, TextField) and part.pattern and part.pattern.source.startswith("^P"):
        text = _duration(text) or text
    if isinstance(part, ChoiceField) or labels:
        text = (labels or {}).get(text, text)
    return lines(text)


def _duration(text: str) -> str:
    """Return a duration of ISO 8601 in words, nothing for a text that is none."""
    found = _DURATION.fullmatch(text)
    given = zip(found.groups() if found else (), _UNITS, strict=False)
    return " ".join(counted(int(count), unit) for count, unit in given if count)


def _exists(text: str, subtype: Subtype) -> bool:
    try:
        (date if subtype == "date" else time if subtype == "time" else datetime).fromisoformat(text)
    except ValueError:
        return False
    return True


def _moment(part: DateTimeField, value: str) -> Markup:
    bare = value.removesuffix("Z")
    if not _INPUT_SHAPES[part.subtype].fullmatch(bare) or not _exists(bare, part.subtype):
        return lines(as_typed(value))
    day, _, clock = (
        bare.rpartition("T")
        if part.subtype == "datetime"
        else (bare, "", "")
        if part.subtype == "date"
        else ("", "", bare)
    )
    words = [f"{(on := date.fromisoformat(day)).day} {on:%B %Y}"] if day else []
    if clock:
        words.append(clock[:5] + (" UTC" if value.endswith("Z") else ""))
    return Markup('<time datetime="{}">{}</time>').format(value, ", ".join(words))
