"""Owns the worklist rows of a task: who is offered it, who has it, what the search finds it by."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from engine.recorder.case import Row
from engine.types import OpenUserTask

NO_DUE_DATE: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""Stands in the worklist for a task without due date, so that it is listed last."""

_LEAST_URGENT: Final = 100


def principals(task: OpenUserTask, owners: Sequence[str]) -> list[str]:
    """Return the principals that may see and claim `task`; a task that names nobody is offered to the `owners`."""
    named = [f"user:{name}" for name in task.candidate_users] + [f"group:{name}" for name in task.candidate_groups]
    if task.assignee:
        named.append(f"user:{task.assignee}")
    return list(dict.fromkeys(named)) or list(owners)


def groups_offered(task: OpenUserTask, owners: Sequence[str]) -> list[str]:
    """Return the groups that are offered `task`."""
    names = principals(task, owners)
    return [name.removeprefix("group:") for name in names if name.startswith("group:")]


def worklist_rows(facts: Row, assignee: str | None, names: Iterable[str]) -> list[Row]:
    """Return the worklist rows of a task.

    While nobody has it one for each of the principals `names`, else one for its assignee.

    Groups keep a row under `claimed:group:...` then, so that others can look up who has it. `facts` are the shared
    columns.
    """
    listed = list(names)
    if assignee:
        listed = [f"user:{assignee}", *(f"claimed:{name}" for name in listed if name.startswith("group:"))]
    return [{"principal": name, **facts} for name in listed]


def worklist_text(task_name: str, case_number: str, title: str) -> str:
    """Return what the search of the worklist looks in."""
    return f"{task_name} {case_number} {title}".lower()


def worklist_facts(task: Row, case_number: str, title: str) -> Row:
    """Return the columns that all worklist rows of a task share; `task` has the columns of the task's own row."""
    return {
        "due_at": task["due_at"] or NO_DUE_DATE,
        "priority": _LEAST_URGENT - task["priority"],
        "task_id": task["id"],
        "instance_id": task["instance_id"],
        "process_key": task["process_key"],
        "text": worklist_text(task["name"], case_number, title),
        "created_at": task["created_at"],
    }
