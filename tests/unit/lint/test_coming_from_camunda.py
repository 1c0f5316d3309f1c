"""What docs/coming-from-camunda.md says of each habit is true: it runs, has no effect, or is refused by a rule."""

import re
from pathlib import Path
from typing import Final

import pytest

from engine.bpmn.lint import lint
from engine.operations import Operation, Output
from engine.types import Finding
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    condition,
    element,
    end,
    error,
    error_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    into,
    message,
    message_event,
    multi_instance,
    parameters,
    process,
    rule,
    script,
    service_task,
    start,
    sub_process,
    timer,
    user_task,
)
from tests.unit.lint.models import Shelf

PAGE: Final = (Path(__file__).parents[3] / "docs" / "coming-from-camunda.md").read_text(encoding="utf-8")
MI: Final = multi_instance(collection="items", item="item")


class Everything(Shelf):
    """A catalog in which there is whatever is asked for; of forms `approve` only."""

    def form_exists(self, key: str) -> bool:
        return key == "approve"

    def form_fields(self, key: str) -> None:
        del key

    def decision_exists(self, key: str) -> bool:
        return bool(key)

    def decision_inputs(self, key: str) -> None:
        del key

    def process_exists(self, key: str) -> bool:
        return bool(key)

    def operation(self, name: str) -> Operation:
        return Operation(name, name, "Works.", lambda call: None, [], [Output("total", "number", "It.")])  # noqa: ARG005

    def group_exists(self, key: str) -> bool:
        return bool(key)


def one(activity: str, *others: str, around: str = "") -> bytes:
    """Return a process in which the activity `a` is done."""
    parts = (start(), activity, *others, end(), flows("s", "a", "e"))
    return process(
        "p", *parts, around=around, properties={"ownerGroup": "staff"}, candidateStarterGroups="staff", versionTag="1"
    )


def person(extension: str = "", **camunda: str) -> bytes:
    given = {"candidateGroups": "staff", "formRef": "approve"} | camunda
    attributes = " ".join(f'camunda:{name}="{value}"' for name, value in given.items())
    return one(element("userTask", "a", "Check", attributes=attributes, extension=extension))


def work(extension: str = "", **camunda: str) -> bytes:
    return one(element("serviceTask", "a", "Work", properties={"operation": "o"}, extension=extension, **camunda))


def beside(definition: str, *, interrupting: bool = True, host: str = "", around: str = "") -> bytes:
    task = host or user_task("a", "Check", candidateGroups="staff", formRef="approve")
    event = boundary("b", "a", definition, interrupting=interrupting)
    return one(task, event, flows("b", "e"), around=around)


def asked(text: str) -> bytes:
    chosen = gateway("g", default="d") + flow("g", "e", identity="d") + flow("g", "z", text)
    last = user_task("z", "Check", candidateGroups="staff", formRef="approve") + flows("z", "e")
    return process("p", start(), end(), chosen, last, flows("s", "g"), properties={"ownerGroup": "staff"})


def starting(attributes: str = "", extension: str = "") -> bytes:
    first = element("startEvent", "s", attributes=attributes, extension=extension)
    return one(service_task("a", "o")).replace(start().encode(), first.encode())


OPERATION_FAILED: Final = error("E", "OPERATION_FAILED")
CAUGHT: Final = error_event("E", errorCodeVariable="code", errorMessageVariable="why")
TRANSACTION: Final = sub_process("a", start("xs"), end("xe"), flows("xs", "xe"))

RUNS: Final = {
    '`camunda:assignee="${boss}"`': person(assignee="${boss}"),
    '`camunda:candidateGroups="sales, ${team}"`': person(candidateGroups="sales, ${team}"),
    '`camunda:dueDate="P3D"`': person(dueDate="P3D"),
    "`${amount > 100 && !urgent}`": asked("${amount > 100 && !urgent}"),
    '`camunda:formRef="approve"`': person(formRef="approve"),
    '`camunda:formKey="camunda-forms:deployment:approve.form"`': person(
        formKey="camunda-forms:deployment:approve.form", formRef=""
    ),
    '`camunda:decisionRef="risk"`': one(rule("a", "risk", "risk")),
    '`camunda:collection="items"`': one(
        user_task("a", "Do", MI, {"resultVariable": "all"}, candidateGroups="staff", formRef="approve")
    ),
    "`camunda:inputParameter`": person(parameters({"twice": "=amount * 2", "text": "as it is"})),
    '`camunda:in source="a" target="b"`': one(call("a", "q", into("a", "b"))),
    "`R3/PT10M`": beside(timer("Cycle", "R3/PT10M"), interrupting=False),
    "`0 0 9 ? * MON-FRI`": beside(timer("Cycle", "0 0 9 ? * MON-FRI"), interrupting=False),
    '`camunda:candidateStarterGroups="staff"`': person(),
    '`camunda:errorCodeVariable="code"`': beside(CAUGHT, host=service_task("a", "o"), around=OPERATION_FAILED),
}

