"""Owns what the page of one case shows, gathered in a bounded number of statements; reading only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, select

from engine import policy
from engine.cases import comments
from engine.cases.facts import shown_as
from engine.cases.failures import FAILURE
from engine.definitions import Definition, Definitions, elements_of
from engine.people import groups_of, is_overdue, people, users_of
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow
from engine.persistence.models import Follower, Provenance, Record, RecordVersion
from engine.registers import catalog, lineage
from engine.types import Actor, RecordRef
from engine.views import CaseDetail, CaseModel, CaseRef, FailureRow, OpenTask, RecordUse, Wait

COMMENTS_SHOWN: Final = 20
"""the newest ones; the others are on a page of their own"""

_BESIDE: Final = frozenset({"boundaryEvent", "startEvent"})
"""events that may come while the case stands elsewhere; a start event that is waited for is an event sub-process's"""

_FOLLOWER: Final = sql.table(Follower)
_PROVENANCE: Final = sql.table(Provenance)
_VERSION: Final = sql.table(RecordVersion)
_THIS: Final[BindParameter[str]] = bindparam("instance")

_TASKS: Final = (
    select(sql.TASK)
    .where(sql.TASK.c.instance_id == _THIS, sql.TASK.c.state == "open")
    .order_by(sql.TASK.c.created_at, sql.TASK.c.id)
)
_TIMERS: Final = (
    select(sql.JOB)
    .where(sql.JOB.c.instance_id == _THIS, sql.JOB.c.kind.in_(("timer", "operation")))
    .order_by(sql.JOB.c.due_at, sql.JOB.c.id)
)
_MESSAGES: Final = (
    select(sql.SUBSCRIPTION)
    .where(sql.SUBSCRIPTION.c.instance_id == _THIS)
    .order_by(sql.SUBSCRIPTION.c.created_at, sql.SUBSCRIPTION.c.task_id)
)
_FAILURES: Final = select(FAILURE).where(FAILURE.c.instance_id == _THIS).order_by(FAILURE.c.created_at, FAILURE.c.id)
_RETRIES: Final = select(sql.JOB.c.failure_id, sql.JOB.c.due_at).where(
    sql.JOB.c.instance_id == _THIS, sql.JOB.c.failure_id.is_not(None), sql.JOB.c.state == "waiting"
)
_READ: Final = select(_PROVENANCE.c.register, _PROVENANCE.c.record_id, _PROVENANCE.c.version).where(
    _PROVENANCE.c.instance_id == _THIS
)
_MADE: Final = select(_VERSION.c.register, _VERSION.c.record_id, _VERSION.c.version).where(
    _VERSION.c.instance_id == _THIS
)
_HANDED_OVER: Final = (
    select(sql.OUTBOX.c.destination)
    .where(sql.OUTBOX.c.instance_id == _THIS, sql.OUTBOX.c.state == "handed over")
    .distinct()
    .order_by(sql.OUTBOX.c.destination)
)
_RECORDS: Final = select(
    Record.register, Record.id, Record.version, Record.title, Record.status, lineage.SUPPORTERS
).where(Record.register.in_(bindparam("registers", expanding=True)), Record.id.in_(bindparam("ids", expanding=True)))


