"""Owns the TaskService: worklists, task pages, claim, release, assign, complete; steps and statements are made elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine import policy, worklist
from engine.assignment import Assignment, may_be_released
from engine.bpmn.context import StepContext
from engine.bpmn.records import StepRecords
from engine.definitions import Definitions
from engine.errors import InputRefused, NotFound
from engine.forms_protocol import FormCatalog
from engine.people import People, groups_of, is_overdue, people
from engine.persistence import store
from engine.persistence.database import AnyRow, Database
from engine.registers import catalog
from engine.registers.access import RegisterAccess
from engine.registers.options import ActorOptions
from engine.steps.completion import CompleteTask, not_theirs
from engine.steps.service import Steps
from engine.types import Actor, Json, RecordRef
from engine.unit_of_work import Loaded, Registers
from engine.views import CaseRef, CaseStatus, Completion, Cursor, Page, RecordShown, TaskDetail, TaskRow, WorklistFilter

EVERYTHING = WorklistFilter()
MAX_PAGE = 200
MAX_EFFORT_MINUTES = 100_000


class TaskService:
    """The user tasks, as far as an actor may see them."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        forms: FormCatalog,
        steps: Steps,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._definitions, self._forms = database, definitions, forms
        self._steps, self._clock = steps, clock
        self._assignment = Assignment(steps.work)

    def worklist(
        self,
        actor: Actor,
        *,
        filter: WorklistFilter = EVERYTHING,  # noqa: A002 - the name that every list of the services has
        after: Cursor | None = None,
        limit: int = 25,
    ) -> Page[TaskRow]:
        """Return a page of the open tasks that the actor has or was offered; raise `InputRefused` for a damaged cursor."""
        now = self._clock()
        with self._database.read() as connection:
            rows, following = worklist.page(connection, actor, filter, after, min(limit, MAX_PAGE), now)
            names = people(connection, (row.assignee for row in rows))
            return Page(tuple(self._row(connection, row, names, now) for row in rows), following)

    def count(
        self,
        actor: Actor,
        *,
        filter: WorklistFilter = EVERYTHING,  # noqa: A002 - as above
        cap: int = 1000,
    ) -> int:
        """Return how many tasks the list has; `cap` + 1 means more than `cap`."""
        with self._database.read() as connection:
            return worklist.count(connection, actor, filter, cap, self._clock())

    def get(self, task_id: str, actor: Actor) -> TaskDetail:
        """Return a task with its form and what the form shows; raise `NotFound`."""
        now = self._clock()
        with self._database.read() as connection:
            row = store.load_task(connection, task_id)
            if row is None:
                raise NotFound("task", task_id)
            mine = policy.may_work_on(actor, row.task_principals, row.task_assignee)
            if not mine:
                error = not_theirs(connection, row, actor)
                if isinstance(error, NotFound):
                    raise error
            return self._detail(connection, row, actor, mine=mine, now=now)

    def claim(self, task_id: str, *, actor: Actor) -> None:
        """Give the actor a task that was offered to them; raise `NotFound`, `TaskNotOpen` or `TaskClaimed`."""
        self._assignment.claim(task_id, actor)

    def release(self, task_id: str, *, actor: Actor) -> None:
        """Offer a task again; raise `NotFound`, `TaskNotOpen`, `TaskClaimed` or `NotPermitted`."""
        self._assignment.release(task_id, actor)

    def assign(self, task_id: str, user_id: str, *, actor: Actor) -> None:
        """Give a task to somebody; raise `NotFound`, `TaskNotOpen`, `NotPermitted` or `InputRefused`."""
        self._assignment.assign(task_id, user_id, actor)

    def complete(
        self,
        task_id: str,
        values: Mapping[str, Json],
        *,
        actor: Actor,
        shown: Sequence[RecordRef] = (),
        effort_minutes: int | None = None,
        channel: str | None = None,
    ) -> Completion:
        """Complete a task with the `values` of its form; `shown` are the record versions that the page showed.

        Exactly one completion of a task wins. Raises `InputRefused`, `NotFound`, `NotPermitted`, `TaskNotOpen`, `TaskClaimed`,
        `ConcurrentUpdate` for a record that moved on, and `StepFailed` when the case could not go on: then nothing but a failure
        record was kept, and its id stands in the error.
        """
        if effort_minutes is not None and not 0 <= effort_minutes <= MAX_EFFORT_MINUTES:
            raise InputRefused({"effort_minutes": [f"Enter whole minutes from 0 to {MAX_EFFORT_MINUTES}."]})
        if channel is not None and len(channel) > 255:  # noqa: PLR2004 - the column's length
            raise InputRefused({"channel": ["Enter at most 255 characters."]})

        def accept(connection: Connection, loaded: Loaded, context: StepContext) -> Mapping[str, Json]:
            return self._accept(connection, loaded, context, values, tuple(shown))

        move = CompleteTask(task_id, actor, accept, tuple(shown), effort_minutes, channel)
        saved = self._steps.complete(move)
        following = [
            (row["id"], row["name"])
            for row in saved.changes.new_tasks
            if row["assignee"] in (None, actor.user_id)
            and policy.may_work_on(actor, row["principals"], row["assignee"])
        ]
        status: CaseStatus = "completed" if saved.step.finished else "active"
        case = CaseRef(saved.case.id, saved.case.number, saved.case.title, status)
        return Completion(case, saved.step.finished, tuple(following))

    def _accept(
        self,
        connection: Connection,
        loaded: Loaded,
        context: StepContext,
        values: Mapping[str, Json],
        shown: Sequence[RecordRef],
    ) -> Mapping[str, Json]:
        row = loaded.row
        if row.task_form_key is None:
            if values:
                raise InputRefused({name: ["This task has no form, so it takes no values."] for name in values})
            return {}
        content = self._definitions.form(connection, row.task_definition_id, row.task_form_key)
        looked_at = self._context(connection, row, shown or _refs(row.task_reads))
        options = ActorOptions(self._database, context.actor)
        return self._forms.validate(content, values, now=context.now, context=looked_at, options=options)

    def _context(self, connection: Connection, row: AnyRow, shown: Sequence[RecordRef]) -> dict[str, Json]:
        """Return what the form's conditions may look at: the case's data with bodies for references, as the page shows them."""
        records = StepRecords(RegisterAccess(connection, Registers(connection)))
        newer = {(ref.register, ref.id): ref for ref in shown}
        looked_at: dict[str, Json] = {}
        for name, value in row.variables.items():
            ref = RecordRef.from_json(value)
            if ref is not None:
                value = newer.pop((ref.register, ref.id), ref).as_json()  # noqa: PLW2901 - the newer version instead
            looked_at[name] = records.resolved(value)
        if newer:
            definitions = catalog.load(connection)
            for ref in newer.values():
                if ref.register in definitions:
                    looked_at.setdefault(definitions[ref.register].variable, dict(records.body(ref)))
        return looked_at

    def _detail(self, connection: Connection, row: AnyRow, actor: Actor, *, mine: bool, now: datetime) -> TaskDetail:
        definition = self._definitions.get(connection, row.task_definition_id)
        root = self._definitions.get(connection, row.definition_id)
        people_named = [name.removeprefix("user:") for name in row.task_principals if name.startswith("user:")]
        names = people(connection, [*people_named, row.task_assignee, row.task_ended_by])
        reads = self._reads(connection, row)
        form, values = None, {}
        if row.task_form_key is not None:
            form = self._definitions.form(connection, row.task_definition_id, row.task_form_key)
            roots = {field.key.split(".")[0] for field in self._forms.fields(form)}
            values = {name: value for name, value in row.variables.items() if name in roots}
        is_open, free = row.task_state == "open", row.task_assignee in (None, actor.user_id)
        owner = policy.owns(actor, root.owner_group)
        return TaskDetail(
            id=row.task_id,
            name=row.task_name,
            state=row.task_state,
            documentation=row.task_documentation,
            process_key=row.task_process_key,
            process_name=definition.name,
            definition_id=row.task_definition_id,
            element_id=row.task_element_id,
            lane=row.task_lane,
            case=CaseRef(row.id, row.number, row.title, row.status),
            assignee=names.maybe(row.task_assignee),
            groups=groups_of(row.task_principals),
            users=tuple(names.person(each) for each in people_named),
            priority=row.task_priority,
            due_at=row.task_due_at,
            follow_up_at=row.task_follow_up_at,
            created_at=row.task_created_at,
            claimed_at=row.task_claimed_at,
            ended_at=row.task_ended_at,
            ended_by=names.maybe(row.task_ended_by),
            overdue=is_open and is_overdue(row.task_due_at, now),
            form_key=row.task_form_key,
            form=form,
            values=values,
            context=self._context(connection, row, [read.ref for read in reads]),
            reads=tuple(reads),
            consulted=self._consulted(connection, row, reads),
            may_claim=is_open and mine and row.task_assignee is None,
            may_release=is_open
            and row.task_assignee is not None
            and (owner or row.task_assignee == actor.user_id)
            and may_be_released(row.task_principals, row.task_assignee),
            may_assign=is_open and (owner or row.task_assignee == actor.user_id),
            may_complete=is_open and mine and free,
            hindrance=None if is_open and mine and free else _hindrance(row, names, mine=mine),
        )

    def _reads(self, connection: Connection, row: AnyRow) -> list[RecordShown]:
        refs = _refs(row.task_reads)
        if not refs:
            return []
        definitions = catalog.load(connection)
        access = RegisterAccess(connection, definitions)
        shown = []
        for ref in refs:
            current = ref if row.task_state != "open" else access.current(ref.register, ref.id) or ref
            body = dict(access.body(current))
            definition = definitions.get(current.register)
            fields = self._forms.fields(catalog.form_of(connection, current.register)) if definition else ()
            title = str(body.get(definition.title) or current.id) if definition else current.id
            shown.append(
                RecordShown(
                    current,
                    definition.singular if definition else current.register,
                    title,
                    body.get("status"),
                    body,
                    tuple((field.key, field.label) for field in fields),
                )
            )
        return shown

    def _consulted(
        self, connection: Connection, row: AnyRow, reads: Sequence[RecordShown]
    ) -> tuple[tuple[str, str], ...]:
        definition = self._definitions.get(connection, row.task_definition_id)
        bound = {read.ref.register for read in reads}
        linked = {}
        for use in definition.facts.registers:
            facts = definition.registers.get(use.register)
            if use.element_id == row.task_element_id and use.direction == "read" and facts and facts.key not in bound:
                linked[facts.key] = facts.name or facts.key
        return tuple(linked.items())

    def _row(self, connection: Connection, row: AnyRow, names: People, now: datetime) -> TaskRow:
        return TaskRow(
            id=row.id,
            name=row.name,
            process_key=row.process_key,
            process_name=self._definitions.get(connection, row.definition_id).name,
            element_id=row.element_id,
            lane=row.lane,
            case=CaseRef(row.case_id, row.number, row.title, row.status),
            assignee=names.maybe(row.assignee),
            groups=groups_of(row.principals),
            priority=row.priority,
            due_at=row.due_at,
            follow_up_at=row.follow_up_at,
            created_at=row.created_at,
            overdue=is_overdue(row.due_at, now),
        )


def _refs(stored: Sequence[Json]) -> list[RecordRef]:
    return [ref for ref in map(RecordRef.from_json, stored) if ref is not None]


def _hindrance(row: AnyRow, names: People, *, mine: bool) -> str:
    if row.task_state != "open":
        by = f" by {names.person(row.task_ended_by).name}" if row.task_ended_by else ""
        return f"This task was {row.task_state}{by} on {row.task_ended_at:%Y-%m-%d %H:%M} UTC."
    if row.task_assignee is not None and mine:
        return f"{names.person(row.task_assignee).name} has this task."
    return "This task was not offered to you."
