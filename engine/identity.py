"""IdentityService: people, their groups and roles, and what a sign-in has to know.

It hashes nothing and knows no cookies.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from engine import policy
from engine.errors import InputRefused, NotFound, NotPermitted
from engine.persistence.database import Database
from engine.persistence.models import Group, Membership, Record, Register, RoleAssignment, User
from engine.types import ROLES, Actor

USER_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
FAILURES_BEFORE_LOCK: Final = 5
LOCK: Final = timedelta(minutes=5)

_ACCOUNT = select(
    User.id,
    User.name,
    User.email,
    User.organisation_id,
    User.password_hash,
    User.active,
    User.session_epoch,
    User.locked_until,
).where(User.id == bindparam("id"))
_ROLES = select(RoleAssignment.role).where(RoleAssignment.user_id == bindparam("id"))
_GROUPS = select(Membership.group_id).where(Membership.user_id == bindparam("id"))
_BELONGS = _ROLES.add_columns(bindparam("of_role", "role")).union_all(
    _GROUPS.add_columns(bindparam("of_group", "group"))
)


@dataclass(frozen=True, slots=True)
class Account:
    """What a sign-in has to know of a person. `locked_until` is UTC; `password_hash` is the host's own text."""

    id: str
    name: str
    email: str | None
    organisation_id: str | None
    password_hash: str | None
    active: bool
    session_epoch: int
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person as a list shows them."""

    id: str
    name: str
    email: str | None
    organisation_id: str | None
    active: bool
    roles: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with the number of its members."""

    id: str
    name: str
    members: int


