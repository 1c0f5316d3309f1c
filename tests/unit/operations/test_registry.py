"""Tests of the registry: what an operation has to be, where operations come from, and broken packages."""

import sys
import types
from collections.abc import Callable
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from engine.operations import GROUP, ErrorCode, Input, Operation, Operations, Output, operation, registry


@operation(
    "add",
    title="Add",
    help="Adds two numbers.",
    inputs=[Input("left", "number", "The first."), Input("right", "number", "The second.", default=1)],
    outputs=[Output("sum", "number", "Both together.")],
    pure=True,
)
def add(left: float, right: float) -> dict[str, float]:
    return {"sum": left + right}


def made(name: str = "x", run: Callable[..., Any] = lambda: None, **parts: Any) -> Operation:
    return Operation(name, **{"title": "X", "help": "Does x.", "pure": True, **parts}, run=run)


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets entry points be installed: `packages(name=object or error)`."""
    module = types.ModuleType("brought_by_packages")
    entries: list[EntryPoint] = []
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(registry, "entry_points", lambda group: entries if group == GROUP else [])

    def install(**brought: object) -> None:
        for name, value in brought.items():
            setattr(module, name, value)
            entries.append(EntryPoint(name, f"{module.__name__}:{name}", GROUP))

    install.entries = entries  # type: ignore[attr-defined]  # tests add broken ones
    return install


def test_a_decorated_function_is_an_operation() -> None:
    assert isinstance(add, Operation)
    assert (add.name, add.pure, [each.required for each in add.inputs]) == ("add", True, [True, False])
    assert add.run(left=1, right=2) == {"sum": 3}


@pytest.mark.parametrize("name", ["", "Add", "a b", "-a", "a-", "a--b", "a_b", "ä"])
def test_names_are_lower_case_words(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        made(name)


@pytest.mark.parametrize("name", ["a", "send-mail", "erp.order.add-line", "mail2"])
def test_names_may_have_parts(name: str) -> None:
    assert made(name).name == name


def test_a_function_has_to_take_its_inputs() -> None:
    with pytest.raises(ValueError, match="inputs by name"):
        made(inputs=[Input("a", "text", "A text.")], run=lambda: None)
    with pytest.raises(ValueError, match="the call and then"):
        made(run=lambda: None, pure=False)
    assert made(run=lambda call: None, pure=False).name == "x"  # noqa: ARG005


@pytest.mark.parametrize(
    "parts",
    [
        {"title": " "},
        {"help": ""},
        {"inputs": [Input("a b", "text", "A.")], "run": lambda **_: None},
        {"inputs": [Input("a", "text", "")], "run": lambda **_: None},
        {"inputs": [Input("a", "money", "A.")], "run": lambda **_: None},  # type: ignore[arg-type]
        {"inputs": [Input("a", "text", "A."), Input("a", "text", "A.")], "run": lambda **_: None},
        {"errors": [ErrorCode("", "It went wrong.")]},
        {"errors": [ErrorCode(" X", "It went wrong.")]},
        {"errors": [ErrorCode("X", " ")]},
        {"errors": [ErrorCode("X", "It went wrong."), ErrorCode("X", "It went wrong again.")]},
        {"outputs": [Output("a", "record", "A.")]},
    ],
)
def test_an_operation_is_documented_and_typed(parts: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'x'"):
        made(**parts)


def test_operations_come_from_the_host_and_from_packages(packages: Callable[..., None]) -> None:
    packages(one=made("one"), more=[made("two"), made("three")])
    found = Operations.installed([add])
    assert sorted(found) == ["add", "one", "send-mail", "three", "two"]
    assert found.broken == ()


def test_a_broken_package_is_told_and_keeps_nothing_away(packages: Any, caplog: pytest.LogCaptureFixture) -> None:
    packages(one=made("one"), wrong="a text")
    packages.entries.append(EntryPoint("gone", "no_such_module_anywhere:x", GROUP))
    found = Operations.installed()
    assert list(found) == ["one", "send-mail"]
    assert {(each.name, each.reason.partition(":")[0]) for each in found.broken} == {
        ("gone", "ModuleNotFoundError"),
        ("wrong", "TypeError"),
    }
    assert "brings no operation" in caplog.text


def test_the_host_goes_before_a_package(packages: Callable[..., None]) -> None:
    packages(add=made("add"))
    found = Operations.installed([add])
    assert found["add"] is add
    assert [each.name for each in found.broken] == ["add"]


def test_the_host_may_replace_an_operation_of_the_product() -> None:
    own = made("send-mail")
    assert Operations.installed([own])["send-mail"] is own


def test_two_packages_with_the_same_name_are_both_left_out(packages: Callable[..., None]) -> None:
    packages(one=made("same"), two=made("same"), other=made("other"))
    found = Operations.installed()
    assert list(found) == ["other", "send-mail"]
    assert [each.name for each in found.broken] == ["one", "two"]


def test_a_host_may_not_name_two_alike() -> None:
    with pytest.raises(ValueError, match="two operations"):
        Operations([add, add])
