"""Fields whose options are the measures of a managed process, and targets for them."""

from typing import Any

import pytest

from engine.forms_protocol import FormField
from forms.html import is_refresh, parse_submission, render, render_values
from tests.unit.forms.making import NOW, RECORDS, answers, field, findings_of, form_of, refusals, rules_of
from tests.unit.forms.markup import Page

STATISTICS = {"managedProcess": "a21", "measureOptions": "statistics"}
MEASURES = {"managedProcess": "a21", "measureOptions": "measures"}
SHARED = {"managedProcess": "=process_key", "measureOptions": "statistics"}


def targets(properties: dict[str, str] = STATISTICS, **target: Any) -> dict[str, Any]:
    parts = [
        field("select", "measure", "Measure", properties=properties, values=[]),
        field("textfield", "target", "Target", properties={"target": "measure"}, **target),
    ]
    return {"type": "dynamiclist", "id": "id_list", "label": "Targets", "path": "targets", "components": parts}


def row(measure: str | None, target: str | None) -> dict[str, str | None]:
    return {"measure": measure, "target": target}


def test_the_options_are_measures_or_their_statistics() -> None:
    form = form_of(field("taglist", "a", properties=MEASURES), field("select", "b", properties=STATISTICS))
    page = Page(render(form, {}, now=NOW, context={}, errors={}, options=RECORDS))
    assert [one.attributes["value"] for one in page.all("input", type="checkbox")] == [
        "cycle_time",
        "completed",
        "rounds",
    ]
    assert [one.text for one in page.all("option")] == [
        "No answer",
        "Cycle time, mean",
        "Completed, mean",
        "Rounds & turns, mean",
    ]


@pytest.mark.parametrize("kind", ["radio", "select"])
def test_only_what_the_process_has_is_taken(kind: str) -> None:
    form = form_of(field(kind, properties=STATISTICS))
    assert answers(form, {"a": "rounds.mean"}) == {"a": "rounds.mean"}
    assert refusals(form, {"a": "rounds"}) == {"a": ["'rounds' is not one of the options. Choose again."]}


@pytest.mark.parametrize("kind", ["checklist", "taglist"])
def test_several_measures_are_taken(kind: str) -> None:
    form = form_of(field(kind, properties=MEASURES))
    assert answers(form, {"a": ["rounds", "completed"]}) == {"a": ["rounds", "completed"]}
    assert refusals(form, {"a": ["rounds", "x"]}) == {"a": ["'x' is not one of the options. Choose again."]}


def test_a_process_that_is_not_there_offers_nothing() -> None:
    form = form_of(field("select", properties={"managedProcess": "a99", "measureOptions": "measures"}))
    assert refusals(form, {"a": "cycle_time"}) == {"a": ["'cycle_time' is not one of the options. Choose again."]}


@pytest.mark.parametrize(("data", "taken"), [({"process_key": "a21"}, True), ({}, False), ({"process_key": 3}, False)])
def test_a_shared_form_takes_the_process_from_the_data(data: dict[str, Any], taken: bool) -> None:
    form = form_of(field("select", properties=SHARED))
    assert answers(form, {"a": "cycle_time.mean"}, data) == {"a": "cycle_time.mean"}
    if taken:
        assert answers(form, {"a": "rounds.mean"}, data) == {"a": "rounds.mean"}
    else:
        assert list(refusals(form, {"a": "rounds.mean"}, data)) == ["a"]


def test_a_target_has_to_fit_the_statistic_of_its_row() -> None:
    form = form_of(targets())
    good = {"targets": [row("cycle_time.mean", "at most 5 days"), row("rounds.mean", "at most 2")]}
    assert answers(form, good) == good
    bad = {"targets": [row("cycle_time.mean", "at most 5 days"), row("rounds.mean", "soon"), row(None, "soon")]}
    assert refusals(form, bad) == {"targets.1.target": ["Rounds & turns, mean: write such as 'at most 3'."]}


def test_a_target_follows_the_process_of_its_select() -> None:
    form = form_of(targets(SHARED))
    said = {"targets": [row("cycle_time.mean", "soon")]}
    wrong = {"targets.0.target": ["Cycle time, mean: write such as 'at most 3'."]}
    assert refusals(form, said, {"process_key": "a21"}) == wrong


def test_an_unknown_statistic_is_told_once_and_at_its_own_field() -> None:
    found = refusals(form_of(targets()), {"targets": [row("x.mean", "soon")]})
    assert found == {"targets.0.measure": ["'x.mean' is not one of the options. Choose again."]}


