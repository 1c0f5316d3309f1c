"""Scripts of cases that have ended, out of one line of facts each; it plays none of them.

What the columns mean is said in workflows/demo/README.md.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

HOURS_A_DAY: Final = 24
_DELIVERED: Final = {
    "satisfied": "Delivered and tried out.",
    "rejected": "The portfolio board put it after other things.",
}


def scripts(rows: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a script of `walk.yaml`'s grammar for each row of `past.yaml`."""
    for row in rows:
        yield {"start": _start(row), "steps": list(_steps(row))}


def _start(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {
        "title": row["title"],
        "statement": row["statement"],
        "need_kind": "functional",
        "concerned_services": row["services"],
        "importance": row["importance"],
    }
    return {"process": "capture_customer_need", "by": row["by"], "ago": _ago(row["ago"]), "values": values}


def _steps(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    end = row["end"]
    if end == "withdrawn":
        yield {"withdraw": "We found another way.", "by": row["by"], "ago": _ago(row["ago"] - row["withdraw"])}
        return
    left = row["ago"] - row["restate"]
    yield from _restated(row, left, "unknown" if end == "guidance" else "yes")
    if end == "disqualified":
        yield _decided(row, left, "disqualified_business", decision_reason="Nobody could say what it would be worth.")
        left -= 2
        yield {"complete": "Task_ReadDecision", "by": row["by"], "ago": _ago(left), "values": {"decision_read": True}}
        return
    if end == "guidance":
        yield from _guided(row, left)
        left -= row["guidance"] + 1
        yield from _restated(row, left, "yes")
    yield _decided(row, left, "qualified")
    left -= row["read"]
    if end == "back":
        reason = {"response": "send_back", "response_reason": "The criteria do not say how it is measured."}
        yield {"complete": "Task_ReadInterpretation", "by": row["by"], "ago": _ago(left), "values": reason}
        left -= 2
        yield from _restated(row, left, "yes")
        yield _decided(row, left, "qualified")
        left -= 1
    accepted = {"response": "accept"}
    yield {"complete": "Task_ReadInterpretation", "by": row["by"], "ago": _ago(left), "values": accepted}
    yield from _ended(row, left - 1)


def _ended(row: Mapping[str, Any], left: float) -> Iterator[dict[str, Any]]:
    yield {"hand_over": "stakeholder_requirements", "by": "petra", "ago": _ago(left)}
    left -= row["deliver"]
    progress = "rejected" if row["end"] == "rejected" else "satisfied"
    values = {
        "requirement_number": {"record": "stakeholder_requirements"},
        "progress": progress,
        "note": _DELIVERED[progress],
    }
    yield {"start": {"process": "report_progress", "by": "farid", "ago": _ago(left), "values": values}}
    if "score" in row:
        yield {"feedback": row["score"], "by": row["by"], "saying": row.get("saying"), "ago": _ago(left - 1)}


def _restated(row: Mapping[str, Any], left: float, feasibility: str) -> Iterator[dict[str, Any]]:
    analyst = row["analyst"]
    yield {"claim": "Task_RestateNeed", "by": analyst, "ago": _ago(left, hours=3)}
    pointless = row["end"] == "disqualified"
    values = {
        "requirement_title": row["title"],
        "requirement_text": row["requirement"],
        "acceptance_criteria": row["criteria"],
        "requirement_class": "functional",
        "priority": "high" if row["importance"] == "must" else "medium",
        "affected_services": row["services"],
        "justification": "none" if pointless else "strong",
        "business_justification": None
        if row["end"] == "disqualified"
        else "Asked for in every second talk with customers.",
        "technical_feasibility": feasibility,
    }
    step = {"complete": "Task_RestateNeed", "by": analyst, "ago": _ago(left), "values": values}
    yield {**step, "effort": row["effort"]}


def _decided(row: Mapping[str, Any], left: float, qualification: str, **more: str) -> dict[str, Any]:
    values = {"qualification": qualification, **more}
    return {"complete": "Task_ConfirmQualification", "by": row["analyst"], "ago": _ago(left), "values": values}


def _guided(row: Mapping[str, Any], left: float) -> Iterator[dict[str, Any]]:
    yield _decided(row, left, "feasibility_needed")
    asked = {
        "feasibility_group": "feasibility_architecture",
        "question": "Can it be built with what there is?",
        "needed_by": {"in": f"-P{round(left - 7)}D"},
    }
    left -= 1
    yield {"complete": "Task_RequestFeasibility", "by": row["analyst"], "ago": _ago(left), "values": asked}
    answer = {"technical_feasibility": "yes", "guidance_text": "It has been done before in another place."}
    yield {"complete": "Task_GiveGuidance", "by": "grace", "ago": _ago(left - row["guidance"] + 1), "values": answer}


def _ago(days: float, hours: float = 0) -> str:
    """Return a duration of so many days, and hours more."""
    total = round(days * HOURS_A_DAY + hours)
    return f"P{total // HOURS_A_DAY}DT{total % HOURS_A_DAY}H"
