"""Owns the step by which a case moves to another version of its process; one that ended or moved meanwhile is no error.

It is the only step that changes on which definitions a case runs: it is loaded as if the case ran on the new ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Final, cast

from sqlalchemy import Connection, bindparam, select, update

from engine.bpmn.case.context import StepContext
from engine.bpmn.migrating import MigrationPlan, migrate, plan
from engine.bpmn.reading.executable import Executable
from engine.cache import Cache
from engine.definitions import Definition, Definitions
from engine.persistence import statements as sql
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.persistence.models import CaseMigration
from engine.recorder import Case, Cause, principals, worklist_facts, worklist_rows, worklist_text
from engine.steps.overtaken import Overtaken
from engine.steps.running import running
from engine.types import Actor, Json, MessageSubscription, OpenUserTask, PendingOperation, PendingTimer, RecordRef
from engine.types.step import Step
from engine.unit_of_work.unit import Loaded

_MIGRATION: Final = sql.table(CaseMigration)
_REBIND: Final = (
    update(sql.INSTANCE)
    .where(sql.INSTANCE.c.id == bindparam("instance"))
    .values(definition_id=bindparam("new_definition"), definitions=bindparam("new_definitions"))
)
_OPEN: Final = (
    select(sql.TASK)
    .where(sql.TASK.c.instance_id == bindparam("instance"), sql.TASK.c.state == "open")
    .order_by(sql.TASK.c.id)
    .with_for_update()
)
_CHANGE: Final = (
    update(sql.TASK)
    .where(sql.TASK.c.id == bindparam("task"))
    .values(
        definition_id=bindparam("new_definition"),
        element_id=bindparam("new_element"),
        name=bindparam("new_name"),
        form_key=bindparam("new_form"),
        lane=bindparam("new_lane"),
        documentation=bindparam("new_documentation"),
        principals=bindparam("new_principals"),
        revision=sql.TASK.c.revision + 1,
    )
)
_RENAME_JOB: Final = (
    update(sql.JOB)
    .where(sql.JOB.c.instance_id == bindparam("instance"), sql.JOB.c.task_id == bindparam("task"))
    .values(element_id=bindparam("new_element"), name=bindparam("new_name"))
)
_RENAME_SUBSCRIPTION: Final = (
    update(sql.SUBSCRIPTION)
    .where(sql.SUBSCRIPTION.c.task_id == bindparam("task"))
    .values(element_id=bindparam("new_element"))
)
_COUNT: Final = update(_MIGRATION).where(_MIGRATION.c.id == bindparam("migration")).values(moved=_MIGRATION.c.moved + 1)


class Plans:
    """The plans between versions, each worked out once: executables live as long as they are in use."""

    def __init__(self) -> None:
        self._plans: Cache[tuple[int, int, tuple[tuple[str, str], ...]], MigrationPlan] = Cache(50)

    def between(self, source: Executable, target: Executable, mapping: Mapping[str, str]) -> MigrationPlan:
        """Return the plan by which cases of `source` move to `target`."""
        # A plan holds its executables: while it is kept, no other object has their identities.
        key = id(source), id(target), tuple(sorted(mapping.items()))
        return self._plans.get(key, lambda: plan(source, target, mapping))


@dataclass(frozen=True, slots=True)
class Migration:
    """A migration that has been started: from which version to which, by what mapping, by whom and why."""

    id: str
    source_id: str
    target_id: str
    mapping: Mapping[str, str]
    reason: str
    actor: Actor


@dataclass(slots=True)
class MigrateCase:
    """Move a case as `migration` says; `job_id` is the job that asks for it."""

    job_id: str
    instance_id: str
    migration: Migration
    definitions: Definitions
    plans: Plans
    shown: Sequence[RecordRef] = ()
    _old: Sequence[Definition] = ()
    _new: Sequence[Definition] = ()
    _source: Executable | None = None
    _step: Step | None = None
    _renamed: set[tuple[str, str]] = field(default_factory=set)

    def load(self, connection: Connection) -> AnyRow:
        """Return the case as it would be on the other version; raise `Overtaken` when it has ended or moved."""
        row = store.load_case(connection, self.instance_id)
        if row is None or row.status != "active" or row.definition_id != self.migration.source_id:
            raise Overtaken
        self._old = [self.definitions.get(connection, each) for each in row.definitions]
        self._source = self.definitions.executable(connection, row.definitions)
        target = self.definitions.get(connection, self.migration.target_id)
        self._new = self.definitions.with_called(connection, target)
        if list(row.definitions) == [each.id for each in self._new]:
            raise Overtaken
        facts = {**row._mapping, "definition_id": target.id, "definitions": [each.id for each in self._new]}  # noqa: SLF001 - how SQLAlchemy names it
        return cast("AnyRow", SimpleNamespace(**facts))

    def cause(self, loaded: Loaded) -> Cause:
        """Return who moves the case, from what to what, as the log keeps it."""
        there = {each.key: each for each in self._new}
        called = [
            {"key": old.key, "from": old.version, "to": there[old.key].version}
            for old in self._old[1:]
            if old.key in there and old.id != there[old.key].id
        ]
        moved: dict[str, Json] = {
            "migration": self.migration.id,
            "from": self._old[0].version,
            "to": loaded.root.version,
            "called": called,
        }
        return Cause("migrate", self.migration.actor, self.job_id, reason=self.migration.reason, migration=moved)

    def advance(self, connection: Connection, loaded: Loaded, context: StepContext) -> Step:
        """Return the step; raise `CannotMove` when a token has no place in the other version."""
        del connection
        assert self._source is not None  # noqa: S101 - it has been loaded
        moves = self.plans.between(self._source, loaded.executable, self.migration.mapping)
        with running():
            self._step = migrate(moves, loaded.state, context)
        self._renamed = {
            (image.process_key, image.name)
            for (scope, name), image in moves.images.items()
            if (old := moves.source.scopes[scope].element(name)) is not None
            and (old.name, old.label) != (image.name, image.label)
        }
        return self._step

    def settle(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Let the case and its open tasks, timers and subscriptions belong to the other version; count it as moved."""
        del now
        step, case = self._step, loaded.case
        assert step is not None  # noqa: S101 - it has been advanced
        connection.execute(
            _REBIND,
            {
                "instance": case.id,
                "new_definition": loaded.root.id,
                "new_definitions": list(loaded.row.definitions),
            },
        )
        self._change_tasks(connection, case, step)
        self._rename(connection, case, step)
        store.end_jobs(connection, [self.job_id])
        connection.execute(_COUNT, {"migration": self.migration.id})

    def _rename(self, connection: Connection, case: Case, step: Step) -> None:
        """Let timers, operations and subscriptions name their elements as the other version does."""
        waits: list[PendingTimer | PendingOperation | MessageSubscription] = [
            *step.timers,
            *step.operations,
            *step.subscriptions,
        ]
        waits = [each for each in waits if (each.process_key, each.element_id) in self._renamed]
        jobs = [
            {"instance": case.id, "task": each.task_id, "new_element": each.element_id, "new_name": each.name}
            for each in waits
            if not isinstance(each, MessageSubscription)
        ]
        subscriptions = [
            {"task": each.task_id, "new_element": each.element_id}
            for each in waits
            if isinstance(each, MessageSubscription)
        ]
        store.add(connection, _RENAME_JOB, jobs)
        store.add(connection, _RENAME_SUBSCRIPTION, subscriptions)

    def _change_tasks(self, connection: Connection, case: Case, step: Step) -> None:
        """Let the open tasks have what the other version says of them. Locked, so that nobody claims one meanwhile."""
        tasks = {task.task_id: task for task in step.open_tasks}
        offered = step.migrated.offered if step.migrated is not None else frozenset()
        for row in connection.execute(_OPEN, {"instance": case.id}).all():
            task = tasks.get(row.id)
            if task is None:
                continue  # the step has taken it away: the recorder ends it
            names = self._names(row, task, case, others=row.id in offered)
            connection.execute(
                _CHANGE,
                {
                    "task": row.id,
                    "new_definition": case.definition_ids[task.process_key],
                    "new_element": task.element_id,
                    "new_name": task.name,
                    "new_form": task.form_key,
                    "new_lane": task.lane,
                    "new_documentation": task.documentation,
                    "new_principals": names,
                },
            )
            if names != row.principals:
                _relist(connection, row, task, case, names)
            elif task.name != row.name:
                text = worklist_text(task.name, case.number, case.title)
                store.add(connection, sql.RETITLE, [{"task": row.id, "new_text": text}])

    def _names(self, row: AnyRow, task: OpenUserTask, case: Case, *, others: bool) -> list[str]:
        """Return who may see and claim a task; who has it, and was offered it by name, stays among them."""
        was = self._old[0].owners
        theirs = not (task.candidate_users or task.candidate_groups or task.assignee)
        if not others and not (theirs and was != case.owners):
            return list(row.principals)
        named = principals(task, case.owners)
        own = f"user:{row.assignee}"
        return [*named, own] if own in row.principals and own not in named else named


def _relist(connection: Connection, row: AnyRow, task: OpenUserTask, case: Case, names: Sequence[str]) -> None:
    store.unlist(connection, [row.id])
    facts = {column.name: getattr(row, column.name) for column in sql.TASK.c} | {"name": task.name}
    listed = worklist_rows(worklist_facts(facts, case.number, case.title), row.assignee, names)
    store.add(connection, sql.LIST, listed)
    store.add_participants(connection, [{"principal": name, "instance_id": case.id} for name in sorted(names)])
