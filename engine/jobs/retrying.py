"""Owns how a failed step is done again when a person asks for it, by the kind of step."""

from engine.errors import TaskNotOpen
from engine.jobs.operations import OperationJobs
from engine.persistence.database import AnyRow
from engine.steps.adoption import AdoptVersion
from engine.steps.inbox import settle_failure
from engine.steps.service import Steps
from engine.steps.signal import TakeSignal


def retry(steps: Steps, operations: OperationJobs, failure: AnyRow, by: str) -> None:
    """Do the step of `failure`, a row of its table, again for the person `by`; settle it if it is needless by now.

    What fails again is recorded, except that a completion raises `StepFailed`. Raises `TaskNotOpen` for a task that is
    gone, `ConcurrentUpdate` while an operation is being called.
    """
    if failure.kind == "complete":
        try:
            steps.retry_completion(failure.request, by)
        except TaskNotOpen:
            settle_failure(steps.work, failure.instance_id, failure.id, by)
            raise
    elif not _needed(steps, operations, failure, by):
        settle_failure(steps.work, failure.instance_id, failure.id, by)


def _needed(steps: Steps, operations: OperationJobs, failure: AnyRow, by: str) -> bool:
    """Do the step again, and say whether the case still waited for it."""
    case_id, task_id = failure.instance_id, failure.task_id
    if failure.kind == "timer":
        return steps.fire(case_id, [task_id], retried_by=by)
    if failure.kind == "adopt":
        facts = failure.request
        return steps.adopt(AdoptVersion(task_id, case_id, facts["register"], facts["id"], retried_by=by))
    if failure.kind == "operation":
        return operations.retry(task_id, by)
    if failure.kind == "signal":
        return steps.take_signal(TakeSignal(task_id, case_id, failure.request["task"], retried_by=by))
    outcome = steps.inbox.deliver(task_id, retried_by=by)
    if outcome.saved is not None:
        steps.inbox.follow_up(outcome.saved)
    return outcome.state == "failed"
