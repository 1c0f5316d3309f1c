"""Owns the comparison of a step with what was open before it: the rows that come, and those that end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from engine.recorder.case import Case, Cause, Row, Waits
from engine.recorder.jobs import operation_row
from engine.recorder.log import log_of
from engine.recorder.mending import is_skipped
from engine.recorder.messages import sent_inside, sent_outside
from engine.recorder.worklist import NO_DUE_DATE, principals, worklist_facts, worklist_rows
from engine.types import ENGINE, MessageSubscription, OpenUserTask, PendingTimer
from engine.types.step import Step

Waited = TypeVar("Waited")


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows that a step adds and the ids of those that it ends."""

    new_tasks: Sequence[Row]
    ended_tasks: Sequence[Row]
    """parameters of `END_TASK` for the tasks that are open no more, but the one that the step completed"""
    moved_tasks: Sequence[Row]
    """parameters of `MOVE_TASK` and `RELIST` for open tasks of which dates or records read have changed"""
    unlisted: Sequence[str]
    worklist: Sequence[Row]
    participants: Sequence[Row]
    new_jobs: Sequence[Row]
    new_operations: Sequence[Row]
    """jobs that call operations"""
    ended_jobs: Sequence[str]
    new_subscriptions: Sequence[Row]
    ended_subscriptions: Sequence[str]
    events: Sequence[Row]
    outbox: Sequence[Row]
    inbox: Sequence[Row]
    waits: Waits


def record(case: Case, step: Step, cause: Cause, now: datetime) -> Changes:
    """Return what to write for `step`, which `cause` set off in `case` at `now` (aware)."""
    news = step.news.waiting
    before = case.waits.among(step.news.ids)
    open_now = {task.task_id: task for task in news.open_tasks}
    timers = {timer.task_id: timer.due_at.astimezone(UTC).isoformat() for timer in news.timers}
    subscriptions = {wait.task_id: (wait.message_name, wait.correlation_key) for wait in news.subscriptions}
    operations = frozenset(each.task_id for each in news.operations)
    fresh = [open_now[task_id] for task_id in open_now if task_id not in before.tasks]
    offered = {task.task_id: principals(task, case.owners) for task in fresh}
    rows = [_task_row(case, task, offered[task.task_id], now) for task in fresh]
    involved = {name for names in offered.values() for name in names}
    if cause.kind == "complete":
        involved.add(f"user:{cause.actor.user_id}")
    closed = sorted(before.tasks - open_now.keys())
    completed = {change.task_id for change in step.activities if change.state == "completed"}
    new_participants = sorted(involved - before.participants)
    return Changes(
        new_tasks=rows,
        ended_tasks=[
            _ended(task_id, cause, step, now, done=task_id in completed)
            for task_id in closed
            if cause.kind != "complete" or task_id != cause.task_id
        ],
        moved_tasks=[_moved(open_now[task_id]) for task_id in open_now if task_id in step.changed_tasks],
        unlisted=closed,
        worklist=[
            row
            for task in rows
            for row in worklist_rows(
                worklist_facts(task, case.number, case.title), task["assignee"], task["principals"]
            )
        ],
        participants=[{"principal": name, "instance_id": case.id} for name in new_participants],
        new_jobs=[
            _job_row(case, timer) for timer in news.timers if before.timers.get(timer.task_id) != timers[timer.task_id]
        ],
        new_operations=[
            operation_row(case, each, now) for each in news.operations if each.task_id not in before.operations
        ],
        ended_jobs=sorted(
            (
                *(task for task, due in before.timers.items() if timers.get(task) != due),
                *(before.operations - operations),
            )
        ),
        new_subscriptions=[
            _subscription_row(case, wait, now)
            for wait in news.subscriptions
            if before.subscriptions.get(wait.task_id) != subscriptions[wait.task_id]
        ],
        ended_subscriptions=sorted(
            task for task, message in before.subscriptions.items() if subscriptions.get(task) != message
        ),
        events=log_of(case, step, cause, now),
        outbox=sent_outside(case, step, now),
        inbox=sent_inside(case, step, cause, now),
        waits=Waits(
            (case.waits.tasks - before.tasks) | open_now.keys(),
            _updated(case.waits.timers, before.timers, timers),
            _updated(case.waits.subscriptions, before.subscriptions, subscriptions),
            _running(before, step, now),
            before.participants | involved,
            (case.waits.operations - before.operations) | operations,
        ),
    )


def _updated(waits: Mapping[str, Waited], before: Mapping[str, Waited], now: Mapping[str, Waited]) -> dict[str, Waited]:
    """Return `waits` with what is waited for `now` instead of what was `before` of the same tokens."""
    updated = dict(waits)
    for task_id in before.keys() - now.keys():
        del updated[task_id]
    return {**updated, **now}


def _running(before: Waits, step: Step, now: datetime) -> dict[str, float]:
    running = {} if step.finished else dict(before.started)
    for change in step.activities:
        if change.state == "started" and not step.finished:
            running.setdefault(change.task_id, now.timestamp())
        else:
            running.pop(change.task_id, None)
    return running


def _task_row(case: Case, task: OpenUserTask, names: Sequence[str], now: datetime) -> Row:
    return {
        "id": task.task_id,
        "instance_id": case.id,
        "definition_id": case.definition_ids[task.process_key],
        "process_key": task.process_key,
        "element_id": task.element_id,
        "name": task.name,
        "form_key": task.form_key,
        "lane": task.lane,
        "documentation": task.documentation,
        "state": "open",
        "assignee": task.assignee,
        "principals": list(names),
        "reads": [ref.as_json() for ref in task.reads],
        "priority": task.priority,
        "due_at": task.due_at,
        "follow_up_at": task.follow_up_at,
        "created_at": now,
        "revision": 1,
    }


def _moved(task: OpenUserTask) -> Row:
    return {
        "task": task.task_id,
        "new_due": task.due_at,
        "new_follow_up": task.follow_up_at,
        "new_reads": [ref.as_json() for ref in task.reads],
        "new_place": task.due_at or NO_DUE_DATE,
    }


def _ended(task_id: str, cause: Cause, step: Step, now: datetime, *, done: bool) -> Row:
    own = cause.kind == "cancel" or (cause.kind == "mend" and task_id == cause.task_id)
    by = cause.actor.user_id if own else ENGINE.user_id
    state = "skipped" if is_skipped(step, task_id) else "completed" if done else "cancelled"
    return {"task": task_id, "new_state": state, "now": now, "by": by}


def _job_row(case: Case, timer: PendingTimer) -> Row:
    return {
        "id": timer.task_id,
        "instance_id": case.id,
        "kind": "timer",
        "state": "waiting",
        "task_id": timer.task_id,
        "process_key": timer.process_key,
        "element_id": timer.element_id,
        "name": timer.name,
        "due_at": timer.due_at,
        "attempts": 0,
    }


def _subscription_row(case: Case, wait: MessageSubscription, now: datetime) -> Row:
    return {
        "task_id": wait.task_id,
        "instance_id": case.id,
        "process_key": wait.process_key,
        "element_id": wait.element_id,
        "kind": wait.kind,
        "message_name": wait.message_name,
        "correlation_key": wait.correlation_key,
        "created_at": now,
    }
