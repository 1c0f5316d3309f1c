"""Names in forms that nothing sets: told where all is known that the form sees in the places that use it."""

import json
import time
from collections.abc import Collection
from typing import Any

import pytest

from engine.bpmn.lint import lint
from engine.bpmn.model.facts import ProcessFacts, processes_in
from engine.forms_protocol import FormRead
from engine.types import Finding
from forms import MarshmallowForms
from tests.unit.forms.making import document, field
from tests.unit.lint.models import process
from tests.unit.lint.test_unset_names import (
    STARTED,
    Beside,
    call,
    called,
    extended,
    instances,
    parameters,
    properties,
    script,
    sub,
    task,
)

FORMS = MarshmallowForms()
STORE = '<bpmn:dataStoreReference id="S" name="stakeholder_needs" />'
READING = "<bpmn:dataInputAssociation><bpmn:sourceRef>S</bpmn:sourceRef></bpmn:dataInputAssociation>"


class WithForms(Beside):
    """The shelf, with real forms; those in `uploaded` come with the upload."""

    def __init__(
        self, contents: dict[str, bytes], deployed: Collection[ProcessFacts] = (), *, uploaded: bool = True
    ) -> None:
        super().__init__(deployed)
        self.contents, self.uploaded = contents, uploaded

    def form_exists(self, key: str) -> bool:
        return key in self.contents

    def form_fields(self, key: str) -> Collection[str] | None:
        found = self.contents.get(key)
        return None if found is None else [each.key.partition(".")[0] for each in FORMS.fields(found)]

    def form_file(self, key: str) -> str | None:
        return f"{key}.form" if self.uploaded else None

    def form_reads(self, key: str) -> Collection[FormRead]:
        return FORMS.reads(self.contents[key]) if key in self.contents else ()


def form(*components: Any) -> bytes:
    return json.dumps(document(*components), indent=1).encode()


def text(source: str) -> dict[str, Any]:
    return {"type": "text", "id": "Text_1", "text": source}


def found(
    forms: dict[str, bytes],
    *body: str,
    attributes: str = STARTED,
    start: str = "",
    deployed: Collection[ProcessFacts] = (),
    uploaded: bool = True,
    **others: str,
) -> list[Finding]:
    """Return the findings of the rule in a process that begins with the form `start`."""
    begins = (
        f'<bpmn:startEvent id="s" name="Wanted" camunda:formRef="{start}" />' if start else '<bpmn:startEvent id="s" />'
    )
    models = {"p.bpmn": process(begins + "".join(body), attributes), **others}
    catalog = WithForms(forms, deployed, uploaded=uploaded)
    findings = lint({name: model.encode() for name, model in models.items()}, catalog)
    return [each for each in findings if each.rule == "form-unset-name"]


def names(*body: str, reading: str = "{{ far }}", **others: Any) -> list[str]:
    """Return the messages about a form `f` of the user task in `body`."""
    return [each.message for each in found({"f": form(text(reading))}, *body, **others)]


USES = task("t", formRef="f")


def test_a_name_that_nothing_sets_is_told_with_form_field_place_and_remedy() -> None:
    need = form(field("number", "amount"))
    check = form(text("{{ amount }}"), field("textfield", "why", label="Why?", conditional={"hide": "=amuont > 3"}))
    (finding,) = found({"need": need, "check": check}, task("t", formRef="check"), start="need")
    assert str(finding) == (
        "check.form:13 [Why?, id_why] form-unset-name: textfield 'id_why': conditional.hide reads 'amuont', which is "
        "no field of the form and which nothing sets where it is used (user task 'T' of p.bpmn), so it would be null. "
        "Did you mean 'amount'?"
    )
    assert finding.severity == "warning"


def test_a_start_form_sees_its_own_fields_only() -> None:
    start = form(field("textfield", "title"), text("{{ title }} {{ initiator.name }} {{ tilte }} {{ later }}"))
    told = found({"f": start}, script("later = 1"), start="f")
    assert [each.message.split("'")[3] for each in told] == ["initiator", "tilte", "later"]
    assert "it sees nothing else where it is used (start event 'Wanted' of p.bpmn)" in told[0].message
    assert [each.remedy for each in told] == [
        "Correct the name, or give the form such a field.",
        "Did you mean 'title'?",
        "Correct the name, or give the form such a field.",
    ]


@pytest.mark.parametrize("attributes", ["", f'{STARTED} camunda:isStartableInTasklist="false"'])
def test_a_start_form_that_nobody_gets_is_not_judged(attributes: str) -> None:
    assert found({"f": form(text("{{ far }}"))}, start="f", attributes=attributes) == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([USES, script("far = 1")], id="script"),
        pytest.param([task("t", extended(parameters(far="1")), formRef="f")], id="input parameter"),
        pytest.param([task("t", instances("far"), formRef="f")], id="element variable"),
        pytest.param([sub(USES, instances("far"))], id="element variable around"),
        pytest.param([task("t", extended(properties(completedBy="far")), formRef="f")], id="who completed it"),
        pytest.param([USES, '<bpmn:serviceTask id="o" camunda:class="org.example.Setter" />'], id="not known"),
    ],
)
def test_what_the_form_of_a_task_sees(body: list[str]) -> None:
    assert names(*body) == []
    assert len(names(*body, reading="{{ faar_away }}")) == ("org.example" not in "".join(body))


def test_the_form_of_a_task_sees_who_started_the_case_and_what_instances_count() -> None:
    assert names(USES, reading="{{ initiator.name }} {{ businessKey }}") == []
    assert names(task("t", instances(), formRef="f"), reading="{{ loopCounter }}") == []
    assert len(names(USES, reading="{{ loopCounter }}")) == 1