def test_a_target_may_be_required_or_left_out() -> None:
    said = {"targets": [row("cycle_time.mean", None)]}
    assert answers(form_of(targets()), said) == {"targets": [{"measure": "cycle_time.mean"}]}
    found = refusals(form_of(targets(validate={"required": True})), said)
    assert found == {"targets.0.target": ["Enter “Target”."]}


def test_rows_that_are_added_without_a_script_offer_the_same() -> None:
    form = form_of(targets())
    pairs = [
        ("targets.0._row", "1"),
        ("targets.0.measure", "rounds.mean"),
        ("targets.0.target", "soon"),
        ("_add", "targets"),
    ]
    assert is_refresh(pairs)
    page = Page(render(form, parse_submission(form, pairs), now=NOW, context={}, errors={}, options=RECORDS))
    offered = [[option.attributes["value"] for option in select.inside] for select in page.all("select")]
    assert offered == [["", "cycle_time.mean", "completed.mean", "rounds.mean"]] * 2
    assert "selected" in page.all("option", value="rounds.mean")[0].attributes
    assert page.one("input", id="f-targets.0.target").attributes["value"] == "soon"


def test_what_is_stored_is_read_in_words() -> None:
    stored = {"targets": [row("rounds.mean", "at most 2"), row("gone.mean", "at most 3")]}
    words = str(render_values(form_of(targets()), stored, options=RECORDS))
    assert "Rounds &amp; turns, mean" in words
    assert "gone.mean" in words
    words = str(render_values(form_of(targets(SHARED)), stored, options=RECORDS))
    assert "rounds.mean" in words


def test_the_process_of_a_field_is_among_its_facts() -> None:
    form = form_of(field("select", properties=MEASURES), field("select", "b", properties=SHARED))
    assert form.fields == (
        FormField("a", "Answer", "select", process="a21"),
        FormField("b", "Answer", "select"),
    )


def test_the_option_that_the_editor_puts_in_is_ignored() -> None:
    assert rules_of(field("select", values=[{"value": "value", "label": "Value"}], properties=MEASURES)) == []


@pytest.mark.parametrize(
    ("component", "rule", "words"),
    [
        (field("select", properties={"managedProcess": "a21"}), "form-options", "measureOptions is missing"),
        (field("select", properties={"measureOptions": "measures"}), "form-options", "names no process"),
        (field("select", properties={**MEASURES, "measureOptions": "all"}), "form-options", "measureOptions is 'all'"),
        (field("select", properties={**MEASURES, "managedProcess": " "}), "form-options", "names no process"),
        (field("select", properties={**MEASURES, "register": "services"}), "form-options", "more than one place"),
        (field("select", valuesKey="b", properties=MEASURES), "form-options", "more than one place"),
        (field("textarea", properties=MEASURES), "form-options", "no options"),
        (field("textfield", properties=MEASURES), "form-options", "no options"),
        (field("textfield", properties={"target": "measure"}), "form-target", "'measure'"),
        (field("select", properties={**MEASURES, "managedProcess": "= 1 +"}), "form-expression", "managedProcess"),
    ],
)
def test_a_misuse_is_a_finding(component: dict[str, Any], rule: str, words: str) -> None:
    found = findings_of(component)
    assert rule in [finding.rule for finding in found]
    assert any(words in finding.message and finding.element_id == "id_a" for finding in found)


@pytest.mark.parametrize(
    "chooser",
    [
        field("select", "measure", properties=MEASURES),
        field("select", "measure"),
        field("textfield", "measure"),
        field("taglist", "measure", properties=STATISTICS),
        field("select", "other", properties=STATISTICS),
    ],
)
def test_a_target_needs_a_select_of_statistics_in_its_row(chooser: dict[str, Any]) -> None:
    asked = targets()
    asked["components"][0] = chooser
    (finding,) = findings_of(asked, field("select", "other", properties=STATISTICS))
    assert (finding.rule, finding.element_id) == ("form-target", "id_target")


def test_a_group_without_path_is_the_same_row() -> None:
    listed = targets()
    listed["components"] = [
        {"type": "group", "label": "G", "components": [listed["components"][0]]},
        listed["components"][1],
    ]
    assert list(refusals(form_of(listed), {"targets": [row("cycle_time.mean", "soon")]})) == ["targets.0.target"]
