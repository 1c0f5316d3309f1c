"""The decision table gives one proposal for every restated need, and the one that the rule of the process asks for."""

from datetime import UTC, datetime
from importlib.resources import files
from itertools import product

import pytest

from engine import decisions

FILE = files("workflows") / "a21_stakeholder_requirements_management" / "requirement_qualification.dmn"
NOW = datetime(2026, 3, 2, tzinfo=UTC)


def expected(justification: str, objective: str | None, feasibility: str) -> str:
    """Tell the rule in other words than the table (A213): first the justification, then whether it can be built."""
    if justification == "none" or (justification == "plausible" and objective is None):
        return "disqualified_business"
    return {"yes": "qualified", "no": "disqualified_technical", "unknown": "feasibility_needed"}[feasibility]


@pytest.mark.parametrize(
    ("justification", "objective", "feasibility"),
    list(product(("strong", "plausible", "none"), ("OBJ-0001", None), ("yes", "no", "unknown"))),
)
def test_proposal(justification: str, objective: str | None, feasibility: str) -> None:
    model, found = decisions.parse(FILE.read_bytes(), FILE.name)
    assert model is not None, found
    data = {"justification": justification, "business_objective": objective, "technical_feasibility": feasibility}
    result = model.decisions["requirement_qualification"].evaluate(data, now=NOW)
    proposal = result.mapped("singleResult")
    assert proposal["qualification"] == expected(justification, objective, feasibility)
    assert proposal["why"].endswith(".")
