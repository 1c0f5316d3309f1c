"""What the lint asks about names beside the models: decisions of the upload and deployed ones, callers elsewhere."""

import json
from collections.abc import Mapping
from typing import Any

from engine.types import ENGINE
from tests.bpmn_models import call, end, flows, into, process, rule, script, start, user_task
from tests.engine.stage import ANN, STARTERS, Stage, one_task
from tests.unit.decisions.making import decision, model, table

STARTED = "staff"
RATING = model(decision(table(["class"], ["rating"], [('"a"', '"high"')]), "rating"))


def unset(stage: Stage, **files: bytes) -> list[str]:
    named = {name.replace("__", "."): content for name, content in files.items()}
    return [each.message for each in stage.engine.repository.check(named) if each.rule == "unset-name"]


def rating() -> bytes:
    return process(
        "p", start(), rule("r", "rating", "rated"), end(), flows("s", "r", "e"), candidateStarterGroups=STARTED
    )


def test_a_decision_of_the_upload_and_one_that_is_deployed_say_what_they_read(stage: Stage) -> None:
    said = ["The decision 'rating' reads 'class', which nothing in the process sets, so it would be null."]
    assert unset(stage, p__bpmn=rating(), rating__dmn=RATING) == said
    stage.engine.repository.deploy({"rating.dmn": RATING}, name="rating", actor=ENGINE)
    assert unset(stage, p__bpmn=rating()) == said


def test_a_decision_that_imports_others_is_judged_with_its_upload_only(stage: Stage) -> None:
    imports = '<import name="other" namespace="elsewhere" importType="https://www.omg.org/spec/DMN/20191111/MODEL/"/>'
    asks = model(imports, decision(table(["class"], ["rating"], [('"a"', '"high"')]), "rating"))
    files = {"rating.dmn": asks, "other.dmn": model(namespace="elsewhere")}
    assert len(unset(stage, p__bpmn=rating(), rating__dmn=asks, other__dmn=files["other.dmn"])) == 1
    stage.engine.repository.deploy(files, name="rating", actor=ENGINE)
    assert unset(stage, p__bpmn=rating()) == []


def test_a_process_that_a_deployed_one_calls_is_not_judged(stage: Stage) -> None:
    called = process("p", start(), script("k", "a = b"), end(), flows("s", "k", "e"), candidateStarterGroups=STARTED)
    assert len(unset(stage, p__bpmn=called)) == 1
    caller = process(
        "q",
        start(),
        call("c", "p", into("initiator", "b")),
        end(),
        flows("s", "c", "e"),
        candidateStarterGroups=STARTED,
    )
    stage.engine.repository.deploy({"p.bpmn": called, "q.bpmn": caller}, name="both", actor=ENGINE)
    assert unset(stage, p__bpmn=called) == []
    assert unset(stage, p__bpmn=called, q__bpmn=caller) == []
    without = process(
        "q",
        start(),
        call("c", "p", into("initiator", "c")),
        end(),
        flows("s", "c", "e"),
        candidateStarterGroups=STARTED,
    )
    assert len(unset(stage, p__bpmn=called, q__bpmn=without)) == 1


def form(key: str, *components: Mapping[str, Any], text: str = "") -> bytes:
    shown = [{"type": "text", "id": "Text_1", "text": text}] if text else []
    return json.dumps({"type": "default", "id": key, "schemaVersion": 18, "components": [*components, *shown]}).encode()


def in_forms(stage: Stage, **files: bytes) -> list[str]:
    named = {name.replace("__", "."): content for name, content in files.items()}
    found = stage.engine.repository.check(named)
    return [f"{each.file}: {each.message}" for each in found if each.rule == "form-unset-name"]


FAR = form("f", text="{{ far }}")


def test_a_form_of_the_upload_is_told_itself_and_a_deployed_one_at_the_model(stage: Stage) -> None:
    said = (
        "ext 'Text_1': text reads 'far', which is no field of the form and which nothing sets where it is used "
        "(user task 'Ask' of p.bpmn), so it would be null."
    )
    assert in_forms(stage, p__bpmn=one_task(), f__form=FAR) == [f"f.form: t{said}"]
    stage.engine.repository.deploy({"f.form": FAR}, name="form", actor=ENGINE)
    assert in_forms(stage, p__bpmn=one_task()) == [f"p.bpmn: In the form 'f', t{said}"]
    assert in_forms(stage, f__form=FAR) == []


def test_a_form_that_a_deployed_process_uses_is_not_judged_by_another_process(stage: Stage) -> None:
    stage.deploy(p__bpmn=one_task(), f__form=form("f"))
    assert in_forms(stage, q__bpmn=one_task("q"), f__form=FAR) == []
    assert len(in_forms(stage, q__bpmn=one_task("q"), p__bpmn=one_task(), f__form=FAR)) == 1


def test_the_form_of_a_register_may_ask_for_what_its_records_say_beside_their_fields(stage: Stage) -> None:
    title = {"type": "textfield", "key": "title", "label": "Title"}
    content = form("f", title, text="{{ version }} {{ status }} {{ far }}")
    register = (
        b"registers:\n - {key: needs, name: Needs, singular: Need, form: f, title: title, prefix: N, variable: need}"
    )
    files = {"p__bpmn": one_task(), "f__form": content}
    assert len(in_forms(stage, **files)) == 3
    assert [each.split("'")[3] for each in in_forms(stage, **files, registers__yaml=register)] == ["far"]


def test_what_is_told_of_a_start_form_and_of_a_task_is_how_cases_run(stage: Stage) -> None:
    def shows(key: str) -> bytes:
        return form(
            key, {"type": "expression", "key": f"by_{key}", "expression": "=initiator.name", "computeOn": "change"}
        )

    begin, ask = start(form="f"), user_task("ask", "Ask", formRef="g", candidateGroups="analysts")
    model = process(
        "p",
        begin,
        ask,
        user_task("wait", "Wait", candidateGroups="analysts"),
        end(),
        flows("s", "ask", "wait", "e"),
        **STARTERS,
    )
    told = in_forms(stage, p__bpmn=model, f__form=shows("f"), g__form=shows("g"))
    assert [each.partition(":")[0] for each in told] == ["f.form"]
    stage.deploy(p__bpmn=model, f__form=shows("f"), g__form=shows("g"))
    stage.start()
    stage.do("ask")
    context = stage.engine.tasks.get(stage.task("wait").id, ANN).context
    assert (context.get("by_f"), context["by_g"]) == (None, "Olga Originator")
