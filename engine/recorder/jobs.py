"""Owns the row of the job by which an operation is called outside of the step that asks for it."""

from datetime import datetime

from engine.recorder.case import Case, Row
from engine.types import PendingOperation


def operation_row(case: Case, pending: PendingOperation, now: datetime) -> Row:
    """Return the job that calls the operation as soon as a worker is free; its id is that of the service task."""
    return {
        "id": pending.task_id,
        "instance_id": case.id,
        "kind": "operation",
        "state": "waiting",
        "task_id": pending.task_id,
        "process_key": pending.process_key,
        "element_id": pending.element_id,
        "name": pending.name,
        "due_at": now,
        "attempts": 0,
        "payload": {
            "operation": pending.operation,
            "inputs": dict(pending.inputs),
            "retries": list(pending.retries),
            **({} if pending.instance is None else {"instance": pending.instance}),
        },
    }
