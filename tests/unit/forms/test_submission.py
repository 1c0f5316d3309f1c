"""What a browser sends back."""

from typing import Any

import pytest

from forms.html import is_refresh, parse_submission, render
from tests.unit.forms.making import NOW, RECORDS, answers, field, form_of
from tests.unit.forms.markup import Page

LINES = {
    "type": "dynamiclist",
    "label": "Lines",
    "path": "lines",
    "components": [field("textfield", "name"), field("checkbox", "sure"), field("checklist", "kinds")],
}
BLANK: dict[str, Any] = {"sure": False, "kinds": []}


def test_pairs_become_raw_values() -> None:
    form = form_of(
        field("textfield", "a"),
        field("checkbox", "b"),
        field("checkbox", "c"),
        field("checklist", "d"),
        field("taglist", "e"),
        field("textfield", "f"),
        field("textfield", "locked", readonly=True),
        {"type": "group", "label": "G", "path": "g", "components": [field("number", "n")]},
    )
    pairs = [
        ("a", " x "),
        ("c", "true"),
        ("d", "x"),
        ("d", "y"),
        ("f", ""),
        ("g.n", "3"),
        ("csrf_token", "t"),
        ("locked", "l"),
    ]
    assert parse_submission(form, pairs) == {
        "a": " x ",
        "b": False,
        "c": True,
        "d": ["x", "y"],
        "e": [],
        "g": {"n": "3"},
    }


def test_emptying_a_field_with_a_default_is_an_answer() -> None:
    form = form_of(field("textfield", "a", defaultValue="usual"), field("radio", "b", defaultValue="x"))
    assert parse_submission(form, [("a", "")]) == {"a": None, "b": None}
    assert answers(form, {"a": None, "b": None}) == {}


def test_rows_close_up_and_empty_ones_go() -> None:
    form = form_of(LINES)
    pairs = [
        ("lines.0._row", "1"),
        ("lines.0.name", " "),
        ("lines.7.name", "seven"),
        ("lines.x.name", "?"),
        ("lines.30.kinds", "x"),
    ]
    assert parse_submission(form, pairs) == {
        "lines": [{"name": "seven", **BLANK}, {"sure": False, "kinds": ["x"]}],
    }


@pytest.mark.parametrize(
    ("button", "names"),
    [(("_add", "lines"), ["one", "two", None]), (("_remove", "lines.0"), ["two"]), (("_refresh", "1"), ["one", "two"])],
)
def test_row_buttons_change_the_rows_and_hand_nothing_in(button: tuple[str, str], names: list[str | None]) -> None:
    form = form_of(LINES)
    pairs = [("lines.0.name", "one"), ("lines.1.name", "two"), button]
    assert is_refresh(pairs)
    assert not is_refresh(pairs[:-1])
    assert [row.get("name") for row in parse_submission(form, pairs)["lines"]] == names


def test_what_a_page_shows_comes_back_as_it_was() -> None:
    form = form_of(
        field("textfield", "a"),
        field("select", "b"),
        field("radio", "c"),
        field("checklist", "d"),
        field("datetime", "e", subtype="datetime", timeSerializingFormat="utc_offset"),
        field("number", "f"),
        LINES,
    )
    body = {
        "a": "x",
        "b": "y",
        "c": "x",
        "d": ["x", "y"],
        "e": "2026-11-30T14:30:00Z",
        "f": 2.5,
        "lines": [{"name": "n", "sure": True, "kinds": ["y"]}],
    }
    page = Page(render(form, body, errors={}, options=RECORDS, now=NOW))
    pairs = []
    for element in page.elements:
        kind, name, value = (element.attributes.get(attribute, "") for attribute in ("type", "name", "value"))
        if element.tag == "input" and (kind not in ("radio", "checkbox") or "checked" in element.attributes):
            pairs.append((name, value))
        elif element.tag == "select":
            pairs += [
                (name, option.attributes["value"]) for option in element.inside if "selected" in option.attributes
            ]
    assert answers(form, parse_submission(form, pairs)) == body