def test_local_names_of_other_activities_are_not_seen() -> None:
    assert len(names(USES, task("u", extended(parameters(far="1"))))) == 1


def test_records_that_the_task_shows_are_seen_there_only() -> None:
    shows = task("t", READING, formRef="f")
    assert names(STORE, shows, reading="{{ need.title }}") == []
    elsewhere = names(STORE, USES, task("u", READING), reading="{{ need.title }}")
    assert len(elsewhere) == 1
    (told,) = found({"f": form(text("{{ needs.title }}"))}, STORE, shows)
    assert told.remedy == "Did you mean 'need'?"


def test_processes_that_others_call_are_not_judged() -> None:
    assert len(names(USES)) == 1
    assert names(USES, attributes="") == []
    caller = process(call()).replace('id="p"', 'id="z"').replace('calledElement="q"', 'calledElement="p"')
    assert names(USES, deployed=processes_in(caller.encode(), "z.bpmn")) == []


def test_called_processes_see_what_they_are_given() -> None:
    given = call('<camunda:in source="title" target="far" />')
    assert names(given, **{"q.bpmn": called(USES)}) == []
    (told,) = names(call('<camunda:in source="title" target="near" />'), **{"q.bpmn": called(USES)})
    assert "user task 'T' of q.bpmn" in told


def test_a_form_that_several_places_share_may_ask_for_what_one_of_them_has() -> None:
    both = sub(task("t", extended(parameters(far="1")), formRef="f")), task("u", formRef="f")
    assert names(*both) == []
    assert names(USES, script("far = 1"), start="f") == []
    (told,) = names(USES, task("u", formRef="f"), start="f")
    assert "(user task 'T' of p.bpmn and 2 more)" in told


def test_a_form_that_a_deployed_process_uses_too_may_ask_for_what_that_has() -> None:
    other = process(USES).replace('id="p"', 'id="z"')
    assert names(USES, deployed=processes_in(other.encode(), "z.bpmn")) == []
    same = process(USES)
    assert len(names(USES, deployed=processes_in(same.encode(), "p.bpmn"))) == 1


EVENT = '<bpmn:messageEventDefinition messageRef="M" />'
RECEIVERS = (
    '<bpmn:receiveTask id="w" name="W" messageRef="M">{}</bpmn:receiveTask>',
    f'<bpmn:intermediateCatchEvent id="w" name="W">{{}}{EVENT}</bpmn:intermediateCatchEvent>',
)


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_the_form_that_checks_a_message_sees_its_own_fields_only(receiver: str) -> None:
    node = receiver.format(extended(properties(form="f")))
    forms = {
        "f": form(field("textfield", "near"), field("number", "b", validate={"max": "=far"}, readonly='=near = "x"'))
    }
    (told,) = found(forms, script("far = 1"), node)
    assert "number 'id_b': max reads 'far'" in told.message
    assert "it sees nothing else where it is used" in told.message
    assert "'W' of p.bpmn" in told.message


def test_what_sends_a_message_and_expressions_for_forms_use_none() -> None:
    forms = {"f": form(text("{{ far }}")), '=if a then "f" else "g"': form(text("{{ far }}"))}
    sends = f'<bpmn:sendTask id="w" name="W" messageRef="M">{extended(properties(form="f"))}</bpmn:sendTask>'
    assert found(forms, sends) == []
    assert found(forms, task("t", formRef="=which")) == []


def test_a_form_that_is_deployed_already_is_told_at_the_model() -> None:
    (finding,) = found({"f": form(text("{{ far }}"))}, USES, uploaded=False)
    assert (finding.file, finding.element_id, finding.element_name) == ("p.bpmn", "t", "T")
    assert finding.message.startswith("In the form 'f', text 'Text_1': text reads 'far', ")


def test_a_field_that_stands_deeper_is_offered_with_the_way_to_it() -> None:
    contact = {"type": "group", "label": "C", "path": "contact", "components": [field("textfield", "mail")]}
    (finding,) = found({"f": form(contact, text("{{ mail }}"))}, USES)
    assert finding.remedy == "Write contact.mail for the form's own field."


def test_words_of_other_languages_are_told_as_feel_has_them() -> None:
    (finding,) = found({"f": form(text("{{ if TRUE then 1 else 2 }}"))}, USES)
    assert finding.remedy == "FEEL writes true."


def test_what_a_task_keeps_under_one_name_is_seen_by_that() -> None:
    kept = task("t", extended(properties(formVariable="proposal")), formRef="f")
    assert names(kept, reading="{{ proposal.title }}") == []
    assert len(names(kept, reading="{{ far }}")) == 1


def test_a_process_that_does_not_run_is_left_alone() -> None:
    pool = process(USES).replace('isExecutable="true"', "")
    assert names(**{"q.bpmn": pool.replace('id="p"', 'id="q"')}) == []


PATIENCE = 10.0
"""Seconds of computing that an upload may take at most."""


@pytest.mark.parametrize("known", [True, False])
def test_many_names_in_a_form_that_many_tasks_use_take_no_more_than_seconds(known: bool) -> None:
    script_of_all = script("\n".join(f"name_{number} = 1" for number in range(250)))
    tasks = "".join(task(f"t{number}", formRef="f") for number in range(900))
    other = "" if known else "r"
    content = form(text("".join(f"{{{{ name_{other}{number} }}}}" for number in range(8_000))))
    begun = time.process_time()
    told = found({"f": content}, script_of_all, tasks)
    assert time.process_time() - begun < PATIENCE
    assert bool(told) is not known
