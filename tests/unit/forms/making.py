"""Owns small forms and a small register for the tests of forms."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.errors import InputRefused
from engine.forms_protocol import MeasureOptions, Option
from engine.types import Finding
from forms import Form, parse

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
MEASURES = {
    "": {"cycle_time": "Cycle time", "completed": "Completed"},
    "a21": {"cycle_time": "Cycle time", "completed": "Completed", "rounds": "Rounds & turns"},
}
SERVICES = {"S-1": "Mail", "S-2": "Web & <shop>"}
STATUSES = {"S-1": "planned", "S-2": "live"}


class Records:
    """One register, `services`, of which a list shows only the first record that fits, and one managed process, `a21`.

    Each of its measures has one statistic, `KEY.mean`, with targets such as `at most 3`.
    """

    def options(self, register: str, statuses: Sequence[str] = ()) -> Sequence[Option]:
        known = [(value, self.label(register, value, statuses)) for value in SERVICES]
        return [Option(value, words) for value, words in known if words is not None][:1]

    def label(self, register: str, value: str, statuses: Sequence[str] = ()) -> str | None:
        fits = register == "services" and (not statuses or STATUSES.get(value) in statuses)
        return SERVICES.get(value) if fits else None

    def measures(self, process: str, what: MeasureOptions) -> Sequence[Option]:
        ending, words = (".mean", ", mean") if what == "statistics" else ("", "")
        return [Option(key + ending, name + words) for key, name in MEASURES.get(process, {}).items()]

    def target_mistake(self, process: str, statistic: str, text: str) -> str | None:
        known = {option.value: option.label for option in self.measures(process, "statistics")}
        fits = statistic not in known or text.startswith("at most ")
        return None if fits else f"{known[statistic]}: write such as 'at most 3'."


RECORDS = Records()


def document(*components: Mapping[str, Any], **top: Any) -> dict[str, Any]:
    return {"type": "default", "id": "trial", "schemaVersion": 19, "components": list(components), **top}


def findings_of(*components: Mapping[str, Any], **top: Any) -> list[Finding]:
    return parse(json.dumps(document(*components, **top), indent=1), "trial.form")[1]


def rules_of(*components: Mapping[str, Any], **top: Any) -> list[str]:
    return [finding.rule for finding in findings_of(*components, **top)]


def form_of(*components: Mapping[str, Any], **top: Any) -> Form:
    form, findings = parse(json.dumps(document(*components, **top)), "trial.form")
    assert form is not None, findings
    return form


def field(kind: str, key: str = "a", label: str = "Answer", **more: Any) -> dict[str, Any]:
    if kind in ("radio", "select", "checklist", "taglist") and not {"values", "valuesKey", "valuesExpression"} & set(
        more
    ):
        more["values"] = [{"value": "x", "label": "Ex"}, {"value": "y", "label": "Why"}]
    return {"type": kind, "id": f"id_{key}", "key": key, "label": label, **more}


def answers(form: Form, values: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return form.validate(values, now=NOW, context=context or {}, options=RECORDS)


def refusals(form: Form, values: Mapping[str, Any], context: Mapping[str, Any] | None = None) -> dict[str, list[str]]:
    with pytest.raises(InputRefused) as refused:
        answers(form, values, context)
    return refused.value.messages
