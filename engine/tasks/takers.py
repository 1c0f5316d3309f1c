"""Owns who can be given a task: who may have it at all, and whom to name for it."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, exists, or_, select

from engine import policy
from engine.people import groups_of, users_of
from engine.persistence import statements as sql
from engine.persistence.database import AnyRow
from engine.persistence.models import Membership, RoleAssignment, User
from engine.views import Person

MOST_NAMED: Final = 200

_USERS: Final = sql.table(User)
_GROUPS: Final = sql.table(Membership)
_ROLES: Final = sql.table(RoleAssignment)

_PROVIDES: Final = exists().where(_ROLES.c.user_id == _USERS.c.id, _ROLES.c.role.in_(policy.PROVIDER_ROLES))
_MAY_HAVE: Final = select(_USERS.c.id).where(
    _USERS.c.id == bindparam("user"),
    _USERS.c.active,
    or_(
        _PROVIDES,
        _USERS.c.organisation_id == bindparam("organisation"),
        _USERS.c.id.in_(bindparam("named", expanding=True)),
    ),
)
_OFFERED: Final = (
    select(_USERS.c.id, _USERS.c.name)
    .where(
        _USERS.c.active,
        or_(
            _USERS.c.id.in_(bindparam("named", expanding=True)),
            exists().where(
                _GROUPS.c.user_id == _USERS.c.id, _GROUPS.c.group_id.in_(bindparam("groups", expanding=True))
            ),
        ),
    )
    .order_by(_USERS.c.name, _USERS.c.id)
    .limit(MOST_NAMED)
)


def may_have(connection: Connection, row: AnyRow, user_id: str) -> bool:
    """Return whether somebody may be given the task of `row`: staff, the case's organisation, who began it or is named.

    Customers of another organisation may not: with a task one sees what it works with.
    """
    asked = {
        "user": user_id,
        "organisation": row.organisation_id,
        "named": [*users_of(row.task_principals), *filter(None, [row.originator, row.started_by])],
    }
    return connection.execute(_MAY_HAVE, asked).first() is not None


def offered(connection: Connection, principals: Sequence[str]) -> tuple[Person, ...]:
    """Return the people with an active account whom a task with these principals is offered to, by name."""
    asked = {"named": list(users_of(principals)), "groups": list(groups_of(principals))}
    return tuple(Person(row.id, row.name) for row in connection.execute(_OFFERED, asked))
