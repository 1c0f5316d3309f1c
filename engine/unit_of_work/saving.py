"""Owns the order in which a step is written: the same for every kind, so that two steps never wait for each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.cases.facts import CaseFacts
from engine.definitions import Definition
from engine.measuring import end_case
from engine.measuring.rows import NEW_LABELS, service_rows
from engine.metrics.log_facts import EndedCase
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.alarm import leaves_due
from engine.recorder import Case, Cause, Changes, worklist_text
from engine.registers import writes
from engine.registers.access import RegisterAccess
from engine.registers.definition import RegisterDefinition
from engine.types import RecordRef
from engine.types.step import Step


class Stale(Exception):
    """The case, or the task, moved on between load and save: the step has to be redone from load."""


def move_case(connection: Connection, case: Case, values: dict[str, Any]) -> str | None:
    """Write the new state of a case, and return the number of the transaction (None in SQLite).

    Raise `Stale` when it does not stand at the revision that was loaded.
    """
    moved = connection.execute(sql.MOVE_CASE, {"instance": case.id, "seen": case.revision, **values}).one_or_none()
    if moved is None:
        raise Stale
    number: str | None = moved[0]
    return number


def save_changes(connection: Connection, changes: Changes) -> None:
    """Write what the recorder found."""
    store.add(connection, sql.END_TASK, changes.ended_tasks)
    store.add(connection, sql.MOVE_TASK, changes.moved_tasks)
    store.add(connection, sql.RELIST, changes.moved_tasks)
    store.unlist(connection, changes.unlisted)
    store.add(connection, sql.NEW_TASKS, changes.new_tasks)
    store.add(connection, sql.LIST, changes.worklist)
    store.add_participants(connection, changes.participants)
    store.end_jobs(connection, changes.ended_jobs)
    store.add(connection, sql.NEW_JOBS, changes.new_jobs)
    store.add(connection, sql.NEW_JOBS, changes.new_operations)
    for job in changes.new_jobs:
        leaves_due(connection, job["due_at"])
    for call in changes.new_operations:
        leaves_due(connection, call["due_at"], "call")
    store.end_subscriptions(connection, changes.ended_subscriptions)
    store.add(connection, sql.NEW_SUBSCRIPTIONS, changes.new_subscriptions)
    store.add(connection, sql.NEW_EVENTS, changes.events)
    store.add(connection, sql.NEW_OUTBOX, changes.outbox)
    store.add(connection, sql.NEW_INBOX, changes.inbox)


def save_records(
    connection: Connection,
    records: Sequence[writes.PreparedWrite],
    access: RegisterAccess,
    step: Step,
    origin: writes.Origin,
    now: datetime,
) -> None:
    """Write the versions of work products, the numbers drawn for them, and what was read.

    Raises `ConcurrentUpdate` when a record has moved on, `NumberTaken` when a number was taken.
    """
    if access.drawn:
        writes.move_sequences(connection, access.drawn)
    if records:
        writes.apply(connection, records, origin, now)
    if step.reads and origin.instance_id is not None:
        writes.note_reads(connection, step.reads, origin.instance_id, origin.actor, now)


def check_newest(connection: Connection, newest: Mapping[tuple[str, str], int]) -> None:
    """Raise `Stale` when a record has a newer version than the one by which the step has chosen what it reads.

    The records are locked until the commit: who writes the next version waits, and then finds the case that has to take
    it over.
    """
    for register, record_id in sorted(newest):
        for row in connection.execute(sql.SHOWN_VERSIONS, {"register": register, "ids": [record_id]}):
            if row.version != newest[register, record_id]:
                raise Stale


def save_figures(
    connection: Connection, case: Case, step: Step, organisation_id: str | None, channel: str | None
) -> None:
    """Write the figures of a case that ends with this step; all its events have to be written before."""
    ended = EndedCase(
        instance_id=case.id,
        definition_key=case.definition_key,
        definition_version=case.definition_version,
        organisation_id=organisation_id,
        priority=case.priority,
        channel=channel,
        variables=step.variables,
    )
    end_case(connection, ended)


def check_shown(
    connection: Connection, shown: Sequence[RecordRef], definitions: Mapping[str, RegisterDefinition]
) -> None:
    """Raise `ConcurrentUpdate` when a record is newer than the version that the person looked at, and that is read."""
    access = RegisterAccess(connection, definitions)
    registers = sorted({ref.register for ref in shown})
    for register in registers:
        seen = {ref.id: ref for ref in shown if ref.register == register}
        for row in connection.execute(sql.SHOWN_VERSIONS, {"register": register, "ids": sorted(seen)}):
            if row.version != seen[row.id].version and access.readable(seen[row.id]) != seen[row.id]:
                raise writes.conflict(connection, definitions[register], seen[row.id])


def retitle(connection: Connection, case: Case, step: Step, title: str) -> None:
    """Let the worklist's search find the open tasks of a case by its new title."""
    kept = [task for task in step.open_tasks if task.task_id in case.waits.tasks]
    texts = [{"task": task.task_id, "new_text": worklist_text(task.name, case.number, title)} for task in kept]
    store.add(connection, sql.RETITLE, texts)


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a new case begins with: its definitions (its own process first), its facts, and who started it."""

    root: Definition
    definitions: Sequence[Definition]
    facts: CaseFacts
    cause: Cause


def add_case(connection: Connection, case: Case, beginning: Beginning, step: Step, changes: Changes) -> str | None:
    """Add the row of a new case after its first step; return the number of the transaction (None in SQLite)."""
    facts, cause = beginning.facts, beginning.cause
    number: str | None = connection.execute(
        sql.NEW_CASE,
        {
            "id": case.id,
            "number": case.number,
            "definition_id": beginning.root.id,
            "definition_key": beginning.root.key,
            "definitions": [each.id for each in beginning.definitions],
            "title": case.title,
            "status": "completed" if step.finished else "active",
            "outcome": step.outcome,
            "priority": case.priority,
            "channel": cause.channel or facts.channel,
            "originator": facts.originator,
            "organisation_id": facts.organisation_id,
            "started_by": cause.actor.user_id,
            "started_at": case.started_at,
            "changed_at": case.started_at,
            "ended_at": case.started_at if step.finished else None,
            "revision": 1,
            "chain": cause.chain,
            "failures": 0,
            "state": step.state,
            "variables": step.variables,
            "waits": changes.waits.as_json(),
        },
    ).scalar_one()
    store.add(connection, NEW_LABELS, service_rows(case.id, facts.services))
    return number
