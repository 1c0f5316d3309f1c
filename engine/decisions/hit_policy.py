"""Owns what a decision table makes of the rules that hit (DMN 1.5, 8.2.8 to 8.2.11); it knows neither XML nor cells."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.errors import StepFailed
from engine.feel.budget import Run
from engine.feel.builtins import registry
from engine.feel.comparison import same
from engine.feel.values import NoValue

Outputs = Mapping[str, Any]
"""The outputs of one rule by output name."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched: its number from 1, and its outputs."""

    rule: int
    outputs: Outputs


@dataclass(frozen=True, slots=True)
class Policy:
    """A hit policy.

    `aggregation` goes with COLLECT; `priorities` are the output values in order, per output, where listed.
    """

    name: str
    aggregation: str | None = None
    table: str = ""

    @property
    def gives_list(self) -> bool:
        """Say whether the result is a list of rules' outputs."""
        return self.name in ("RULE ORDER", "OUTPUT ORDER") or (self.name == "COLLECT" and self.aggregation is None)

    def select(
        self, hits: Sequence[Hit], priorities: Callable[[], Mapping[str, Sequence[Any]]], run: Run
    ) -> tuple[Outputs, ...]:
        """Return the outputs that make the result. Raises `StepFailed` when the rules contradict the policy."""
        outputs = tuple(hit.outputs for hit in hits)
        if not outputs:
            return ()
        if self.name == "UNIQUE" and len(hits) > 1:
            raise self._failed(
                hits, "match at the same time, but its hit policy is UNIQUE. Make the rules exclude one another"
            )
        if self.name == "ANY":
            for other in outputs[1:]:
                run.charge_walk(list(other.values()))
                if any(not same(other[name], outputs[0][name]) for name in other):
                    raise self._failed(
                        hits, "match with different results, but its hit policy is ANY. Give them the same result"
                    )
            return outputs[:1]
        if self.name in ("PRIORITY", "OUTPUT ORDER"):
            listed = priorities()
            outputs = tuple(sorted(outputs, key=lambda entry: _rank(entry, listed)))
        if self.name in ("FIRST", "PRIORITY"):
            return outputs[:1]
        if self.aggregation:
            return ({name: self._aggregated([entry[name] for entry in outputs], run) for name in outputs[0]},)
        return outputs

    def _failed(self, hits: Sequence[Hit], reason: str) -> StepFailed:
        rules = ", ".join(str(hit.rule) for hit in hits[:10])
        return StepFailed(f"in the decision table {self.table!r}, the rules {rules} {reason}.")

    def _aggregated(self, values: list[Any], run: Run) -> Any:
        if self.aggregation == "COUNT":
            return Decimal(len(values))
        try:
            return registry.invoke(_AGGREGATIONS[self.aggregation or ""], [values], (), run)
        except NoValue as reason:
            raise StepFailed(
                f"the results of the decision table {self.table!r} cannot be aggregated: {reason}."
            ) from None


_AGGREGATIONS = {"SUM": "sum", "MIN": "min", "MAX": "max"}
POLICIES = ("UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
AGGREGATIONS = ("SUM", "COUNT", "MIN", "MAX")


def _rank(outputs: Outputs, priorities: Mapping[str, Sequence[Any]]) -> list[int]:
    """Return the place of a rule's outputs in the order of the output values, output by output."""
    return [
        next((place for place, value in enumerate(values) if same(value, outputs[name])), len(values))
        for name, values in priorities.items()
    ]
