"""Owns the small process of these tests: an order goes to the workshop, which says by message that it is ready."""

import json
from pathlib import Path
from typing import Any

from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from forms.catalog import MarshmallowForms
from tests.bpmn_models import (
    catch,
    definitions,
    element,
    end,
    flows,
    message,
    message_event,
    process_part,
    start,
    throw,
    timer,
)

SENT = {"destination": "workshop", "correlationKey": "title", "payload": "={title: title}"}
AWAITED = {"correlationKey": "title", "resultVariable": "answer", "form": "ready"}

REGISTERS = """
registers:
  - {key: parts, name: Parts, singular: Part, variable: part, identifier: code, form: part, title: name,
     statuses: [new, old], readers: [staff], maintainers: [owners]}
  - {key: remarks, name: Remarks, singular: Remark, variable: remark, prefix: R, form: remark, title: text,
     readers: [staff], maintainers: [owners]}
  - {key: customers, name: Customers, singular: Customer, variable: customer, identifier: code, form: part, title: name,
     readers: [staff], maintainers: [owners], organisations: true}
"""


def form(key: str, **fields: dict[str, Any]) -> bytes:
    """Return a form of text fields; each keyword is a field with its validation."""
    components = [
        {"type": "textfield", "key": name, "label": name.capitalize(), "validate": validate}
        for name, validate in fields.items()
    ]
    return json.dumps({"type": "default", "id": key, "schemaVersion": 19, "components": components}).encode()


def order() -> bytes:
    """Return the model."""
    return definitions(
        message("placed", "order_placed"),
        message("ready", "order_ready"),
        process_part(
            "take_order",
            element("startEvent", "start", formRef="order"),
            throw("tell", message_event("placed"), properties=SENT),
            catch("wait", message_event("ready"), "Wait for the workshop", properties=AWAITED),
            end("done", "Order ready"),
            flows("start", "tell", "wait", "done"),
            properties={"ownerGroup": "owners", "title": "title"},
            candidateStarterGroups="staff",
        ),
    )


def alarm(seconds: float, key: str = "wake_up") -> bytes:
    """Return a process that waits for a timer and ends."""
    return definitions(
        process_part(
            key,
            start("start"),
            catch("sleep", timer("Duration", f"PT{seconds}S"), "Sleep"),
            end("awake", "Awake"),
            flows("start", "sleep", "awake"),
            properties={"ownerGroup": "owners"},
            candidateStarterGroups="staff",
        )
    )


def files() -> dict[str, bytes]:
    """Return the deployable files by name."""
    required, short = {"required": True, "maxLength": 20}, {"maxLength": 200}
    return {
        "take_order.bpmn": order(),
        "order.form": form("order", title=required, note=short),
        "ready.form": form("ready", where=required),
        "part.form": form("part", code=required, name=required),
        "remark.form": form("remark", text=required),
        "registers.yaml": REGISTERS.encode(),
    }


def lay(folder: Path) -> Path:
    """Write the files into `folder`, and return it."""
    folder.mkdir(exist_ok=True)
    for name, content in files().items():
        (folder / name).write_bytes(content)
    return folder


def build(url: str) -> None:
    """Make a database with the process, its groups, a customer and two people."""
    with_engine = ProcessEngine(url, MarshmallowForms())
    with_engine.migrate()
    with_engine.identity.create_group("owners", "Owners", actor=ENGINE)
    with_engine.repository.deploy(files(), name="Tests", actor=ENGINE)
    with_engine.registers.save("customers", None, {"code": "north", "name": "North Railways"}, actor=ENGINE)
    with_engine.identity.create_user("anna", "Anna Desk", actor=ENGINE, roles=["staff"])
    with_engine.identity.create_user("ines", "Ines North", actor=ENGINE, roles=["originator"], organisation_id="north")
    with_engine.close()
