"""Who may see and do what: the one place that pages, command line, exports and search ask; it writes nothing.

Originators see the matters of their own organisation; whoever has none sees what they handed in themselves. Staff see
cases in which they or their groups have, or had, a task, and the registers that name them. Process owners see all cases
and records of the processes that their groups own. Admins see figures, accounts and failures. Everything else is "not
found".
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Select,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from engine.persistence.models import (
    CaseParticipant,
    Failure,
    Follower,
    ProcessDefinition,
    ProcessInstance,
    Record,
    RecordVersion,
    Supporter,
)
from engine.types import ENGINE, Actor

PROVIDER_ROLES = frozenset({"staff", "process_owner"})
_HANDS_IN = frozenset({"originator"}) | PROVIDER_ROLES


def is_engine(actor: Actor) -> bool:
    """Return whether `actor` is the engine itself, which may do everything."""
    return actor == ENGINE


def owns(actor: Actor, owner_group: str | None) -> bool:
    """Return whether `actor` is an owner of a process whose owner group is `owner_group`."""
    return is_engine(actor) or (
        "process_owner" in actor.roles and owner_group is not None and owner_group in actor.groups
    )


def may_deploy(actor: Actor, owner_group: str | None) -> bool:
    """Return whether `actor` may deploy a process owned by `owner_group` (None: nobody owns it yet)."""
    return owns(actor, owner_group) or ("process_owner" in actor.roles and owner_group is None)


def may_start(actor: Actor, groups: Collection[str], users: Collection[str]) -> bool:
    """Return whether `actor` may start a process whose candidate starters are `groups` (roles count) and `users`."""
    return is_engine(actor) or actor.user_id in users or not (actor.groups | actor.roles).isdisjoint(groups)


def may_work_on(actor: Actor, principals: Sequence[str], assignee: str | None) -> bool:
    """Return whether the task with these candidate `principals` and `assignee` is one of the actor's."""
    return is_engine(actor) or assignee == actor.user_id or not set(actor.principals).isdisjoint(principals)


def may_withdraw(actor: Actor, originator: str | None, started_by: str) -> bool:
    """Return whether a case of this originator, started by that user, is the actor's own to withdraw."""
    return actor.user_id in (originator, started_by)


def cases_visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `ProcessInstance` that is true for the cases that `actor` may see."""
    if is_engine(actor):
        return true()
    mine = [ProcessInstance.originator == actor.user_id, ProcessInstance.started_by == actor.user_id]
    if "originator" in actor.roles and actor.organisation_id is not None:
        mine.append(ProcessInstance.organisation_id == actor.organisation_id)
    if actor.roles & PROVIDER_ROLES:
        took_part = exists().where(
            CaseParticipant.instance_id == ProcessInstance.id, CaseParticipant.principal.in_(actor.principals)
        )
        follows = exists().where(Follower.instance_id == ProcessInstance.id, Follower.user_id == actor.user_id)
        mine += [took_part, follows]
    if "process_owner" in actor.roles:
        mine.append(cases_owned(actor))
    return or_(*mine)


def cases_of(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `ProcessInstance` for the actor's own cases: handed in, started, followed, supported.

    It does not say whether the actor may still see them.
    """
    case = aliased(ProcessInstance)
    supported = select(RecordVersion.instance_id).join(
        Supporter,
        and_(Supporter.register == RecordVersion.register, Supporter.record_id == RecordVersion.record_id),
    )
    # Four indexes, one after the other: with OR a database would go through all cases there are.
    mine: CompoundSelect[Any] = union_all(
        select(case.id).where(case.originator == actor.user_id),
        select(case.id).where(case.started_by == actor.user_id),
        select(Follower.instance_id).where(Follower.user_id == actor.user_id),
        supported.where(Supporter.user_id == actor.user_id, RecordVersion.instance_id.is_not(None)),
    )
    return ProcessInstance.id.in_(mine)


def cases_owned(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `ProcessInstance` that is true for the cases of processes that `actor` owns.

    When a process changes hands, the new owners see all its cases, the former ones those of the versions they owned.
    """
    if is_engine(actor):
        return true()
    if "process_owner" not in actor.roles or not actor.groups:
        return false()
    versions = select(ProcessDefinition.id).where(ProcessDefinition.owner_group.in_(sorted(actor.groups)))
    return or_(ProcessInstance.definition_key.in_(processes_owned(actor)), ProcessInstance.definition_id.in_(versions))


def owns_case(connection: Connection, actor: Actor, instance_id: str) -> bool:
    """Return whether the case is one of those that `cases_owned` finds: its owners mend, assign and cancel."""
    if is_engine(actor):
        return True
    if "process_owner" not in actor.roles:
        return False
    owned = select(ProcessInstance.id).where(ProcessInstance.id == instance_id, cases_owned(actor))
    return connection.execute(owned).first() is not None


def processes_owned(actor: Actor) -> Select[Any]:
    """Return the query for the keys of the processes whose newest version belongs to a group of the actor's."""
    newer = aliased(ProcessDefinition)
    newest = select(func.max(newer.version)).where(newer.key == ProcessDefinition.key).scalar_subquery()
    groups = sorted(actor.groups) if "process_owner" in actor.roles else []
    return select(ProcessDefinition.key).where(
        ProcessDefinition.owner_group.in_(groups), ProcessDefinition.version == newest
    )


def failures_visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Failure` joined with `ProcessInstance`: admins see all, owners their processes'."""
    if "admin" in actor.roles:
        return Failure.id.is_not(None)
    return cases_owned(actor)


def reads_register(actor: Actor, readers: Collection[str], maintainers: Collection[str]) -> bool:
    """Return whether `actor` sees every record of a register that names these reader and maintainer groups or roles."""
    return is_engine(actor) or not (actor.groups | actor.roles).isdisjoint({*readers, *maintainers})


def maintains_register(actor: Actor, maintainers: Collection[str]) -> bool:
    """Return whether `actor` may add and change records of a register outside a case."""
    return is_engine(actor) or not (actor.groups | actor.roles).isdisjoint(maintainers)


def records_visible(actor: Actor, readers: Collection[str], maintainers: Collection[str]) -> ColumnElement[bool]:
    """Return the condition on `Record` that is true for the records of one register that `actor` may see."""
    return true() if reads_register(actor, readers, maintainers) else own_records(actor)


def own_records(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `Record` for what `actor` may see of a register that does not name them as a reader.

    These are the records that name the actor as originator, those of an originator's organisation, and those that an
    owner's processes have written.
    """
    if actor.roles.isdisjoint(_HANDS_IN):
        return false()
    own: list[ColumnElement[bool]] = [Record.originator == actor.user_id]
    if "originator" in actor.roles and actor.organisation_id is not None:
        own.append(Record.organisation_id == actor.organisation_id)
    if "process_owner" in actor.roles and actor.groups:
        written = exists().where(
            RecordVersion.register == Record.register,
            RecordVersion.record_id == Record.id,
            RecordVersion.process_key.in_(processes_owned(actor)),
        )
        own.append(written)
    return or_(*own)


def hands_in(actor: Actor) -> bool:
    """Return whether `actor` may have records of their own: originators and those who work here, not mere admins."""
    return not actor.roles.isdisjoint(_HANDS_IN)
