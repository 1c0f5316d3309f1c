"""Conditions, computed values and fields that only show data."""

from datetime import datetime
from typing import Any

import pytest

from engine.errors import InputRefused
from tests.unit.forms.making import NOW, RECORDS, answers, field, form_of, refusals

REQUIRED = {"required": True}


def hidden_when(condition: Any, **more: Any) -> dict[str, Any]:
    return {"conditional": {"hide": condition}, **more}


def test_a_hidden_field_drops_its_value_and_is_not_required() -> None:
    form = form_of(field("radio", "kind"), field("number", "size", **hidden_when('=kind != "x"', validate=REQUIRED)))
    assert answers(form, {"kind": "x", "size": "3"}) == {"kind": "x", "size": 3}
    assert answers(form, {"kind": "y", "size": "3"}) == {"kind": "y"}
    assert answers(form, {"kind": "y", "size": "not a number"}) == {"kind": "y"}
    assert refusals(form, {"kind": "x"}) == {"size": ["Enter “Answer”."]}


def test_a_condition_sees_the_data_of_the_case_but_the_form_goes_before() -> None:
    form = form_of(field("textfield", "kind"), field("textfield", "b", **hidden_when('=kind = "secret" or closed')))
    assert answers(form, {"b": "v"}, {"kind": "secret"}) == {"b": "v"}
    assert answers(form, {"b": "v"}, {"closed": True}) == {}


def test_conditions_that_build_on_one_another_settle_whatever_their_order() -> None:
    form = form_of(
        field("textfield", "c", **hidden_when("=b = null")),
        field("textfield", "b", **hidden_when("=a = null")),
        field("textfield", "a"),
    )
    assert answers(form, {"b": "2", "c": "3"}) == {}
    assert answers(form, {"a": "1", "b": "2", "c": "3"}) == {"a": "1", "b": "2", "c": "3"}


def test_conditions_that_contradict_each_other_are_refused() -> None:
    form = form_of(field("textfield", "a", **hidden_when("=a != null")))
    assert "contradict" in refusals(form, {"a": "1"})["form"][0]


def test_hidden_groups_and_lists_drop_all_that_is_in_them() -> None:
    group = {"type": "group", "label": "G", "path": "g", "components": [field("number", "n", validate=REQUIRED)]}
    rows = {"type": "dynamiclist", "label": "L", "path": "l", "components": [field("number", "n", validate=REQUIRED)]}
    form = form_of(field("checkbox", "off"), {**group, **hidden_when("=off")}, {**rows, **hidden_when("=off")})
    assert answers(form, {"off": True, "g": {"n": "?"}, "l": [{"n": "?"}]}) == {"off": True}
    assert set(refusals(form, {"g": {"n": "?"}, "l": [{}]})) == {"g.n", "l.0.n"}


def test_in_a_row_plain_names_mean_the_form_and_this_means_the_row() -> None:
    parts = [
        field("radio", "kind"),
        field("textfield", "why", **hidden_when('=this.kind != "x" or kind = "y" or i[1] = 3')),
    ]
    form = form_of(field("radio", "kind"), {"type": "dynamiclist", "label": "L", "path": "l", "components": parts})
    row = {"kind": "x", "why": "w"}
    assert answers(form, {"kind": "x", "l": [row, {"kind": "y", "why": "w"}, row]})["l"] == [
        row,
        {"kind": "y"},
        {"kind": "x"},
    ]
    assert answers(form, {"kind": "y", "l": [row]})["l"] == [{"kind": "x"}]


def test_always_hidden_and_never_hidden() -> None:
    form = form_of(field("textfield", "a", **hidden_when(True)), field("textfield", "b", **hidden_when(False)))
    assert answers(form, {"a": "1", "b": "2"}) == {"b": "2"}


def test_what_the_server_computes_is_never_taken_from_the_input() -> None:
    total = {"type": "expression", "key": "total", "expression": "=price * count", "computeOn": "change"}
    form = form_of(field("number", "price"), field("number", "count"), total)
    assert answers(form, {"price": "2.5", "count": 3, "total": 1}) == {"price": 2.5, "count": 3, "total": 7.5}
    assert answers(form, {"price": "2.5", "total": 1}) == {"price": 2.5}


@pytest.mark.parametrize("lock", [{"readonly": True}, {"readonly": "=true"}])
def test_a_read_only_field_takes_its_value_from_the_data(lock: dict[str, Any]) -> None:
    form = form_of(field("textfield", "a", validate={"required": True, "maxLength": 3}, **lock))
    assert answers(form, {"a": "mine"}, {"a": "theirs"}) == {"a": "theirs"}
    assert answers(form, {"a": "mine"}) == {}
    assert answers(form, {"a": 3}) == {}


def test_a_field_can_be_read_only_under_a_condition() -> None:
    form = form_of(field("textfield", "a", readonly="=closed"))
    assert answers(form, {"a": "mine"}, {"a": "theirs"}) == {"a": "mine"}
    assert answers(form, {"a": "mine"}, {"a": "theirs", "closed": True}) == {"a": "theirs"}


def test_a_read_only_field_falls_back_to_its_default_and_others_do_not() -> None:
    form = form_of(field("radio", "a", defaultValue="x", readonly=True), field("radio", "b", defaultValue="x"))
    assert answers(form, {}) == {"a": "x"}


def test_a_disabled_field_is_seen_by_conditions_but_hands_nothing_in() -> None:
    form = form_of(field("textfield", "a", disabled=True), field("textfield", "b", **hidden_when('=a = "no"')))
    assert answers(form, {"a": "yes", "b": "v"}, {"a": "no"}) == {}
    assert answers(form, {"a": "no", "b": "v"}, {"a": "yes"}) == {"b": "v"}


def test_data_that_no_formula_asks_for_is_not_read() -> None:
    class Lazy(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            read.append(name)
            return super().__getitem__(name)

    read: list[str] = []
    form = form_of(field("textfield", "a", **hidden_when("=need.closed")))
    assert answers(form, {"a": "1"}, Lazy(need={"closed": True}, other=2)) == {}
    assert set(read) == {"need"}


def test_conditions_look_at_the_given_clock() -> None:
    form = form_of(field("textfield", "a", **hidden_when('=today() > date("2026-11-22")')))
    assert answers(form, {"a": "1"}) == {"a": "1"}
    later = NOW.replace(day=23)
    assert form.validate({"a": "1"}, now=later, options=RECORDS) == {}
    with pytest.raises(ValueError, match="time zone"):
        form.validate({"a": "1"}, now=datetime(2026, 11, 22), options=RECORDS)  # noqa: DTZ001 - what is refused


def test_costly_conditions_are_stopped() -> None:
    costly = "=count(for x in 1..20000, y in 1..20000 return x) > 1"
    form = form_of(field("textfield", "a", **hidden_when(costly)))
    with pytest.raises(InputRefused) as refused:
        answers(form, {"a": "1"})
    assert list(refused.value.messages) == ["form"]
