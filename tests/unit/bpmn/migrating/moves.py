"""Moves cases of test models to other versions of them."""

from collections.abc import Mapping

from engine.bpmn import migrating
from engine.bpmn.case.context import ProcessSource
from tests.bpmn_cases import Running


def moved(case: Running, *contents: bytes | ProcessSource, mapping: Mapping[str, str] | None = None) -> Running:
    """Move `case` to the version that `contents` hold, and return it as it runs there."""
    there = Running(*contents)
    there.now, there.registers = case.now, case.registers
    plan = migrating.plan(case.executable, there.executable, mapping)
    assert plan.mistakes == ()
    there.step = migrating.migrate(plan, case.step.state, case.context)
    there.registers.keep(there.step)
    return there


def place(before: bytes, after: bytes, element: str, mapping: Mapping[str, str] | None = None) -> migrating.Place:
    """Return what the plan says of one element."""
    plan = migrating.plan(Running(before).executable, Running(after).executable, mapping)
    return next(each for each in plan.places if each.element_id == element)
