"""What each type of field makes of what is handed in."""

from typing import Any

import pytest

from tests.unit.forms.making import answers, field, form_of, refusals

REQUIRED = {"required": True}
LINES = "first\r\nsecond  \r\n \r\n"

KEPT: list[tuple[dict[str, Any], Any, Any]] = [
    (field("textfield"), "  padded ", "  padded "),
    (field("textfield"), "=1+1", "=1+1"),
    (field("textfield"), "one line\r\n", "one line"),
    (field("textfield"), " \t ", None),
    (field("textfield"), None, None),
    (field("textarea"), LINES, "first\nsecond  "),
    (field("textarea"), "tab\there", "tab\there"),
    (field("textfield", validate={"maxLength": 3}), "abc", "abc"),
    (field("textfield", validate={"maxLength": "=2+1"}), "abc", "abc"),
    (field("textfield", validate={"pattern": "b"}), "abc", "abc"),
    (field("textfield", validate={"validationType": "email"}), "a.b+c@example.org", "a.b+c@example.org"),
    (field("textfield", validate={"validationType": "phone"}), "+44 (20) 7946-0018", "+44 (20) 7946-0018"),
    (field("textfield", properties={"register": "services"}), "S-2", "S-2"),
    (field("number"), "3", 3),
    (field("number"), " -2.50 ", -2.5),
    (field("number"), 7, 7),
    (field("number"), 7.0, 7),
    (field("number"), "", None),
    (field("number", validate=REQUIRED), 0, 0),
    (field("number", validate={"min": 1, "max": "=2*5"}), "10", 10),
    (field("number", increment=0.1), "0.3", 0.3),
    (field("number", increment="1e-15"), 9007199254740991, 9007199254740991),
    (field("number", decimalDigits=2), "1.500", 1.5),
    (field("number", serializeToString=True), "0.1234567890123456789", "0.1234567890123456789"),
    (field("checkbox"), True, True),
    (field("checkbox"), "on", True),
    (field("checkbox"), "no", False),
    (field("checkbox"), None, False),
    (field("radio"), "x", "x"),
    (field("select"), "", None),
    (field("select", properties={"register": "services"}), "S-2", "S-2"),
    (field("select", properties={"register": "services", "statuses": "retired, live"}), "S-2", "S-2"),
    (field("checklist"), ["y", "x", "y"], ["y", "x"]),
    (field("checklist"), "y", ["y"]),
    (field("taglist"), None, []),
    (field("select", valuesKey="choices"), "3", "3"),
    (field("select", valuesExpression='=["p", "q"]'), "q", "q"),
    (field("datetime"), "2024-02-29", "2024-02-29"),
    (field("datetime", disallowPassedDates=True), "2026-11-22", "2026-11-22"),
    (field("datetime", subtype="time"), "14:30", "14:30:00"),
    (field("datetime", subtype="time", timeSerializingFormat="utc_offset"), "14:30+02:00", "12:30:00Z"),
    (field("datetime", subtype="datetime"), "2026-11-30T14:30", "2026-11-30T14:30:00"),
    (field("datetime", subtype="datetime"), "2026-11-30 14:30:05", "2026-11-30T14:30:05"),
    (
        field("datetime", subtype="datetime", timeSerializingFormat="utc_normalized"),
        "2026-11-30T00:30+02:00",
        "2026-11-29T22:30:00Z",
    ),
]

