"""Whatever forms, decisions and YAML files come, findings or nothing come of them, and soon."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from engine.decisions import parse as parse_decisions
from engine.metrics.reading import read as read_process
from engine.registers.definition import parse as parse_registers
from forms.catalog import MarshmallowForms
from tests.unit.decisions.making import decision, literal, model, table

PATIENCE = 10.0
"""Seconds of computing that a file may take at most."""


def _form(components: list[Any]) -> bytes:
    return json.dumps({"type": "default", "id": "f", "schemaVersion": 18, "components": components}).encode()


def _field(number: int, **more: Any) -> dict[str, Any]:
    return {"type": "textfield", "key": f"f{number}", "label": "F", **more}


def _groups(depth: int) -> bytes:
    opening = '{"type": "group", "label": "G", "components": ['
    head = '{"type": "default", "id": "f", "schemaVersion": 18, "components": ['
    return (head + opening * depth + "]}" * depth + "]}").encode()


FORMS: dict[str, Callable[[], bytes]] = {
    "deep": lambda: _groups(15),
    "too-deep": lambda: _groups(20_000),
    "brackets": lambda: b"[" * 900_000,
    "many": lambda: _form([_field(number) for number in range(9_000)]),
    "formulas": lambda: _form([_field(number, conditional={"hide": f"={'f0 + ' * 300}1"}) for number in range(500)]),
    "deep-formulas": lambda: _form([_field(number, readonly="=" + "(" * 1_500) for number in range(400)]),
    "options": lambda: _form([{"type": "select", "key": "k", "label": "K", "values": [{"value": "a"}] * 30_000}]),
    "patterns": lambda: _form([_field(n, validate={"pattern": "(a{1,900}){1,900}"}) for n in range(400)]),
    "templates": lambda: _form([{"type": "text", "text": "{{#if a}}" * 10_000}]),
    "open-braces": lambda: _form([{"type": "text", "text": "{{" * 400_000}]),
    "names": lambda: _form([{"type": "textfield", **{f"p{number}": 1 for number in range(40_000)}}]),
    "numbers": lambda: _form([{"type": "number", "key": "n", "label": "N", "validate": {"min": "1" * 500_000}}]),
    "number-literal": lambda: b'{"schemaVersion": ' + b"1" * 900_000 + b"}",
}
_REQUIRES = '<informationRequirement><requiredDecision href="#d{0}"/></informationRequirement>'


def _requirements(count: int, first: int, reach: int) -> bytes:
    """Decisions of which each requires the next ones; from `first` 0 on, in a ring."""
    parts = (
        f'<decision id="d{number}" name="D{number}">'
        + "".join(_REQUIRES.format((number + step) % count) for step in range(1, reach + 1) if number >= first)
        + "<literalExpression><text>1</text></literalExpression></decision>"
        for number in range(count)
    )
    return model("".join(parts))


DECISIONS: dict[str, Callable[[], bytes]] = {
    "ring": lambda: _requirements(1_900, 0, 1),
    "web": lambda: _requirements(900, 0, 12),
    "rows": lambda: model(decision(table(["n"], ["x"], [(f"&gt; {number}", "1") for number in range(1_990)]))),
    "long": lambda: model(decision(literal("1 + " * 60_000 + "1"))),
    "deep": lambda: model(decision(literal("[" * 60_000))),
    "ranges": lambda: model(decision(table(["n"], ["x"], [(", ".join(["[1..2]"] * 3_000), "1")] * 40))),
    "contexts": lambda: model(decision("<context><contextEntry>" * 5_000)),
    "spaces": lambda: b" " * 1_900_000,
}
YAML: dict[str, Callable[[], bytes]] = {
    "laughs": lambda: b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "deep": lambda: b"registers: " + b"[" * 100_000,
    "dashes": lambda: b"- " * 90_000,
    "braces": lambda: b"{" * 190_000,
    "many": lambda: b"registers:\n" + b" - key: k\n   name: N\n" * 8_000,
    "wide": lambda: b"process:\n" + b"".join(b"  k%d: 1\n" % number for number in range(14_000)),
    "one-line": lambda: b"registers: '" + b"a" * 190_000,
    "questions": lambda: b"? " * 90_000,
    "tags": lambda: b"registers: !!python/object/apply:os.system [x]\n",
}


def _in_time(read: Callable[[bytes, str], Any], content: bytes) -> Any:
    start = time.process_time()
    found = read(content, "file")
    assert time.process_time() - start < PATIENCE
    return found


@pytest.mark.parametrize("name", FORMS)
def test_forms(name: str) -> None:
    key, findings = _in_time(MarshmallowForms().check, FORMS[name]())
    assert (key is None) <= bool(findings)


@pytest.mark.parametrize("name", DECISIONS)
def test_decisions(name: str) -> None:
    found, findings = _in_time(parse_decisions, DECISIONS[name]())
    assert (found is None) == any(finding.severity == "error" for finding in findings)


@pytest.mark.parametrize("name", YAML)
def test_yaml(name: str) -> None:
    assert _in_time(parse_registers, YAML[name]())[1]
    assert _in_time(read_process, YAML[name]()).findings
