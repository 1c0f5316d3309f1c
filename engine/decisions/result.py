"""Owns what a decision gave, and Camunda's ways to hand it to a process variable (mapDecisionResult)."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import StepFailed
from engine.types import Json

MODES = ("singleEntry", "singleResult", "collectEntries", "resultList")


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The JSON value by the DMN standard, and per matching rule its outputs by name.

    A decision that is no table counts as one rule with one output, named like the decision.
    """

    name: str
    value: Json
    rules: tuple[Mapping[str, Json], ...]

    def mapped(self, mode: str | None) -> Json:
        """Return the result in one of Camunda's modes; None means `resultList`, as Camunda has it.

        Raises `StepFailed` when the result does not have the shape that the mode promises.
        """
        if mode is None or mode == "resultList":
            return [dict(rule) for rule in self.rules]
        if mode == "collectEntries":
            return [self._entry(rule, mode) for rule in self.rules]
        if mode not in MODES:
            raise StepFailed(f"there is no way {mode!r} to map a decision result; known are {', '.join(MODES)}.")
        if len(self.rules) > 1:
            raise StepFailed(
                f"the decision {self.name!r} gave {len(self.rules)} results where {mode!r} expects one. "
                "Choose resultList or collectEntries, or another hit policy."
            )
        if not self.rules:
            return None
        return dict(self.rules[0]) if mode == "singleResult" else self._entry(self.rules[0], mode)

    def _entry(self, rule: Mapping[str, Json], mode: str) -> Json:
        if len(rule) != 1:
            raise StepFailed(
                f"the decision {self.name!r} has {len(rule)} outputs where {mode!r} expects one. "
                "Choose singleResult or resultList."
            )
        return next(iter(rule.values()))
