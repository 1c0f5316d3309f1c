"""What a finding tells process owners to do is what mends it: mistakes made in the examples of docs/examples."""

from collections.abc import Collection
from pathlib import Path

import pytest

from engine.bpmn.lint import lint
from engine.types import Finding
from forms import parse
from tests.unit.lint.models import GOOD, Shelf, changed

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "examples"


class Examples(Shelf):
    """A catalog with the forms of the examples."""

    def form_exists(self, key: str) -> bool:
        return (EXAMPLES / f"{key}.form").is_file()

    def form_fields(self, key: str) -> Collection[str] | None:
        form, _ = parse((EXAMPLES / f"{key}.form").read_bytes(), key)
        return None if form is None else {field.key for field in form.fields}


def found(name: str, old: str, new: str, rule: str) -> Finding:
    model = changed(old, new, (EXAMPLES / f"{name}.bpmn").read_text(encoding="utf-8"))
    findings = [each for each in lint({"model.bpmn": model.encode()}, Examples()) if each.rule == rule]
    assert findings, f"no finding of the rule {rule}"
    return findings[0]


@pytest.mark.parametrize("time", ["every month", "8 o'clock"])
def test_a_time_that_is_none_is_told_how_times_are_written(time: str) -> None:
    finding = found("review_service", "0 8 1 * *", time, "expression")
    assert "P3D" in finding.remedy
    assert "0 9 * * MON" in finding.remedy


def test_a_condition_that_is_none_is_told_to_be_feel() -> None:
    finding = found("answer_complaint", '=severity = "serious"', '=severity == "serious"', "expression")
    assert (
        finding.remedy == "FEEL compares with a single =, and joins conditions by the words and, or: see docs/feel.md."
    )


def test_a_name_that_no_form_could_set_is_not_sent_to_forms_only() -> None:
    finding = found("fulfil_request", '<camunda:property name="resultVariable" value="incident" />', "", "unset-name")
    assert "a result variable" in finding.remedy


@pytest.mark.parametrize(
    ("written", "meant"), [("PT30D", "P30D"), ("P2H", "PT2H"), ("PT1W", "P1W"), ("P1DT", "P1D"), ("P1X", None)]
)
def test_a_duration_with_its_t_in_the_wrong_place_is_offered_with_it_in_the_right_one(
    written: str, meant: str | None
) -> None:
    model = changed(">R3/P1D<", f">R3/{written}<", GOOD)
    (finding,) = [each for each in lint({"model.bpmn": model.encode()}, Shelf()) if each.rule == "timer-text"]
    assert finding.element_id == "Late"
    assert finding.remedy == (f"Did you mean 'R3/{meant}'?" if meant else "Write it so, or as FEEL.")


def test_findings_speak_as_the_modeler_does() -> None:
    model = changed('<bpmn:sequenceFlow id="F9" sourceRef="Either" targetRef="Wait" />', "", GOOD)
    said = " ".join(each.message for each in lint({"model.bpmn": model.encode()}, Shelf()))
    assert "No path from a start event leads to this intermediate catch event" in said
    split = changed('<bpmn:parallelGateway id="Split" />', '<bpmn:exclusiveGateway id="Split" name="Split" />', GOOD)
    (found,) = [each for each in lint({"m.bpmn": split.encode()}, Shelf()) if each.element_id == "F15"]
    assert found.message.startswith("This flow to 'Ask each' leaves 'Split', which has several ways out")


def test_a_message_without_a_name_is_told_with_who_names_it() -> None:
    model = changed('id="Message_Ask" name="supplier_question"', 'id="Message_Ask"', GOOD)
    (found,) = [each for each in lint({"m.bpmn": model.encode()}, Shelf()) if each.rule == "message-without-name"]
    assert found.message.startswith("The message of 'Remind' has no name")


def test_a_name_that_is_only_somewhat_alike_is_not_offered() -> None:
    model = changed('value="title" />\n          <camunda:property name="resultVariable"',
                    'value="items" />\n          <camunda:property name="resultVariable"', GOOD)  # fmt: skip
    (found,) = [each for each in lint({"m.bpmn": model.encode()}, Shelf()) if each.rule == "unset-name"]
    assert found.remedy.startswith("Correct the name")


@pytest.mark.parametrize("written", ["Handle a Need", "neeeds"])
def test_a_process_that_is_called_by_its_name_is_told_its_id(written: str) -> None:
    called = GOOD.replace('calledElement="delivery"', f'calledElement="{written}"')
    called = changed('<bpmn:process id="needs"', '<bpmn:process id="needs" name="Handle a need"', called)
    (found,) = [each for each in lint({"m.bpmn": called.encode()}, Shelf()) if each.rule == "unknown-process"]
    assert found.remedy.startswith("Did you mean 'needs'?")


def test_a_cron_text_that_is_none_says_why() -> None:
    model = changed(">R3/P1D<", ">0 0 9 * * 1-5<", GOOD)
    (found,) = [each for each in lint({"m.bpmn": model.encode()}, Shelf()) if each.rule == "timer-text"]
    assert found.message.startswith("The timer's '0 0 9 * * 1-5' is no cron text: ")
    assert "by name" in found.message


def test_a_script_that_asks_for_variables_as_in_camunda_is_told_once() -> None:
    model = changed("total = amount * 2", "total = execution.getVariable('amount')", GOOD)
    found = [each.rule for each in lint({"m.bpmn": model.encode()}, Shelf()) if each.element_id == "Sum"]
    assert found == ["script-refused"]
