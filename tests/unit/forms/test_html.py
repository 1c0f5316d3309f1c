"""The HTML of forms: linked labels, hints and errors, what was typed, conditions, escaping."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from forms import Form
from forms.html import render, render_values
from tests.unit.forms.making import NOW, RECORDS, answers, field, form_of
from tests.unit.forms.markup import Page

EVIL = "\"'><script>alert(1)</script>&{{a}}"


def page_of(
    form: Form,
    values: Mapping[str, Any] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    context: Mapping[str, Any] | None = None,
    **more: Any,
) -> Page:
    return Page(
        render(form, values or {}, errors=errors or {}, options=RECORDS, context=context or {}, now=NOW, **more)
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("P3D", "3 days"),
        ("P1DT12H", "1 day 12 hours"),
        ("PT1M", "1 minute"),
        ("P2W", "2 weeks"),
        ("P", "P"),
        ("x", "x"),
    ],
)
def test_durations_are_read_in_words_and_typed_as_they_are(text: str, words: str) -> None:
    """A text field is known to hold one by its pattern."""
    form = form_of(field("textfield", validate={"pattern": "^P.*$"}), field("textfield", "b"))
    read = Page(render_values(form, {"a": text, "b": "P3D"}, options=RECORDS))
    assert [each.text for each in read.all("dd")] == [words, "P3D"], "any text may look like one"
    assert page_of(form, {"a": text}).all("input")[0].attributes["value"] == text


def test_a_text_field_has_its_label_hint_and_error_linked() -> None:
    form = form_of(field("textfield", label="Title", description="In a few words", validate={"required": True}))
    page = page_of(form, {"a": "typed"}, {"a": ["Too short.", "Too dull."]})
    assert page.one("label", for_="f-a").text == "Title"
    box = page.one("input", id="f-a")
    assert box.attributes["aria-describedby"] == "f-a-hint f-a-error"
    assert (box.attributes["aria-invalid"], box.attributes["value"], box.attributes["name"]) == ("true", "typed", "a")
    assert page.one("div", id="f-a-hint").text == "In a few words"
    assert "Too short." in page.one("div", id="f-a-error").text
    assert page.all("div", class_="field field--error")


def test_what_is_not_required_says_so_and_nothing_is_left_to_the_browser() -> None:
    form = form_of(
        field("textfield", "a"), field("textfield", "b", validate={"required": True}), field("checkbox", "c")
    )
    page = page_of(form)
    assert [page.one("label", for_=f"f-{key}").text for key in "abc"] == ["Answer (optional)", "Answer", "Answer"]
    assert "required" not in page.one("input", id="f-b").attributes


@pytest.mark.parametrize(
    ("component", "attributes"),
    [
        (field("number"), {"type": "text", "inputmode": "decimal"}),
        (field("number", decimalDigits=0), {"type": "text", "inputmode": "numeric"}),
        (field("textfield", validate={"validationType": "email"}), {"type": "email", "inputmode": "email"}),
        (field("textfield", validate={"validationType": "phone"}), {"type": "tel", "inputmode": "tel"}),
        (field("datetime"), {"type": "date"}),
        (field("datetime", subtype="time"), {"type": "time"}),
        (field("datetime", subtype="datetime"), {"type": "datetime-local"}),
    ],
)
def test_inputs_bring_up_the_right_keyboard(component: dict[str, Any], attributes: dict[str, str]) -> None:
    found = page_of(form_of(component)).one("input").attributes
    assert attributes.items() <= found.items()


@pytest.mark.parametrize(
    ("component", "stored", "shown"),
    [
        (field("number"), 3, "3"),
        (field("number"), 3.0, "3"),
        (field("number"), "three", "three"),
        (field("number"), ["?"], ""),
        (field("textfield"), "be\x07ll \ud800", "be\ufffdll \ufffd"),
        (field("datetime"), "2026-11-30", "2026-11-30"),
        (field("datetime", subtype="time", timeSerializingFormat="utc_offset"), "14:00:00Z", "14:00"),
        (field("datetime", subtype="time"), "14:00:05", "14:00:05"),
        (field("datetime", subtype="datetime"), "2026-11-30T14:00:00", "2026-11-30T14:00"),
    ],
)
def test_values_are_shown_as_they_were_typed(component: dict[str, Any], stored: Any, shown: str) -> None:
    assert page_of(form_of(component), {"a": stored}).one("input").attributes["value"] == shown


def test_a_date_that_no_date_input_can_show_is_shown_in_a_text_input() -> None:
    page = page_of(form_of(field("datetime")), {"a": "30.11.2026"})
    assert page.one("input").attributes.items() >= {"type": "text", "value": "30.11.2026"}.items()
    assert "2026-11-30" in page.one("div", id="f-a-hint").text


def test_a_textarea_keeps_the_lines_that_it_begins_with() -> None:
    html = render(form_of(field("textarea")), {"a": "\nsecond"}, errors={}, options=RECORDS, now=NOW)
    assert ">\n\nsecond</textarea>" in html


def test_radios_stand_in_a_fieldset_whose_first_input_has_the_id_of_the_field() -> None:
    form = form_of(field("radio", label="Kind", description="Which", validate={"required": True}))
    page = page_of(form, {"a": "y"}, {"a": ["Choose."]})
    assert page.all("fieldset", aria_describedby="f-a-hint f-a-error")
    assert page.one("legend").text == "Kind"
    assert [one.attributes["id"] for one in page.all("input")] == ["f-a", "f-a-2"]
    assert ["checked" in one.attributes for one in page.all("input")] == [False, True]


def test_an_optional_choice_can_be_taken_back() -> None:
    radios, select = page_of(form_of(field("radio")), {"a": "x"}), page_of(form_of(field("select")), {"a": "x"})
    assert [one.attributes["value"] for one in radios.all("input")] == ["x", "y", ""]
    assert [one.attributes["value"] for one in select.all("option")] == ["", "x", "y"]
    assert "selected" in select.one("option", value="x").attributes


@pytest.mark.parametrize("kind", ["checklist", "taglist"])
def test_several_choices_are_checkboxes(kind: str) -> None:
    page = page_of(form_of(field(kind)), {"a": ["y"]})
    assert [(one.attributes["value"], "checked" in one.attributes) for one in page.all("input", type="checkbox")] == [
        ("x", False),
        ("y", True),
    ]


def test_records_are_options_and_a_chosen_one_beyond_the_list_is_added() -> None:
    form = form_of(field("select", properties={"register": "services"}))
    assert [one.text for one in page_of(form).all("option")] == ["No answer", "Mail"]
    assert [one.text for one in page_of(form, {"a": "S-2"}).all("option")] == ["No answer", "Mail", "Web & <shop>"]
    assert [one.text for one in page_of(form, {"a": "S-9"}).all("option")] == ["No answer", "Mail"]


def test_a_text_field_with_a_register_suggests_records() -> None:
    page = page_of(form_of(field("textfield", properties={"register": "services"})))
    assert page.one("input").attributes["list"] == "f-a-list"
    assert page.one("option", value="S-1").text == "Mail"


@pytest.mark.parametrize("kind", ["select", "textfield"])
def test_only_records_of_the_named_statuses_are_offered(kind: str) -> None:
    page = page_of(form_of(field(kind, properties={"register": "services", "statuses": "live"})))
    assert [one.attributes["value"] for one in page.all("option") if one.attributes["value"]] == ["S-2"]


def test_a_value_whose_record_has_changed_status_is_still_shown() -> None:
    properties = {"register": "services", "statuses": "live"}
    form = form_of(field("select", properties=properties), field("textfield", "b", properties=properties))
    assert str(render_values(form, {"a": "S-1", "b": "S-1"}, options=RECORDS)).count("Mail") == 2
    locked = page_of(form_of(field("select", readonly=True, properties=properties)), context={"a": "S-1"})
    assert "Mail" in locked.one("div", class_="value").text


def test_options_from_data_and_from_feel() -> None:
    form = form_of(field("select", "a", valuesKey="choices"), field("radio", "b", valuesExpression="=choices[1]"))
    page = page_of(form, context={"choices": ["p", {"value": 2, "label": "Two"}, {}, None, True]})
    assert [one.text for one in page.all("option")] == ["No answer", "p", "Two"]
    assert "nothing to choose" in page_of(form).one("p", id="f-b").text


def test_defaults_show_only_where_nothing_was_answered_or_emptied() -> None:
    form = form_of(field("textfield", defaultValue="usual"), field("checklist", "b", defaultValue=["y"]))
    assert page_of(form).one("input", id="f-a").attributes["value"] == "usual"
    assert "checked" in page_of(form).one("input", id="f-b-2").attributes
    assert page_of(form, {"a": None}).one("input", id="f-a").attributes["value"] == ""
    assert "checked" not in page_of(form, {"b": []}).one("input", id="f-b-2").attributes


def test_conditions_set_the_first_state_and_tell_scripts_what_to_follow() -> None:
    form = form_of(
        field("radio", "kind"),
        field("textfield", "b", conditional={"hide": '=kind != "x"'}),
        field("textfield", "c", conditional={"hide": '=kind = "x" and true'}),
        field("textfield", "d", conditional={"hide": '=outside = "x"'}),
    )
    page = page_of(form, {"kind": "y"})
    first, second, third = (one for one in page.all("div") if "data-hide" in one.attributes)
    simple = {"data-hide": 'kind != "x"', "data-hide-key": "kind", "data-hide-op": "!=", "data-hide-value": "x"}
    assert first.attributes == {"class": "field", **simple, "hidden": ""}
    assert second.attributes == {"class": "field", "data-hide": 'kind = "x" and true'}
    assert third.attributes == {"class": "field", "data-hide": 'outside = "x"'}


def test_rows_have_names_buttons_and_a_harmless_first_button() -> None:
    kind, why = field("radio", "kind"), field("textfield", "why", conditional={"hide": '=this.kind != "x"'})
    form = form_of(
        {"type": "dynamiclist", "label": "Lines", "path": "lines", "components": [kind, why], "defaultRepetitions": 2}
    )
    page = page_of(form)
    assert "name" not in page.all("button")[0].attributes
    assert [one.attributes["value"] for one in page.all("button", name="_remove")] == ["lines.0", "lines.1"]
    assert page.one("button", name="_add").attributes["value"] == "lines"
    assert page.all("div", data_hide_key="lines.1.kind")
    shown = page_of(
        form, {"lines": [{"kind": "x", "why": "w"}, {"kind": "y"}]}, {"lines.1": ["Bad row."], "lines": ["Bad."]}
    )
    hidden = [element for element in shown.all("div") if "data-hide" in element.attributes]
    assert ["hidden" in element.attributes for element in hidden] == [False, True]
    assert shown.one("fieldset", id="f-lines.1").attributes["aria-describedby"] == "f-lines.1-error"
    assert not page_of(form, {"lines": []}).all("button", name="_remove")


def test_read_only_fields_show_the_data_and_have_no_input() -> None:
    form = form_of(
        field("select", readonly=True, properties={"register": "services"}), field("textarea", "b", disabled=True)
    )
    page = page_of(form, {"a": "S-1", "b": "mine"}, context={"a": "S-2", "b": "one\ntwo"})
    assert not page.all("input")
    assert [one.text for one in page.all("div", class_="value")] == ["Web & <shop>", "onetwo"]
    assert len(page.all("br")) == 1


def test_texts_show_values_of_the_data_as_plain_text() -> None:
    form = form_of(
        {"type": "text", "text": "Dear **{{who}}**, [see](/a) {{nobody}}."},
        {"type": "text", "text": '="x " + who'},
        {"type": "separator"},
        {"type": "spacer", "height": 60},
        {"type": "image", "source": "/static/a.png", "alt": "A"},
    )
    page = page_of(form, context={"who": "[x](https://evil.example) <b>"})
    assert page.one("strong").text == "[x](https://evil.example) <b>"
    assert [one.attributes["href"] for one in page.all("a")] == ["/a"]
    assert page.one("img", alt="A").attributes["src"] == "/static/a.png"


def test_nothing_that_people_or_authors_write_becomes_markup() -> None:
    evil = EVIL.replace("{{a}}", "")
    form = form_of(
        field(
            "textfield", "a", label=evil, description=evil, appearance={"prefixAdorner": evil, "suffixAdorner": evil}
        ),
        field("textarea", "b", label=evil),
        field("radio", "c", label=evil, values=[{"value": evil, "label": evil}]),
        field("select", "d", label=evil, values=[{"value": evil, "label": evil}]),
        field("textfield", "e", label=evil, readonly=True),
        field("textfield", "f", conditional={"hide": '=a = "</div><script>"'}),
        {"type": "group", "label": evil, "components": [{"type": "text", "text": EVIL}]},
        {"type": "dynamiclist", "label": evil, "path": "l", "components": [field("textfield", "n", label=evil)]},
    )
    values = {"a": EVIL, "b": "</textarea>" + EVIL, "c": EVIL, "d": EVIL, "l": [{"n": EVIL}]}
    errors = {key: [EVIL] for key in ("a", "b", "c", "d", "l", "l.0", "l.0.n")}
    page = page_of(form, values, errors, {"e": EVIL})
    assert not page.all("script")
    assert page.one("input", id="f-a").attributes["value"] == EVIL
    shown = Page(render_values(form, {**values, "c": evil, "unknown": EVIL, "more": {EVIL: [EVIL]}}, options=RECORDS))
    assert not shown.all("script")
    assert shown.root.text.count("alert(1)") > 10


def test_a_prefix_keeps_the_ids_of_two_forms_apart() -> None:
    page = page_of(form_of(field("checklist")), id_prefix="left-")
    assert [one.attributes["id"] for one in page.all("input")] == ["left-f-a", "left-f-a-2"]
    assert {one.attributes["name"] for one in page.all("input")} == {"a"}


def test_conditions_that_cannot_settle_hide_nothing() -> None:
    form = form_of(field("textfield", conditional={"hide": "=a != null"}))
    assert "hidden" not in page_of(form, {"a": "1"}).one("div", class_="field").attributes


def test_values_to_read_are_put_into_words() -> None:
    form = form_of(
        field("select", "service", label="Service", properties={"register": "services"}),
        field("checklist", "kinds", label="Kinds"),
        field("checkbox", "sure", label="Sure"),
        field("datetime", "due", label="Due"),
        field("datetime", "at", label="At", subtype="datetime", timeSerializingFormat="utc_offset"),
        field("textfield", "gone", label="Gone"),
        field("textfield", "maybe", label="Maybe", conditional={"hide": "=sure"}),
        {
            "type": "group",
            "label": "Contact",
            "path": "contact",
            "components": [field("textfield", "name", label="Name")],
        },
        {"type": "dynamiclist", "label": "Lines", "path": "lines", "components": [field("number", "n", label="Size")]},
    )
    body = {
        "service": "S-2",
        "kinds": ["x", "y"],
        "sure": False,
        "due": "2026-11-30",
        "at": "2026-11-30T14:30:00Z",
        "contact": {"name": "Ann"},
        "lines": [{"n": 1}, {"n": 2}],
        "old": 3,
    }
    assert answers(form, {key: body[key] for key in body if key != "old"})
    page = Page(render_values(form, body, options=RECORDS))
    pairs = [(one.inside[0].text, one.inside[1].text) for one in page.root.inside[0].inside]
    assert pairs == [
        ("Service", "Web & <shop>"),
        ("Kinds", "ExWhy"),
        ("Sure", "No"),
        ("Due", "30 November 2026"),
        ("At", "30 November 2026, 14:30 UTC"),
        ("Gone", "Not given"),
        ("Contact: Name", "Ann"),
        ("Lines", "Size1Size2"),
        ("old", "3"),
    ]
    assert page.all("time", datetime="2026-11-30")
