"""The facts of a process are what its file says, and survive being stored."""

import json

import pytest

from engine.bpmn.model.facts import (
    CalledProcess,
    MessageReceived,
    MessageSent,
    ProcessFacts,
    RegisterUse,
    processes_in,
)
from engine.bpmn.model.xml import XmlRefused
from tests.unit.lint.models import GOOD, changed, process


def _facts(model: str = GOOD) -> ProcessFacts:
    return processes_in(model.encode(), "needs.bpmn")[0]


def test_what_a_process_says_about_itself() -> None:
    facts = _facts()
    assert (facts.key, facts.name, facts.file) == ("needs", "Handle a need", "needs.bpmn")
    assert facts.documentation == "From a need to an answer."
    assert facts.executable
    assert facts.startable
    assert facts.starter_groups == ("staff",)
    assert facts.starter_users == ()
    assert facts.owner_group == "owners"
    assert facts.properties == {"ownerGroup": "owners", "title": "=title"}
    assert facts.line == GOOD[: GOOD.index('<bpmn:process id="needs"')].count("\n") + 1


def test_what_a_process_names() -> None:
    facts = _facts()
    assert facts.start_form == "need"
    assert facts.forms == ("need", "capture", "reply")
    assert facts.decisions == ("rating",)
    assert facts.calls == (CalledProcess("Call", "delivery", "deployment"),)
    assert facts.groups == ("staff", "owners")
    assert facts.registers == (
        RegisterUse("Capture", "framework", "read"),
        RegisterUse("Capture", "Stakeholder Needs", "write"),
        RegisterUse("Ask", "Stakeholder Needs", "write"),
    )
    assert facts.receives == (MessageReceived("Wait", "supplier_reply", "reply", "reply", starts=False),)
    assert facts.sends == (MessageSent("Remind", "supplier_question", "supplier"),)


def test_elements_are_in_the_order_of_the_file_with_lane_and_kind() -> None:
    facts = _facts()
    by_id = {element.id: element for element in facts.elements}
    lines = [element.line for element in facts.elements]
    assert lines == sorted(lines, key=lambda line: line or 0)
    assert len(by_id) == len(facts.elements) == 21
    assert (by_id["Capture"].name, by_id["Capture"].kind, by_id["Capture"].lane) == (
        "Capture the need",
        "userTask",
        "Analyst",
    )
    assert (by_id["Late"].event, by_id["Late"].attached_to) == ("timer", "Capture")
    assert by_id["Look"].parent == "Inside"
    assert by_id["Ask"].lane is None


def test_an_element_within_a_sub_process_is_in_its_lane() -> None:
    facts = _facts(changed("<bpmn:flowNodeRef>Capture", "<bpmn:flowNodeRef>Inside"))
    assert next(element.lane for element in facts.elements if element.id == "Look") == "Analyst"


def test_an_inner_lane_counts_before_the_lane_around_it() -> None:
    inner = (
        '</bpmn:lane><bpmn:lane id="L2" name="Outer"><bpmn:flowNodeRef>Ask</bpmn:flowNodeRef><bpmn:childLaneSet id="C">'
        '<bpmn:lane id="L3" name="Inner"><bpmn:flowNodeRef>Ask</bpmn:flowNodeRef></bpmn:lane>'
        "</bpmn:childLaneSet></bpmn:lane>"
    )
    facts = _facts(changed("</bpmn:lane>", inner))
    assert next(element.lane for element in facts.elements if element.id == "Ask") == "Inner"


def test_stores_of_another_pool_are_found() -> None:
    pool = process('<bpmn:dataStoreReference id="Store_3" name="Elsewhere" />').split('1.0">\n')[-1]
    pool = pool[pool.index("<bpmn:process") : pool.index("</bpmn:definitions>")]
    model = changed("<bpmn:collaboration", f"{pool}<bpmn:collaboration")
    model = changed("<bpmn:sourceRef>Store_2", "<bpmn:sourceRef>Store_3", model)
    assert RegisterUse("Capture", "Elsewhere", "read") in processes_in(model.encode(), "needs.bpmn")[1].registers


@pytest.mark.parametrize(
    ("attributes", "startable"),
    [
        ('camunda:candidateStarterGroups="staff"', True),
        ('camunda:candidateStarterUsers="ann, ben"', True),
        ("", False),
        ('camunda:candidateStarterGroups="staff" camunda:isStartableInTasklist="false"', False),
    ],
)
def test_who_may_start_a_process(attributes: str, startable: bool) -> None:
    facts = _facts(process('<bpmn:startEvent id="s" />', attributes))
    assert facts.startable is startable
    assert facts.starter_users == (("ann", "ben") if "ann" in attributes else ())


@pytest.mark.parametrize(
    ("attribute", "key"),
    [
        ('camunda:formRef="other"', "other"),
        ('camunda:formKey="other"', "other"),
        ('camunda:formKey="camunda-forms:deployment:other.form"', "other"),
        ('camunda:formKey="camunda-forms:deployment:folder/other.form"', "other"),
        ('camunda:formKey="other.form"', "other.form"),
        ('camunda:formRef="other" camunda:formKey="ignored"', "other"),
        ('camunda:formRef=" "', None),
    ],
)
def test_the_key_of_a_form(attribute: str, key: str | None) -> None:
    assert _facts(process(f'<bpmn:startEvent id="s" {attribute} />')).start_form == key


def test_groups_in_expressions_are_not_named() -> None:
    facts = _facts(changed('camunda:candidateGroups="staff"', 'camunda:candidateGroups="${a, b}, first, =x"'))
    assert facts.groups == ("staff", "owners", "first")


def test_facts_survive_being_stored_as_json() -> None:
    for facts in processes_in(GOOD.encode(), "needs.bpmn"):
        assert ProcessFacts.from_json(json.loads(json.dumps(facts.as_json()))) == facts


def test_a_process_that_is_not_run_has_facts_too() -> None:
    facts = _facts(changed('isExecutable="true"', 'isExecutable="false"'))
    assert not facts.executable


def test_an_unreadable_file_is_refused() -> None:
    with pytest.raises(XmlRefused, match="well-formed"):
        processes_in(b"<a>", "a.bpmn")
