"""Owns the model of the benchmarks: stages, each with a user task, a reminding timer and a gateway that goes back."""

import json
from collections.abc import Mapping
from typing import Any, Final

from engine.types import Actor, Json

STAGES: Final = 8
KEY: Final = "stages"
SCRIPTED: Final = "scripted_stages"
"""The same process with a script task behind every user task."""

ANN: Final = Actor("ann", "Ann", frozenset({"staff"}), frozenset({"analysts"}))
NOTE: Final = "A kilobyte of text that the case carries along. " * 21
AGAIN: Final[Mapping[str, Json]] = {"rework": True, "comment": "fine", "kind": "a", "level": 3, "day": "2026-12-01"}
"""The answers that lead to the same stage once more."""

ON: Final[Mapping[str, Json]] = {**AGAIN, "rework": False}
"""The answers that lead on to the next stage."""

FORM: Final[dict[str, Any]] = {
    "type": "default",
    "id": "stage",
    "schemaVersion": 18,
    "components": [
        {"type": "checkbox", "key": "rework", "label": "Again"},
        {"type": "textfield", "key": "comment", "label": "Comment", "validate": {"required": True, "maxLength": 2000}},
        {
            "type": "select",
            "key": "kind",
            "label": "Kind",
            "values": [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}],
        },
        {"type": "number", "key": "level", "label": "Level", "decimalDigits": 0, "validate": {"min": 1, "max": 5}},
        {"type": "datetime", "subtype": "date", "key": "day", "dateLabel": "Day"},
    ],
}
START_FORM: Final[dict[str, Any]] = {
    "type": "default",
    "id": "begin",
    "schemaVersion": 18,
    "components": [{"type": "textarea", "key": "note", "label": "Note"}],
}
_SCRIPT: Final = "points = level * 10\nmark = 'high' if points > 20 else 'low'"


def files() -> dict[str, bytes]:
    """Return what is deployed, by file name."""
    return {
        "stages.bpmn": model("PT48H"),
        "scripted_stages.bpmn": model("PT48H", SCRIPTED),
        "stage.form": json.dumps(FORM).encode(),
        "begin.form": json.dumps(START_FORM).encode(),
    }


def model(duration: str, key: str = KEY) -> bytes:
    """Return the process `key`; SpiffWorkflow's own parser wants a timer's `duration` as Python writes a text."""
    parts = ['<bpmn:startEvent id="s" camunda:formRef="begin"/>']
    before, flow = "s", ""
    for stage in range(STAGES):
        parts.append(
            f'<bpmn:exclusiveGateway id="m{stage}"/>'
            f'<bpmn:userTask id="u{stage}" name="Stage {stage}" camunda:candidateGroups="analysts"'
            f' camunda:formRef="stage"/><bpmn:boundaryEvent id="t{stage}" attachedToRef="u{stage}"'
            f' cancelActivity="false"><bpmn:timerEventDefinition>'
            f"<bpmn:timeDuration>{duration}</bpmn:timeDuration></bpmn:timerEventDefinition></bpmn:boundaryEvent>"
            f'<bpmn:userTask id="r{stage}" name="Remind {stage}" camunda:candidateGroups="analysts"/>'
            f'<bpmn:endEvent id="e{stage}"/><bpmn:exclusiveGateway id="g{stage}" default="d{stage}"/>'
        )
        done = f"u{stage}"
        if key == SCRIPTED:
            done = f"x{stage}"
            script = f"<bpmn:script>{_SCRIPT.replace('>', '&gt;')}</bpmn:script>"
            parts.append(f'<bpmn:scriptTask id="{done}" scriptFormat="python">{script}</bpmn:scriptTask>')
            parts.append(_flow(f"u{stage}", done))
        joins = [(before, f"m{stage}", flow), (f"m{stage}", f"u{stage}", ""), (done, f"g{stage}", "")]
        joins += [(f"t{stage}", f"r{stage}", ""), (f"r{stage}", f"e{stage}", "")]
        parts += [_flow(source, target, name) for source, target, name in joins]
        parts.append(_flow(f"g{stage}", f"m{stage}", condition="rework"))
        before, flow = f"g{stage}", f"d{stage}"
    parts.append('<bpmn:endEvent id="e"/>' + _flow(before, "e", flow))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions'
        ' xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="http://comity.example/benchmark">'
        f'<bpmn:process id="{key}" isExecutable="true" camunda:candidateStarterGroups="staff">{"".join(parts)}'
        "</bpmn:process></bpmn:definitions>"
    ).encode()


def _flow(source: str, target: str, name: str = "", condition: str = "") -> str:
    inner = (
        f'<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{condition}</bpmn:conditionExpression>'
        if condition
        else ""
    )
    identity = name or f"{source}_{target}"
    return f'<bpmn:sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}">{inner}</bpmn:sequenceFlow>'
