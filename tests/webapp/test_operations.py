"""The page of operations: what service tasks can have done, and which packages are broken."""

import pytest

from engine.operations import BrokenEntry, ErrorCode, Input, Operation, Operations, Output
from engine.types import ENGINE
from tests.bpmn_models import end, flows, process, service_task, start
from tests.webapp.site import Site, Visitor

ADD = Operation(
    "add",
    "Add",
    "Adds two numbers.",
    lambda left, right: {"sum": left + right},
    [Input("left", "number", "The first."), Input("right", "number", "The second.", default="<1>")],
    [Output("sum", "number", "Both together.")],
    pure=True,
    errors=[ErrorCode("TOO_LARGE", "The sum is <no> number any more.")],
)


def test_operations_are_listed_with_inputs_and_outputs(site: Site, petra: Visitor) -> None:
    site.engine.operations = Operations([ADD], [BrokenEntry("gone", "no_such:x", "ModuleNotFoundError: <b>")])
    assert "/processes/operations" in petra.get("/processes").links()
    page = petra.get("/processes/operations")
    rows = [[" ".join(cell.text_content().split()) for cell in row] for row in page.tree.xpath("//tbody/tr")]
    assert rows == [
        ["left", "in", "number", "yes", "The first."],
        ["right", "in", "number", "no, else <1>", "The second."],
        ["sum", "out", "number", "", "Both together."],
    ]
    assert [each.text_content() for each in page.tree.xpath("//dl/*")] == [
        "TOO_LARGE",
        "The sum is <no> number any more.",
    ]
    assert "It runs within the step." in page.text
    assert "Not used: gone (no_such:x). ModuleNotFoundError: <b>" in " ".join(page.tree.text_content().split())


def test_what_comes_with_the_product_is_there(petra: Visitor) -> None:
    page = petra.get("/processes/operations")
    assert "send-mail" in page.text
    assert page.tree.xpath("//dl/dt/code/text()") == ["MAIL_REFUSED"]


def test_a_call_that_fails_is_told_on_the_pages(site: Site, petra: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMITY_SMTP", raising=False)
    task = service_task("Task_Ring", "send-mail", to="a@example.org", subject="Bell", body="It rings.")
    task = task.replace("<bpmn:serviceTask", '<bpmn:serviceTask name="Ring the bell"')
    parts = (start(), task, end(), flows("s", "Task_Ring", "e"))
    model = process("ring", *parts, properties={"ownerGroup": "owners"}, candidateStarterGroups="staff")
    site.engine.repository.deploy({"ring.bpmn": model}, name="Ring", actor=ENGINE)
    case = site.engine.runtime.start("ring", {}, actor=ENGINE)
    site.engine.management.run_due()
    assert "When an operation was called, " in petra.get("/failures").text
    told = petra.get(f"/cases/{case.id}").text
    assert "The case could not go on at Ring the bell: " in told
