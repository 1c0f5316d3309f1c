"""Element templates: well formed for Camunda Modeler, and what one writes into a model is accepted by the check."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import NotPermitted
from engine.operations import Input, Operation, Operations, Output, operation
from engine.process_engine import ProcessEngine
from engine.registers.definition import RegisterDefinition
from engine.repository.element_templates import Template, element_templates
from engine.types import ENGINE, ROLES
from forms.catalog import MarshmallowForms
from tests.bpmn_models import end, flows, process, reads, start
from tests.engine.registers.world import REGISTERS
from tests.engine.stage import CARL, OLGA, OWNER, STARTERS, form


@operation(
    "letters.send",
    title="Send a letter",
    help="Sends a letter by post.",
    inputs=[
        Input("recipient", "text", "Who gets it."),
        Input("copies", "number", "How many.", default=2),
        Input("urgent", "boolean", "Whether it is urgent.", default=False),
        Input("enclosed", "list", "What goes with it.", default=["map", "key"]),
        Input("on", "date", "When it goes.", default=None),
        Input("greeting", "text", "How it begins.", default="=Dear"),
    ],
    outputs=[Output("tracking_number", "text", "By which it is found.")],
)
def send(call: object, **given: object) -> dict[str, str]:
    return {"tracking_number": f"{call} {given}"}


DECISION = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="D" name="D" namespace="http://x">
<decision id="colour" name="Colour"><decisionTable><input id="i"><inputExpression><text>1</text></inputExpression>
</input><output id="o" name="colour" typeRef="string" /><rule id="r"><inputEntry id="e"><text>1</text></inputEntry>
<outputEntry id="f"><text>"red"</text></outputEntry></rule></decisionTable></decision></definitions>"""
FILES = {
    "registers.yaml": REGISTERS,
    "colour.dmn": DECISION,
    "need.form": form("need", "title", "organisation", "originator"),
    "answer.form": form("answer", "text"),
    "customer.form": form("customer", "code", "name"),
}


@pytest.fixture
def comity(tmp_path: Path) -> Iterator[ProcessEngine]:
    engine = ProcessEngine(f"sqlite:///{tmp_path}/x.sqlite", MarshmallowForms(), operations=Operations([send]))
    engine.migrate()
    for group in ("owners", "clerks"):
        engine.identity.create_group(group, group.capitalize(), actor=ENGINE)
    engine.repository.deploy(FILES, name="All", actor=ENGINE)
    yield engine
    engine.close()


def by_id(engine: ProcessEngine) -> dict[str, Template]:
    return {template["id"]: template for template in engine.repository.element_templates(ENGINE)}


def choices(template: Template, label: str) -> list[str]:
    (found,) = [each for each in template["properties"] if each.get("label") == label]
    return [choice["value"] for choice in found["choices"]]


# What @camunda/element-templates-json-schema asks of templates for Camunda 7, as far as ours use it.
KEYS = {"$schema", "id", "name", "description", "appliesTo", "elementType", "category", "isDefault"} | {
    "entriesVisible",
    "properties",
}
PROPERTY_KEYS = {"label", "description", "type", "value", "choices", "constraints", "binding"}
TYPES = {
    "property": {"String", "Text", "Hidden", "Dropdown", "Boolean"},
    "camunda:property": {"String", "Hidden", "Dropdown"},
    "camunda:inputParameter": {"String", "Text", "Hidden", "Dropdown"},
    "camunda:outputParameter": {"String", "Hidden", "Dropdown"},
}


def must_be_well_formed(templates: list[Template]) -> None:
    assert len({template["id"] for template in templates}) == len(templates)
    for template in templates:
        assert set(template) <= KEYS
        assert {"id", "name", "appliesTo", "properties"} <= set(template)
        assert all(kind.startswith("bpmn:") for kind in template["appliesTo"])
        if "elementType" in template:
            assert template["elementType"]["value"].removesuffix("Task").startswith("bpmn:")
            assert template["elementType"]["value"] in template["appliesTo"]
        for each in template["properties"]:
            assert set(each) <= PROPERTY_KEYS
            binding = each["binding"]
            assert each["type"] in TYPES[binding["type"]]
            needed = "source" if binding["type"] == "camunda:outputParameter" else "name"
            assert set(binding) == {"type", needed}
            assert each["type"] == "Hidden" or each["label"]
            assert isinstance(each.get("value", ""), str)
            if each["type"] == "Dropdown":
                assert each["choices"]
                assert all(isinstance(entry, str) for choice in each["choices"] for entry in choice.values())
                assert all(set(choice) == {"name", "value"} for choice in each["choices"])


def test_what_is_deployed_can_be_picked(comity: ProcessEngine) -> None:
    templates = by_id(comity)
    must_be_well_formed(list(templates.values()))
    assert set(templates) == {
        "comity.register",
        "comity.operation.letters.send",
        "comity.task",
        "comity.task-with-form",
        "comity.start-with-form",
        "comity.decision",
    }
    assert set(choices(templates["comity.register"], "Register")) == {"needs", "answers", "customers", "policy", "case"}
    assert choices(templates["comity.task"], "Group") == ["clerks", "owners", *ROLES]
    assert choices(templates["comity.start-with-form"], "Form") == ["answer", "customer", "need"]
    assert choices(templates["comity.decision"], "Decision") == ["colour"]
    assert [each["id"] for each in templates.values() if each.get("isDefault")] == ["comity.register"]


