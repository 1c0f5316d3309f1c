"""Owns what changed between two versions of a record, field by field; a pure function of two bodies and their form."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.types import Json
from forms.form import Form


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is not as it was."""

    label: str
    before: Json
    after: Json


def differences(form: Form, before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Difference]:
    """Return the fields whose values differ, in the order of the form; fields that the form does not know come last."""
    labels = {field.key: field.label for field in form.fields}
    keys = dict.fromkeys([*form.body_keys, *before, *after])
    return [
        Difference(labels.get(key, key.replace("_", " ").capitalize()), before.get(key), after.get(key))
        for key in keys
        if (before.get(key) or None) != (after.get(key) or None)
    ]
