"""Owns which records the page of a start form shows as probably about the same; it decides over no record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from engine.registers.views import SimilarRecord
from engine.types import Json
from forms.form import Form
from webapp.services import actor, engine

SEEN = "_seen_similar"
"""What the page has shown already, `register|id`: who hands the form in again means that it is none of these."""

_MOST_SEEN = 50


@dataclass(frozen=True, slots=True)
class Alike:
    """Records that are probably about the same as what stands in `field`; `singular` is what one of them is called."""

    field: str
    register: str
    singular: str
    supported: bool
    records: Sequence[SimilarRecord]


def alike(form: Form, values: Mapping[str, Json]) -> list[Alike]:
    """Return for each field of `form` that asks for it the records that are about the same as its value."""
    found = []
    for field in form.fields:
        text = _value(values, field.key)
        if field.similar is None or not isinstance(text, str) or not text.strip():
            continue
        records = engine().registers.similar(field.similar, text, actor())
        if records:
            definition = engine().registers.definition(field.similar, actor())
            found.append(Alike(field.key, field.similar, definition.singular, definition.supported, records))
    return found


def not_seen(found: Sequence[Alike]) -> bool:
    """Return whether there is a record among `found` that the page has not shown yet."""
    seen = {mark for text in request.form.getlist(SEEN)[:_MOST_SEEN] for mark in text.split()}
    return any(f"{group.register}|{record.id}" not in seen for group in found for record in group.records)


def _value(values: Mapping[str, Json], place: str) -> Json:
    value: Json = values
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
