"""What is found in broken and unsupported definitions."""

import json
from pathlib import Path
from typing import Any

import pytest

from forms import parse
from tests.unit.forms.making import document, field, findings_of, rules_of

BROKEN: list[tuple[str, Any]] = [
    ("form-unsupported-component", {"type": "html", "id": "h", "content": "<b>"}),
    ("form-unsupported-component", {"type": "iframe", "id": "h", "url": "https://example.org"}),
    ("form-unsupported-component", {"type": "table", "id": "h"}),
    ("form-unsupported-component", {"type": "filepicker", "id": "h", "key": "f", "label": "File"}),
    ("form-unsupported-component", {"type": "documentPreview", "id": "h"}),
    ("form-unsupported-component", {"type": "hologram"}),
    ("form-unsupported-component", {"type": 3}),
    ("form-unsupported-component", {}),
    ("form-components", "text"),
    ("form-components", {"type": "group", "label": "G", "components": {}}),
    ("form-key", field("textfield", "")),
    ("form-key", field("textfield", "a.b")),
    ("form-key", field("textfield", "_refresh")),
    ("form-key", field("textfield", "csrf_token")),
    ("form-key", field("textfield", "Straße")),
    ("form-key", {"type": "group", "label": "G", "path": "a.b", "components": []}),
    ("form-key", {"type": "dynamiclist", "label": "L", "components": []}),
    ("form-label", field("textfield", label=" ")),
    ("form-label", field("datetime", label="")),
    ("form-template", field("textfield", label="=a")),
    ("form-template", field("textfield", description="for {{a}}")),
    ("form-template", field("radio", values=[{"value": "a", "label": "=b"}])),
    ("form-template", {"type": "text", "text": "{{#if a}}b{{/if}}"}),
    ("form-template", {"type": "text", "text": "{{1 +}}"}),
    ("form-expression", field("textfield", conditional={"hide": "=1 +"})),
    ("form-expression", field("textfield", readonly="=1 +")),
    ("form-expression", field("number", validate={"min": "=nosuch(1)"})),
    ("form-expression", {"type": "expression", "key": "e", "expression": "=", "computeOn": "change"}),
    ("form-value", {"type": "expression", "key": "e", "computeOn": "change"}),
    ("form-value", field("textfield", conditional={"hide": 3})),
    ("form-value", field("textfield", validate={"required": "yes"})),
    ("form-value", field("textfield", validate=[])),
    ("form-value", field("textfield", validate={"maxLength": "ten"})),
    ("form-value", field("textfield", validate={"maxLength": 100_001})),
    ("form-value", field("textfield", validate={"maxLength": 1, "minLength": 2})),
    ("form-value", field("number", validate={"min": 3, "max": 2})),
    ("form-value", field("number", increment=0)),
    ("form-value", field("number", decimalDigits=-1)),
    ("form-value", field("number", defaultValue="many")),
    ("form-value", field("number", validate={"max": "1e400"})),
    ("form-value", field("datetime", subtype="week")),
    ("form-value", field("datetime", defaultValue="tomorrow")),
    ("form-value", field("checklist", defaultValue="x")),
    ("form-validation", field("number", validate={"pattern": "a"})),
    ("form-validation", field("checkbox", validate={"minLength": 1})),
    ("form-validation", field("textfield", validate={"validationType": "iban"})),
    ("form-pattern", field("textfield", validate={"pattern": "(?=a)"})),
    ("form-pattern", field("textfield", validate={"pattern": "(a)\\1"})),
    ("form-pattern", field("textfield", validate={"pattern": "a" * 1001})),
    ("form-options", field("radio", values=[])),
    ("form-options", field("radio", values=[{"value": "a"}], valuesKey="b")),
    ("form-options", field("radio", valuesKey="b", properties={"register": "services"})),
    ("form-options", field("radio", values=[{"value": 1, "label": "One"}])),
    ("form-options", field("radio", values=[{"value": "a"}, {"value": "a"}])),
    ("form-options", field("radio", values=[{"value": str(n)} for n in range(501)])),
    ("form-options", field("radio", defaultValue="z")),
    ("form-options", field("select", properties={"register": " "})),
    ("form-options", field("select", properties={"statuses": "live"})),
    ("form-options", field("select", properties={"register": "services", "statuses": " "})),
    ("form-options", field("select", properties={"register": "services", "statuses": "live,,planned"})),
    ("form-image", {"type": "image", "source": "https://example.org/a.png", "alt": "A"}),
    ("form-image", {"type": "image", "source": "//example.org/a.png", "alt": "A"}),
    ("form-image", {"type": "image", "source": "javascript:alert(1)", "alt": "A"}),
    ("form-image", {"type": "image", "source": "/static/a.png", "alt": ""}),
    (
        "form-unsupported-component",
        {
            "type": "dynamiclist",
            "label": "L",
            "path": "l",
            "components": [{"type": "dynamiclist", "label": "M", "path": "m"}],
        },
    ),
    ("form-unsupported-property", {"type": "dynamiclist", "label": "L", "path": "l", "isRepeating": False}),
    (
        "form-unsupported-property",
        {"type": "dynamiclist", "label": "L", "path": "l", "components": [field("number", defaultValue=3)]},
    ),
]


