"""People, groups and roles; customer organisations are records of a register."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, Key


class User(Base):
    """A person with an account. `password_hash` is the host's; None: cannot sign in with a password."""

    __tablename__ = "user_account"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    """the name that is typed at sign-in, lower case"""
    name: Mapped[str] = mapped_column(Key)
    email: Mapped[str | None] = mapped_column(Key)
    organisation_id: Mapped[str | None] = mapped_column(Id)
    """a record of the register of organisations"""
    password_hash: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool]
    session_epoch: Mapped[int] = mapped_column(default=0)
    """rises when sessions must end: password changed, account closed, signed out everywhere"""
    created_at: Mapped[datetime]


class SignInPlace(Base):
    """A place from which somebody tried to sign in to an account: wrong passwords in a row, the last right one."""

    __tablename__ = "sign_in_place"
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    place: Mapped[str] = mapped_column(Id, primary_key=True)
    """an address in the host's words, or `*`: all places at which nobody has signed in"""
    failures: Mapped[int]
    failed_at: Mapped[datetime | None]
    waits_until: Mapped[datetime | None]
    signed_in_at: Mapped[datetime | None]


class Group(Base):
    """A group of people that tasks can be offered to."""

    __tablename__ = "user_group"
    id: Mapped[str] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(Key)


class Membership(Base):
    """A person is in a group."""

    __tablename__ = "membership"
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    group_id: Mapped[str] = mapped_column(ForeignKey("user_group.id"), primary_key=True, index=True)


class RoleAssignment(Base):
    """A person has a role: originator, staff, process_owner, admin."""

    __tablename__ = "role_assignment"
    user_id: Mapped[str] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    role: Mapped[str] = mapped_column(Id, primary_key=True)
