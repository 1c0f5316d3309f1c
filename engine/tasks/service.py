"""Owns the TaskService: worklists, task pages, claim, release, assign, complete.

Steps and statements are made elsewhere.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from engine import policy
from engine.bpmn.case.context import StepContext
from engine.cases.task_data import TaskData, refs
from engine.definitions import Definitions
from engine.errors import InputRefused, NotFound
from engine.forms_protocol import Answers, FormCatalog
from engine.json_data import NotData, checked
from engine.people import People, groups_of, is_overdue, people
from engine.persistence import store
from engine.persistence.database import AnyRow, Database
from engine.registers.options import ActorOptions
from engine.steps.completion import CompleteTask, not_theirs
from engine.steps.service import Steps
from engine.tasks import worklist
from engine.tasks.assignment import Assignment
from engine.tasks.page import TaskPage
from engine.types import Actor, Json, RecordRef
from engine.unit_of_work.unit import Loaded
from engine.views import CaseRef, CaseStatus, Completion, Cursor, Page, TaskDetail, TaskRow, WorklistFilter

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
        """Return a page of the open tasks that the actor has or was offered.

        Raise `InputRefused` for a damaged cursor.
        """
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
            return TaskPage(connection, self._definitions, self._forms, actor, now).detail(row, mine=mine)

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
        values: Answers,
        *,
        actor: Actor,
        shown: Sequence[RecordRef] = (),
        shown_values: Mapping[str, Json] | None = None,
        effort_minutes: int | None = None,
        channel: str | None = None,
    ) -> Completion:
        """Complete a task with the `values` of its form; `shown` are the record versions that the page showed.

        `values` may be a function that reads them once the form is known, so that nobody has to look it up before.
        `shown_values` are those that the form was filled with (`TaskDetail.values`, or some of them): where a parallel
        branch has changed one, the answer was made from what was shown, else from what was there when the task opened.

        Exactly one completion of a task wins. Raises `InputRefused`, `NotFound`, `NotPermitted`, `TaskNotOpen`,
        `TaskClaimed`, `ConcurrentUpdate` for a record that moved on, and `StepFailed` when the case could not go on:
        then nothing but a failure record was kept, and its id stands in the error.
        """
        wrong = _wrong_about_it(effort_minutes, channel)

        def accept(
            connection: Connection, loaded: Loaded, context: StepContext
        ) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
            try:
                accepted = self._accept(connection, loaded, context, values, tuple(shown), _data(shown_values or {}))
            except InputRefused as refused:
                raise InputRefused({**refused.messages, **wrong}) from refused
            if wrong:
                raise InputRefused(wrong)
            return accepted

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
        return Completion(move.name, case, saved.step.finished, tuple(following))

    def _accept(
        self,
        connection: Connection,
        loaded: Loaded,
        context: StepContext,
        answers: Answers,
        shown: Sequence[RecordRef],
        shown_values: Mapping[str, Json],
    ) -> tuple[Mapping[str, Json], Mapping[str, Json]]:
        row, content = loaded.row, None
        if row.task_form_key is not None:
            content = self._definitions.form(connection, row.task_definition_id, row.task_form_key)
        values = answers(content) if callable(answers) else answers
        if content is None:
            if values:
                raise InputRefused({name: ["This task has no form, so it takes no values."] for name in values})
            return {}, {}
        looked_at = TaskData(context.records, loaded.executable, row, shown or refs(row.task_reads), context.now)
        options = ActorOptions(self._database, context.actor, loaded.access)
        accepted = self._forms.validate(content, values, now=context.now, context=looked_at, options=options)
        facts = self._definitions.get(connection, row.task_definition_id).facts.element(row.task_element_id)
        # What was left empty stands there as null, so that it replaces what an earlier version of a record says.
        roots = dict.fromkeys(field.key.partition(".")[0] for field in self._forms.fields(content))
        seen = {name: value for name, value in shown_values.items() if name in roots}
        if facts is None or facts.form_variable is None:
            return accepted, seen
        # Where the page was filled with nothing, there was no such variable yet, as far as it knows.
        return {facts.form_variable: {**roots, **accepted}}, {facts.form_variable: seen} if seen else {}

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


def _data(shown_values: Mapping[str, Json]) -> Mapping[str, Json]:
    try:
        found: Mapping[str, Json] = checked(shown_values)
    except NotData as error:
        raise InputRefused({"shown_values": [str(error)]}) from error
    return found


def _wrong_about_it(effort_minutes: int | None, channel: str | None) -> dict[str, list[str]]:
    """Return what is wrong about a completion beside the values of its form: people are told all at once."""
    wrong = {}
    if effort_minutes is not None and not 0 <= effort_minutes <= MAX_EFFORT_MINUTES:
        wrong["effort_minutes"] = [f"Enter whole minutes from 0 to {MAX_EFFORT_MINUTES}."]
    if channel is not None and len(channel) > 255:
        wrong["channel"] = ["Enter at most 255 characters."]
    return wrong
