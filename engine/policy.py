"""Who may see and do what: the one place that pages, command line, exports and search ask; it writes nothing.

Originators see the matters of their own organisation. Staff see cases in which they or their groups have, or had, a
task, and
the registers that name them. Process owners see all cases of the processes that their groups own. Admins see
figures, accounts and
failures. Everything else is "not found".
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from engine.persistence.models import CaseParticipant, Failure, Follower, ProcessDefinition, ProcessInstance, Record
from engine.types import ENGINE, Actor

PROVIDER_ROLES = frozenset({"staff", "process_owner"})


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
    if "process_owner" in actor.roles and actor.groups:
        owned = select(ProcessDefinition.key).where(ProcessDefinition.owner_group.in_(sorted(actor.groups)))
        mine.append(ProcessInstance.definition_key.in_(owned))
    return or_(*mine)


def cases_owned(actor: Actor) -> ColumnElement[bool]:
    """Return the condition on `ProcessInstance` that is true for the cases of processes that `actor` owns."""
    if is_engine(actor):
        return true()
    if "process_owner" not in actor.roles or not actor.groups:
        return false()
    owned = select(ProcessDefinition.key).where(ProcessDefinition.owner_group.in_(sorted(actor.groups)))
    return ProcessInstance.definition_key.in_(owned)


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
    if reads_register(actor, readers, maintainers):
        return true()
    own: list[ColumnElement[bool]] = [Record.originator == actor.user_id]
    if "originator" in actor.roles and actor.organisation_id is not None:
        own.append(and_(Record.organisation_id.is_not(None), Record.organisation_id == actor.organisation_id))
    return or_(*own)
