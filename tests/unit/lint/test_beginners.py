"""What people who know other languages and tools write is told with what it is here, and that is what mends it."""

from xml.sax.saxutils import escape

import pytest

from engine.bpmn.lint import lint
from engine.types import Finding
from tests.unit.lint.models import GOOD, Shelf, changed

_CONDITION = "${rating == 'high' &amp;&amp; amount &gt; 10}"


class OneForm(Shelf):
    """A catalog with one form."""

    def form_exists(self, key: str) -> bool:
        return key == "need"


def found(model: str, rule: str) -> Finding:
    findings = [each for each in lint({"m.bpmn": model.encode()}, Shelf()) if each.rule == rule]
    assert findings, f"no finding of the rule {rule}"
    return findings[0]


@pytest.mark.parametrize(
    ("written", "remedy", "mended"),
    [
        ("title = 'yes'", "straight double quotes", 'title = "yes"'),
        ("title = \u201cyes\u201d", "straight double quotes", 'title = "yes"'),
        ("amount <> 10", "Unequal is written !=", "amount != 10"),
        ("amount > 1.000,50", "1000.50", "amount > 1000.50"),
        ("!(amount > 1)", "Not is written not(...)", "not(amount > 1)"),
        ("amount == 10", "a single =", "amount = 10"),
        ("max(1,2 > 1", "Write it in FEEL", "max(1,2) > 1"),
    ],
)
def test_conditions_in_other_languages(written: str, remedy: str, mended: str) -> None:
    assert remedy in found(changed(_CONDITION, escape(written), GOOD), "expression").remedy
    after = changed(_CONDITION, escape(mended), GOOD)
    assert {each.rule for each in lint({"m.bpmn": after.encode()}, Shelf())} == {
        each.rule for each in lint({"m.bpmn": GOOD.encode()}, Shelf())
    }


@pytest.mark.parametrize("written", ["amount > +", "=amount > +", "= amount > +"])
def test_the_place_is_counted_in_what_stands_in_the_file(written: str) -> None:
    message = found(changed(_CONDITION, escape(written), GOOD), "expression").message
    assert f"{written!r} cannot be used at character {len(written)}: " in message
    assert "'+' stands here" in message


@pytest.mark.parametrize(
    ("written", "remedy"),
    [
        ("title = True", "FEEL writes true."),
        ("title = None", "FEEL writes null."),
        ("not title is None", "deny by not(...)"),
    ],
)
def test_names_that_are_none(written: str, remedy: str) -> None:
    assert remedy in found(changed(_CONDITION, written, GOOD), "unset-name").remedy


@pytest.mark.parametrize(
    ("kind", "written", "remedy"),
    [
        ("timeDuration", "pt1h", "Did you mean 'PT1H'?"),
        ("timeDuration", "p2d", "Did you mean 'P2D'?"),
        ("timeDuration", "2026-12-31", "type Date"),
        ("timeDuration", "R/PT1H", "It repeats. Write a duration"),
        ("timeDate", "P2D", "type Duration"),
        ("timeDuration", "48", "such as PT30M"),
        ("timeDuration", '"2 days"', "such as PT30M"),
    ],
)
def test_times_that_are_none_or_of_another_kind(kind: str, written: str, remedy: str) -> None:
    timer = 'timeDuration xsi:type="bpmn:tFormalExpression">PT1H</bpmn:timeDuration'
    model = changed(timer, f"{kind}>{escape(written)}</bpmn:{kind}", GOOD)
    assert remedy in found(model, "timer-text").remedy


@pytest.mark.parametrize("written", ["PT1H", "duration(title)", 'duration("PT1H")', 'today() + duration("P1D")'])
def test_times_that_are_some(written: str) -> None:
    model = changed(">PT1H<", f">{escape(written)}<", GOOD)
    assert not [each for each in lint({"m.bpmn": model.encode()}, Shelf()) if each.rule == "timer-text"]


@pytest.mark.parametrize("written", ["need.form", "forms/need.form"])
def test_a_form_that_is_named_by_its_file(written: str) -> None:
    model = changed('camunda:formRef="need"', f'camunda:formRef="{written}"', GOOD)
    findings = [each for each in lint({"m.bpmn": model.encode()}, OneForm()) if each.rule == "unknown-form"]
    assert findings[0].remedy.startswith("Did you mean 'need'?")


def test_a_gateway_with_one_way_out_is_told_what_to_draw() -> None:
    model = changed(' default="F7"', "", GOOD)
    model = changed('<bpmn:sequenceFlow id="F7" sourceRef="Which" targetRef="Sum" />', "", model)
    assert found(model, "no-default-flow").remedy.startswith("Draw a second flow")
