"""Owns the form of a row of the activity log."""

from datetime import datetime
from typing import Any

from engine.recorder.case import Case, Row


def event_row(case: Case, kind: str, actor: str, now: datetime, **facts: Any) -> Row:
    """Return a row of the activity log; `facts` are columns that differ from their defaults."""
    row: Row = {
        "at": now,
        "kind": kind,
        "instance_id": case.id,
        "definition_key": case.definition_key,
        "definition_version": case.definition_version,
        "process_key": case.definition_key,
        "task_id": None,
        "element_id": None,
        "element_name": None,
        "element_kind": None,
        "actor": actor,
        "duration_seconds": None,
        "working_seconds": None,
        "effort_minutes": None,
        "channel": None,
        "outcome": None,
        "rework": False,
        "priority": case.priority,
        "interface": None,
        "detail": {},
    }
    row.update(facts)
    return row
