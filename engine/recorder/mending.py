"""Owns how the activity log tells what an operator has done to a case; it knows no other table."""

import json
from datetime import datetime
from typing import Final

from engine import events
from engine.recorder.case import Case, Cause, Row
from engine.recorder.rows import event_row
from engine.types import Json
from engine.types.by_hand import Mended, VariableChange
from engine.types.step import ActivityChange, Step

_KINDS: Final = {"change": events.CASE_MODIFIED, "move": events.TOKEN_MOVED, "skip": events.ACTIVITY_SKIPPED}
_MOST_CHANGES: Final = 50
_LONGEST_VALUE: Final = 300
"""Characters of a value, as JSON, that the log keeps."""


def mended_row(case: Case, mended: Mended, cause: Cause, now: datetime) -> Row:
    """Return the event: who, why, where, and what became of which variables."""
    detail: dict[str, Json] = {"reason": cause.reason}
    if mended.target_id is not None:
        detail |= {"to": mended.target_id, "to_name": mended.target_name}
    if mended.changes:
        detail["changes"] = [_change(each) for each in mended.changes[:_MOST_CHANGES]]
        detail["more"] = len(mended.changes) - len(detail["changes"])
    started = None if mended.task_id is None else case.waits.since(mended.task_id)
    return event_row(
        case,
        _KINDS[mended.what],
        cause.actor.user_id,
        now,
        process_key=mended.process_key,
        task_id=mended.task_id,
        element_id=mended.element_id,
        element_name=mended.name,
        element_kind=mended.kind,
        duration_seconds=(now - started).total_seconds() if started is not None and mended.what == "skip" else None,
        detail=detail,
    )


def is_skipped(step: Step, task_id: str) -> bool:
    """Say whether the step is the skip of this very task: nobody has done it."""
    return step.mended is not None and step.mended.what == "skip" and step.mended.task_id == task_id


def worth_logging(step: Step, change: ActivityChange) -> bool:
    """Say whether the change is told by an event of its own: the end of what was skipped is told by the skip."""
    return change.state != "completed" or not is_skipped(step, change.task_id)


def _change(change: VariableChange) -> dict[str, Json]:
    return {"name": change.name[:100], "before": _text(change.before), "after": _text(change.after)}


def _text(value: tuple[Json, ...]) -> str | None:
    if not value:
        return None
    text = json.dumps(value[0], ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
