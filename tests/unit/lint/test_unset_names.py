"""Names that nothing sets: told where all that could set them is known, scope by scope, and nowhere else."""

from collections.abc import Collection, Mapping
from typing import ClassVar
from xml.sax.saxutils import escape, quoteattr

import pytest

from engine.bpmn.lint import lint
from engine.bpmn.model.facts import ProcessFacts, processes_in
from tests.unit.lint.models import Shelf, flow, process

STARTED = 'camunda:candidateStarterGroups="staff"'


class Beside(Shelf):
    """The shelf, with processes that are deployed."""

    def __init__(self, deployed: Collection[ProcessFacts] = ()) -> None:
        self.deployed = deployed

    def deployed_processes(self) -> Collection[ProcessFacts]:
        return self.deployed


def extended(*inner: str) -> str:
    return f"<bpmn:extensionElements>{''.join(inner)}</bpmn:extensionElements>"


def properties(**values: str) -> str:
    entries = (
        f"<camunda:property name={quoteattr(name)} value={quoteattr(value)} />" for name, value in values.items()
    )
    return f"<camunda:properties>{''.join(entries)}</camunda:properties>"


def parameters(outputs: Mapping[str, str] | None = None, /, **inputs: str) -> str:
    into = (f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>' for name, text in inputs.items())
    out = (
        f'<camunda:outputParameter name="{name}">{text}</camunda:outputParameter>'
        for name, text in (outputs or {}).items()
    )
    return f"<camunda:inputOutput>{''.join((*into, *out))}</camunda:inputOutput>"


def instances(item: str = "one", collection: str = "[1, 2]", condition: str = "") -> str:
    enough = f"<bpmn:completionCondition>{condition}</bpmn:completionCondition>" if condition else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics camunda:collection="{collection}" camunda:elementVariable="{item}">'
        f"{enough}</bpmn:multiInstanceLoopCharacteristics>"
    )


def script(text: str, identity: str = "k", inner: str = "") -> str:
    source = f"<bpmn:script>{escape(text)}</bpmn:script>"
    return f'<bpmn:scriptTask id="{identity}" name="K" scriptFormat="python">{inner}{source}</bpmn:scriptTask>'


def task(identity: str = "t", inner: str = "", **attributes: str) -> str:
    given = "".join(f' camunda:{name}="{value}"' for name, value in {"candidateGroups": "staff", **attributes}.items())
    return f'<bpmn:userTask id="{identity}" name="T"{given}>{inner}</bpmn:userTask>'


def sub(inner: str, more: str = "", identity: str = "sub") -> str:
    return f'<bpmn:subProcess id="{identity}" name="Sub">{more}{inner}</bpmn:subProcess>'


def reads(text: str, identity: str = "r") -> str:
    """A task that reads with its assignee."""
    return task(identity, assignee=f"={text}")


def rule(inner: str = "") -> str:
    return (
        '<bpmn:businessRuleTask id="d" name="D" camunda:decisionRef="rating" camunda:resultVariable="rating">'
        f"{inner}</bpmn:businessRuleTask>"
    )


def unset(*body: str, form: str | None = "need", attributes: str = STARTED, **others: str) -> list[str]:
    """Return element and message of each finding of the rule."""
    start = f'<bpmn:startEvent id="s" camunda:formRef="{form}" />' if form else '<bpmn:startEvent id="s" />'
    return found({"p.bpmn": process(start + "".join(body), attributes), **others})


def found(files: dict[str, str], deployed: Collection[ProcessFacts] = ()) -> list[str]:
    findings = lint({name: text.encode() for name, text in files.items()}, Beside(deployed))
    return [f"{each.element_id}: {each.message}" for each in findings if each.rule == "unset-name"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([script("total = amount")], id="form"),
        pytest.param([script("total = 1"), script("b = total", "l")], id="another script"),
        pytest.param([script("total = 1\ntotal += 1")], id="itself"),
        pytest.param([script("a = local", inner=extended(parameters(local="=amount")))], id="input parameter"),
        pytest.param([script("a = [one, loopCounter]", inner=instances())], id="element variable"),
        pytest.param([sub(script("a = one"), instances())], id="element variable around"),
        pytest.param([sub(script("a = local"), extended(parameters(local="1")))], id="parameter around"),
        pytest.param([rule(), script("a = rating")], id="result of a decision"),
        pytest.param([script("a = initiator")], id="initiator"),
        pytest.param([task("t", extended(properties(completedBy="by"))), script("a = by")], id="who completed a task"),
    ],
)
def test_names_that_scripts_get(body: list[str]) -> None:
    assert unset(*body) == ([f"d: {_CLASS}"] if rule() in body else [])


