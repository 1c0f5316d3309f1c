"""Owns the IdentityService: people, their groups and roles, what a sign-in has to know; no cookies, no hashes."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.exc import IntegrityError

from engine import policy
from engine.errors import InputRefused, NotFound, NotPermitted
from engine.identity import sign_ins
from engine.identity.accounts import USER_ID, Account, GroupRow, UserRow, unknown, wrong_with_group, wrong_with_user
from engine.persistence.database import Database
from engine.persistence.models import Group, Membership, RoleAssignment, User
from engine.types import Actor
from engine.views import Cursor, Page

MAX_PAGE: Final = 200
LONGEST_PLACE: Final = 64

_ACCOUNT = select(
    User.id,
    User.name,
    User.email,
    User.organisation_id,
    User.password_hash,
    User.active,
    User.session_epoch,
).where(User.id == bindparam("id"))
_PERSON: Final[CompoundSelect[*tuple[Any, ...]]] = union_all(
    select(
        literal_column("'account'").label("kind"), User.name.label("value"), User.organisation_id, User.session_epoch
    ).where(User.id == bindparam("id"), User.active),
    select(literal_column("'role'"), RoleAssignment.role, null(), null()).where(
        RoleAssignment.user_id == bindparam("id")
    ),
    select(literal_column("'group'"), Membership.group_id, null(), null()).where(Membership.user_id == bindparam("id")),
)
"""One row for the account if it is open, one for each role and each group: every request of a browser asks for them."""


class IdentityService:
    """Accounts, groups and roles. Only admins, and the host itself, change them.

    Everybody may change their own password.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock = database, clock

    def account(self, user_id: str) -> Account | None:
        """Return the account with that name in lower case, or None; any text may be asked for."""
        user_id = user_id.strip().lower()
        if not USER_ID.fullmatch(user_id):
            return None
        with self._database.read() as connection:
            row = connection.execute(_ACCOUNT, {"id": user_id}).one_or_none()
        return Account(*row) if row else None

    def actor(self, user_id: str) -> Actor:
        """Return the person with their present roles and groups; raise `NotFound` for none or a closed account."""
        found = self._person(user_id)
        if found is None:
            raise NotFound("account", user_id)
        return found[0]

    def in_session(self, user_id: str, session_epoch: str) -> Actor | None:
        """Return the person with their present roles and groups; None when a session of that epoch holds no more."""
        found = self._person(user_id)
        return found[0] if found is not None and str(found[1]) == session_epoch else None

    def _person(self, user_id: str) -> tuple[Actor, int] | None:
        """Return the person and the account's present epoch; None for no account or a closed one."""
        if not USER_ID.fullmatch(user_id):
            return None
        with self._database.read() as connection:
            rows = connection.execute(_PERSON, {"id": user_id}).all()
        account = next((row for row in rows if row.kind == "account"), None)
        if account is None:
            return None
        roles = frozenset(row.value for row in rows if row.kind == "role")
        groups = frozenset(row.value for row in rows if row.kind == "group")
        return Actor(user_id, account.value, roles, groups, account.organisation_id), account.session_epoch

    def names(self, user_ids: Collection[str]) -> dict[str, str]:
        """Return the names to show for these ids; an id without an account is left out."""
        with self._database.read() as connection:
            rows = connection.execute(select(User.id, User.name).where(User.id.in_(list(user_ids))))
            return {row.id: row.name for row in rows}

    def users(self, actor: Actor) -> list[UserRow]:
        """Return everybody by id; raise `NotPermitted` for who is neither admin nor process owner."""
        return list(self._users(actor, true(), None))

    def page(self, actor: Actor, *, text: str = "", after: Cursor | None = None, limit: int = 50) -> Page[UserRow]:
        """Return a page of those whose id, name or e-mail address holds `text`, by id; raise as `users` does.

        Raises `InputRefused` for a cursor that is not ours.
        """
        limit = max(1, min(limit, MAX_PAGE))
        wanted: ColumnElement[bool] = true()
        if words := text.replace("\0", " ").strip():
            wanted = or_(*(column.icontains(words, autoescape=True) for column in (User.id, User.name, User.email)))
        if after is not None:
            wanted = and_(wanted, User.id > after.identity())
        rows = self._users(actor, wanted, limit + 1)
        return Page(tuple(rows[:limit]), Cursor((rows[limit - 1].id,)) if len(rows) > limit else None)

    def _users(self, actor: Actor, wanted: ColumnElement[bool], limit: int | None) -> Sequence[UserRow]:
        if not policy.is_engine(actor) and not actor.roles & {"admin", "process_owner"}:
            raise NotPermitted("The list of people is for admins and process owners.")
        query = select(User.id, User.name, User.email, User.organisation_id, User.active)
        roles, groups = (
            select(RoleAssignment.user_id, RoleAssignment.role),
            select(Membership.user_id, Membership.group_id),
        )
        with self._database.read() as connection:
            rows = connection.execute(query.where(wanted).order_by(User.id).limit(limit)).all()
            if limit is not None:
                ids = [row.id for row in rows]
                roles, groups = roles.where(RoleAssignment.user_id.in_(ids)), groups.where(Membership.user_id.in_(ids))
            has_roles, in_groups = (_grouped(connection.execute(each).all()) for each in (roles, groups))
        return [UserRow(*row, has_roles.get(row.id, ()), in_groups.get(row.id, ())) for row in rows]

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
        if problems := wrong_with_group(group_id, name):
            raise InputRefused(problems)
        rename = update(Group).where(Group.id == group_id).values(name=name.strip())
        try:
            with self._database.write() as connection:
                if connection.execute(rename).rowcount == 0:
                    connection.execute(insert(Group), {"id": group_id, "name": name.strip()})
        except IntegrityError:  # somebody else made it in this moment
            with self._database.write() as connection:
                connection.execute(rename)

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
        problems = wrong_with_user(user_id, name, email)
        taken = {"user": [f"There is already an account {user_id!r}."]}
        facts = {
            "id": user_id,
            "name": name.strip(),
            "email": email,
            "organisation_id": organisation_id,
            "password_hash": password_hash,
            "active": True,
            "session_epoch": 0,
            "created_at": self._clock(),
        }
        try:
            with self._database.write() as connection:
                if "user" not in problems and _exists(connection, user_id):
                    problems |= taken
                problems |= unknown(connection, roles, groups, organisation_id)
                if problems:
                    raise InputRefused(problems)
                connection.execute(insert(User), facts)
                _belong(connection, user_id, roles, groups)
        except IntegrityError:  # somebody else made it in this moment
            raise InputRefused(taken) from None

    def set_belonging(self, user_id: str, *, roles: Iterable[str], groups: Iterable[str], actor: Actor) -> None:
        """Give a person exactly these roles and groups; raise `NotFound`, or `InputRefused` for an unknown one."""
        _must_administer(actor)
        roles, groups = sorted(set(roles)), sorted(set(groups))
        with self._database.write() as connection:
            if not _exists(connection, user_id):
                raise NotFound("account", user_id)
            if problems := unknown(connection, roles, groups, None):
                raise InputRefused(problems)
            connection.execute(delete(RoleAssignment).where(RoleAssignment.user_id == user_id))
            connection.execute(delete(Membership).where(Membership.user_id == user_id))
            _belong(connection, user_id, roles, groups)

    def set_active(self, user_id: str, *, active: bool, actor: Actor) -> None:
        """Open or close an account; closing ends its sessions."""
        _must_administer(actor)
        self._change(user_id, active=active, session_epoch=User.session_epoch + 1)

    def set_password_hash(self, user_id: str, password_hash: str, *, actor: Actor) -> None:
        """Store a new password hash (made by the host), end all sessions of the account and forget wrong passwords."""
        if actor.user_id != user_id:
            _must_administer(actor)
        with self._database.write() as connection:
            _change(connection, user_id, password_hash=password_hash, session_epoch=User.session_epoch + 1)
            sign_ins.forgive(connection, user_id)

    def refresh_password_hash(self, user_id: str, old: str, new: str) -> None:
        """Replace a hash by a stronger one of the same password, unless the password changed meanwhile."""
        with self._database.write() as connection:
            connection.execute(
                update(User).where(User.id == user_id, User.password_hash == old).values(password_hash=new)
            )

    def note_try(self, user_id: str, place: str, *, right: bool) -> bool:
        """Count that somebody at `place` gave a right or wrong password; return whether that signs them in.

        A right one does not while a wait is due (`engine.identity.sign_ins`). Any text may be given.
        """
        if not USER_ID.fullmatch(user_id):
            return False
        place, now = place[:LONGEST_PLACE], self._clock()
        if right:
            with self._database.read() as connection:
                if sign_ins.is_settled(connection, user_id, place, now):
                    return True
        with self._database.write() as connection:
            return sign_ins.settle(connection, user_id, place, right=right, now=now)

    def end_sessions(self, user_id: str, *, actor: Actor) -> None:
        """End every session of an account."""
        if actor.user_id != user_id:
            _must_administer(actor)
        self._change(user_id, session_epoch=User.session_epoch + 1)

    def _change(self, user_id: str, **values: object) -> None:
        with self._database.write() as connection:
            _change(connection, user_id, **values)


def _change(connection: Connection, user_id: str, **values: object) -> None:
    if connection.execute(update(User).where(User.id == user_id).values(**values)).rowcount == 0:
        raise NotFound("account", user_id)


def _must_administer(actor: Actor) -> None:
    if not policy.is_engine(actor) and "admin" not in actor.roles:
        raise NotPermitted("Accounts, groups and roles are changed by admins.")


def _exists(connection: Connection, user_id: str) -> bool:
    """Return whether there is such an account; it stays locked until the commit, so that changes to it take turns."""
    return connection.execute(select(User.id).where(User.id == user_id).with_for_update()).first() is not None


def _belong(connection: Connection, user_id: str, roles: Sequence[str], groups: Sequence[str]) -> None:
    if roles:
        connection.execute(insert(RoleAssignment), [{"user_id": user_id, "role": role} for role in roles])
    if groups:
        connection.execute(insert(Membership), [{"user_id": user_id, "group_id": group} for group in groups])


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for user_id, name in sorted(pairs):
        found[user_id] = (*found.get(user_id, ()), name)
    return found
