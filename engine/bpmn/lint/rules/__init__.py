"""Owns the list of lint rules, in the order in which they are applied; each module holds the rules of one subject."""

from typing import Final

from engine.bpmn.lint.rule import Rule
from engine.bpmn.lint.rules import (
    activities,
    camunda,
    catching,
    concurrency,
    data,
    event_subprocesses,
    events,
    form_reads,
    formulas,
    gateways,
    identity,
    notation,
    operations,
    paths,
    people,
    reading,
    registers,
    rings,
    signals,
    starts,
    variables,
)

RULES: Final[tuple[Rule, ...]] = (
    *reading.RULES,
    *identity.RULES,
    *notation.RULES,
    *camunda.RULES,
    *paths.RULES,
    *gateways.RULES,
    *events.RULES,
    *event_subprocesses.RULES,
    *catching.RULES,
    *signals.RULES,
    *starts.RULES,
    *activities.RULES,
    *operations.RULES,
    *data.RULES,
    *formulas.RULES,
    *people.RULES,
    *registers.RULES,
    *variables.RULES,
    *form_reads.RULES,
    *concurrency.RULES,
    *rings.RULES,
)
"""Every rule there is. Each has a section in docs/lint-rules.md and a bad example in the tests."""
