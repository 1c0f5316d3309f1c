"""What a form was filled with, as far as its HTML shows it in full: nobody gets to know more by it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.html import fill
from tests.unit.forms.making import NOW, RECORDS, field, form_of

RECORD: dict[str, Any] = {"properties": {"register": "services"}}
CHOICES = [{"label": "Red", "value": "red"}, {"label": "Blue", "value": "blue"}]
FORM = form_of(
    field("textfield", "a"),
    field("number", "n"),
    field("checkbox", "tick"),
    field("select", "one", values=CHOICES),
    field("checklist", "some", values=CHOICES),
    field("select", "service", **RECORD),
    field("taglist", "services", **RECORD),
    field("textfield", "off", disabled=True),
    field("textfield", "hidden", conditional={"hide": "=true"}),
    {"type": "expression", "key": "sum", "expression": "=1 + 1", "computeOn": "change"},
    {
        "type": "group",
        "path": "who",
        "label": "Who",
        "components": [field("textfield", "mail"), {"type": "group", "components": [field("textfield", "tel")]}],
    },
    {
        "type": "dynamiclist",
        "path": "rows",
        "label": "Rows",
        "components": [field("textfield", "name"), field("select", "by", **RECORD)],
    },
)


def filled(values: dict[str, Any]) -> dict[str, Any]:
    return dict(fill(FORM, values, errors={}, options=RECORDS, now=NOW).values)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"a": "x", "n": 3.5, "tick": True, "one": "red", "some": ["red", "blue"], "service": "S-2"},
        {"a": None, "n": None, "tick": False, "one": None, "some": [], "services": ["S-1", "S-2"]},
        {"hidden": "stands in the page, though not to be seen"},
        {"who": {"mail": "x", "tel": "y"}, "rows": [{"name": "x", "by": "S-1"}, {}]},
        {"rows": []},
        {"who": None, "rows": None},
    ],
)
def test_what_stands_in_the_fields_is_said(values: dict[str, Any]) -> None:
    assert filled(values) == values


@pytest.mark.parametrize(
    "values",
    [
        {"other": 1},
        {"a": {"x": 1}},
        {"a": ["x"]},
        {"tick": "perhaps"},
        {"one": "green"},
        {"one": ["red"]},
        {"some": ["red", "green"]},
        {"some": {"red": "red"}},
        {"service": "S-99"},
        {"services": ["S-1", "S-99"]},
        {"off": "x"},
        {"sum": 2},
        {"who": "x"},
        {"rows": [{"name": "x", "secret": 1}]},
        {"rows": [{"name": "x", "by": "S-99"}]},
        {"rows": ["x"]},
        {"rows": {"name": "x"}},
    ],
)
def test_what_does_not_stand_there_in_full_is_not_said(values: dict[str, Any]) -> None:
    assert filled(values) == {}


def test_of_a_context_the_parts_are_said_that_have_a_field() -> None:
    assert filled({"who": {"mail": "x", "secret": 1}}) == {"who": {"mail": "x"}}
    assert filled({"who": {"secret": 1}}) == {}


json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["red", "S-1", "S-99", "", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["mail", "tel", "name", "by", "secret"]), inner, max_size=3)
    ),
    max_leaves=6,
)
keys = st.sampled_from([*FORM.body_keys, "other"])


@given(st.dictionaries(keys, json, max_size=4))
def test_what_is_said_is_a_part_of_what_is_there(values: dict[str, Any]) -> None:
    def is_part(said: Any, there: Any) -> bool:
        if isinstance(said, dict):
            return isinstance(there, dict) and all(is_part(value, there.get(name)) for name, value in said.items())
        return bool(said == there)

    said = filled(values)
    assert is_part(said, values)
    assert "secret" not in repr(said)
    assert "other" not in said