NO_EFFECT: Final = {
    '`camunda:asyncBefore="true"`': (work(asyncBefore="true"), "ignored-camunda"),
    '`camunda:exclusive="false"`': (work(exclusive="false"), "ignored-camunda"),
    '`camunda:jobPriority="10"`': (work(jobPriority="10"), "ignored-camunda"),
    '`name="Check ${order}"`': (person().replace(b'"Check"', b'"Check ${order}"'), "expression-in-text"),
}

ATTRIBUTE: Final = "unsupported-camunda-attribute"
EXTENSION: Final = "unsupported-extension"
JAVA: Final = "org.acme.Book"
BEAN: Final = "${bean.book(days)}"
BY_VERSION: Final = 'calledElement="q" camunda:calledElementBinding="version"'
AD_HOC: Final = element("adHocSubProcess", "a", inner=user_task("x", "Phone", candidateGroups="staff"))

REFUSED: Final = {
    '`camunda:initiator="starter"`': (starting('camunda:initiator="starter"'), ATTRIBUTE, "${initiator.id}"),
    '`camunda:assignee="${initiator}"`': (person(assignee="${initiator}"), "initiator", "${initiator.id}"),
    '`camunda:class="org.acme.Book"`': (work(**{"class": JAVA}), ATTRIBUTE, "the property operation"),
    '`camunda:delegateExpression="${book}"`': (work(delegateExpression="${book}"), ATTRIBUTE, "the property operation"),
    '`camunda:expression="${bean.book(days)}"`': (work(expression=BEAN), ATTRIBUTE, "the property operation"),
    '`camunda:type="external"`': (work(type="external", topic="book"), ATTRIBUTE, "a send task"),
    '`camunda:type="mail"`': (work(type="mail"), ATTRIBUTE, "send-mail"),
    "`camunda:connector`": (work("<camunda:connector/>"), EXTENSION, "the property operation"),
    "`camunda:resultVariable` on a service task": (work(resultVariable="x"), ATTRIBUTE, "the property resultVariable"),
    "`camunda:executionListener`": (work("<camunda:executionListener/>"), EXTENSION, "coming-from-camunda"),
    "`camunda:taskListener`": (person("<camunda:taskListener/>"), EXTENSION, "coming-from-camunda"),
    "`camunda:formData`": (starting(extension="<camunda:formData/>"), EXTENSION, ".form file"),
    '`camunda:formKey="embedded:app:forms/approve.html"`': (
        person(formKey="embedded:app:forms/approve.html", formRef=""),
        "unknown-form",
        "Make a .form file",
    ),
    '`scriptFormat="groovy"`': (one(script("a", "x = 1").replace('"python"', '"groovy"')), "script-format", "Python"),
    '`execution.setVariable("total", 1)` in a script': (
        one(script("a", 'execution.setVariable("total", 1)')),
        "script-refused",
        "amount = 1",
    ),
    "`${dateTime().plusWeeks(2).toDate()}`": (
        person(dueDate="${dateTime().plusWeeks(2).toDate()}"),
        "expression",
        "such as P3D",
    ),
    "`${execution.getVariable('amount')}`": (asked("${execution.getVariable('amount')}"), "expression", "${amount}"),
    "`${execution.processBusinessKey}`": (asked("${execution.processBusinessKey}"), "expression", "${businessKey}"),
    "`${items.size() > 2}`": (asked("${items.size() > 2}"), "expression", "count(list)"),
    '`${S(customer).prop("name").value()}`': (
        asked('${S(customer).prop("name").value()}'),
        "expression",
        "${customer.name}",
    ),
    '`camunda:in businessKey="..."`': (
        one(call("a", "q", '<camunda:in businessKey="#{execution.processBusinessKey}"/>')),
        "mapping-incomplete",
        'source="businessKey"',
    ),
    '`calledElement="${which}"`': (one(call("a", "${which}")), "invalid-camunda-value", "a gateway"),
    '`camunda:calledElementBinding="version"`': (
        one(element("callActivity", "a", attributes=BY_VERSION)),
        "invalid-camunda-value",
        "deployment or latest",
    ),
    '`camunda:decisionRefBinding="version"`': (
        one(element("businessRuleTask", "a", decisionRef="r", resultVariable="r", decisionRefBinding="version")),
        "invalid-camunda-value",
        "deployment or latest",
    ),
    "a message named `paid_${order}`": (
        one(catch("a", message_event("M")), around=message("M", "paid_${order}")),
        "dynamic-message-name",
        "correlationKey",
    ),
    "`camunda:variableName` on a condition": (
        one(catch("a", condition("x = 1").replace("Definition>", 'Definition camunda:variableName="x">', 1))),
        ATTRIBUTE,
        "Remove it",
    ),
    "an error event on a user task": (
        beside(error_event("E"), around=error("E", "x")),
        "boundary-attachment",
        "Attach",
    ),
    'compensation, and `isForCompensation="true"`': (
        one(service_task("a", "o").replace("<bpmn:serviceTask", '<bpmn:serviceTask isForCompensation="true"')),
        "unsupported-value",
        "behind an error event",
    ),
    "a transaction": (
        one(TRANSACTION.replace("bpmn:subProcess", "bpmn:transaction")),
        "unsupported-element",
        "end it with an error",
    ),
    "an ad-hoc sub-process": (one(AD_HOC), "unsupported-element", "inclusive gateway"),
    '`camunda:caseRef="claim"`': (one(element("callActivity", "a", caseRef="claim")), ATTRIBUTE, "Call a process"),
}


