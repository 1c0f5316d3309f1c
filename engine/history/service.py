"""Owns the HistoryService: cases as people look at them, their timeline, the exported log; reading only."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, func, not_, or_, select, tuple_

from engine import events, policy
from engine.cases import comments
from engine.cases.facts import shown_as
from engine.cases.page import CasePage
from engine.definitions import Definitions
from engine.errors import NotFound
from engine.history import exported_log
from engine.people import People, groups_of, people
from engine.persistence import store
from engine.persistence.database import AnyRow, Database
from engine.persistence.models import ProcessInstance
from engine.persistence.statements import EVENT, INSTANCE, SUBSCRIPTION, TASK
from engine.types import WITHDRAWN, Actor
from engine.views import CaseDetail, CaseFilter, CaseRow, CommentView, Cursor, LogRow, Page, TimelineEntry, Turn

EVERYTHING: Final = CaseFilter()
MAX_PAGE: Final = 200
TIMELINE_SHOWN: Final = 1_000

_SEEN: Final = (
    INSTANCE.c.id,
    INSTANCE.c.number,
    INSTANCE.c.title,
    INSTANCE.c.status,
    INSTANCE.c.outcome,
    INSTANCE.c.definition_id,
    INSTANCE.c.definition_key,
    INSTANCE.c.definitions,
    INSTANCE.c.priority,
    INSTANCE.c.originator,
    INSTANCE.c.organisation_id,
    INSTANCE.c.started_at,
    INSTANCE.c.changed_at,
    INSTANCE.c.ended_at,
    INSTANCE.c.failures,
)
_TIMELINE: Final = (
    select(EVENT).where(EVENT.c.instance_id == bindparam("instance")).order_by(EVENT.c.id.desc()).limit(TIMELINE_SHOWN)
)
_OPEN_TASKS: Final = (
    select(TASK.c.instance_id, TASK.c.name, TASK.c.assignee, TASK.c.principals)
    .where(TASK.c.instance_id.in_(bindparam("instances", expanding=True)), TASK.c.state == "open")
    .order_by(TASK.c.created_at, TASK.c.id)
)
_WAITS: Final = (
    select(
        SUBSCRIPTION.c.instance_id,
        SUBSCRIPTION.c.kind,
        SUBSCRIPTION.c.message_name,
        SUBSCRIPTION.c.process_key,
        SUBSCRIPTION.c.element_id,
    )
    .where(SUBSCRIPTION.c.instance_id.in_(bindparam("instances", expanding=True)))
    .order_by(SUBSCRIPTION.c.created_at, SUBSCRIPTION.c.task_id)
)


class HistoryService:
    """What has happened, as far as an actor may see it."""

    def __init__(self, database: Database, definitions: Definitions, clock: Callable[[], datetime]) -> None:
        self._database, self._definitions, self._clock = database, definitions, clock

    def case(self, instance_id: str, actor: Actor) -> CaseDetail:
        """Return a case with its tasks, waits, records, failures and comments; raise `NotFound`."""
        with self._database.read() as connection:
            visible = select(ProcessInstance.id).where(ProcessInstance.id == instance_id, policy.cases_visible(actor))
            row = None
            if connection.execute(visible).first() is not None:
                row = store.load_case(connection, instance_id)
            if row is None:
                raise NotFound("case", instance_id)
            return CasePage(connection, self._definitions, actor, self._clock()).detail(row)

    def comments(
        self, instance_id: str, actor: Actor, *, after: Cursor | None = None, limit: int = 50
    ) -> Page[CommentView]:
        """Return a page of the remarks on a case, newest first; raise `NotFound`."""
        with self._database.read() as connection:
            visible = select(ProcessInstance.id).where(ProcessInstance.id == instance_id, policy.cases_visible(actor))
            if connection.execute(visible).first() is None:
                raise NotFound("case", instance_id)
            staff = policy.is_engine(actor) or bool(actor.roles & policy.PROVIDER_ROLES)
            return comments.page(connection, instance_id, staff=staff, after=after, limit=min(limit, MAX_PAGE))

    def cases(
        self,
        actor: Actor,
        *,
        filter: CaseFilter = EVERYTHING,  # noqa: A002 - the name that every list of the services has
        after: Cursor | None = None,
        limit: int = 25,
    ) -> Page[CaseRow]:
        """Return a page of cases, newest first; raise `InputRefused` for a damaged cursor."""
        limit = min(limit, MAX_PAGE)
        query = select(*_SEEN).where(policy.cases_visible(actor), *_conditions(filter, actor))
        if after is not None:
            query = query.where(tuple_(INSTANCE.c.started_at, INSTANCE.c.id) < after.moment_and_id())
        query = query.order_by(INSTANCE.c.started_at.desc(), INSTANCE.c.id.desc()).limit(limit + 1)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            more, rows = len(rows) > limit, rows[:limit]
            shown = {"instances": [row.id for row in rows]}
            tasks = connection.execute(_OPEN_TASKS, shown).all() if rows else ()
            names = people(connection, [*(row.originator for row in rows), *(task.assignee for task in tasks)])
            waiting: dict[str, list[Turn]] = {row.id: [] for row in rows}
            for task in tasks:
                groups = () if task.assignee else groups_of(task.principals)
                waiting[task.instance_id].append(Turn("task", task.name, names.maybe(task.assignee), groups))
            runs_on = {row.id: row.definitions for row in rows}
            for wait in connection.execute(_WAITS, shown).all() if rows else ():
                element = self._definitions.element(
                    connection, runs_on[wait.instance_id], wait.process_key, wait.element_id
                )
                # What may start an event sub-process at any time is nothing that the case stands still for.
                if element is None or element.kind != "startEvent":
                    name = None if element is None else element.name
                    waiting[wait.instance_id].append(Turn(wait.kind, name or wait.message_name))
            found = tuple(
                self._row(row, names, self._definitions.get(connection, row.definition_id).name, waiting[row.id])
                for row in rows
            )
        return Page(found, Cursor((found[-1].started_at.isoformat(), found[-1].id)) if more else None)

    def timeline(self, instance_id: str, actor: Actor) -> list[TimelineEntry]:
        """Return what happened in a case, oldest first, at most the newest 1,000 events; raise `NotFound`.

        Why a step failed may quote data of any kind: the owners of the process and admins read it.
        """
        with self._database.read() as connection:
            visible = select(ProcessInstance.definition_id).where(
                ProcessInstance.id == instance_id, policy.cases_visible(actor)
            )
            found = connection.execute(visible).scalar_one_or_none()
            if found is None:
                raise NotFound("case", instance_id)
            rows = connection.execute(_TIMELINE, {"instance": instance_id}).all()
            names = people(connection, [*(row.actor for row in rows), *map(_given_to, rows)])
            mends = "admin" in actor.roles or policy.owns_case(connection, actor, instance_id)
        staff = policy.is_engine(actor) or bool(actor.roles & policy.PROVIDER_ROLES)
        return [
            _entry(row, names, mends=mends) for row in reversed(rows) if staff or row.detail.get("audience") != "staff"
        ]

    def export_log(
        self,
        actor: Actor,
        *,
        process_key: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Iterator[LogRow]:
        """Return the activity log of the cases that the actor may see, from `since` up to but without `until` (aware).

        `process_key` names a process definition, or a managed process for all definitions whose cases are its work;
        `NotFound` is raised for one that is neither. The log is read in chunks, each in a transaction of its own: an
        export of any length holds nobody up. Why a step failed is read by the owners of the process and admins, as in a
        case's timeline, remarks for staff by staff.
        """
        return exported_log.read(self._database, actor, process_key=process_key, since=since, until=until)

    def _row(self, row: AnyRow, names: People, process_name: str, waiting: Sequence[Turn]) -> CaseRow:
        status, outcome = shown_as(row.status, row.outcome)
        return CaseRow(
            id=row.id,
            number=row.number,
            title=row.title,
            status=status,
            outcome=outcome,
            process_key=row.definition_key,
            process_name=process_name,
            priority=row.priority,
            originator=names.maybe(row.originator),
            organisation_id=row.organisation_id,
            started_at=row.started_at,
            changed_at=row.changed_at,
            ended_at=row.ended_at,
            failures=row.failures,
            waiting_for=tuple(dict.fromkeys(waiting)),
        )


def _conditions(wanted: CaseFilter, actor: Actor) -> list[Any]:
    conditions: list[Any] = []
    if wanted.scope == "mine":
        conditions.append(policy.cases_of(actor))
    if wanted.status in ("cancelled", "withdrawn"):
        withdrawn = func.coalesce(INSTANCE.c.outcome, "") == WITHDRAWN
        conditions += [INSTANCE.c.status == "cancelled", withdrawn if wanted.status == "withdrawn" else not_(withdrawn)]
    elif wanted.status is not None:
        conditions.append(INSTANCE.c.status == wanted.status)
    if wanted.process_key is not None:
        conditions.append(INSTANCE.c.definition_key == wanted.process_key)
    if wanted.failed:
        conditions.append(INSTANCE.c.failures > 0)
    if wanted.text.strip():
        escaped = wanted.text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = f"%{escaped}%"
        conditions.append(
            or_(INSTANCE.c.title.ilike(pattern, escape="\\"), INSTANCE.c.number.ilike(pattern, escape="\\"))
        )
    return conditions


def _entry(row: AnyRow, names: People, *, mends: bool) -> TimelineEntry:
    return TimelineEntry(
        at=row.at,
        kind=row.kind,
        actor=names.person(row.actor),
        process_key=row.process_key,
        task_id=row.task_id,
        element_id=row.element_id,
        element_name=row.element_name,
        element_kind=row.element_kind,
        duration_seconds=row.duration_seconds,
        working_seconds=row.working_seconds,
        effort_minutes=row.effort_minutes,
        channel=row.channel,
        outcome=row.outcome,
        rework=row.rework,
        interface=row.interface,
        detail=exported_log.told(row, mends=mends),
        given_to=names.maybe(_given_to(row)),
    )


def _given_to(row: AnyRow) -> str | None:
    """Return the id of the person to whom an event assigned a task."""
    person: str | None = row.detail.get("to") if row.kind == events.TASK_ASSIGNED else None
    return person
