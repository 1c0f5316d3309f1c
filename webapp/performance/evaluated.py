"""Owns an evaluation as CSV and JSON, and the words for what became of a figure; pure functions."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from engine.views.evaluations import Effect, EvaluationDetail

HEADER = (
    "key", "name", "unit", "value", "before", "cases", "approximate", "target", "light", "why", "period_from",
    "period_to",
)  # fmt: skip
_EFFECTS: dict[Effect, str] = {
    "better": "Better",
    "worse": "Worse",
    "unchanged": "Unchanged",
    "more": "More",
    "less": "Less",
    "too early": "Too early to say",
    "too few cases": "Too few cases",
    "not recorded": "Not recorded",
}


def effect_words(effect: Effect | None) -> str:
    """Return what became of a figure as it stands in a table; nothing where there is no figure."""
    return _EFFECTS[effect] if effect else ""


def rows(evaluation: EvaluationDetail) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the CSV file, in the order of `HEADER`; what was not recorded is an empty cell."""
    ends = {"period_from": str(evaluation.period.first), "period_to": str(evaluation.period.last)}
    for figure in evaluation.figures:
        cells = {**asdict(figure), **ends, "approximate": "yes" if figure.approximate else "no"}
        yield tuple(cells[name] for name in HEADER)


def document(evaluation: EvaluationDetail) -> dict[str, Any]:
    """Return the JSON document: by the names of engine.views.evaluations, null for not recorded."""
    facts = asdict(evaluation)
    facts["period"] = {"from": evaluation.period.first, "to": evaluation.period.last}
    for name in ("inside", "task_id"):
        del facts[name]
    plain: dict[str, Any] = _plain(facts)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
