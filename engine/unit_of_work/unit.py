"""Owns the step as one transaction: load and advance without a lock, then save everything or nothing.

It knows no kind of step.

A step is loaded with the revision of its case and advanced into a value. One short transaction then writes that value
if the case still stands at this revision; otherwise the step is redone from load, where it finds out whether it may
still happen.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from engine.bpmn.case.context import StepContext
from engine.bpmn.reading.executable import Executable
from engine.cases import failures
from engine.cases.facts import facts_of
from engine.cases.task_data import refs
from engine.definitions import Definition, Definitions
from engine.errors import StepFailed
from engine.forms_protocol import FormCatalog
from engine.operations import Operation
from engine.persistence import store
from engine.persistence.database import AnyRow, Database, Unstorable
from engine.recorder import Case, Cause, Changes, Waits, record
from engine.registers import writes
from engine.registers.access import RegisterAccess
from engine.registers.bodies import Bodies
from engine.types import Json, RecordRef
from engine.types.step import Step
from engine.unit_of_work import signals
from engine.unit_of_work.doubt import Mark, saving
from engine.unit_of_work.redo import Redo
from engine.unit_of_work.saving import (
    Beginning,
    add_case,
    check_versions,
    move_case,
    retitle,
    save_changes,
    save_figures,
    save_records,
)

Effect = Callable[[Connection, str], None]
"""Something to write in the transaction that makes a case, whose id is given."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case as it was read, with what it runs on; `row` has the columns of `LOAD_CASE`, or of `LOAD_TASK`.

    `access` are the registers as they are read with it, as long as the connection lasts.
    """

    row: AnyRow
    case: Case
    root: Definition
    executable: Executable
    access: RegisterAccess

    @property
    def state(self) -> bytes:
        """Return the stored state of the case."""
        state: bytes = self.row.state
        return state

    @property
    def variables(self) -> Mapping[str, Json]:
        """Return the data of the case."""
        variables: Mapping[str, Json] = self.row.variables
        return variables


class Move(Protocol):
    """One kind of step of a case that exists."""

    @property
    def shown(self) -> Sequence[RecordRef]:
        """Return the record versions that the person looked at."""
        ...

    def load(self, connection: Connection) -> AnyRow:
        """Return the row to work on.

        Raise what the caller has to be told when the step may not, or no longer, happen.
        """
        ...

    def cause(self, loaded: Loaded) -> Cause:
        """Return why the step happens."""
        ...

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the step; nothing is locked and nothing is written."""
        ...

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Write what belongs to this kind of step only; raise `Stale` when it was overtaken."""
        ...


class Start(Protocol):
    """The first step of a new case."""

    @property
    def cause(self) -> Cause:
        """Return who starts the case and how."""
        ...

    def definitions(self, connection: Connection) -> Sequence[Definition]:
        """Return what the case runs on, its own process first; raise what the caller has to be told."""
        ...

    def advance(self, connection: Connection, executable: Executable, root: Definition, context: StepContext) -> Step:
        """Return the step."""
        ...


@dataclass(frozen=True, slots=True)
class Saved:
    """What a step that was saved led to."""

    case: Case
    step: Step
    changes: Changes


class UnitOfWork:
    """Runs steps on one database. `clock` returns the time now (aware)."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        forms: FormCatalog,
        clock: Callable[[], datetime],
        operations: Mapping[str, Operation],
    ) -> None:
        self.database, self.definitions, self.clock, self.operations = database, definitions, clock, operations
        self._bodies = Bodies(forms)
        self.redo = Redo()

    def run(self, move: Move) -> Saved:
        """Return the saved step.

        Raises whatever the move raises; `ConcurrentUpdate` when a record has moved on from the version that was shown
        or written upon, or when the case moved on twenty times in between.
        """
        return self.redo(lambda: _storable(lambda: self._move(move)))

    def start(self, start: Start, also: Effect | None = None, identity: str | None = None) -> Saved:
        """Return the saved first step of a new case; `also` writes in the same transaction. Else as `run`.

        `identity` is the id of the case, a new one when None; one that is taken is an `IntegrityError`.
        """
        case_id = identity or uuid.uuid4().hex
        return self.redo(lambda: _storable(lambda: self._start(start, case_id, also)))

    def case(self, connection: Connection, row: AnyRow) -> Case:
        """Return the case of `row` as the recorder knows it."""
        root = self.definitions.get(connection, row.definition_id)
        return Case(
            id=row.id,
            number=row.number,
            title=row.title,
            priority=row.priority,
            definition_key=row.definition_key,
            definition_version=root.version,
            definition_ids={self.definitions.get(connection, each).key: each for each in row.definitions},
            owners=root.owners,
            started_at=row.started_at,
            revision=row.revision,
            waits=Waits.from_json(row.waits),
        )

    def loaded(self, connection: Connection, row: AnyRow) -> Loaded:
        """Return the case of `row` with its definitions, and with the records that it holds within reach."""
        root = self.definitions.get(connection, row.definition_id)
        executable = self.definitions.executable(connection, row.definitions)
        access = RegisterAccess(connection)
        access.expect(refs((*getattr(row, "task_reads", ()), *row.variables.values())))
        return Loaded(row, self.case(connection, row), root, executable, access)

    def _context(self, now: datetime, cause: Cause, access: RegisterAccess) -> StepContext:
        return StepContext(now=now, actor=cause.actor, records=access, operations=self.operations)

    def _move(self, move: Move) -> Saved:
        now = self.clock()
        with self.database.read() as connection:
            loaded = self.loaded(connection, move.load(connection))
            cause = move.cause(loaded)
            access = loaded.access
            step = move.advance(connection, loaded, self._context(now, cause, access))
            records = writes.prepare(step.writes, access, self._bodies)
        title = facts_of(step.facts).title or loaded.case.title
        changes = record(replace(loaded.case, title=title), step, cause, now)
        cancelled = cause.kind == "cancel"
        ended = step.finished or cancelled
        mark = Mark()
        with saving(self.database, mark) as connection:
            mark.number = move_case(
                connection,
                loaded.case,
                {
                    "new_title": title,
                    "new_status": "cancelled" if cancelled else "completed" if step.finished else "active",
                    "new_outcome": step.outcome,
                    # A framework that a case takes over is no news of the case, and neither is a move.
                    "now": loaded.row.changed_at if cause.kind in ("adopt", "migrate") else now,
                    "ended": now if ended else None,
                    "roused": now if cause.hops is None else None,
                    "new_state": step.state,
                    "new_variables": step.variables,
                    "new_waits": changes.waits.as_json(),
                },
            )
            check_versions(connection, access, move.shown, records)
            move.settle(connection, loaded, now)
            if title != loaded.case.title:
                retitle(connection, loaded.case, step, title)
            save_changes(connection, changes)
            signals.spread(connection, loaded.case, step, cause, now)
            save_records(connection, records, access, step, writes.Origin(loaded.case.id, cause.actor.user_id), now)
            if loaded.row.failures:
                failures.resolve(connection, loaded.case, changes.waits, cause, now)
            if ended:
                save_figures(connection, loaded.case, step, loaded.row.organisation_id, loaded.row.channel)
        return Saved(replace(loaded.case, title=title), step, changes)

    def _start(self, start: Start, identity: str, also: Effect | None) -> Saved:
        now, cause = self.clock(), start.cause
        with self.database.read() as connection:
            definitions = start.definitions(connection)
            root = definitions[0]
            executable = self.definitions.executable(connection, [each.id for each in definitions])
            access = RegisterAccess(connection)
            step = start.advance(connection, executable, root, self._context(now, cause, access))
            records = writes.prepare(step.writes, access, self._bodies)
        facts = facts_of(step.facts)
        mark = Mark()
        with saving(self.database, mark) as connection:
            case = Case(
                id=identity,
                number=store.next_case_number(connection),
                title=facts.title or root.name,
                priority=facts.priority,
                definition_key=root.key,
                definition_version=root.version,
                definition_ids={each.key: each.id for each in definitions},
                owners=root.owners,
                started_at=now,
                revision=0,
                waits=Waits(),
            )
            check_versions(connection, access, (), records)
            told = replace(cause, channel=cause.channel or facts.channel, services=facts.services)
            changes = record(case, step, told, now)
            mark.number = add_case(connection, case, Beginning(root, definitions, facts, cause), step, changes)
            save_changes(connection, changes)
            signals.spread(connection, case, step, cause, now)
            save_records(connection, records, access, step, writes.Origin(identity, cause.actor.user_id), now)
            if step.finished:
                save_figures(connection, case, step, facts.organisation_id, cause.channel or facts.channel)
            if also is not None:
                also(connection, identity)
        return Saved(case, step, changes)


def _storable(save: Callable[[], Saved]) -> Saved:
    """Return the saved step; one whose data do not fit the database is a step that cannot run, no wrong input."""
    try:
        return save()
    except Unstorable as error:
        raise StepFailed("it made a text that is too long, or that has a character which cannot be stored") from error