class CasePage:
    """Gathers one case."""

    def __init__(self, connection: Connection, definitions: Definitions, actor: Actor, now: datetime) -> None:
        self._connection, self._definitions, self._actor, self._now = connection, definitions, actor, now

    def detail(self, row: AnyRow) -> CaseDetail:
        """Return the case of `row` (of `LOAD_CASE`), which the actor may see."""
        root = self._definitions.get(self._connection, row.definition_id)
        tasks, timers = self._rows(_TASKS, row.id), self._rows(_TIMERS, row.id)
        messages = self._rows(_MESSAGES, row.id)
        owner = policy.owns_case(self._connection, self._actor, row.id)
        staff = policy.is_engine(self._actor) or bool(self._actor.roles & policy.PROVIDER_ROLES)
        active = row.status == "active"
        status, outcome = shown_as(row.status, row.outcome)
        models = self._models(row, [*tasks, *timers, *messages])
        beside = {(each.process_key, each.id) for model in models for each in model.elements if each.kind in _BESIDE}
        waits = [*map(_timer, timers), *(self._message(each, row) for each in messages)]
        waits = [replace(wait, beside=(wait.process_key, wait.element_id) in beside) for wait in waits]
        said = comments.page(self._connection, row.id, staff=staff, limit=COMMENTS_SHOWN)
        mine = policy.may_withdraw(self._actor, row.originator, row.started_by)
        withdraws = active and mine and root.facts.withdrawable
        return CaseDetail(
            id=row.id,
            number=row.number,
            title=row.title,
            status=status,
            outcome=outcome,
            priority=row.priority,
            channel=row.channel,
            originator=self._people(row.originator).maybe(row.originator),
            organisation_id=row.organisation_id,
            started_by=self._people(row.started_by).person(row.started_by),
            started_at=row.started_at,
            changed_at=row.changed_at,
            ended_at=row.ended_at,
            models=tuple(models),
            tasks=tuple(self._tasks(tasks)),
            waits=tuple(sorted(waits, key=attrgetter("beside"))),
            records=tuple(self._records(row.id)),
            failures=tuple(self._failures(row, mends=owner or "admin" in self._actor.roles)),
            comments=said.rows[::-1],
            earlier_comments=said.next is not None,
            following=self._follows(row.id),
            may_cancel=active and owner,
            may_withdraw=withdraws,
            handed_over_to=self._handed_over_to(row.id) if withdraws or (active and owner) else (),
            may_retry=active and owner,
        )

    def _rows(self, statement: Any, instance_id: str) -> Sequence[AnyRow]:
        return self._connection.execute(statement, {"instance": instance_id}).all()

    def _people(self, *ids: str | None) -> Any:
        return people(self._connection, ids)

    def _models(self, row: AnyRow, waiting: Sequence[AnyRow]) -> list[CaseModel]:
        found: list[CaseModel] = []
        for definition_id in row.definitions:
            definition: Definition = self._definitions.get(self._connection, definition_id)
            elements = elements_of(definition)
            # What may start an event sub-process is waited for all the time: the case does not stand there.
            own = {element.id for element in elements if element.kind != "startEvent"}
            active = dict.fromkeys(
                each.element_id
                for each in waiting
                if each.element_id in own and getattr(each, "process_key", definition.key) == definition.key
            )
            found.append(
                CaseModel(definition.id, definition.key, definition.name, definition.version, tuple(active), elements)
            )
        return found

    def _tasks(self, rows: Sequence[AnyRow]) -> list[OpenTask]:
        names = self._people(
            *(row.assignee for row in rows), *(name for row in rows for name in users_of(row.principals))
        )
        return [
            OpenTask(
                id=row.id,
                process_key=row.process_key,
                element_id=row.element_id,
                name=row.name,
                lane=row.lane,
                assignee=names.maybe(row.assignee),
                groups=groups_of(row.principals),
                users=tuple(names.person(name) for name in users_of(row.principals)),
                due_at=row.due_at,
                created_at=row.created_at,
                overdue=is_overdue(row.due_at, self._now),
                mine=policy.may_work_on(self._actor, row.principals, row.assignee)
                and row.assignee in (None, self._actor.user_id),
            )
            for row in rows
        ]

    def _message(self, wait: AnyRow, row: AnyRow) -> Wait:
        name = self._definitions.element_name(self._connection, row.definitions, wait.process_key, wait.element_id)
        return Wait(
            wait.kind,
            wait.process_key,
            wait.element_id,
            name or wait.message_name,
            message_name=wait.message_name,
            correlation_key=wait.correlation_key,
        )

    def _records(self, instance_id: str) -> list[RecordUse]:
        used = {RecordRef(*row): False for row in self._rows(_READ, instance_id)}
        used.update({RecordRef(*row): True for row in self._rows(_MADE, instance_id)})
        if not used:
            return []
        registers = {ref.register for ref in used}
        definitions = {key: each for key, each in catalog.load(self._connection).items() if key in registers}
        ids = sorted({ref.id for ref in used})
        query = _RECORDS.where(lineage.visible(definitions, self._actor))
        found = self._connection.execute(query, {"registers": sorted(registers), "ids": ids})
        newest = {(row.register, row.id): row for row in found}
        uses = []
        for ref in sorted(used, key=lambda each: (each.register, each.id, each.version)):
            row = newest.get((ref.register, ref.id))
            if row is not None:
                uses.append(RecordUse(ref, row.title, row.status, used[ref], row.version, row.supporters))
        return uses

    def _failures(self, row: AnyRow, *, mends: bool) -> list[FailureRow]:
        """Return what went wrong; to who does not mend it what keeps the case up now, without the reason."""
        if not (mends or row.failures):
            return []
        rows = self._rows(_FAILURES, row.id)
        if not mends:
            case = CaseRef(row.id, row.number, row.title, row.status)
            return [
                replace(failure_row(each, case, None, None), reason="", instance=None)
                for each in rows
                if each.state == "open"
            ]
        retries = {each.failure_id: each.due_at for each in self._rows(_RETRIES, row.id)}
        names = self._people(*(each.resolved_by for each in rows))
        case = CaseRef(row.id, row.number, row.title, row.status)
        return [
            failure_row(each, case, retries.get(each.id), names.maybe(each.resolved_by) if each.resolved_by else None)
            for each in rows
        ]

    def _handed_over_to(self, instance_id: str) -> tuple[str, ...]:
        return tuple(row.destination for row in self._rows(_HANDED_OVER, instance_id))

    def _follows(self, instance_id: str) -> bool:
        mine = select(_FOLLOWER.c.user_id).where(
            _FOLLOWER.c.instance_id == instance_id, _FOLLOWER.c.user_id == self._actor.user_id
        )
        return self._connection.execute(mine).first() is not None


def failure_row(row: AnyRow, case: CaseRef, retry_at: datetime | None, resolved_by: Any) -> FailureRow:
    """Return a failure as lists show it."""
    return FailureRow(
        id=row.id,
        case=case,
        element_id=row.element_id,
        element_name=row.element_name,
        instance=row.instance,
        reason=row.reason,
        kind=row.kind,
        state=row.state,
        attempts=row.attempts,
        created_at=row.created_at,
        changed_at=row.changed_at,
        retry_at=retry_at,
        resolved_by=resolved_by,
    )


def _timer(row: AnyRow) -> Wait:
    if row.kind == "operation":
        return Wait("operation", row.process_key, row.element_id, row.name)
    return Wait("timer", row.process_key, row.element_id, row.name, due_at=row.due_at)
