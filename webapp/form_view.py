"""Owns a form on a page: its fields as HTML, its error summary, and the values that a browser sent; it decides nothing.

The names that belong to the page rather than to the form begin with `_`, which no field of a form can.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import Flask, g, request
from markupsafe import Markup

from engine.errors import InputRefused
from engine.forms_protocol import OptionSource
from engine.json_data import NotData, checked
from engine.registers.writes import FACTS
from engine.types import Json, RecordRef
from engine.views import RecordShown
from forms.form import NO_DATA, Form, every_part
from forms.html import fill, is_refresh, parse_submission, render_values
from webapp import names
from webapp.json_input import read_object
from webapp.services import actor, engine, forms, now

SHOWN = "_shown"
SHOWN_VALUES = "_shown_values"
MOST_SHOWN = 50_000
"""How many characters a page sends back of what its form was filled with; more is no page of ours."""
DAMAGED: Final = "The page was damaged on its way: load it again."
EFFORT = "_effort"
BASE = "_base"
VERSION_DIGITS = 9
STATUS = "_status"
MOST_EFFORT_MINUTES = 10_000
NO_EFFORT = -1
"""Stands for what was typed as effort and is none; the engine takes no negative minutes."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One line of an error summary: `target` is the id of the input it is about, empty when there is none."""

    target: str
    text: str


@dataclass(frozen=True, slots=True)
class FormView:
    """A form as a template shows it."""

    fields: Markup
    mistakes: Sequence[Mistake]
    has_conditions: bool
    needs_asking: bool
    """some questions depend on answers in a way that only the server can follow"""
    errors: Mapping[str, Sequence[str]]
    filled: Mapping[str, Json]
    """of the values that it shows, those that stand in its fields in full"""


def read(content: bytes) -> Form:
    """Return the form in `content`, which was checked when it was deployed."""
    return forms().form(content)


def view(
    content: bytes,
    values: Mapping[str, Json],
    *,
    context: Mapping[str, Json] = NO_DATA,
    errors: Mapping[str, Sequence[str]] | None = None,
) -> FormView:
    """Return the form in `content` showing `values`, with the messages of `errors` at their fields and in a summary."""
    form = read(content)
    told = errors or {}
    filled = fill(form, values, errors=told, options=options(), context=context, now=now())
    known = {field.key.partition(".")[0]: field.label for field in form.fields}
    mistakes = [
        Mistake(_target(place, known), _sentence(place, text, known)) for place, texts in told.items() for text in texts
    ]
    return FormView(filled.fields, mistakes, form.has_conditions, _needs_asking(form), told, filled.values)


def reading(content: bytes, values: Mapping[str, Json], person_field: str | None = None) -> Markup:
    """Return stored `values` to read, in the order and with the labels of the form in `content`.

    `person_field` is the field that holds a user's id, such as the originator's: the name is shown.
    """
    user_id = values.get(person_field) if person_field else None
    if person_field and isinstance(user_id, str):
        values = {**values, person_field: names.person(user_id)}
    return render_values(read(content), values, options=options())


def record_shown(shown: RecordShown) -> Markup:
    """Return the body of a record that a task shows, as `reading`."""
    body = {name: value for name, value in shown.body.items() if name not in FACTS}
    return reading(shown.form, body, _person_field(shown.ref.register)) if shown.form else Markup("")


def submitted(content: bytes) -> dict[str, Json]:
    """Return the raw values that the browser sent for the form in `content`."""
    return parse_submission(read(content), request.form.items(multi=True))


def asked_anew() -> bool:
    """Return whether the person asked for the form with its present answers, and hands nothing in yet."""
    return is_refresh(request.form.items(multi=True))


def shown_records() -> list[RecordRef]:
    """Return the record versions that the page showed when the form was filled in; `InputRefused` when damaged."""
    found = []
    for text in request.form.getlist(SHOWN):
        register, _, rest = text.partition("|")
        record_id, _, version = rest.rpartition("|")
        if not (register and record_id and version.isascii() and version.isdigit() and len(version) < VERSION_DIGITS):
            raise InputRefused({"form": [DAMAGED]})
        found.append(RecordRef(register, record_id, int(version)))
    return found


def shown_values() -> Mapping[str, Json]:
    """Return the values that the page's form was filled with when it was first shown; `InputRefused` when damaged."""
    try:
        sent = request.form.get(SHOWN_VALUES, "")
        if len(sent) > MOST_SHOWN:
            raise NotData
        found: Mapping[str, Json] = checked(read_object(sent, SHOWN_VALUES))
    except (InputRefused, NotData):
        raise InputRefused({"form": [DAMAGED]}) from None
    return found


def shown_values_sent() -> str:
    """Return what `shown_values` reads as it was sent: the form is shown again, and what is typed stays made of it."""
    try:
        shown_values()
    except InputRefused:
        return ""
    return request.form.get(SHOWN_VALUES, "")


def shown_values_text(values: Mapping[str, Json]) -> str:
    """Return `values` as a page sends them back, without those for which there is no room."""
    room, pieces = MOST_SHOWN, []
    for name, value in values.items():
        piece = f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
        # Two more: a comma and a blank between two of them, the brackets around them all.
        if len(piece) + 2 <= room:
            room -= len(piece) + 2
            pieces.append(piece)
    return f"{{{', '.join(pieces)}}}"


def effort_minutes() -> int | None:
    """Return the effort that was typed, in minutes, or None; `NO_EFFORT` for anything but a whole number.

    The engine refuses that one together with whatever else is wrong, so that people are told all at once.
    """
    text = request.form.get(EFFORT, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6 or int(text) > MOST_EFFORT_MINUTES:
        return NO_EFFORT
    return int(text)


def task_messages(refused: InputRefused) -> dict[str, list[str]]:
    """Return what is wrong with a task that was handed in, by the names of its page."""
    messages = dict(refused.messages)
    if messages.pop("effort_minutes", None):
        messages[EFFORT] = [f"Effort: enter whole minutes from 0 to {MOST_EFFORT_MINUTES:,}, such as 30."]
    return messages


def _person_field(register: str) -> str | None:
    if "person_fields" not in g:
        visible = (summary.definition for summary in engine().registers.registers(actor()))
        g.person_fields = {definition.key: definition.originator for definition in visible}
    fields: dict[str, str | None] = g.person_fields
    return fields.get(register)


def options() -> OptionSource:
    """Return what fields may name, the same for all forms of a page: it remembers what it read."""
    if "form_options" not in g:
        g.form_options = engine().registers.page_options(actor())
    options: OptionSource = g.form_options
    return options


def install(app: Flask) -> None:
    """Let the reading of what fields may name end with each request of `app`."""
    app.jinja_env.filters["record_shown"] = record_shown
    app.teardown_appcontext(_close_options)


def _close_options(_: BaseException | None) -> None:
    if "form_options" in g:
        g.pop("form_options").close()


def _needs_asking(form: Form) -> bool:
    keys = set(form.body_keys)
    return any(
        part.hide is not None and part.comparison is None and not keys.isdisjoint(part.hide.names)
        for part in every_part(form.parts)
    )


def _target(place: str, known: Mapping[str, str]) -> str:
    if place.startswith("_"):
        return place[1:]
    return f"f-{place}" if place.partition(".")[0] in known else ""


def _sentence(place: str, text: str, known: Mapping[str, str]) -> str:
    label = known.get(place.partition(".")[0])
    # Most messages name their field; the others are unclear far away from it.
    if label is None or label.lower() in text.lower():
        return text
    return f"{label} {text}" if label.endswith("?") else f"{label}: {text}"
