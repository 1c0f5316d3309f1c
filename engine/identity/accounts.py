"""Owns what accounts and groups are, and what makes a new one valid; it changes nothing."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from engine.persistence.models import Group, Record, Register
from engine.types import ENGINE, ROLES

USER_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
GROUP_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
LONGEST_NAME: Final = 255

Problems = dict[str, list[str]]
"""Sentences for each field that cannot be taken as it is."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a sign-in has to know of a person. `password_hash` is the host's own text."""

    id: str
    name: str
    email: str | None
    organisation_id: str | None
    password_hash: str | None
    active: bool
    session_epoch: int


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


def wrong_with_user(user_id: str, name: str, email: str | None) -> Problems:
    """Return what keeps these facts from making an account."""
    problems: Problems = {}
    if not USER_ID.fullmatch(user_id):
        problems["user"] = ["Use 1 to 64 lower-case letters, digits, dot, - and _ as the sign-in name."]
    elif user_id == ENGINE.user_id:
        # Timers and messages act under this name, and may do everything.
        problems["user"] = [f"{user_id!r} is what the log calls the engine itself: choose another sign-in name."]
    if not _is_name(name):
        problems["name"] = [f"Enter the person's name: 1 to {LONGEST_NAME} characters in one line."]
    if email is not None and not _is_name(email):
        problems["email"] = [f"Enter at most {LONGEST_NAME} characters, or no address at all."]
    return problems


def wrong_with_group(group_id: str, name: str) -> Problems:
    """Return what keeps these facts from making a group."""
    problems: Problems = {}
    if not GROUP_ID.fullmatch(group_id) or group_id in ROLES:
        problems["group"] = ["Use 1 to 64 lower-case letters, digits, - and _, and no role's name."]
    if not _is_name(name):
        problems["name"] = [f"Enter the group's name: 1 to {LONGEST_NAME} characters in one line."]
    return problems


def unknown(
    connection: Connection, roles: Collection[str], groups: Collection[str], organisation_id: str | None
) -> Problems:
    """Return what is wrong with roles, groups and organisation that a person is to have: those that do not exist."""
    problems: Problems = {}
    if strange := [role for role in roles if role not in ROLES]:
        problems["roles"] = [f"There is no role {', '.join(strange)}. The roles are {', '.join(ROLES)}."]
    known = set(connection.execute(select(Group.id).where(Group.id.in_(groups))).scalars())
    if strange := [group for group in groups if group not in known]:
        problems["groups"] = [f"There is no group {', '.join(strange)}. Make it first: comity groups add."]
    if organisation_id is not None and not _is_organisation(connection, organisation_id):
        problems["organisation"] = [f"There is no organisation {organisation_id!r} in the register of organisations."]
    return problems


def _is_name(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST_NAME and text.isprintable()


def _is_organisation(connection: Connection, organisation_id: str) -> bool:
    registers = [
        row.key
        for row in connection.execute(select(Register.key, Register.definition))
        if row.definition.get("organisations")
    ]
    found = select(Record.id).where(Record.register.in_(registers), Record.id == organisation_id)
    return connection.execute(found).first() is not None
