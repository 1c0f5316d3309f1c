"""Owns the element templates for Camunda Modeler: what is deployed, to be picked from lists instead of typed.

They are for Camunda 7's properties panel, and follow the JSON schema that the modeler checks templates with
(@camunda/element-templates-json-schema). What a template writes, the lint accepts.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from engine.feel import is_expression
from engine.operations import Input, Operation
from engine.persistence.models import Group
from engine.registers.definition import RegisterDefinition
from engine.repository.shelf import Shelf
from engine.types import ROLES, Json

SCHEMA: Final = "https://unpkg.com/@camunda/element-templates-json-schema/resources/schema.json"
OPERATIONS: Final = {"id": "comity.operations", "name": "Operations"}
PEOPLE: Final = {"id": "comity.people", "name": "People and forms"}

_GROUPS: Final = select(Group.id, Group.name).order_by(Group.name, Group.id)

Template = dict[str, Any]
Choice = tuple[str, str]
"""The value that is written, and the words to show."""


def templates_of(connection: Connection, shelf: Shelf) -> list[Template]:
    """Return the templates for what is deployed and registered now."""
    names: dict[str, str] = {row.id: row.name for row in connection.execute(_GROUPS)}
    return element_templates(
        shelf.registers.values(),
        sorted(shelf.operations.values(), key=lambda operation: operation.name),
        [*names.items(), *((role, f"{role} (role)") for role in ROLES)],
        *(sorted(key for kind, key in shelf.resources if kind == wanted) for wanted in ("form", "dmn")),
    )


def element_templates(
    registers: Iterable[RegisterDefinition],
    operations: Iterable[Operation],
    groups: Sequence[Choice],
    forms: Sequence[str],
    decisions: Sequence[str],
) -> list[Template]:
    """Return a template for data stores, for each operation, for user tasks, starts and decisions.

    `groups` are ids with their names, `forms` and `decisions` are keys. What there is nothing to pick for has none.
    """
    stores = [(register.key, register.name) for register in registers]
    keys, tables = [(key, key) for key in forms], [(key, key) for key in decisions]
    made = [_register(stores)] if stores else []
    made += [_operation(operation) for operation in operations]
    made.append(_task("comity.task", "Task for a group", "A task that is offered to the people of a group.", groups))
    if keys:
        words = "A task that is offered to the people of a group and done by filling in a form."
        made.append(_task("comity.task-with-form", "Task for a group, with a form", words, groups, _form(keys)))
        made.append(_start(keys))
    if tables:
        made.append(_decision(tables))
    return made


def _template(
    identity: str, name: str, description: str, applies_to: Sequence[str], properties: Sequence[Mapping[str, Any]]
) -> Template:
    return {
        "$schema": SCHEMA,
        "id": identity,
        "name": name,
        "description": description,
        "appliesTo": list(applies_to),
        "entriesVisible": True,
        "properties": [dict(each) for each in properties],
    }


def _register(stores: Sequence[Choice]) -> Template:
    about = "The register whose records the arrows to and from this store read and write."
    picked = _dropdown("Register", stores, {"type": "camunda:property", "name": "register"})
    # A store without a register is of no use: everybody who draws one is asked at once.
    made = _template("comity.register", "Register", about, ["bpmn:DataStoreReference"], [picked])
    return {**made, "isDefault": True}


def _operation(operation: Operation) -> Template:
    properties: list[dict[str, Any]] = [_hidden(operation.name, {"type": "camunda:property", "name": "operation"})]
    properties += [_input(each) for each in operation.inputs]
    for output in operation.outputs:
        properties.append(
            {
                "label": f"{_words(output.name)}: variable",
                "description": f"The variable that keeps it ({output.type}): {output.help}",
                "type": "String",
                "value": output.name,
                "constraints": {"notEmpty": True},
                "binding": {"type": "camunda:outputParameter", "source": f"={output.name}"},
            }
        )
    made = _template(
        f"comity.operation.{operation.name}",
        operation.title,
        operation.help,
        ["bpmn:Task", "bpmn:ServiceTask"],
        properties,
    )
    return {**made, "elementType": {"value": "bpmn:ServiceTask"}, "category": OPERATIONS}


def _input(each: Input) -> dict[str, Any]:
    found: dict[str, Any] = {
        "label": _words(each.name),
        "description": f"{each.help} ({each.type}; a value, or FEEL that begins with =)",
        "type": "String",
        "binding": {"type": "camunda:inputParameter", "name": each.name},
    }
    if each.required:
        found["constraints"] = {"notEmpty": True}
    elif each.default is not None:
        found["value"] = _as_text(each.default)
    return found


def _task(
    identity: str, name: str, about: str, groups: Sequence[Choice], more: Sequence[dict[str, Any]] = ()
) -> Template:
    group = _dropdown("Group", groups, {"type": "property", "name": "camunda:candidateGroups"})
    made = _template(identity, name, about, ["bpmn:Task", "bpmn:UserTask"], [group, *more])
    return {**made, "elementType": {"value": "bpmn:UserTask"}, "category": PEOPLE}


def _form(keys: Sequence[Choice]) -> list[dict[str, Any]]:
    return [
        _dropdown("Form", keys, {"type": "property", "name": "camunda:formRef"}),
        _hidden("deployment", {"type": "property", "name": "camunda:formRefBinding"}),
    ]


def _start(keys: Sequence[Choice]) -> Template:
    about = "A case begins when somebody has filled in a form."
    made = _template("comity.start-with-form", "Start with a form", about, ["bpmn:StartEvent"], _form(keys))
    return {**made, "category": PEOPLE}


def _decision(tables: Sequence[Choice]) -> Template:
    results = [
        ("singleEntry", "one value"),
        ("singleResult", "one context"),
        ("collectEntries", "a list of values"),
        ("resultList", "a list of contexts"),
    ]
    properties = [
        _dropdown("Decision", tables, {"type": "property", "name": "camunda:decisionRef"}),
        _hidden("deployment", {"type": "property", "name": "camunda:decisionRefBinding"}),
        {
            "label": "Variable for the result",
            "type": "String",
            "constraints": {"notEmpty": True},
            "binding": {"type": "property", "name": "camunda:resultVariable"},
        },
        {
            **_dropdown("What it is", results, {"type": "property", "name": "camunda:mapDecisionResult"}),
            "value": "singleEntry",
        },
    ]
    about = "A decision is asked, and its result kept in a variable."
    made = _template("comity.decision", "Decision", about, ["bpmn:Task", "bpmn:BusinessRuleTask"], properties)
    return {**made, "elementType": {"value": "bpmn:BusinessRuleTask"}}


def _dropdown(label: str, choices: Sequence[Choice], binding: Mapping[str, str]) -> dict[str, Any]:
    return {
        "label": label,
        "type": "Dropdown",
        "constraints": {"notEmpty": True},
        "choices": [{"name": words, "value": value} for value, words in choices],
        "binding": dict(binding),
    }


def _hidden(value: str, binding: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "Hidden", "value": value, "binding": dict(binding)}


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _as_text(value: Json) -> str:
    """Return a value as the modeler's field holds it: as it is typed, or as FEEL where that would be something else."""
    if isinstance(value, str) and not is_expression(value):
        return value
    written = json.dumps(value, ensure_ascii=False)
    return f"={written}" if isinstance(value, str | list | dict) else written
