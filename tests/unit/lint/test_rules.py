"""Every rule finds its bad example, at the right place, and leaves the good model alone."""

import ast
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.bpmn.lint import MAX_FINDINGS, RULES, is_model, lint
from engine.bpmn.reading.process import RULE as CANNOT_RUN
from engine.decisions import parse as parse_decisions
from engine.metrics.reading import read as read_process
from engine.registers.definition import parse as parse_registers
from engine.repository.changed_files import RULES as CHANGED_RULES
from engine.repository.form_checks import RULES as FORM_RULES
from engine.repository.process_checks import RULES as PROCESS_RULES
from engine.repository.start_checks import RULES as START_RULES
from engine.repository.use_rights import RULES as USE_RULES
from engine.types import Finding
from tests.unit.decisions.test_findings import WRONG as WRONG_DECISIONS
from tests.unit.forms.making import findings_of
from tests.unit.forms.test_findings import BROKEN as BROKEN_FORMS
from tests.unit.lint import event_examples, start_examples
from tests.unit.lint.examples import EXAMPLES, Example
from tests.unit.lint.models import GOOD, HEAD, SERVICE, Shelf, changed, findings_in, flow, process

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "lint-rules.md"
SECTIONS = dict(re.findall(r"^### ([a-z-]+)\n(.*?)(?=^#|\Z)", DOCUMENTATION.read_text(), re.MULTILINE | re.DOTALL))


def test_the_good_model_has_no_findings() -> None:
    assert findings_in(GOOD) == []


@pytest.mark.parametrize("model", [*event_examples.GOOD_EXAMPLES, *start_examples.GOOD_EXAMPLES])
def test_good_models_have_no_findings(model: str) -> None:
    assert findings_in(model) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{one.rule}-{number}" for number, one in enumerate(EXAMPLES)])
def test_a_rule_finds_its_bad_example(example: Example) -> None:
    others = {} if example.other is None else {"other": example.other}
    found = [finding for finding in findings_in(example.model, **others) if finding.rule == example.rule]
    assert example.element in {finding.element_id for finding in found}, found
    for finding in found:
        assert finding.message.endswith((".", "!")), finding.message
        assert finding.remedy.endswith((".", "?")), finding.remedy
        assert finding.line is not None or finding.element_id is None


def test_every_rule_has_a_bad_example() -> None:
    assert {rule.name for rule in RULES} == {example.rule for example in EXAMPLES}


def test_every_rule_has_a_name_of_its_own_in_kebab_case() -> None:
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name) for rule in RULES)
    assert max(Counter(rule.name for rule in RULES).values()) == 1


def test_every_rule_has_a_section_in_the_documentation_that_says_its_severity() -> None:
    severities = {rule.name: rule.severity for rule in RULES}
    severities |= {**FORM_RULES, **PROCESS_RULES, **START_RULES, **USE_RULES, **CHANGED_RULES}
    for name, severity in severities.items():
        assert SECTIONS[name].lstrip().startswith(f"*{severity.capitalize()}.*"), name
    for name, section in SECTIONS.items():
        assert re.match(r"\s*\*(Error|Warning)\.\*.+\nExample: .+\n\*\*Mend:\*\* .+", section, re.DOTALL), name
    others = _named_in_sources() | {"upload", "file-name", "empty-folder", CANNOT_RUN}
    assert SECTIONS.keys() == severities.keys() | others


def _named_in_sources() -> set[str]:
    """Return the names of the rules of forms, decisions, registers and managed processes, as the code has them."""
    found = set()
    for folder in ("forms", "engine/decisions", "engine/registers", "engine/repository", "engine/metrics"):
        for file in (DOCUMENTATION.parents[1] / folder).glob("*.py"):
            for part in ast.walk(ast.parse(file.read_text())):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    found |= set(re.findall(r"\A(?:form|dmn|register|process)(?:-[a-z]+)+\Z", part.value))
    return found


@pytest.mark.parametrize(("rule", "component"), BROKEN_FORMS)
def test_a_finding_about_a_form_has_everything(rule: str, component: Any) -> None:
    _complete(findings_of(component), rule)


@pytest.mark.parametrize(
    ("rule", "content"), WRONG_DECISIONS, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(WRONG_DECISIONS)]
)
def test_a_finding_about_a_decision_has_everything(rule: str, content: bytes) -> None:
    _complete(parse_decisions(content, "f")[1], rule)


YAML = [
    b"registers: [",
    b"registers:\n - &a {key: needs}\n - *a",
    b"registers:\n - key: needs\n   nmae: N",
    b"registers: 1",
    b"registers:\n - [[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]",
    b"\xff",
]


@pytest.mark.parametrize("content", YAML)
def test_a_finding_about_a_yaml_file_has_everything(content: bytes) -> None:
    _complete(parse_registers(content, "f")[1], "register-definition")
    _complete(list(read_process(content.replace(b"registers", b"process"), "f").findings), "process-definition")


def _complete(findings: Sequence[Finding], rule: str) -> None:
    assert rule in {finding.rule for finding in findings}
    for finding in findings:
        assert finding.file
        assert finding.message.strip().endswith((".", "!", "?")), finding
        assert finding.remedy.strip(), finding
        assert SECTIONS[finding.rule].lstrip().startswith(f"*{finding.severity.capitalize()}.*"), finding
        assert finding.line is None or finding.line >= 1