REFUSED: list[tuple[dict[str, Any], Any, str]] = [
    (field("textfield"), 3, "Enter text."),
    (field("textfield"), "a\nb", "Enter the text in one line."),
    (field("textfield"), "be\x07ll", "Remove the control character U+0007 at character 3."),
    (field("textfield"), "\ud800", "Remove the control character U+D800 at character 1."),
    (field("textfield"), "x" * 501, "Enter at most 500 characters; there are 501."),
    (field("textarea"), "x" * 10_001, "Enter at most 10,000 characters; there are 10,001."),
    (field("textarea", validate={"maxLength": 4}), "x" * 5, "Enter at most 4 characters; there are 5."),
    (field("textfield", validate={"maxLength": "=2+1"}), "abcd", "Enter at most 3 characters; there are 4."),
    (field("textfield", validate={"minLength": 3}), " ab ", "Enter at least 3 characters."),
    (field("textfield", validate={"minLength": "=3"}), "ab", "Enter at least 3 characters."),
    (field("textfield", validate={"pattern": "^a$", "patternErrorMessage": "Only a."}), "aa", "Only a."),
    (field("textfield", validate={"pattern": "^a$"}), "b", "Enter it in the form that is asked for."),
    (
        field("textfield", validate={"validationType": "email"}),
        "a@b@c",
        "Enter an e-mail address, such as name@example.org.",
    ),
    (
        field("textfield", validate={"validationType": "phone"}),
        "7946 0018",
        "Enter a phone number with its country code, such as +44 20 7946 0018.",
    ),
    (
        field("textfield", properties={"register": "services"}),
        "S-9",
        "'S-9' is not in the list. Choose an entry of the list.",
    ),
    (field("textfield", validate=REQUIRED), "  ", "Enter “Answer”."),
    (field("number"), "three", "Enter a number, such as 3 or 2.5."),
    (field("number"), True, "Enter a number, such as 3 or 2.5."),
    (field("number"), [3], "Enter a number, such as 3 or 2.5."),
    (field("number"), "1e5", "Enter a number, such as 3 or 2.5."),
    (field("number"), "٣", "Enter a number, such as 3 or 2.5."),
    (field("number"), float("nan"), "Enter a number, such as 3 or 2.5."),
    (field("number"), 10**400, "Enter a number, such as 3 or 2.5."),
    (field("number"), "99999999999999999999", "Enter a number with at most 15 digits."),
    (field("number"), "90000000000000000000", "Enter a smaller number."),
    (field("number"), "1,5", "Enter the number without a comma, with a point before decimals, such as 2500.75."),
    (field("number", decimalDigits=0), "3.5", "Enter a whole number, such as 3."),
    (field("number", decimalDigits=0), "x", "Enter a whole number, such as 3."),
    (field("number", decimalDigits=2), "3.505", "Enter at most 2 digits after the point."),
    (field("number", validate={"min": 1}), "0.9", "Enter 1 or more."),
    (field("number", validate={"max": 10}), 11, "Enter 10 or less."),
    (field("number", validate={"max": "=5*2"}), 11, "Enter 10 or less."),
    (field("number", increment=5), "-7", "Enter a multiple of 5; the nearest are -10 and -5."),
    (field("number", validate=REQUIRED), "", "Enter “Answer”."),
    (field("checkbox"), "maybe", "Answer yes or no."),
    (field("checkbox", validate=REQUIRED), False, "Tick “Answer” to go on."),
    (field("radio"), "z", "'z' is not one of the options. Choose again."),
    (field("radio"), ["x"], "Choose one of the options."),
    (field("radio", validate=REQUIRED), None, "Choose “Answer”."),
    (field("radio", validate=REQUIRED, label="Is this right?"), None, "Answer “Is this right?”"),
    (field("textfield", validate=REQUIRED, label="What else?"), " ", "Answer “What else?”"),
    (field("select", properties={"register": "services"}), "S-9", "'S-9' is not one of the options. Choose again."),
    (
        field("select", properties={"register": "services", "statuses": "live, retired"}),
        "S-1",
        "'S-1' cannot be chosen now: its status has to be live or retired. Choose again.",
    ),
    (
        field("taglist", properties={"register": "services", "statuses": "live"}),
        ["S-2", "S-9"],
        "'S-9' is not one of the options. Choose again.",
    ),
    (
        field("textfield", properties={"register": "services", "statuses": "live"}),
        "S-1",
        "'S-1' cannot be chosen now: its status has to be live. Choose again.",
    ),
    (field("select", valuesKey="choices"), "4", "'4' is not one of the options. Choose again."),
    (field("checklist"), ["x", "z"], "'z' is not one of the options. Choose again."),
    (field("checklist"), [1], "Choose from the options."),
    (field("checklist", validate=REQUIRED), [], "Choose “Answer”."),
    (field("datetime"), "2023-02-29", "Enter a date, such as 2026-11-30."),
    (field("datetime"), "20231130", "Enter a date, such as 2026-11-30."),
    (field("datetime"), 20231130, "Enter a date, such as 2026-11-30."),
    (field("datetime"), "30.11.2026", "Enter a date, such as 2026-11-30."),
    (field("datetime", disallowPassedDates=True), "2026-11-21", "Enter a date that is today or later."),
    (field("datetime", subtype="time"), "25:00", "Enter a time, such as 14:30."),
    (field("datetime", subtype="time"), "14:30Z", "Leave out the offset from UTC: this is a local time."),
    (field("datetime", subtype="datetime"), "2026-11-30", "Enter a date and time, such as 2026-11-30T14:30."),
    (
        field("datetime", subtype="datetime", timeSerializingFormat="utc_offset"),
        "0001-01-01T00:00+05:00",
        "Enter a date and time, such as 2026-11-30T14:30.",
    ),
]


