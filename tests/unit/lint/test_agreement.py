"""What the lint lets through, the interpreter's reader can read: nothing is left to fail when a case is started."""

import random
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn.case.context import ProcessSource
from engine.bpmn.model.facts import processes_in
from engine.bpmn.reading.process import ModelParser
from engine.decisions import Decision
from tests.unit.lint.event_examples import GOOD_EXAMPLES
from tests.unit.lint.examples import EXAMPLES, Example
from tests.unit.lint.models import GOOD, Shelf, findings_in

_DECISION = cast("Decision", object())


def _read(model: str) -> None:
    """Read every process of a model that the lint has no error about."""
    content = model.encode()
    if any(finding.severity == "error" for finding in findings_in(content)):
        return
    registers = {name: register for register in Shelf.registers for name in (register.key, register.name)}
    for facts in processes_in(content, "needs.bpmn"):
        if facts.executable:
            source = ProcessSource(facts.key, "1", "needs.bpmn", content, {"rating": _DECISION}, registers)
            ModelParser(source).read()


def test_the_good_model_can_be_read() -> None:
    _read(GOOD)


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{one.rule}-{number}" for number, one in enumerate(EXAMPLES)])
def test_examples_without_errors_can_be_read(example: Example) -> None:
    if isinstance(example.model, str):
        _read(example.model)


@given(st.integers(0, 2**32), st.integers(1, 2))
def test_models_with_parts_lost_or_doubled_can_be_read_if_the_lint_says_so(seed: int, changes: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    lines = GOOD.splitlines()
    for _ in range(changes):
        place, other = chance.randrange(4, len(lines)), chance.randrange(4, len(lines))
        lines[place : place + 1] = [] if chance.random() < 0.5 else [lines[other], lines[place]]
    _read("\n".join(lines))


@settings(max_examples=300)
@given(st.data())
def test_models_with_other_values_can_be_read_if_the_lint_says_so(data: st.DataObject) -> None:
    pieces = data.draw(st.sampled_from((GOOD, *GOOD_EXAMPLES))).split('"')
    places = [number for number in range(1, len(pieces), 2) if "://" not in pieces[number]]
    values = sorted({pieces[number] for number in places} | {"", "1", "=a", "${a}", "P1D", "R/PT1H"})
    place = data.draw(st.sampled_from(places))
    pieces[place] = data.draw(st.sampled_from(values))
    _read('"'.join(pieces))