@pytest.mark.parametrize(("rule", "component"), BROKEN, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(BROKEN)])
def test_what_cannot_be_honoured_is_an_error(rule: str, component: Any) -> None:
    found = findings_of(component)
    assert {finding.rule for finding in found if finding.severity == "error"} == {rule}
    assert all(finding.message and finding.remedy and finding.file == "trial.form" for finding in found)


@pytest.mark.parametrize(
    ("rule", "component"),
    [
        ("form-unknown-property", field("textfield", lable="x")),
        ("form-button", {"type": "button", "label": "Clear", "action": "reset"}),
        (
            "form-row-name",
            {
                "type": "dynamiclist",
                "label": "L",
                "path": "l",
                "components": [field("number", "a"), field("number", "b", conditional={"hide": "=a = 1"})],
            },
        ),
    ],
)
def test_what_has_no_effect_is_a_warning_and_the_form_is_usable(rule: str, component: Any) -> None:
    form, found = parse(json.dumps(document(component)), "f")
    assert form is not None
    assert [(finding.rule, finding.severity) for finding in found] == [(rule, "warning")]


@pytest.mark.parametrize(
    ("rule", "top"),
    [
        ("form-id", {"id": None}),
        ("form-id", {"id": "has space"}),
        ("form-type", {"type": "special"}),
        ("form-schema-version", {"schemaVersion": 20}),
        ("form-schema-version", {"schemaVersion": "19"}),
        ("form-schema-version", {"schemaVersion": True}),
        ("form-components", {"components": None}),
    ],
)
def test_the_head_of_the_form_is_checked(rule: str, top: dict[str, Any]) -> None:
    form, found = parse(json.dumps(document() | top), "f")
    assert form is None
    assert [finding.rule for finding in found] == [rule]


def test_the_same_key_twice_in_the_same_place_is_an_error_and_elsewhere_is_none() -> None:
    group = {"type": "group", "label": "G", "components": [field("number", "a")]}
    assert rules_of(field("number", "a"), group) == ["form-duplicate-key"]
    assert rules_of(field("number", "a"), {**group, "path": "g"}) == []
    assert rules_of({**group, "path": "g"}, {**group, "path": "g"}) == ["form-duplicate-key"]


def test_a_finding_names_the_line_and_the_element() -> None:
    text = json.dumps(document(field("number", "a"), field("textfield", "b", label="Broken", defaultValue=3)), indent=1)
    (finding,) = parse(text, "trial.form")[1]
    assert text.split("\n")[(finding.line or 0) - 1].strip() == '"id": "id_b",'
    assert (finding.element_id, finding.element_name) == ("id_b", "Broken")


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        ("form-json", b"\xff\xfe"),
        ("form-json", b""),
        ("form-json", b'{"a": '),
        ("form-json", b"[]"),
        ("form-json", b'{"type": NaN}'),
        ("form-json", b'{"type": 1e999}'),
        ("form-json", b'{"schemaVersion": ' + b"9" * 5_000 + b"}"),
        ("form-size", b" " * 1_000_001),
        ("form-nesting", b'{"a":' * 100_000),
        ("form-nesting", b'{"a":' * 60 + b"1" + b"}" * 60),
        ("form-text", b'{"id": "\\u0000"}'),
        ("form-text", b'{"\\ud800": 1}'),
        ("form-json", "\ud800"),
        ("form-size", json.dumps(document(*[{"type": "separator"}] * 501))),
    ],
)
def test_files_that_are_no_forms_give_one_finding(rule: str, content: bytes | str) -> None:
    form, found = parse(content, "f")
    assert form is None
    assert [finding.rule for finding in found] == [rule]


def test_findings_are_bounded_and_errors_are_not_lost_behind_warnings() -> None:
    noisy = field("number") | {f"p{number}": 1 for number in range(5_000)}
    found = findings_of(noisy, field("number", "?"))
    assert len(found) == 201
    assert found[-1].rule == "form-key"


def test_a_property_that_stands_twice_is_an_error() -> None:
    text = json.dumps(document(field("number", "a"))).replace('"key": "a"', '"key": "a", "key": "b"')
    form, found = parse(text, "f")
    assert form is None
    assert [(finding.rule, finding.element_id) for finding in found] == [("form-duplicate-property", "id_a")]


def test_a_byte_order_mark_and_unknown_top_level_keys_do_no_harm() -> None:
    content = json.dumps(document(field("number"), executionPlatform="Camunda Platform")).encode()
    form, found = parse(b"\xef\xbb\xbf" + content, "f")
    assert form is not None
    assert found == []
    assert rules_of(extra={"a": 1}) == ["form-unknown-property"]


def test_a_form_of_the_editor_with_a_register_keeps_its_unused_first_option() -> None:
    assert (
        rules_of(field("select", values=[{"value": "value", "label": "Value"}], properties={"register": "services"}))
        == []
    )


def test_every_rule_is_documented() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "forms.md").read_text(encoding="utf-8")
    source = "".join(path.read_text(encoding="utf-8") for path in (Path(__file__).parents[3] / "forms").glob("*.py"))
    named = {rule for rule, _ in BROKEN} | {
        word for word in source.split('"') if word.startswith("form-") and " " not in word
    }
    assert [rule for rule in sorted(named) if f"`{rule}`" not in guide] == []
