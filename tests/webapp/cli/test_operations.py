"""`comity operations`: what service tasks can name."""

import json
import sys
import types
from importlib.metadata import EntryPoint

import pytest

from engine.operations import GROUP, ErrorCode, Input, Operation, Output, registry
from tests.webapp.cli.command import Comity


@pytest.fixture(autouse=True)
def packages(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that brings an operation, and one that is broken."""
    module = types.ModuleType("brought_by_a_package")
    module.add = Operation(  # type: ignore[attr-defined]  # a made module
        "add",
        "Add",
        "Adds two numbers.",
        lambda left, right: {"sum": left + right},
        [Input("left", "number", "The first."), Input("right", "number", "The second.", default=1)],
        [Output("sum", "number", "Both together.")],
        pure=True,
        errors=[ErrorCode("TOO_LARGE", "The sum is no number any more.")],
    )
    monkeypatch.setitem(sys.modules, module.__name__, module)
    entries = [EntryPoint("add", f"{module.__name__}:add", GROUP), EntryPoint("gone", "no_such_module:x", GROUP)]
    monkeypatch.setattr(registry, "entry_points", lambda group: entries if group == GROUP else [])


def test_operations_are_listed_with_inputs_and_outputs(comity: Comity) -> None:
    said = comity("operations")
    assert said.code == 0
    assert "add: Add (pure)\n    Adds two numbers.\n    in   left: number, needed. The first.\n" in said.out
    assert "    in   right: number, default 1. The second.\n    out  sum: number. Both together.\n" in said.out
    assert "    error TOO_LARGE: The sum is no number any more.\n" in said.out
    assert "send-mail: Send an e-mail\n" in said.out
    assert "The entry point gone (no_such_module:x) is not used. ModuleNotFoundError" in said.err


def test_one_operation_can_be_asked_for(comity: Comity) -> None:
    assert comity("operations", "add").out.count("\n    in ") == 2
    assert "send-mail" not in comity("operations", "add").out
    assert "There is no operation 'fly'" in comity("operations", "fly").err


def test_other_programs_read_json(comity: Comity) -> None:
    found = {each["name"]: each for each in json.loads(comity("operations", "--json").out)}
    assert found["add"]["inputs"][1] == {
        "name": "right",
        "type": "number",
        "help": "The second.",
        "required": False,
        "default": 1,
    }
    assert found["send-mail"]["pure"] is False
    assert found["add"]["errors"] == [{"code": "TOO_LARGE", "help": "The sum is no number any more."}]
    assert [each["code"] for each in found["send-mail"]["errors"]] == ["MAIL_REFUSED"]
