"""Owns a small world of registers for tests: needs of customers, answers, one policy, and a locked cellar."""

from typing import Any

from engine.types import ENGINE, Actor, Json, RecordRef
from tests.bpmn_models import end, flows, process, start, store, user_task, writes
from tests.engine.stage import OWNER, STARTERS, Stage, form

REGISTERS = b"""
registers:
  - key: needs
    name: Needs
    singular: Need
    variable: need
    prefix: N
    form: need
    title: title
    organisation: organisation
    originator: originator
    statuses: [new, final]
    readers: [staff]
    maintainers: [process_owner]
  - key: answers
    name: Answers
    singular: Answer
    variable: answer
    prefix: A
    form: answer
    title: text
    readers: [analysts]
    maintainers: [process_owner]
  - key: customers
    name: Customers
    singular: Customer
    variable: customer
    identifier: code
    form: customer
    title: name
    organisations: true
    readers: [staff, admin]
    maintainers: [process_owner]
  - key: policy
    name: Policy
    variable: policy
    prefix: POL
    form: answer
    title: text
    singleton: true
    readers: [staff]
    maintainers: [process_owner]
  - key: case
    name: Cellar
    variable: cellar
    prefix: C
    form: answer
    title: text
"""

NEED_FIELDS: tuple[Any, ...] = (
    {"type": "textfield", "key": "title", "label": "Title", "validate": {"required": True, "maxLength": 30}},
    {"type": "number", "key": "cost", "label": "Cost"},
    {
        "type": "select",
        "key": "kind",
        "label": "Kind",
        "values": [{"value": "big", "label": "Big"}, {"value": "small", "label": "Small"}],
    },
    {
        "type": "select",
        "key": "organisation",
        "label": "Organisation",
        "properties": {"register": "customers"},
    },
    {"type": "textfield", "key": "originator", "label": "Originator"},
    {"type": "textfield", "key": "stamp", "label": "Stamp", "disabled": True},
    {"type": "textfield", "key": "seal", "label": "Seal", "readonly": True},
)
"""`stamp` is only shown, `seal` cannot be changed: a person never hands them in."""

KEEPER = Actor("kim", "Kim Keeper", frozenset({"process_owner"}), frozenset({"keepers"}), "home")
"""Maintains the registers and owns no process."""


def deploy(stage: Stage, *need_fields: Any, registers: bytes = REGISTERS) -> None:
    """Deploy the registers with their forms, and the customers acme and zenith.

    `need_fields` are what the form of needs has instead of `NEED_FIELDS`, beside organisation and originator.
    """
    fields = (*need_fields, "organisation", "originator") if need_fields else NEED_FIELDS
    stage.deploy(
        registers__yaml=registers,
        need__form=form("need", *fields),
        answer__form=form("answer", "text"),
        customer__form=form("customer", "code", "name"),
    )
    for code in ("acme", "zenith"):
        if not stage.rows("select 1 from record where register = 'customers' and id = :id", id=code):
            save(stage, "customers", code=code, name=code.capitalize())


def deploy_capture(stage: Stage, key: str = "capture", **properties: str) -> None:
    """Deploy a process that writes a need at its start, from the form of needs, and then waits for an analyst."""
    facts = {**OWNER, "organisation": "=organisation", "originator": "=originator", "title": "=title"}
    written = {f"needs.{name}": value for name, value in properties.items()}
    model = process(
        key,
        start("s", form="need"),
        user_task("write", "Write", writes("needs"), properties=written, candidateGroups="analysts"),
        user_task("wait", "Wait", candidateGroups="analysts"),
        end(),
        store("needs", "needs"),
        flows("s", "write", "wait", "e"),
        properties=facts,
        **STARTERS,
    )
    stage.engine.repository.deploy({f"{key}.bpmn": model}, name="test", actor=ENGINE)


def save(stage: Stage, register: str, /, **values: Json) -> RecordRef:
    """Save a new record as the engine may."""
    return stage.engine.registers.save(register, None, values, actor=ENGINE)


def need(stage: Stage, title: str, organisation: str | None = "acme", **values: Json) -> RecordRef:
    """Save a new need."""
    owned = {} if organisation is None else {"organisation": organisation}
    return save(stage, "needs", title=title, **owned, **values)
