"""The page of operations: what service tasks can have done, and which packages are broken."""

from engine.operations import BrokenEntry, Input, Operation, Operations, Output
from tests.webapp.site import Site, Visitor

ADD = Operation(
    "add",
    "Add",
    "Adds two numbers.",
    lambda left, right: {"sum": left + right},
    [Input("left", "number", "The first."), Input("right", "number", "The second.", default="<1>")],
    [Output("sum", "number", "Both together.")],
    pure=True,
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
    assert "It runs within the step." in page.text
    assert "Not used: gone (no_such:x). ModuleNotFoundError: <b>" in " ".join(page.tree.text_content().split())


def test_what_comes_with_the_product_is_there(petra: Visitor) -> None:
    assert "send-mail" in petra.get("/processes/operations").text
