"""What differs between two sets of values of a form, in the words of its fields."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from forms.html.comparing import compare
from tests.unit.forms.making import RECORDS, field, form_of

TARGETS = {
    "type": "dynamiclist",
    "path": "targets",
    "label": "Targets",
    "components": [field("select", "m", "Measure"), field("textfield", "t", "Target")],
}
FORM = form_of(
    field("textfield", "a", "Name"),
    field("checkbox", "b", "Urgent"),
    field("taglist", "c", "Services", properties={"register": "services"}, values=[]),
    {"type": "group", "path": "g", "label": "Contact", "components": [field("textfield", "e", "E-mail")]},
    TARGETS,
)


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [
        (found.label, _text(found.before), _text(found.after))
        for found in compare(FORM, before, after, options=RECORDS)
    ]


def _text(markup: str) -> str:
    return " ".join(" ".join(map(str, html.fromstring(f"<div>{markup}</div>").itertext())).split())


NONE, NO_ROW = "Not given", "No such row"
ROW_X, ROW_Y = {"m": "x", "t": "5 days"}, {"m": "y", "t": "90 %"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": "x"}, {"a": "x"}, []),
        ({"a": None, "targets": []}, {"c": []}, []),
        ({"a": 5}, {"a": 5.0}, []),
        ({"b": False}, {"b": True}, [("Urgent", "No", "Yes")]),
        ({}, {"b": False}, [("Urgent", NONE, "No")]),
        ({"c": ["S-1"]}, {"c": ["S-1", "S-2"]}, [("Services", "Mail", "Mail Web & <shop>")]),
        ({"g": {"e": "a@b"}}, {}, [("Contact: E-mail", "a@b", NONE)]),
        ({"old_field": "x"}, {"a": "<b>"}, [("Name", NONE, "<b>"), ("Old field", "x", NONE)]),
        (
            {"targets": [ROW_X, ROW_Y]},
            {"targets": [{"m": "x", "t": "4 days"}, ROW_Y]},
            [("Targets, row 1: Target", "5 days", "4 days")],
        ),
        ({"targets": [ROW_Y]}, {"targets": [ROW_X, ROW_Y]}, [("Targets, row 1", NO_ROW, "Measure Ex Target 5 days")]),
        ({"targets": [ROW_X, ROW_Y]}, {"targets": [ROW_Y]}, [("Targets, row 1", "Measure Ex Target 5 days", NO_ROW)]),
        (
            {"targets": [ROW_X]},
            {"targets": [{"m": "y", "t": "1"}]},
            [
                ("Targets, row 1", "Measure Ex Target 5 days", NO_ROW),
                ("Targets, row 1", NO_ROW, "Measure Why Target 1"),
            ],
        ),
        ({"targets": "odd"}, {"targets": [ROW_X]}, [("Targets", "odd", "m x t 5 days")]),
        ({"targets": [ROW_X]}, {"targets": [{**ROW_X, "n": 1}]}, [("Targets, row 1: n", NONE, "1")]),
    ],
)
def test_differences_are_told_in_words(
    before: dict[str, Any], after: dict[str, Any], expected: list[tuple[str, str, str]]
) -> None:
    assert told(before, after) == expected


def test_long_lists_are_compared_place_by_place() -> None:
    rows = [{"m": "x", "t": str(number)} for number in range(300)]
    assert told({"targets": rows}, {"targets": rows}) == []
    assert [label for label, _, _ in told({"targets": rows}, {"targets": rows[:-1]})] == ["Targets, row 300"]


ROWS = st.lists(
    st.fixed_dictionaries({}, optional={"m": st.sampled_from("xy"), "t": st.sampled_from("123")}), max_size=6
)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "a": st.none() | st.text(max_size=3),
        "b": st.booleans(),
        "c": st.lists(st.sampled_from(["S-1", "S-9"]), max_size=2),
        "g": st.fixed_dictionaries({}, optional={"e": st.text(max_size=2)}),
        "targets": ROWS,
        "unknown": st.integers() | st.floats(allow_nan=False) | st.lists(st.booleans()),
    },
)


@given(VALUES)
def test_nothing_differs_from_itself(values: dict[str, Any]) -> None:
    assert told(values, values) == []


@given(VALUES, VALUES)
def test_the_other_way_round_as_much_differs_on_the_other_side(before: dict[str, Any], after: dict[str, Any]) -> None:
    forth, back = told(before, after), told(after, before)
    assert bool(forth) == bool(back)
    plain = [row for row in forth if not row[0].startswith("Targets")]
    assert plain == [(label, old, new) for label, new, old in back if not label.startswith("Targets")]


@given(ROWS, ROWS)
def test_equal_lists_are_the_only_ones_without_a_difference(before: list[Any], after: list[Any]) -> None:
    assert bool(told({"targets": before}, {"targets": after})) == (before != after)
