"""Owns the order in which a step is written: the same for every kind, so that two steps never wait for each other."""

from collections.abc import Sequence
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


def check_versions(
    connection: Connection, access: RegisterAccess, shown: Sequence[RecordRef], written: Sequence[writes.PreparedWrite]
) -> None:
    """See that the records stand where the step, and the person who took it, saw them: one statement for all.

    `access` knows by which newest versions the step has chosen what it reads, `shown` are those that the person looked
    at. The records are locked until the commit: who writes the next version waits, and then finds the case that has to
    take it over. A step that is going to write takes the stronger lock at once, and that of what it writes as well, for
    two that share one would wait for each other. Nothing is looked at where nothing was chosen and the writing itself
    will tell of all that was shown: every record shown is written upon, and no number is drawn, whose sequence would
    else be locked before the records.

    Raises `Stale` when a record has moved on from `newest`, `ConcurrentUpdate` when it is newer than what was shown,
    and the newer version is the one that the case reads.
    """
    newest, seen = access.newest, {(ref.register, ref.id): ref for ref in shown}
    writing_tells = not access.drawn and {each.write.base for each in written}.issuperset(shown)
    if not newest and (not shown or writing_tells):
        return
    moved_on = []
    keys = sorted({*newest, *seen, *map(writes.place, written)})
    for row in connection.execute(sql.LOCK_TO_WRITE if written else sql.LOCK_TO_READ, {"records": keys}):
        key = row.register, row.id
        if newest.get(key, row.version) != row.version:
            raise Stale
        if key in seen and seen[key].version != row.version:
            moved_on.append(seen[key])
    if moved_on:
        now = RegisterAccess(connection)
        for ref in moved_on:
            if now.readable(ref) != ref:
                raise writes.conflict(connection, now.registers[ref.register], ref)


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
            "root_id": cause.root,
            "roused_at": case.started_at if cause.hops is None else None,
            "failures": 0,
            "state": step.state,
            "variables": step.variables,
            "waits": changes.waits.as_json(),
        },
    ).scalar_one()
    store.add(connection, NEW_LABELS, service_rows(case.id, facts.services))
    return number
