"""Owns the making of a form's fields as HTML that works without scripts; the page owns `<form>`, buttons and CSRF.

Patterns follow the GOV.UK design system: label, hint, error above the input, all linked; fieldsets around groups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from engine.errors import BudgetSpent
from engine.forms_protocol import OptionSource
from engine.types import Json
from forms.allowance import Allowance
from forms.components import RowList
from forms.form import NO_DATA, Form, every_part
from forms.html.filled import filled_with
from forms.html.starting import with_defaults
from forms.html.view import View, editable_places
from forms.schema import load
from forms.scope import filled, outer_scope
from forms.state import State, settle

_templates = Environment(
    loader=PackageLoader("forms.html", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Filled:
    """A form's fields as HTML, and those of the values it was filled with that stand there in full."""

    fields: Markup
    values: Mapping[str, Json]


def render(
    form: Form,
    values: Mapping[str, Json],
    *,
    errors: Mapping[str, Sequence[str]],
    options: OptionSource,
    context: Mapping[str, Json] = NO_DATA,
    now: datetime,
    id_prefix: str = "",
) -> Markup:
    """Return the fields of `form` as HTML; else as `fill`."""
    return fill(form, values, errors=errors, options=options, context=context, now=now, id_prefix=id_prefix).fields


def fill(
    form: Form,
    values: Mapping[str, Json],
    *,
    errors: Mapping[str, Sequence[str]],
    options: OptionSource,
    context: Mapping[str, Json] = NO_DATA,
    now: datetime,
    id_prefix: str = "",
) -> Filled:
    """Return the fields of `form` showing `values`: data at first, afterwards what was typed, refused values included.

    A key that is missing in `values` shows the field's default; None shows it empty. `errors` is as in
    `InputRefused.messages`; the input of the field KEY has the id `f-KEY` (after `id_prefix`), to which an error
    summary links. `context` is the data of the case, from which read-only fields take their value. `now` is an aware
    instant.
    """
    shown = with_defaults(form.parts, values)
    usable, _ = load(form.schema, shown)
    allowance = Allowance(now)
    try:
        state = settle(form.parts, usable, context, allowance)
    except BudgetSpent:
        state = State(scopes={"": outer_scope(context, filled(form.parts, usable))})
    view = View(
        state=state,
        errors={place: list(texts) for place, texts in errors.items()},
        options=options,
        allowance=Allowance(now),
        prefix=f"{id_prefix}f-",
        editable=editable_places(form.parts),
    )
    growing = any(isinstance(part, RowList) and part.growing for part in every_part(form.parts))
    module = _templates.get_template("fields.html").module
    fields = view.parts(form.parts, shown, "", "")
    html = Markup(module.fields(fields, growing))  # type: ignore[attr-defined]  # noqa: S704 - macros of an autoescaping template
    return Filled(html, filled_with(form.parts, values, fields))
