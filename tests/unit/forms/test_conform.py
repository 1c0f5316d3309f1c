"""Values that a case writes into a record: checked by type, limit and listed option, and by nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InputRefused
from forms.form import Form
from tests.unit.forms.making import NOW, RECORDS, field, form_of

ROWS = {"type": "dynamiclist", "label": "Rows", "path": "rows", "components": [field("number", "n")]}
GROUP = {"type": "group", "label": "Group", "path": "group", "components": [field("number", "n")]}
CHOICE = field("select", "kind", values=[{"value": "big", "label": "Big"}])
MANY = field("checklist", "kinds", values=[{"value": "big", "label": "Big"}, {"value": "red", "label": "Red"}])
COMPUTED = {"type": "expression", "key": "sum", "expression": "=cost * 2", "computeOn": "change"}


def _form(*more: dict[str, Any]) -> Form:
    needed = field("textfield", "title", validate={"required": True, "maxLength": 10})
    return form_of(needed, field("number", "cost"), CHOICE, MANY, ROWS, GROUP, COMPUTED, *more)


def _refused(form: Form, **values: Any) -> dict[str, list[str]]:
    with pytest.raises(InputRefused) as caught:
        form.conform(values)
    return caught.value.messages


def test_what_is_missing_is_not_missed() -> None:
    assert _form().conform({}) == {}
    assert _form().conform({"title": None, "cost": 3}) == {"cost": 3}


def test_values_get_the_types_of_their_fields() -> None:
    given_values = {"cost": "2.50", "kinds": "red", "rows": [{"n": "1"}], "group": {"n": "2"}}
    assert _form().conform(given_values) == {"cost": 2.5, "kinds": ["red"], "rows": [{"n": 1}], "group": {"n": 2}}


def test_computed_values_stay_as_the_case_wrote_them() -> None:
    assert _form().conform({"sum": 9, "cost": 1}) == {"sum": 9, "cost": 1}
    inner = {"type": "group", "label": "More", "path": "more", "components": [COMPUTED, field("number", "n")]}
    assert form_of(inner).conform({"more": {"sum": 9, "n": "1"}}) == {"more": {"sum": 9, "n": 1}}
    listed = {"type": "dynamiclist", "label": "More", "path": "more", "components": [COMPUTED, field("number", "n")]}
    values = {"more": [{"sum": 9, "n": "1"}, {"n": 2}]}
    assert form_of(listed).conform(values) == {"more": [{"sum": 9, "n": 1}, {"n": 2}]}


def test_each_misfit_is_named_by_its_place() -> None:
    messages = _refused(
        _form(),
        title="x" * 11,
        cost="much",
        kind="huge",
        kinds=["red", "blue"],
        rows=[{"n": 1}, {"n": []}],
        group={"n": "x"},
        colour="red",
    )
    assert list(messages) == ["title", "cost", "kind", "kinds", "rows.1.n", "group.n", "colour"]
    assert messages["kind"] == ["'huge' is not one of the options. Choose again."]
    assert "no such field" in messages["colour"][0]


def test_conditions_and_locks_are_not_looked_at() -> None:
    hidden = field("number", "hidden", conditional={"hide": "=true"})
    form = _form(hidden, field("number", "locked", readonly=True), field("number", "shown", disabled=True))
    assert form.conform({"hidden": 1, "locked": "2", "shown": 3}) == {"hidden": 1, "locked": 2, "shown": 3}
    assert _refused(form, shown="x").keys() == {"shown"}


def test_records_of_a_register_are_not_looked_up() -> None:
    form = form_of(field("select", "service", properties={"register": "services"}))
    assert form.conform({"service": "nowhere"}) == {"service": "nowhere"}


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "title": st.one_of(st.none(), st.text(max_size=12)),
        "cost": st.one_of(st.integers(), st.floats(), st.text(max_size=3)),
        "kind": st.sampled_from(["big", "huge", "", None]),
        "rows": st.lists(st.fixed_dictionaries({}, optional={"n": st.integers()}), max_size=2),
    },
)


@given(VALUES)
def test_what_conforms_conforms_to_itself_and_what_validates_conforms(values: dict[str, Any]) -> None:
    form = _form()
    try:
        kept = form.conform(values)
    except InputRefused:
        with pytest.raises(InputRefused):
            form.validate(values, now=NOW, options=RECORDS)
        return
    assert form.conform(kept) == kept
