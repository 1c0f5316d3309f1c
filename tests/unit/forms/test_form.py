"""What the rest of the product reads off a form, and the catalog that the engine asks."""

import json
from typing import Any

import pytest

from engine.errors import DefinitionRefused, InputRefused
from engine.forms_protocol import FormCatalog, FormField, Option
from forms.catalog import MarshmallowForms
from forms.parsing import parse
from tests.unit.forms.making import NOW, RECORDS, document, field, form_of


def test_fields_are_flat_and_in_order() -> None:
    form = form_of(
        {"type": "text", "text": "# Hand in"},
        field("radio", "kind", label="Kind", validate={"required": True}, values=[{"value": "x", "label": "Ex"}]),
        {
            "type": "group",
            "label": "G",
            "path": "g",
            "components": [field("select", "s", properties={"register": "services", "statuses": "live, planned"})],
        },
        {"type": "dynamiclist", "label": "Lines", "path": "lines", "components": [field("number", "n")]},
        {"type": "expression", "key": "total", "expression": "=1", "computeOn": "change"},
    )
    assert form.fields == (
        FormField("kind", "Kind", "radio", required=True, options=(Option("x", "Ex"),)),
        FormField("g.s", "Answer", "select", register="services", statuses=("live", "planned")),
        FormField("lines", "Lines", "dynamiclist"),
        FormField("total", "Total", "expression"),
    )
    assert form.body_keys == ("kind", "g", "lines", "total")
    assert form.key == "trial"


@pytest.mark.parametrize(
    ("components", "top", "title"),
    [
        ([{"type": "text", "text": "# Hand in a need\nMore"}], {}, "Hand in a need"),
        ([{"type": "text", "text": "# {{a}}"}], {}, "Trial"),
        ([{"type": "text", "text": "Words"}], {"title": "Named"}, "Named"),
        ([], {"id": "change_request-v2"}, "Change request v2"),
    ],
)
def test_a_form_has_a_title(components: list[Any], top: dict[str, Any], title: str) -> None:
    assert form_of(*components, **top).title == title


def test_a_form_says_whether_its_page_needs_a_button_to_update_it() -> None:
    conditional = field("number", "b", conditional={"hide": "=a = 1"})
    assert not form_of(field("number")).has_conditions
    assert form_of({"type": "group", "label": "G", "components": [conditional]}).has_conditions


def content_of(*components: dict[str, Any], **top: Any) -> bytes:
    return json.dumps(document(*components, **top)).encode()


def test_the_catalog_answers_what_the_engine_asks() -> None:
    forms: FormCatalog = MarshmallowForms()
    content = content_of(field("number", validate={"required": True}))
    assert forms.check(content, "f") == ("trial", [])
    assert [known.key for known in forms.fields(content)] == ["a"]
    assert forms.validate(content, {"a": "3"}, now=NOW, context={}, options=RECORDS) == {"a": 3}
    with pytest.raises(InputRefused):
        forms.validate(content, {}, now=NOW, context={}, options=RECORDS)


def test_the_catalog_refuses_a_broken_form() -> None:
    forms = MarshmallowForms()
    key, found = forms.check(b"{", "broken.form")
    assert key is None
    assert [finding.file for finding in found] == ["broken.form"]
    with pytest.raises(DefinitionRefused):
        forms.fields(b"{")


def test_the_catalog_parses_a_form_once_and_keeps_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []

    def counting(content: bytes, file: str) -> Any:
        parsed.append(content)
        return parse(content, file)

    monkeypatch.setattr("forms.catalog.parse", counting)
    forms = MarshmallowForms(size=2)
    first, second, third = (content_of(id=name) for name in ("f1", "f2", "f3"))
    for content in (first, first, second, first, third, first, second):
        forms.fields(content)
    assert parsed == [first, second, third, second]
