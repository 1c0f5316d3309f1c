"""Owns the CaseMigrationService: planning, previewing and starting moves of running cases, and what became of them."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select

from engine import policy
from engine.case_migrations import past
from engine.case_migrations.planning import Move, Planning, places
from engine.definitions import Definition, Definitions
from engine.errors import ConcurrentUpdate, InputRefused, NotFound, NotPermitted
from engine.jobs.due import LEASE
from engine.persistence import statements as sql
from engine.persistence.alarm import leaves_due
from engine.persistence.database import Database
from engine.persistence.models import ProcessDefinition
from engine.steps.migration import Plans
from engine.steps.migration_jobs import KIND, MIGRATION, MigrationJobs
from engine.steps.service import Steps
from engine.types import Actor
from engine.views import CaseRef, Cursor, Page
from engine.views.case_migrations import (
    MigrationPlanView,
    MigrationPreview,
    MigrationRefusal,
    MigrationRow,
    VersionRef,
)

MAX_REASON: Final = 10_000
_LOOKERS: Final = frozenset(("staff", "process_owner", "admin"))
_BATCH: Final = 1_000
_CASE: Final = select(
    sql.INSTANCE.c.id,
    sql.INSTANCE.c.number,
    sql.INSTANCE.c.title,
    sql.INSTANCE.c.status,
    sql.INSTANCE.c.definition_id,
    sql.INSTANCE.c.definitions,
)


class CaseMigrationService:
    """Moves of running cases from one version of a process to another. The owners of the process may do that.

    Every method raises `NotFound` for a version that is not there or not the actor's to see, and `NotPermitted` for
    those who see it and do not own the process.
    """

    def __init__(
        self, database: Database, definitions: Definitions, steps: Steps, clock: Callable[[], datetime]
    ) -> None:
        self._database, self._definitions, self._steps, self._clock = database, definitions, steps, clock
        plans = Plans()
        self._planning, self._jobs = Planning(definitions, plans, steps.work.operations), MigrationJobs(steps, plans)

    def plan(
        self, source_id: str, target_id: str, *, actor: Actor, mapping: Mapping[str, str] | None = None
    ) -> MigrationPlanView:
        """Return how cases of the version `source_id` would move to `target_id`: by ids, but as `mapping` says.

        In `mapping`, an element of a called process is named `PROCESS/ID`. One version twice is a move to the newest
        ones of the processes that it calls. Raises `InputRefused` for elements that are not there, for versions of two
        processes, and for one version twice that calls nothing.
        """
        with self._database.read() as connection:
            move = self._move(connection, source_id, target_id, mapping or {}, actor)
            found, old, new = self._planning.plan(connection, move)
            there = {each.key: each for each in new}
            return MigrationPlanView(
                source=past.version(connection, move.source),
                target=past.version(connection, move.target),
                places=tuple(places(move, found, old, new)),
                called=tuple(
                    (each.key, each.version, there[each.key].version if each.key in there else None)
                    for each in old[1:]
                    if each.key not in there or there[each.key].id != each.id
                ),
                mapping=move.mapping,
            )

    def preview(
        self,
        source_id: str,
        target_id: str,
        *,
        actor: Actor,
        mapping: Mapping[str, str] | None = None,
        case_id: str | None = None,
    ) -> MigrationPreview:
        """Return what would become of the running cases, or of the case `case_id` alone. Raises as `start`."""
        with self._database.read() as connection:
            move = self._move(connection, source_id, target_id, mapping or {}, actor)
            self._planning.plan(connection, move)
            cases = self._cases(connection, move, case_id)
            return self._planning.preview(connection, move, cases, actor, self._clock())

    def start(
        self,
        source_id: str,
        target_id: str,
        reason: str,
        *,
        actor: Actor,
        mapping: Mapping[str, str] | None = None,
        case_id: str | None = None,
    ) -> str:
        """Let the running cases move, one after the other, by the scheduler; return the id of the migration.

        The case `case_id` alone is moved at once. Raises as `plan`, and `InputRefused` without a reason or without a
        case to move, `ConcurrentUpdate` when the case has ended or is on another version by now.
        """
        if not reason.strip() or len(reason) > MAX_REASON:
            raise InputRefused({"reason": [f"Say in 1 to {MAX_REASON:,} characters why the cases move."]})
        now, migration_id = self._clock(), uuid.uuid4().hex
        with self._database.read() as connection:
            move = self._move(connection, source_id, target_id, mapping or {}, actor)
            self._planning.plan(connection, move)
            cases = self._cases(connection, move, case_id)
        if not cases:
            where = f"version {move.source.version} of {move.source.name}"
            raise InputRefused({"source": [f"No case runs on {where} that could move there."]})
        jobs = [
            {
                "id": uuid.uuid4().hex,
                "instance_id": case.id,
                "kind": KIND,
                "state": "waiting",
                "task_id": migration_id,
                "process_key": move.source.key,
                "element_id": "",
                "name": "",
                "due_at": now,
                # Who asks for one case runs it now; the scheduler does if that fails.
                "leased_until": None if case_id is None else now + LEASE,
                "attempts": 0,
            }
            for case in cases
        ]
        with self._database.write() as connection:
            connection.execute(
                insert(MIGRATION),
                {
                    "id": migration_id,
                    "source_id": move.source.id,
                    "target_id": move.target.id,
                    "plan": {"mapping": dict(move.mapping), "reason": reason.strip()},
                    "created_by": actor.user_id,
                    "created_at": now,
                    "total": len(jobs),
                },
            )
            for first in range(0, len(jobs), _BATCH):
                connection.execute(insert(sql.JOB), jobs[first : first + _BATCH])
            if case_id is None:
                leaves_due(connection, now)
        if case_id is not None:
            self._jobs.run(str(jobs[0]["id"]), case_id, migration_id)
        return migration_id

    def progress(self, migration_id: str, *, actor: Actor) -> MigrationRow:
        """Return how far a migration is; raise `NotFound`."""
        with self._database.read() as connection:
            row = past.one(connection, self._definitions, migration_id)
            self._owned(connection, row.source.key, actor, NotFound("move of cases", migration_id))
        return row

    def refusals(
        self, migration_id: str, *, actor: Actor, after: Cursor | None = None, limit: int = 25
    ) -> Page[MigrationRefusal]:
        """Return a page of the cases that a migration has not moved, by the time of their turn; raise `NotFound`."""
        self.progress(migration_id, actor=actor)
        with self._database.read() as connection:
            return past.refusals(connection, migration_id, after, limit)

    def past(self, key: str, *, actor: Actor, after: Cursor | None = None, limit: int = 25) -> Page[MigrationRow]:
        """Return a page of the migrations of the process `key`, newest first; raise `NotFound`."""
        with self._database.read() as connection:
            self._owned(connection, key, actor, NotFound("process", key))
            return past.rows(connection, self._definitions, key, after, limit)

    def may_move(self, key: str, *, actor: Actor) -> bool:
        """Return whether the actor may move cases of the process `key`."""
        with self._database.read() as connection:
            return _owns(connection, key, actor)

    def versions(self, key: str, *, actor: Actor) -> tuple[VersionRef, ...]:
        """Return the versions of a process with their running cases, newest first; raise `NotFound`."""
        with self._database.read() as connection:
            self._owned(connection, key, actor, NotFound("process", key))
            return past.versions(connection, self._definitions, key)

    def _move(
        self, connection: Connection, source_id: str, target_id: str, mapping: Mapping[str, str], actor: Actor
    ) -> Move:
        source, target = (self._definition(connection, each, actor) for each in (source_id, target_id))
        if source.key != target.key:
            raise InputRefused({"target": [f"Choose a version of {source.name}: {target.name} is another process."]})
        if source.id == target.id and not source.facts.calls:
            raise InputRefused({"target": ["Choose another version: the cases run on this one already."]})
        return Move(source, target, dict(mapping))

    def _definition(self, connection: Connection, definition_id: str, actor: Actor) -> Definition:
        found = self._definitions.get(connection, definition_id)
        self._owned(connection, found.key, actor, NotFound("process definition", definition_id))
        return found

    def _owned(self, connection: Connection, key: str, actor: Actor, hidden: NotFound) -> None:
        if _owns(connection, key, actor):
            return
        if actor.roles.isdisjoint(_LOOKERS):
            raise hidden
        raise NotPermitted("Only the owners of the process may move its cases to another version.")

    def _cases(self, connection: Connection, move: Move, case_id: str | None) -> Sequence[CaseRef]:
        if case_id is None:
            return self._planning.cases(connection, move)
        row = connection.execute(_CASE.where(sql.INSTANCE.c.id == case_id)).one_or_none()
        if row is None or self._definitions.get(connection, row.definition_id).key != move.source.key:
            raise NotFound("case", case_id)  # of another process: it may be none of theirs
        there = row.definition_id != move.source.id or self._planning.is_there(connection, move, row.definitions)
        if row.status != "active" or there:
            raise ConcurrentUpdate(f"Case {row.number} has ended or is on another version by now: it")
        return [CaseRef(*row[:4])]


def _owns(connection: Connection, key: str, actor: Actor) -> bool:
    if policy.is_engine(actor):
        return True
    owned = policy.processes_owned(actor).where(ProcessDefinition.key == key)
    return connection.execute(owned).first() is not None