class IdentityService:
    """Accounts, groups and roles. Only admins, and the host itself, change them.

    Everybody may change their own password.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def account(self, user_id: str) -> Account | None:
        """Return the account with that name in lower case, or None."""
        with self._database.read() as connection:
            row = connection.execute(_ACCOUNT, {"id": user_id.strip().lower()}).one_or_none()
        return Account(*row) if row else None

    def actor(self, user_id: str) -> Actor:
        """Return the person with their roles and groups as they are now.

        Raise `NotFound` for none or a closed account.
        """
        with self._database.read() as connection:
            row = connection.execute(_ACCOUNT, {"id": user_id}).one_or_none()
            if row is None or not row.active:
                raise NotFound("account", user_id)
            belongs = connection.execute(_BELONGS, {"id": user_id, "of_role": "role", "of_group": "group"}).all()
        roles = frozenset(name for name, kind in belongs if kind == "role")
        groups = frozenset(name for name, kind in belongs if kind == "group")
        return Actor(row.id, row.name, roles, groups, row.organisation_id)

    def names(self, user_ids: Collection[str]) -> dict[str, str]:
        """Return the names to show for these ids; an id without an account is left out."""
        with self._database.read() as connection:
            rows = connection.execute(select(User.id, User.name).where(User.id.in_(list(user_ids))))
            return {row.id: row.name for row in rows}

    def users(self, actor: Actor) -> list[UserRow]:
        """Return everybody by id; raise `NotPermitted` for who is neither admin nor process owner."""
        if not policy.is_engine(actor) and not actor.roles & {"admin", "process_owner"}:
            raise NotPermitted("The list of people is for admins and process owners.")
        with self._database.read() as connection:
            roles = _grouped(connection.execute(select(RoleAssignment.user_id, RoleAssignment.role)).all())
            groups = _grouped(connection.execute(select(Membership.user_id, Membership.group_id)).all())
            rows = connection.execute(
                select(User.id, User.name, User.email, User.organisation_id, User.active).order_by(User.id)
            ).all()
        return [UserRow(*row, roles.get(row.id, ()), groups.get(row.id, ())) for row in rows]

    def groups(self) -> list[GroupRow]:
        """Return all groups by id."""
        counted = func.count(Membership.user_id)
        query = (
            select(Group.id, Group.name, counted)
            .outerjoin(Membership)
            .group_by(Group.id, Group.name)
            .order_by(Group.id)
        )
        with self._database.read() as connection:
            return [GroupRow(*row) for row in connection.execute(query)]

    def create_group(self, group_id: str, name: str, *, actor: Actor) -> None:
        """Make a group, or give an existing one the new name."""
        _must_administer(actor)
        if not USER_ID.fullmatch(group_id.replace("_", "-")) or group_id in ROLES:
            raise InputRefused({"group": ["Use 1 to 64 lower-case letters, digits, - and _, and no role's name."]})
        with self._database.write() as connection:
            if connection.execute(update(Group).where(Group.id == group_id).values(name=name)).rowcount == 0:
                connection.execute(insert(Group), {"id": group_id, "name": name})

    def create_user(
        self,
        user_id: str,
        name: str,
        *,
        actor: Actor,
        roles: Iterable[str] = (),
        groups: Iterable[str] = (),
        organisation_id: str | None = None,
        email: str | None = None,
        password_hash: str | None = None,
    ) -> None:
        """Make an account; raise `InputRefused` for a name that is taken, or an unknown role, group or organisation."""
        _must_administer(actor)
        roles, groups = sorted(set(roles)), sorted(set(groups))
        problems: dict[str, list[str]] = {}
        if not USER_ID.fullmatch(user_id):
            problems["user"] = ["Use 1 to 64 lower-case letters, digits, dot, - and _ as the sign-in name."]
        if not name.strip():
            problems["name"] = ["Enter the person's name."]
        with self._database.write() as connection:
            if connection.execute(select(User.id).where(User.id == user_id)).scalar_one_or_none():
                problems["user"] = [f"There is already an account {user_id!r}."]
            problems |= _unknown(connection, roles, groups, organisation_id)
            if problems:
                raise InputRefused(problems)
            connection.execute(
                insert(User),
                {
                    "id": user_id,
                    "name": name.strip(),
                    "email": email,
                    "organisation_id": organisation_id,
                    "password_hash": password_hash,
                    "active": True,
                    "session_epoch": 0,
                    "failed_sign_ins": 0,
                    "created_at": self._clock(),
                },
            )
            if roles:
                connection.execute(insert(RoleAssignment), [{"user_id": user_id, "role": role} for role in roles])
            if groups:
                connection.execute(insert(Membership), [{"user_id": user_id, "group_id": group} for group in groups])

    def set_belonging(self, user_id: str, *, roles: Iterable[str], groups: Iterable[str], actor: Actor) -> None:
        """Give a person exactly these roles and groups."""
        _must_administer(actor)
        roles, groups = sorted(set(roles)), sorted(set(groups))
        with self._database.write() as connection:
            _must_exist(connection, user_id)
            if problems := _unknown(connection, roles, groups, None):
                raise InputRefused(problems)
            connection.execute(delete(RoleAssignment).where(RoleAssignment.user_id == user_id))
            connection.execute(delete(Membership).where(Membership.user_id == user_id))
            if roles:
                connection.execute(insert(RoleAssignment), [{"user_id": user_id, "role": role} for role in roles])
            if groups:
                connection.execute(insert(Membership), [{"user_id": user_id, "group_id": group} for group in groups])

    def set_active(self, user_id: str, *, active: bool, actor: Actor) -> None:
        """Open or close an account; closing ends its sessions."""
        _must_administer(actor)
        self._change(user_id, active=active, session_epoch=User.session_epoch + 1)

    def set_password_hash(self, user_id: str, password_hash: str, *, actor: Actor) -> None:
        """Store a new password hash (made by the host) and end all sessions of the account."""
        if actor.user_id != user_id:
            _must_administer(actor)
        self._change(
            user_id,
            password_hash=password_hash,
            session_epoch=User.session_epoch + 1,
            failed_sign_ins=0,
            locked_until=None,
        )

    def refresh_password_hash(self, user_id: str, old: str, new: str) -> None:
        """Replace a hash by a stronger one of the same password, unless the password changed meanwhile."""
        with self._database.write() as connection:
            connection.execute(
                update(User).where(User.id == user_id, User.password_hash == old).values(password_hash=new)
            )

    def note_failed_sign_in(self, user_id: str) -> None:
        """Count a wrong password; the fifth in a row locks the account for five minutes."""
        with self._database.write() as connection:
            failed = connection.execute(
                update(User)
                .where(User.id == user_id)
                .values(failed_sign_ins=User.failed_sign_ins + 1)
                .returning(User.failed_sign_ins)
            ).scalar_one_or_none()
            if failed is not None and failed >= FAILURES_BEFORE_LOCK:
                locked = {"failed_sign_ins": 0, "locked_until": self._clock() + LOCK}
                connection.execute(update(User).where(User.id == user_id).values(**locked))

    def note_sign_in(self, user_id: str) -> None:
        """Forget wrong passwords after a right one."""
        self._change(user_id, failed_sign_ins=0, locked_until=None)

    def end_sessions(self, user_id: str, *, actor: Actor) -> None:
        """End every session of an account."""
        if actor.user_id != user_id:
            _must_administer(actor)
        self._change(user_id, session_epoch=User.session_epoch + 1)

    def _change(self, user_id: str, **values: object) -> None:
        with self._database.write() as connection:
            if connection.execute(update(User).where(User.id == user_id).values(**values)).rowcount == 0:
                raise NotFound("account", user_id)


def _must_administer(actor: Actor) -> None:
    if not policy.is_engine(actor) and "admin" not in actor.roles:
        raise NotPermitted("Accounts, groups and roles are changed by admins.")


def _must_exist(connection: Connection, user_id: str) -> None:
    if connection.execute(select(User.id).where(User.id == user_id)).scalar_one_or_none() is None:
        raise NotFound("account", user_id)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for user_id, name in sorted(pairs):
        found[user_id] = (*found.get(user_id, ()), name)
    return found


def _unknown(
    connection: Connection, roles: Iterable[str], groups: list[str], organisation_id: str | None
) -> dict[str, list[str]]:
    problems: dict[str, list[str]] = {}
    if strange := [role for role in roles if role not in ROLES]:
        problems["roles"] = [f"There is no role {', '.join(strange)}. The roles are {', '.join(ROLES)}."]
    known = set(connection.execute(select(Group.id).where(Group.id.in_(groups))).scalars())
    if strange := [group for group in groups if group not in known]:
        problems["groups"] = [f"There is no group {', '.join(strange)}. Make it first: comity groups add."]
    if organisation_id is not None and not _is_organisation(connection, organisation_id):
        problems["organisation"] = [f"There is no organisation {organisation_id!r} in the register of organisations."]
    return problems


def _is_organisation(connection: Connection, organisation_id: str) -> bool:
    registers = [
        row.key
        for row in connection.execute(select(Register.key, Register.definition))
        if row.definition.get("organisations")
    ]
    found = select(Record.id).where(Record.register.in_(registers), Record.id == organisation_id)
    return connection.execute(found).scalar_one_or_none() is not None
