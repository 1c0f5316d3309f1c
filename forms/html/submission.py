"""Owns the way back from a browser: form-encoded pairs become the raw values that `Form.validate` checks.

Names are places (`contact.email`, `rows.0.name`). Names that are not fields of the form are left to the page (CSRF
token, versions shown).
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from engine.types import Json
from forms.components import CheckboxField, ChoiceField, Field, Group, Part, RowList
from forms.form import Form

REFRESH: Final = "_refresh"
ADD: Final = "_add"
REMOVE: Final = "_remove"
_MOST_ROWS_READ: Final = 1_000
_INDEX = re.compile(r"\d{1,4}", re.ASCII)


def is_refresh(items: Iterable[tuple[str, str]]) -> bool:
    """Return whether the person asked for the form anew (update, add a row, remove a row) and hands nothing in yet."""
    return any(name in (REFRESH, ADD, REMOVE) for name, _ in items)


def parse_submission(form: Form, items: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """Return the raw values in `items`: what was typed, a missing checkbox as false, no ticked option as an empty list.

    An empty text is left out; where the field has a default it is None, so that the default does not come back.
    Rows without any answer are left out, except when the form is asked for anew.
    """
    pairs = list(items)
    sent: dict[str, list[str]] = {}
    for name, value in pairs:
        sent.setdefault(name, []).append(value)
    return _values(form.parts, sent, "", keep_blank=is_refresh(pairs))


def _values(parts: tuple[Part, ...], sent: Mapping[str, list[str]], place: str, *, keep_blank: bool) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for part in parts:
        match part:
            case Field() if part.disabled or part.readonly is True:
                continue
            case Field():
                found |= _value(part, sent.get(f"{place}{part.key}", []))
            case Group(path=None):
                found |= _values(part.parts, sent, place, keep_blank=keep_blank)
            case Group(path=str(path)):
                inner = _values(part.parts, sent, f"{place}{path}.", keep_blank=keep_blank)
                if inner:
                    found[path] = inner
            case RowList():
                found[part.path] = _rows(part, sent, place, keep_blank=keep_blank)
    return found


def _value(part: Field, texts: list[str]) -> dict[str, Json]:
    if isinstance(part, CheckboxField):
        return {part.key: texts[-1] if texts and texts[-1] != "true" else bool(texts)}
    if isinstance(part, ChoiceField) and part.multiple:
        return {part.key: [text for text in texts if text]}
    text = texts[-1] if texts else ""
    if text:
        return {part.key: text}
    return {} if part.default is None else {part.key: None}


def _rows(part: RowList, sent: Mapping[str, list[str]], place: str, *, keep_blank: bool) -> list[Json]:
    here = f"{place}{part.path}."
    steps = (name[len(here) :].partition(".")[0] for name in sent if name.startswith(here))
    indexes = sorted({int(step) for step in steps if _INDEX.fullmatch(step)})[:_MOST_ROWS_READ]
    removed = sent.get(REMOVE, [])
    rows: list[Json] = []
    for index in indexes:
        row = _values(part.parts, sent, f"{here}{index}.", keep_blank=keep_blank)
        if f"{here}{index}" not in removed and (keep_blank or not _is_blank(row)):
            rows.append(row)
    if here[:-1] in sent.get(ADD, []):
        rows.append({})
    return rows


def _is_blank(value: Json) -> bool:
    if isinstance(value, dict):
        return all(_is_blank(item) for item in value.values())
    if isinstance(value, str):
        return not value.strip()
    return value is None or value is False or value == []
