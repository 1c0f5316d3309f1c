"""Owns how rows get into the tables in the transaction of a step; it decides nothing and commits nothing.

Each function runs one statement for any number of rows, and none for no rows.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from engine.persistence import statements as sql
from engine.persistence.database import AnyRow

CASE_NUMBERS = "case"
"""The sequence of the numbers of cases."""


def load_case(connection: Connection, instance_id: str) -> AnyRow | None:
    """Return the row of a case with state, variables and waits, or None when there is none."""
    return connection.execute(sql.LOAD_CASE, {"instance": instance_id}).one_or_none()


def load_task(connection: Connection, task_id: str) -> AnyRow | None:
    """Return the row of a user task (columns `task_...`) with that of its case, or None when there is none."""
    return connection.execute(sql.LOAD_TASK, {"task": task_id}).one_or_none()


def next_case_number(connection: Connection) -> str:
    """Return the number for a new case, such as `C-000001`; the sequence stays locked until the commit."""
    drawn = connection.execute(sql.NEXT_CASE_NUMBER, {"sequence": CASE_NUMBERS}).scalar_one_or_none()
    if drawn is None:
        new = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        first = new(sql.SEQUENCE).values(name=CASE_NUMBERS, next=1).on_conflict_do_nothing()
        connection.execute(first)
        drawn = connection.execute(sql.NEXT_CASE_NUMBER, {"sequence": CASE_NUMBERS}).scalar_one()
    return f"C-{drawn - 1:06d}"


def add(connection: Connection, statement: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement of `engine.persistence.statements` once for each of `rows`, its parameters."""
    if rows:
        connection.execute(statement, list(rows))


def add_participants(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note who has a task in a case; who is noted already stays so."""
    add(connection, sql.NEW_PARTICIPANTS[connection.dialect.name], rows)


def unlist(connection: Connection, task_ids: Collection[str]) -> None:
    """Take tasks out of all worklists."""
    add(connection, sql.UNLIST, [{"task": each} for each in task_ids])


def end_jobs(connection: Connection, job_ids: Collection[str]) -> None:
    """Delete jobs."""
    add(connection, sql.END_JOBS, [{"job": each} for each in job_ids])


def end_subscriptions(connection: Connection, task_ids: Collection[str]) -> None:
    """Delete the subscriptions of tasks that wait no more."""
    add(connection, sql.END_SUBSCRIPTIONS, [{"task": each} for each in task_ids])