def _names(table: list[tuple[dict[str, Any], Any, Any]]) -> list[str]:
    return [f"{number}-{component['type']}" for number, (component, _, _) in enumerate(table)]


@pytest.mark.parametrize(("component", "raw", "kept"), KEPT, ids=_names(KEPT))
def test_a_good_answer_is_kept_in_its_stored_form(component: dict[str, Any], raw: Any, kept: Any) -> None:
    form, context = form_of(component), {"choices": [{"value": 3, "label": "Three"}, "five"]}
    found = answers(form, {"a": raw}, context)
    assert found == ({} if kept is None else {"a": kept})
    assert type(found.get("a")) is type(kept)
    assert answers(form, found, context) == found


@pytest.mark.parametrize(("component", "raw", "message"), REFUSED, ids=_names(REFUSED))
def test_a_bad_answer_gets_one_message_in_plain_words(component: dict[str, Any], raw: Any, message: str) -> None:
    assert refusals(form_of(component), {"a": raw}, {"choices": ["3"]}) == {"a": [message]}


def test_a_name_that_the_form_does_not_have_is_refused() -> None:
    form = form_of(
        field("textfield"), {"type": "group", "label": "G", "path": "g", "components": [field("number", "n")]}
    )
    messages = refusals(form, {"b": 1, "g": {"n": 2, "m": 3}, "\ud800": 4})
    unknown = ["This form has no such field. Remove it."]
    assert messages == {"g.m": unknown, "b": unknown, "?": unknown}


def test_messages_come_in_the_order_of_the_page() -> None:
    form = form_of(field("number", "z"), field("number", "y"), field("number", "x", validate=REQUIRED))
    assert list(refusals(form, {"y": "?", "z": "?"})) == ["z", "y", "x"]


def test_a_group_with_a_path_nests_and_one_without_does_not() -> None:
    inner = field("textfield", "mail", validate={"validationType": "email"})
    nested = form_of({"type": "group", "label": "Contact", "path": "contact", "components": [inner]})
    flat = form_of({"type": "group", "label": "Contact", "components": [inner]})
    assert answers(nested, {"contact": {"mail": "a@b.example"}}) == {"contact": {"mail": "a@b.example"}}
    assert list(refusals(nested, {"contact": {"mail": "?"}})) == ["contact.mail"]
    assert answers(flat, {"mail": "a@b.example"}) == {"mail": "a@b.example"}
    assert answers(nested, {}) == {}
    assert refusals(nested, {"contact": 3}) == {"contact": ["Give the fields of this part by name."]}


def rows_of(**more: Any) -> dict[str, Any]:
    parts = [field("textfield", "name", validate=REQUIRED), field("number", "size")]
    return {"type": "dynamiclist", "id": "l", "label": "Lines", "path": "lines", "components": parts, **more}


def test_rows_are_checked_one_by_one() -> None:
    form = form_of(rows_of())
    assert answers(form, {"lines": [{"name": "n", "size": "2"}]}) == {"lines": [{"name": "n", "size": 2}]}
    assert answers(form, {}) == {"lines": []}
    assert refusals(form, {"lines": [{"name": "n"}, 3, {"size": "?"}]}) == {
        "lines.1": ["Give the fields of this part by name."],
        "lines.1.name": ["Enter “Answer”."],
        "lines.2.name": ["Enter “Answer”."],
        "lines.2.size": ["Enter a number, such as 3 or 2.5."],
    }
    assert refusals(form, {"lines": "no"}) == {"lines": ["Give a list of rows."]}
    assert refusals(form, {"lines": [{}] * 101}) == {"lines": ["Enter at most 100 rows; there are 101."]}


def test_a_list_that_may_not_grow_takes_no_more_rows_than_the_data_has() -> None:
    form = form_of(rows_of(allowAddRemove=False))
    row = {"name": "n"}
    assert refusals(form, {"lines": [row, row]}) == {"lines": ["This list has 1 row; none can be added."]}
    assert answers(form, {"lines": [row, row]}, {"lines": [{}, {}]}) == {"lines": [row, row]}


def test_values_that_are_no_object_are_refused() -> None:
    assert refusals(form_of(field("textfield")), [1]) == {"form": ["Give the fields of this part by name."]}  # type: ignore[arg-type]


def test_many_wrong_names_give_a_bounded_number_of_messages() -> None:
    assert len(refusals(form_of(field("textfield")), {f"n{number}": 1 for number in range(5_000)})) == 200
