"""Owns how people, groups and due times are shown; it knows nobody's rights."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from engine.persistence.models import User
from engine.persistence.statements import table
from engine.types import ENGINE
from engine.views import Person

_USERS = table(User)
_NAMES = select(_USERS.c.id, _USERS.c.name).where(_USERS.c.id.in_(bindparam("users", expanding=True)))


class People:
    """The names of a few people, read in one statement."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def person(self, user_id: str) -> Person:
        """Return the person; an id without account is its own name."""
        return Person(user_id, self._names.get(user_id, user_id))

    def maybe(self, user_id: str | None) -> Person | None:
        """Return the person, or None for nobody."""
        return None if user_id is None else self.person(user_id)


def people(connection: Connection, user_ids: Iterable[str | None]) -> People:
    """Return the people with these ids."""
    wanted = sorted({user_id for user_id in user_ids if user_id})
    names = {ENGINE.user_id: ENGINE.name}
    if wanted:
        names.update({row.id: row.name for row in connection.execute(_NAMES, {"users": wanted})})
    return People(names)


def groups_of(principals: Sequence[str]) -> tuple[str, ...]:
    """Return the groups among the principals of a task."""
    return tuple(name.removeprefix("group:") for name in principals if name.startswith("group:"))


def users_of(principals: Sequence[str]) -> tuple[str, ...]:
    """Return the ids of the people among the principals of a task."""
    return tuple(name.removeprefix("user:") for name in principals if name.startswith("user:"))


def is_overdue(due_at: datetime | None, now: datetime) -> bool:
    """Return whether something was due before `now`."""
    return due_at is not None and due_at < now