_CLASS = (
    "The decision 'rating' reads 'Class of need' or 'class', which nothing in the process sets, so it would be null."
)


def test_a_script_that_reads_what_nothing_sets() -> None:
    assert unset(script("\ntotal = amuont")) == [
        "k: Line 2 of the script reads 'amuont', which nothing in the process sets, so the script would fail."
    ]


def test_a_script_that_reads_before_it_sets() -> None:
    (message,) = unset(script("for one in [1]:\n    total = total + one"))
    assert "reads 'total' before it has set it, and nothing else in the process does" in message
    assert unset(script("total = total + 1"), script("total = 0", "l")) == []


def test_a_script_that_uses_what_is_not_there_in_the_sandbox() -> None:
    (message,) = unset(script("a = vars()"))
    assert "uses 'vars', which scripts do not have here" in message


def test_scripts_that_are_refused_are_not_judged_twice() -> None:
    assert unset(script("import os\na = os.name + unheard")) == []


def test_local_names_are_not_known_elsewhere() -> None:
    (message,) = unset(task("t", extended(parameters(local="=amount"))), reads("local"))
    assert message == "r: camunda:assignee reads 'local', which 'T' has only, so it would be null."
    (message,) = unset(task("t", instances("one")), reads("one"))
    assert "which 'T' has only" in message
    (message,) = unset(task("t", instances("one")), reads("loopCounter"))
    assert "which activities that are repeated have only" in message
    (message,) = unset(sub(script("local = 2"), extended(parameters(local="1"))), reads("local"))
    assert "which 'Sub' has only" in message


def test_what_an_instance_brings_is_known_outside_unless_it_goes_into_a_list() -> None:
    each = instances("one")
    assert unset(script("answer = one", inner=each), reads("answer")) == []
    listed = extended(properties(resultVariable="answers"))
    (message,) = unset(sub(script("answer = one"), listed + each), reads("answer + answers"))
    assert message.startswith("r: camunda:assignee reads 'answer', which 'Sub' has only")


def test_what_input_parameters_see() -> None:
    (message,) = unset(task("t", extended(parameters(a="=amount", b="=a"))))
    assert message.startswith("t: The input parameter 'b' reads 'a'")
    assert unset(task("t", extended(parameters(a="=one")) + instances("one"))) == []


def test_what_a_collection_a_condition_of_completion_and_a_loop_see() -> None:
    (message,) = unset(task("t", instances("one", "one")))
    assert "camunda:collection reads 'one', which 'T' has only" in message
    assert unset(script("answer = 1", inner=instances(condition="answer = 1 and nrOfCompletedInstances > 1"))) == []
    (message,) = unset(script("answer = one", inner=instances("one", condition="one = 1")))
    assert "The completion condition reads 'one'" in message
    loop = "<bpmn:standardLoopCharacteristics><bpmn:loopCondition>{}</bpmn:loopCondition>"
    loop += "</bpmn:standardLoopCharacteristics>"
    assert unset(script("answer = loopCounter", inner=loop.format("loopCounter &lt; answer"))) == []
    assert len(unset(task("t", loop.format("numberOfInstances &lt; 3")))) == 1


def test_conditions_behind_an_activity_see_its_parameters() -> None:
    ends = '<bpmn:endEvent id="e" />'
    once = task("t", extended(parameters(local="1")))
    assert unset(once, ends, flow("t", "e", "local = 1")) == []
    repeated = task("t", extended(parameters(local="1")) + instances())
    assert len(unset(repeated, ends, flow("t", "e", "local = 1"))) == 1


def test_what_an_operation_gives_is_for_its_output_parameters_only() -> None:
    def order(outputs: dict[str, str], inner: str = "") -> str:
        inside = properties(operation="order"), parameters(outputs, what="chairs")
        return f'<bpmn:serviceTask id="o" name="O">{extended(*inside)}{inner}</bpmn:serviceTask>'

    assert unset(order({"ordered": "=number"}), reads("ordered")) == []
    assert len(unset(order({"ordered": "=numbre"}))) == 1
    assert unset(order({}, instances()), reads("number")) == []


def test_inputs_of_decisions() -> None:
    assert unset(rule()) == ["d: " + _CLASS]
    assert unset(rule(extended(parameters(**{"Class of need": "=title"})))) == []
    assert unset(task("t", formRef="capture"), rule()) == []
    assert len(unset(rule(), form=None)) == 2


def data_object(body: str) -> list[str]:
    drawn = '<bpmn:dataObject id="o" /><bpmn:dataObjectReference id="D" name="The offer" dataObjectRef="o" />'
    return unset(drawn, body)