def rows(heading: str) -> list[str]:
    """Return the first cell of each row of the table below a heading."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (.*?) \|", section, re.MULTILINE)
    return cells[1:]


def found(model: bytes) -> list[Finding]:
    return lint({"p.bpmn": model}, Everything())


def test_every_row_is_tried() -> None:
    assert rows("Runs as you know it") == list(RUNS)
    assert rows("Has no effect, with a warning") == list(NO_EFFECT)
    assert rows("Is refused, and what to draw instead") == list(REFUSED)


@pytest.mark.parametrize("habit", RUNS)
def test_what_runs_has_no_errors_and_is_not_without_effect(habit: str) -> None:
    findings = found(RUNS[habit])
    assert [each for each in findings if each.severity == "error" or each.rule.startswith("ignored")] == []


@pytest.mark.parametrize("habit", NO_EFFECT)
def test_what_has_no_effect_is_a_warning(habit: str) -> None:
    model, name = NO_EFFECT[habit]
    findings = found(model)
    assert name in {each.rule for each in findings}
    assert [each for each in findings if each.severity == "error"] == []


@pytest.mark.parametrize("habit", REFUSED)
def test_what_is_refused_is_an_error_that_says_what_to_do(habit: str) -> None:
    model, name, words = REFUSED[habit]
    refused = [each for each in found(model) if each.rule == name and each.severity == "error"]
    assert refused
    assert any(words in f"{each.message} {each.remedy}" for each in refused), refused


def test_a_refused_ad_hoc_sub_process_is_not_asked_for_events_that_it_cannot_have() -> None:
    assert [each.rule for each in found(one(AD_HOC)) if each.severity == "error"] == ["unsupported-element"]


def test_what_belongs_to_a_compensation_is_not_asked_for_flows() -> None:
    undo = element("serviceTask", "u", "Undo", attributes='isForCompensation="true"', properties={"operation": "o"})
    event = boundary("b", "a", "<bpmn:compensateEventDefinition/>")
    rules = {each.rule for each in found(one(service_task("a", "o"), event, undo))}
    assert {"unsupported-element", "unsupported-value"} <= rules
    assert not {"unreachable", "dangling"} & rules


def test_an_external_task_is_refused_once() -> None:
    assert [each.rule for each in found(work(type="external", topic="book"))] == [ATTRIBUTE]


def test_a_second_start_of_a_sub_process_is_told_where_to_go() -> None:
    two = event_sub_process("h", message_event("M"), start("h2"), end("he"), flows("h_start", "he"), flows("h2", "he"))
    model = one(service_task("a", "o"), two, around=message("M", "m"))
    [told] = [each for each in found(model) if each.rule == "several-start-events"]
    assert "another sub-process" in told.remedy