def test_where_nothing_is_deployed_there_is_still_the_task(tmp_path: Path) -> None:
    engine = ProcessEngine(f"sqlite:///{tmp_path}/x.sqlite", MarshmallowForms(), operations=Operations())
    engine.migrate()
    assert set(by_id(engine)) == {"comity.task"}
    engine.close()


def test_they_are_for_those_who_work_with_processes(comity: ProcessEngine) -> None:
    assert comity.repository.element_templates(CARL)
    with pytest.raises(NotPermitted):
        comity.repository.element_templates(OLGA)


def found(call: object, x: object = None) -> dict[str, str]:
    return {"x": f"{call} {x}"}


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,5}([.-][a-z0-9]{1,4})?", fullmatch=True)


@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=9), st.text(max_size=9)), max_size=3),
    st.lists(NAMES, max_size=3, unique=True),
    st.lists(st.text(min_size=1, max_size=9), max_size=3),
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=2)),
)
def test_whatever_things_are_called_templates_are_well_formed(
    named: list[tuple[str, str]], operations: list[str], keys: list[str], default: Any
) -> None:
    registers = [
        RegisterDefinition(key=key, name=name, singular=name, variable=key, prefix="X", form="f", title="t")
        for key, name in named
    ]
    made = [
        Operation(name, name, "It helps.", found, [Input("x", "text", "An x.", default=default)]) for name in operations
    ]
    must_be_well_formed(element_templates(registers, made, [("staff", "Staff"), *named], keys, keys))


def applied(template: Template, identity: str, chosen: Mapping[str, str], inner: str = "") -> str:
    """Return the element that Camunda Modeler writes for a template, with values for fields by their label."""
    kind = template.get("elementType", {"value": template["appliesTo"][0]})["value"].removeprefix("bpmn:")
    kind = kind[0].lower() + kind[1:]
    attributes = [f"camunda:modelerTemplate={quoteattr(template['id'])}"]
    inputs, properties = "", ""
    for each in template["properties"]:
        value, binding = chosen.get(each.get("label", ""), each.get("value", "")), each["binding"]
        if binding["type"] == "property":
            attributes += [f"{binding['name']}={quoteattr(value)}"] if value else []
        elif binding["type"] == "camunda:property":
            properties += f'<camunda:property name="{binding["name"]}" value={quoteattr(value)} />'
        elif binding["type"] == "camunda:inputParameter":
            inputs += f'<camunda:inputParameter name="{binding["name"]}">{escape(value)}</camunda:inputParameter>'
        else:
            inputs += f"<camunda:outputParameter name={quoteattr(value)}>{binding['source']}</camunda:outputParameter>"
    inputs = f"<camunda:inputOutput>{inputs}</camunda:inputOutput>" if inputs else ""
    properties = f"<camunda:properties>{properties}</camunda:properties>" if properties else ""
    extensions = (
        f"<bpmn:extensionElements>{inputs}{properties}</bpmn:extensionElements>" if inputs or properties else ""
    )
    return f'<bpmn:{kind} id="{identity}" name="A name" {" ".join(attributes)}>{extensions}{inner}</bpmn:{kind}>'


def model(templates: Mapping[str, Template], recipient: str = "=text") -> bytes:
    return process(
        "p",
        applied(templates["comity.start-with-form"], "s", {"Form": "answer"}),
        applied(templates["comity.operation.letters.send"], "send", {"Recipient": recipient}),
        applied(templates["comity.decision"], "ask", {"Decision": "colour", "Variable for the result": "colour"}),
        applied(templates["comity.task"], "look", {"Group": "clerks"}, reads("policies")),
        applied(templates["comity.task-with-form"], "answer", {"Group": "staff", "Form": "answer"}),
        end(),
        applied(templates["comity.register"], "policies", {"Register": "policy"}),
        flows("s", "send", "ask", "look", "answer", "e"),
        properties=OWNER,
        **STARTERS,
    )


def test_what_templates_write_is_accepted_and_runs(comity: ProcessEngine) -> None:
    content = {"p.bpmn": model(by_id(comity))}
    findings = comity.repository.check(content)
    assert [(each.rule, each.element_id, each.severity) for each in findings] == [
        ("task-without-form", "look", "warning")  # which is what the template without a form is for
    ]
    comity.repository.deploy(content, name="By templates", actor=ENGINE)
    comity.runtime.start("p", {"text": "Ida"}, actor=OLGA)


def test_a_field_that_was_not_filled_in_is_found(comity: ProcessEngine) -> None:
    templates = by_id(comity)
    findings = comity.repository.check({"p.bpmn": model(templates, recipient="")})
    assert [each.rule for each in findings if each.severity == "error"] == ["operation-input"]
    unpicked = process("p", start(), applied(templates["comity.register"], "x", {}), end(), flows("s", "e"))
    assert any(finding.element_id == "x" for finding in comity.repository.check({"p.bpmn": unpicked}))