def test_data_objects_that_nothing_fills() -> None:
    reading = "<bpmn:dataInputAssociation><bpmn:sourceRef>D</bpmn:sourceRef></bpmn:dataInputAssociation>"
    writing = "<bpmn:dataOutputAssociation><bpmn:targetRef>D</bpmn:targetRef></bpmn:dataOutputAssociation>"
    (message,) = data_object(task("t", reading))
    assert message == (
        "t: The data object 'The offer', which is read here, stands for the variable 'the_offer', which nothing in the "
        "process sets, so the case would fail here."
    )
    assert len(data_object(task("w", writing) + task("t", reading))) == 1
    assert data_object(script("the_offer = 1", inner=writing) + task("t", reading)) == []


def test_variables_that_are_compared() -> None:
    assert len(unset(task("t", extended(properties(compare="framework, amuont"))))) == 2


def called(body: str, attributes: str = "") -> str:
    return process(f'<bpmn:startEvent id="s" />{body}', attributes).replace('id="p"', 'id="q"')


def call(*maps: str) -> str:
    return f'<bpmn:callActivity id="c" name="C" calledElement="q">{extended(*maps) if maps else ""}</bpmn:callActivity>'


def test_inputs_of_called_processes() -> None:
    given = '<camunda:in source="title" target="heading" />'
    assert unset(call(given), **{"q.bpmn": called(reads("heading"))}) == []
    assert len(unset(call(given), **{"q.bpmn": called(reads("title"))})) == 1
    assert unset(call(), **{"q.bpmn": called(reads("title"))}) == []
    assert len(unset(call(given), **{"q.bpmn": called(reads("initiator"))})) == 1
    assert unset(call(given), **{"q.bpmn": called(reads("initiator"), STARTED)}) == []


def test_what_comes_out_of_called_processes_is_read_there() -> None:
    out = '<camunda:out source="answer" target="answer" />'
    assert unset(call(out), **{"q.bpmn": called(script("answer = 1"))}) == []
    (message,) = unset(call(out), **{"q.bpmn": called(script("answre = 1"))})
    assert message == (
        "c: The out mapping's source reads 'answer', which nothing in the called process sets, so it would be null."
    )
    assert unset(call(out)) == []  # what is not in the upload is not known


def test_processes_that_others_call_are_not_judged() -> None:
    body = f'<bpmn:startEvent id="s" />{reads("unheard")}'
    assert len(found({"p.bpmn": process(body)})) == 1
    caller = process(call()).replace('id="p"', 'id="z"').replace('calledElement="q"', 'calledElement="p"')
    assert found({"p.bpmn": process(body)}, processes_in(caller.encode(), "z.bpmn")) == []
    assert found({"p.bpmn": process(body, "")}) == []


class Beginning(Beside):
    """The shelf, with cases of the process p that the product begins by itself."""

    begun: ClassVar[dict[str, tuple[str, ...]]] = {"p": ("period",)}


def test_processes_whose_cases_the_product_begins_are_judged_by_what_it_gives_them() -> None:
    body = '<bpmn:startEvent id="s" />' + reads("period + initiator.name") + reads("perioed", "q")
    for attributes in ("", STARTED):
        findings = lint({"p.bpmn": process(body, attributes).encode()}, Beginning())
        told = [(each.element_id, each.remedy) for each in findings if each.rule == "unset-name"]
        assert told == [("q", "Did you mean 'period'?")]


def test_processes_that_events_start_are_judged() -> None:
    message = '<bpmn:message id="M" name="m" />'
    kept = extended(properties(resultVariable="order"))
    event = f'<bpmn:startEvent id="s">{kept}<bpmn:messageEventDefinition messageRef="M" />'
    body = f"{event}</bpmn:startEvent>{reads('order.number')}{reads('ordre', 'q')}"
    model = process(body, "").replace("<bpmn:process", f"{message}<bpmn:process", 1)
    assert [each.partition(":")[0] for each in found({"p.bpmn": model})] == ["q"]


def test_what_sees_all_variables_of_another_process_knows_its_local_names_too() -> None:
    body = sub(call(), instances("one"))
    assert unset(body, **{"q.bpmn": called(reads("one"))}) == []


def test_a_register_that_is_only_looked_at_sets_nothing() -> None:
    store = '<bpmn:dataStoreReference id="S" name="{}" />'
    reading = "<bpmn:dataInputAssociation><bpmn:sourceRef>S</bpmn:sourceRef></bpmn:dataInputAssociation>"
    assert unset(store.format("framework"), task("t", reading), reads("framework.title")) == []
    assert len(unset(store.format("stakeholder_needs"), task("t", reading), reads("need.title"))) == 1


class Formless(Beside):
    """A shelf without forms."""

    forms: ClassVar[dict[str, tuple[str, ...]]] = {}


