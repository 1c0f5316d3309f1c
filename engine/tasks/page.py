"""Owns what the page of one task shows: its form with values, the records it reads, what the actor may do.

Reading only.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from engine import policy
from engine.bpmn.reading.executable import Executable
from engine.cases.task_data import TaskData, refs, shown_version
from engine.definitions import Definitions
from engine.forms_protocol import FormCatalog
from engine.people import People, groups_of, is_overdue, people
from engine.persistence.database import AnyRow
from engine.registers import catalog
from engine.registers.access import RegisterAccess
from engine.tasks.assignment import may_be_released
from engine.tasks.takers import offered
from engine.types import Actor, Json, RecordRef
from engine.views import CaseRef, Proposal, RecordShown, TaskDetail

_SIDES: Final = 2
"""A comparison has a record on one side and proposed values on the other."""


class TaskPage:
    """Gathers one task."""

    def __init__(
        self, connection: Connection, definitions: Definitions, forms: FormCatalog, actor: Actor, now: datetime
    ) -> None:
        self._connection, self._definitions, self._forms = connection, definitions, forms
        self._actor, self._now = actor, now

    def detail(self, row: AnyRow, *, mine: bool) -> TaskDetail:
        """Return the task of `row` (of `LOAD_TASK`), which the actor may see; `mine`: it was offered to them.

        What it works with is for those who work on it and for those who work here: who only sees its case may know
        that the task is there.
        """
        definition = self._definitions.get(self._connection, row.task_definition_id)
        people_named = [name.removeprefix("user:") for name in row.task_principals if name.startswith("user:")]
        names = people(self._connection, [*people_named, row.task_assignee, row.task_ended_by])
        provider = policy.is_engine(self._actor) or bool(self._actor.roles & policy.PROVIDER_ROLES)
        inside = mine or provider
        executable = self._definitions.executable(self._connection, row.definitions)
        access = RegisterAccess(self._connection)
        reads = self._reads(row, executable, access) if inside else []
        data = TaskData(access, executable, row, [read.ref for read in reads], self._now)
        element = definition.facts.element(row.task_element_id)
        form, values = None, {}
        if row.task_form_key is not None and inside:
            form = self._definitions.form(self._connection, row.task_definition_id, row.task_form_key)
            roots = {field.key.split(".")[0] for field in self._forms.fields(form) if field.prefill}
            held = _held(data.variables(), element.form_variable if element else None)
            values = {name: value for name, value in held.items() if name in roots}
        is_open, free = row.task_state == "open", row.task_assignee in (None, self._actor.user_id)
        owner = policy.owns_case(self._connection, self._actor, row.id)
        may_assign = is_open and (owner or row.task_assignee == self._actor.user_id)
        takers = offered(self._connection, row.task_principals) if may_assign and provider else ()
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
            overdue=is_open and is_overdue(row.task_due_at, self._now),
            form_key=row.task_form_key,
            form=form,
            values=values,
            context=dict(data) if inside else {},
            reads=tuple(reads),
            consulted=self._consulted(row, reads),
            may_claim=is_open and mine and row.task_assignee is None,
            may_release=is_open
            and row.task_assignee is not None
            and (owner or row.task_assignee == self._actor.user_id)
            and may_be_released(row.task_principals, row.task_assignee),
            may_assign=may_assign,
            may_complete=is_open and mine and free,
            hindrance=None if is_open and mine and free else _hindrance(row, names),
            proposal=self._proposal(row, element.compare, data, reads) if element and inside else None,
            takers=tuple(each for each in takers if each.id != row.task_assignee),
        )

    def _proposal(
        self, row: AnyRow, compared: Sequence[str], data: TaskData, reads: Sequence[RecordShown]
    ) -> Proposal | None:
        """Return what the task's property `compare` asks to be shown; None without it, or with nothing proposed."""
        if len(compared) < _SIDES:
            return None
        variables = data.variables()
        held, after = RecordRef.from_json(variables.get(compared[0])), variables.get(compared[1])
        if not isinstance(after, Mapping):
            return None
        before = next((read for read in reads if held and _same_record(read.ref, held)), None)
        if before is not None:
            known = variables.get(compared[_SIDES]) if len(compared) > _SIDES else None
            moved_on = before.ref.version > known if isinstance(known, int) else before.ref not in refs(row.task_reads)
            return Proposal(before, after, before.form, moved_on) if before.form is not None else None
        # There is no such record yet: the form is that of the register whose records the case keeps by this name.
        for definition_id in row.definitions:
            for facts in self._definitions.get(self._connection, definition_id).registers.values():
                if facts.variable == compared[0]:
                    return Proposal(None, after, catalog.form_of(self._connection, facts.key))
        return None

    def _reads(self, row: AnyRow, executable: Executable, access: RegisterAccess) -> list[RecordShown]:
        read, shown = refs(row.task_reads), []
        access.expect(read)
        forms = catalog.forms_of(self._connection, {ref.register for ref in read})
        for ref in read:
            current = shown_version(access, executable, row, ref) if row.task_state == "open" else ref
            body = dict(access.body(current))
            definition = access.registers.get(current.register)
            form = forms.get(current.register)
            fields = self._forms.fields(form) if form is not None else ()
            title = str(body.get(definition.title) or current.id) if definition else current.id
            shown.append(
                RecordShown(
                    current,
                    definition.singular if definition else current.register,
                    title,
                    body.get("status"),
                    body,
                    tuple((field.key, field.label) for field in fields),
                    form,
                )
            )
        return shown

    def _consulted(self, row: AnyRow, reads: Sequence[RecordShown]) -> tuple[tuple[str, str], ...]:
        definition = self._definitions.get(self._connection, row.task_definition_id)
        bound = {read.ref.register for read in reads}
        linked = {}
        for use in definition.facts.registers:
            facts = definition.registers.get(use.register)
            if use.element_id == row.task_element_id and use.direction == "read" and facts and facts.key not in bound:
                linked[facts.key] = facts.name or facts.key
        return tuple(linked.items())


def _same_record(one: RecordRef, other: RecordRef) -> bool:
    return (one.register, one.id) == (other.register, other.id)


def _held(variables: Mapping[str, Json], form_variable: str | None) -> Mapping[str, Json]:
    """Return the values that fill the form in: the case's variables, or what one of them keeps together."""
    if form_variable is None:
        return variables
    kept = variables.get(form_variable)
    return kept if isinstance(kept, Mapping) else {}


def _hindrance(row: AnyRow, names: People) -> str:
    if row.task_state != "open":
        by = f" by {names.person(row.task_ended_by).name}" if row.task_ended_by else ""
        return f"This task was {row.task_state}{by} on {row.task_ended_at:%Y-%m-%d %H:%M} UTC."
    if row.task_assignee is not None:
        return f"{names.person(row.task_assignee).name} has this task."
    return "This task was not offered to you."