def test_a_finding_says_file_line_element_and_name() -> None:
    model = changed('camunda:formRef="need"', 'camunda:formRef="nede"')
    (finding,) = findings_in(model)
    line = model[: model.index('<bpmn:startEvent id="Begin"')].count("\n") + 1
    assert (finding.file, finding.line, finding.element_id, finding.element_name) == (
        "needs.bpmn",
        line,
        "Begin",
        "Need",
    )
    assert finding.severity == "error"
    assert str(finding) == (
        f"needs.bpmn:{line} [Need, Begin] unknown-form: There is no form 'nede'. "
        "Correct the form's key, or upload the .form file together with the model."
    )


def test_a_model_with_operations_parameters_loops_links_and_data_objects_is_fine() -> None:
    assert findings_in(SERVICE) == []


def test_processes_of_the_same_upload_may_call_one_another() -> None:
    callee = process(f'<bpmn:startEvent id="s" /><bpmn:endEvent id="e" />{flow("s", "e")}').replace('id="p"', 'id="q"')
    caller = changed('calledElement="delivery"', 'calledElement="q"')
    assert [finding.rule for finding in findings_in(caller, other=callee)] == ["never-thrown"]
    error = '<bpmn:error id="Error_1" name="No stock" errorCode="no_stock" />'
    throws = callee.replace('id="e" />', 'id="e"><bpmn:errorEventDefinition errorRef="Error_1" /></bpmn:endEvent>')
    assert findings_in(caller, other=throws.replace("</bpmn:definitions>", f"{error}</bpmn:definitions>")) == []


def test_what_is_only_declared_is_drawn() -> None:
    declared = '<bpmn:itemDefinition id="I" structureRef="xsd:string" /><bpmn:resource id="R" name="Crane" />'
    declared += '<bpmn:interface id="N" name="Stock"><bpmn:operation id="O" name="ask" /></bpmn:interface>'
    assert findings_in(changed('<bpmn:message id="Message_Ask"', f'{declared}<bpmn:message id="Message_Ask"')) == []


def test_pools_that_do_not_run_are_left_alone() -> None:
    pool = '<bpmn:process id="supplier"><bpmn:serviceTask id="Theirs" /></bpmn:process>'
    assert findings_in(changed("<bpmndi:BPMNDiagram", f"{pool}<bpmndi:BPMNDiagram")) == []


def test_several_pools_may_run() -> None:
    pool = process(f'<bpmn:startEvent id="s" /><bpmn:endEvent id="e" />{flow("s", "e")}').removeprefix(HEAD)
    both = changed("<bpmndi:BPMNDiagram", f"{pool.removesuffix('</bpmn:definitions>')}<bpmndi:BPMNDiagram")
    assert findings_in(both) == []


def test_files_that_are_no_models_are_passed_over() -> None:
    assert lint({"need.form": b"{", "rating.dmn": b"<", "registers.yaml": b""}, Shelf()) == []
    assert is_model("Needs.BPMN")
    assert is_model("needs.bpmn20.xml")
    assert not is_model("bpmn")


def test_many_findings_of_one_rule_are_counted_instead_of_told() -> None:
    body = "".join(f'<bpmn:transaction id="t{number}" />' for number in range(MAX_FINDINGS + 7))
    found = [finding for finding in findings_in(process(body)) if finding.rule == "unsupported-element"]
    assert len(found) == MAX_FINDINGS + 1
    assert any("7 more" in finding.message for finding in found)


def test_the_close_name_is_offered() -> None:
    (finding,) = findings_in(changed("camunda:candidateGroups", "camunda:candidateGroup"))[:1]
    assert "camunda:candidateGroups?" in finding.remedy


def test_what_an_unknown_caller_may_set_is_not_called_unset() -> None:
    only_called = changed(' camunda:candidateStarterGroups="staff"', "")
    assert findings_in(changed("amount &gt; 10", "anything &gt; 10", only_called)) == []


def test_variables_come_from_the_caller_and_the_called_process() -> None:
    callee = process(
        f'<bpmn:startEvent id="s" /><bpmn:exclusiveGateway id="x" default="x-e" />'
        '<bpmn:scriptTask id="t" scriptFormat="python">'
        f'<bpmn:script>answer = 1</bpmn:script></bpmn:scriptTask><bpmn:endEvent id="e" />{flow("s", "x")}'
        f"{flow('x', 't', 'amount = 1 and unheard = 2')}{flow('x', 'e')}{flow('t', 'e')}",
        "",
    )
    mappings = """<camunda:in source="title" target="title" />
        <camunda:out sourceExpression="=title" target="delivered" />"""
    caller = changed(mappings, "", changed('calledElement="delivery"', 'calledElement="p"'))
    found = findings_in(changed("amount &gt; 10", "answer &gt; 10", caller), other=callee)
    assert [(finding.rule, finding.file) for finding in found if finding.rule != "never-thrown"] == [
        ("unset-name", "other.bpmn")
    ]
    assert "'unheard'" in found[-1].message