def test_what_an_unknown_form_sets_is_not_known() -> None:
    model = process(f'<bpmn:startEvent id="s" camunda:formRef="need" />{script("a = b")}').encode()
    assert "unset-name" not in {each.rule for each in lint({"p.bpmn": model}, Formless())}


@pytest.mark.parametrize(
    "inner",
    [
        '<camunda:formData><camunda:formField id="b" type="string" /></camunda:formData>',
        '<camunda:taskListener event="create" expression="${setter}" />',
    ],
)
def test_what_is_said_in_a_way_that_is_not_read_may_set_anything(inner: str) -> None:
    assert unset(task("t", extended(inner)), reads("b")) == []
    assert unset('<bpmn:serviceTask id="o" camunda:class="org.example.Setter" />', reads("b")) == []


def test_a_model_for_another_engine_is_not_judged() -> None:
    model = process(f'<bpmn:startEvent id="s" />{reads("b")}')
    assert len(found({"p.bpmn": model})) == 1
    other = model.replace("<bpmn:definitions", '<bpmn:definitions xmlns:a="http://activiti.org/bpmn"', 1)
    assert found({"p.bpmn": other}) == []


def remedies(*body: str, **others: str) -> list[str]:
    """Return the remedies of the rule's findings in a process whose start form has the fields title and amount."""
    start = '<bpmn:startEvent id="s" camunda:formRef="need" />'
    files = {"p.bpmn": process(start + "".join(body)), **others}
    findings = lint({name: text.encode() for name, text in files.items()}, Beside())
    return [each.remedy for each in findings if each.rule == "unset-name"]


def order(outputs: Mapping[str, str], **inputs: str) -> str:
    inside = extended(properties(operation="order"), parameters(outputs, **{"what": "chairs", **inputs}))
    return f'<bpmn:serviceTask id="o" name="O">{inside}</bpmn:serviceTask>'


@pytest.mark.parametrize(
    ("body", "meant"),
    [
        pytest.param([reads("amuont")], "amount", id="field of a form"),
        pytest.param([script("a = amuont")], "amount", id="in a script"),
        pytest.param([script("total = 1"), script("b = totl", "l")], "total", id="set by a script"),
        pytest.param([reads("initator.id")], "initiator", id="of every case"),
        pytest.param([task("t", extended(parameters(local="1")), assignee="=locl")], "local", id="parameter"),
        pytest.param([task("t", instances("reviewer"), assignee="=reviever")], "reviewer", id="element variable"),
        pytest.param([sub(reads("reviever"), instances("reviewer"))], "reviewer", id="element variable around"),
        pytest.param([task("t", instances("one"), assignee="=loopCount")], "loopCounter", id="counter"),
        pytest.param(
            [script("a = 1", inner=instances(condition="nrOfCompleteInstances = 1"))],
            "nrOfCompletedInstances",
            id="count of a completion condition",
        ),
        pytest.param([order({"ordered": "=numbre"})], "number", id="result of an operation"),
        pytest.param([order({}, count="=amont")], "amount", id="input of an operation"),
        pytest.param([task("t", extended(properties(compare="title, amuont")))], "amount", id="compared"),
    ],
)
def test_a_name_that_is_known_there_and_near_is_offered(body: list[str], meant: str) -> None:
    assert remedies(*body) == [f"Did you mean {meant!r}?"]


def test_the_nearest_input_of_a_decision_counts_whichever_name_it_goes_by() -> None:
    assert remedies(script("classes = 1"), rule()) == ["Did you mean 'classes'?"]


def test_names_in_a_mapping_from_a_called_process_are_offered_from_there() -> None:
    out = '<camunda:out source="answre" target="answer" />'
    assert remedies(call(out), **{"q.bpmn": called(script("answer = 1"))}) == ["Did you mean 'answer'?"]


def test_a_name_that_is_near_but_not_known_there_is_not_offered() -> None:
    local = task("t", extended(parameters(local_name="1")))
    (remedy,) = remedies(local, reads("local_nam"))
    assert remedy.startswith("Correct the name")
    (remedy,) = remedies(task("t", instances("reviewer")), reads("reviever"))
    assert remedy.startswith("Correct the name")
    (remedy,) = remedies(call('<camunda:out source="amuont" target="a" />'), **{"q.bpmn": called("")})
    assert remedy.startswith("Correct the name")


def test_names_that_are_much_too_long_or_too_many_are_not_compared() -> None:
    (remedy,) = remedies(script(f"{'a' * 300} = 1"), reads("a" * 299))
    assert remedy.startswith("Correct the name")
    many = script("\n".join(f"name_{number} = 1" for number in range(400)))
    (remedy,) = remedies(many, reads("amuont"))
    assert remedy.startswith("Correct the name")
