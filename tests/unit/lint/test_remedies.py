"""What a finding tells process owners to do is what mends it: mistakes made in the examples of docs/examples."""

from collections.abc import Collection
from pathlib import Path

import pytest

from engine.bpmn.lint import lint
from engine.types import Finding
from forms import parse
from tests.unit.lint.models import Shelf, changed

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
    assert finding.remedy == "Write it in FEEL, see docs/feel.md."


def test_a_name_that_no_form_could_set_is_not_sent_to_forms_only() -> None:
    finding = found("fulfil_request", '<camunda:property name="resultVariable" value="incident" />', "", "unset-name")
    assert "a result variable" in finding.remedy
