"""What the lint asks about names beside the models: decisions of the upload and deployed ones, callers elsewhere."""

from engine.types import ENGINE
from tests.bpmn_models import call, end, flows, into, process, rule, script, start
from tests.engine.stage import Stage
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
