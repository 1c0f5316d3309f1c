"""Owns the comparison of two sets of values of one form on a page, as its reader may see it; it reads no rows."""

from collections.abc import Mapping

from engine.registers.writes import FACTS
from engine.types import Json
from forms.html.comparing import Difference, compare
from webapp import form_view, names

__all__ = ["Difference", "differences"]


def differences(
    form_content: bytes, before: Mapping[str, Json], after: Mapping[str, Json], person_field: str | None = None
) -> list[Difference]:
    """Return what differs between `before` and `after`, in the order and with the labels of the form.

    Both are bodies of a record or values of the form; number, version and status beside a body's fields are left out.
    `person_field` is the field that holds a user's id: the name is shown. A macro of `_macros.html` shows the list.
    """
    form = form_view.read(form_content)
    return compare(form, _body(before, person_field), _body(after, person_field), options=form_view.options())


def _body(values: Mapping[str, Json], person_field: str | None) -> dict[str, Json]:
    body = {name: value for name, value in values.items() if name not in FACTS}
    person = body.get(person_field) if person_field else None
    return {**body, str(person_field): names.person(person)} if isinstance(person, str) else body
