"""Owns who has a task: claim, release, assign, each in one short transaction; it knows no form and no step."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from engine import events, policy
from engine.errors import InputRefused, NotFound, NotPermitted, TaskClaimed
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.recorder import event_row, worklist_facts, worklist_rows
from engine.steps.completion import must_be_open, not_theirs
from engine.tasks.takers import may_have
from engine.types import Actor
from engine.unit_of_work.saving import Stale
from engine.unit_of_work.unit import UnitOfWork

NOBODY: Final = (
    "Nobody who may have this task signs in as '{}'. It can go to staff, to people of the customer's organisation, "
    "and to those it is offered to. Look at the sign-in name."
)

Decide = Callable[[Connection, AnyRow], tuple[str | None, datetime | None]]
"""Returns the new assignee and since when; raises what keeps the actor from it."""


class Assignment:
    """Changes who has a task."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work

    def claim(self, task_id: str, actor: Actor) -> None:
        """Give the actor a task that was offered to them; nothing happens when it is theirs already.

        Raises `NotFound`, `TaskNotOpen` or `TaskClaimed`.
        """

        def decide(connection: Connection, row: AnyRow) -> tuple[str | None, datetime | None]:
            if not policy.may_work_on(actor, row.task_principals, row.task_assignee):
                raise not_theirs(connection, row, actor)
            must_be_open(row)
            if row.task_assignee not in (None, actor.user_id):
                raise TaskClaimed(task_id, row.task_assignee, row.task_claimed_at)
            return actor.user_id, row.task_claimed_at or self._work.clock()

        self._change(task_id, actor, events.TASK_CLAIMED, decide)

    def release(self, task_id: str, actor: Actor) -> None:
        """Offer a task again to those who may take it. Its assignee may do that, and the owners of the process.

        Raises `NotFound`, `TaskNotOpen`, `NotPermitted` when it is somebody else's or nobody else could take it.
        """

        def decide(connection: Connection, row: AnyRow) -> tuple[str | None, datetime | None]:
            self._must_see(connection, row, actor)
            must_be_open(row)
            if row.task_assignee not in (None, actor.user_id) and not self._owns(connection, row, actor):
                raise TaskClaimed(task_id, row.task_assignee, row.task_claimed_at)
            if not may_be_released(row.task_principals, row.task_assignee):
                raise NotPermitted("Nobody else was offered this task. A process owner may assign it to somebody else.")
            return None, None

        self._change(task_id, actor, events.TASK_RELEASED, decide)

    def assign(self, task_id: str, user_id: str, actor: Actor) -> None:
        """Give a task to somebody. The owners of the process may do that, and who has the task.

        Whom it is offered to stays as it is: a release offers it to these again. Raises `NotFound`, `TaskNotOpen`,
        `NotPermitted`, `InputRefused` for somebody without an active account, or who may not have it.
        """

        def decide(connection: Connection, row: AnyRow) -> tuple[str | None, datetime | None]:
            self._must_see(connection, row, actor)
            must_be_open(row)
            if not self._owns(connection, row, actor) and row.task_assignee != actor.user_id:
                raise NotPermitted("Only the owners of the process and who has the task may assign it.")
            if not may_have(connection, row, user_id):
                raise InputRefused({"user": [NOBODY.format(user_id)]})
            return user_id, None

        self._change(task_id, actor, events.TASK_ASSIGNED, decide)

    def _change(self, task_id: str, actor: Actor, kind: str, decide: Decide) -> None:
        self._work.redo(lambda: self._change_once(task_id, actor, kind, decide))

    def _change_once(self, task_id: str, actor: Actor, kind: str, decide: Decide) -> None:
        now = self._work.clock()
        with self._work.database.read() as connection:
            row = store.load_task(connection, task_id)
            if row is None:
                raise NotFound("task", task_id)
            assignee, since = decide(connection, row)
            if assignee == row.task_assignee:
                return
            case = self._work.case(connection, row)
        with self._work.database.write() as connection:
            changed = connection.execute(
                sql.ASSIGN_TASK,
                {
                    "task": task_id,
                    "seen": row.task_revision,
                    "new_assignee": assignee,
                    "new_claimed_at": since,
                },
            )
            if changed.rowcount != 1:
                raise Stale
            store.unlist(connection, [task_id])
            task = {column.name: getattr(row, f"task_{column.name}") for column in sql.TASK.c}
            facts = worklist_facts(task, case.number, case.title)
            store.add(connection, sql.LIST, worklist_rows(facts, assignee, row.task_principals))
            if assignee:
                participant = {"principal": f"user:{assignee}", "instance_id": case.id}
                store.add_participants(connection, [participant])
            event = event_row(
                case,
                kind,
                actor.user_id,
                now,
                process_key=row.task_process_key,
                task_id=task_id,
                element_id=row.task_element_id,
                element_name=row.task_name,
                element_kind="userTask",
                priority=row.task_priority,
                detail={"from": row.task_assignee, "to": assignee},
            )
            store.add(connection, sql.NEW_EVENTS, [event])

    def _owns(self, connection: Connection, row: AnyRow, actor: Actor) -> bool:
        return policy.owns_case(connection, actor, row.id)

    def _must_see(self, connection: Connection, row: AnyRow, actor: Actor) -> None:
        if not policy.may_work_on(actor, row.task_principals, row.task_assignee):
            error = not_theirs(connection, row, actor)
            if isinstance(error, NotFound):
                raise error


def may_be_released(principals: list[str], assignee: str | None) -> bool:
    """Return whether somebody else could take the task."""
    return any(name != f"user:{assignee}" for name in principals)
