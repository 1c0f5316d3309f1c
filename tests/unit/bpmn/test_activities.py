"""Tasks: user, manual, script, business rule; rework."""

from datetime import timedelta
from xml.sax.saxutils import quoteattr

import pytest

from engine import decisions
from engine.errors import StepFailed, TaskNotOpen
from tests.bpmn_cases import NOW, Running, source
from tests.bpmn_models import (
    element,
    end,
    flow,
    flows,
    gateway,
    lanes,
    multi_instance,
    one,
    parameters,
    process,
    rule,
    script,
    start,
    user_task,
)


def test_a_user_task_has_what_the_model_says() -> None:
    task = user_task(
        "a",
        "Look at it",
        "<bpmn:documentation>Read it twice.</bpmn:documentation>",
        assignee="${boss}",
        candidateUsers="ann, bob",
        candidateGroups='staff, ${team}, =["x"]',
        dueDate="P3D",
        followUpDate="=start",
        priority="70",
        formRef="need",
    )
    content = process("p", lanes(Business_analyst="a"), start(), task, end(), flows("s", "a", "e"))
    found = Running(content).start(boss="eve", team="hosting", start="2026-02-01").task("a")
    assert (found.name, found.form_key, found.assignee) == ("Look at it", "need", "eve")
    assert (found.candidate_users, found.candidate_groups) == (("ann", "bob"), ("staff", "hosting", "x"))
    assert found.due_at == NOW + timedelta(days=3)
    assert found.follow_up_at is not None
    assert found.follow_up_at.isoformat() == "2026-02-01T00:00:00+00:00"
    assert (found.priority, found.lane, found.documentation) == (70, "Business analyst", "Read it twice.")


def test_a_task_without_a_kind_passes() -> None:
    case = Running(process("p", start(), element("task", "t"), end(), flows("s", "t", "e"))).start()
    assert case.step.finished
    assert ("t", "completed") in case.log


def test_what_a_user_task_has_is_worked_out_once() -> None:
    case = Running(
        process(
            "p",
            start(),
            user_task("a", assignee="${boss}", dueDate="P3D"),
            user_task("b"),
            end(),
            flow("s", "a"),
            flow("s", "b"),
            flows("a", "e"),
            flows("b", "e"),
        )
    ).start(boss="eve")
    case.now += timedelta(days=1)
    case.do("b", boss="joe")
    assert (case.task("a").assignee, case.task("a").due_at) == ("eve", NOW + timedelta(days=3))


@pytest.mark.parametrize(
    ("name", "value"), [("priority", '="high"'), ("dueDate", "soon"), ("assignee", "=1"), ("candidateGroups", "=[1]")]
)
def test_an_attribute_of_the_wrong_kind_fails_the_step(name: str, value: str) -> None:
    task = user_task("a").replace('id="a"', f'id="a" camunda:{name}={quoteattr(value)}')
    with pytest.raises(StepFailed) as caught:
        Running(one(task)).start()
    assert caught.value.element_id == "a"


def test_a_task_is_completed_once() -> None:
    case = Running(one(user_task("a"))).start()
    task = case.task("a").task_id
    case.complete(task)
    for identity in (task, "no id", "0" * 32):
        with pytest.raises(TaskNotOpen):
            case.complete(identity)


def test_the_outcome_of_a_user_task_is_logged() -> None:
    content = one(user_task("a", properties={"outcome": 'if ok then "accepted" else null'}))
    assert Running(content).start().do("a", ok=True).step.activities[0].outcome == "accepted"
    assert Running(content).start().do("a", ok=False).step.activities[0].outcome is None


def test_the_outcome_is_what_the_form_brings_not_what_the_outputs_make_of_it() -> None:
    renamed = parameters(outputs={"verdict": '="seen"'})
    content = one(user_task("a", properties={"outcome": "verdict"}, extension=renamed))
    assert Running(content).start().do("a", verdict="good").step.activities[0].outcome == "good"


def test_an_activity_entered_again_is_rework_except_instances() -> None:
    content = process(
        "p",
        start(),
        gateway("m"),
        user_task("a"),
        user_task("mi", inner=multi_instance(cardinality="2")),
        gateway("x", default="d"),
        end(),
        flows("s", "m", "a", "mi", "x"),
        flow("x", "m", "again = true"),
        flow("x", "e", identity="d"),
    )
    case = Running(content).start()
    assert [change.rework for change in case.step.activities] == [False, False, False]
    case.do("a").do("mi").do("mi", again=True)
    assert [(change.element_id, change.rework) for change in case.step.activities][-1] == ("a", True)
    case.do("a")
    assert [(change.element_id, change.rework) for change in case.step.activities] == [
        ("a", True),
        ("mi", False),
        ("mi", False),
    ]


def test_a_manual_task_passes_and_is_logged() -> None:
    case = Running(one(element("manualTask", "m", "Shake hands"))).start()
    assert ("m", "completed") in case.log
    assert case.open == ["z"]


def test_a_script_sets_the_names_that_it_assigns() -> None:
    case = Running(one(script("x", "total = 0\nfor i in items:\n    total += i['n']\nlast = i"))).start(
        items=[{"n": 1}, {"n": 2}], other=1
    )
    assert case.data == {"items": [{"n": 1}, {"n": 2}], "other": 1, "total": 3, "i": {"n": 2}, "last": {"n": 2}}


def test_a_script_that_fails_names_element_and_line() -> None:
    with pytest.raises(StepFailed, match="NameError") as caught:
        Running(one(script("x", "a = 1\nb = amont"))).start()
    assert (caught.value.element_id, caught.value.line) == ("x", 2)


DMN = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="x">
<decision id="grade" name="grade"><decisionTable hitPolicy="UNIQUE">
<input id="i"><inputExpression id="ie" typeRef="number"><text>n</text></inputExpression></input>
<output id="o" name="out" typeRef="string"/>
<rule id="r1"><inputEntry id="i1"><text>&lt; 5</text></inputEntry>
<outputEntry id="o1"><text>"low"</text></outputEntry></rule>
<rule id="r2"><inputEntry id="i2"><text>&gt;= 5</text></inputEntry>
<outputEntry id="o2"><text>"high"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def test_a_business_rule_task_asks_its_decision() -> None:
    model, _ = decisions.parse(DMN, "d.dmn")
    assert model is not None
    content = source(one(rule("r", "grade", "grade")), decisions=model.decisions)
    case = Running(content).start(n=7)
    assert case.data["grade"] == "high"
    assert "decision:grade" in [change.interface for change in case.step.activities]
