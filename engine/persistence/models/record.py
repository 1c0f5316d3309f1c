"""Registers of work products: records, their versions, where each came from and who read it."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, JsonColumn, Key
from engine.types import Json


class Register(Base):
    """A register as deployed: name, what types its records, who sees and maintains it (engine.registers.definition)."""

    __tablename__ = "register"
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(Key)
    definition: Mapped[Json] = mapped_column(JsonColumn)
    form_resource_id: Mapped[str] = mapped_column(ForeignKey("resource.id"))
    changed_at: Mapped[datetime]


class NumberSequence(Base):
    """The next number of a register's records or of cases; drawn optimistically inside the writing transaction."""

    __tablename__ = "number_sequence"
    name: Mapped[str] = mapped_column(Key, primary_key=True)
    next: Mapped[int]


class Record(Base):
    """A work product: its newest version's number, status and title for lists; bodies are in `RecordVersion`."""

    __tablename__ = "record"
    __table_args__ = (
        Index("ix_record_register_changed", "register", "changed_at", "id"),
        Index("ix_record_register_organisation", "register", "organisation_id", "changed_at", "id"),
    )
    register: Mapped[str] = mapped_column(Key, primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    """the number that people read, such as N-0001"""
    version: Mapped[int]
    status: Mapped[str | None] = mapped_column(Key)
    title: Mapped[str] = mapped_column(Text)
    organisation_id: Mapped[str | None] = mapped_column(Id)
    originator: Mapped[str | None] = mapped_column(Id)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text, default="", deferred=True)
    """the words of the newest version's body, for the full-text search (engine.registers.search)"""


class RecordVersion(Base):
    """A version of a work product with its whole body, and the activity that produced it."""

    __tablename__ = "record_version"
    __table_args__ = (ForeignKeyConstraint(["register", "record_id"], ["record.register", "record.id"]),)
    register: Mapped[str] = mapped_column(Key, primary_key=True)
    record_id: Mapped[str] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[Json] = mapped_column(JsonColumn)
    status: Mapped[str | None] = mapped_column(Key)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(Id)
    instance_id: Mapped[str | None] = mapped_column(Id, index=True)
    process_key: Mapped[str | None] = mapped_column(Key)
    element_id: Mapped[str | None] = mapped_column(Key)
    task_id: Mapped[str | None] = mapped_column(Id)


class RecordSource(Base):
    """Lineage between records: the version on the left was made from the version on the right."""

    __tablename__ = "record_source"
    __table_args__ = (Index("ix_record_source_from", "source_register", "source_id", "source_version"),)
    register: Mapped[str] = mapped_column(Key, primary_key=True)
    record_id: Mapped[str] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    source_register: Mapped[str] = mapped_column(Key, primary_key=True)
    source_id: Mapped[str] = mapped_column(Id, primary_key=True)
    source_version: Mapped[int] = mapped_column(primary_key=True)


class Provenance(Base):
    """An activity read a version of a work product (what it produced stands in `RecordVersion`)."""

    __tablename__ = "provenance"
    __table_args__ = (
        Index("ix_provenance_record", "register", "record_id", "version"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    register: Mapped[str] = mapped_column(Key)
    record_id: Mapped[str] = mapped_column(Id)
    version: Mapped[int]
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    process_key: Mapped[str] = mapped_column(Key)
    element_id: Mapped[str] = mapped_column(Key)
    task_id: Mapped[str] = mapped_column(Id)
    actor: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime]


class Follower(Base):
    """Somebody who wants to see every change of status of a case."""

    __tablename__ = "follower"
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True, index=True)
    since: Mapped[datetime]


class Supporter(Base):
    """Somebody who has the same need as a record: counted, and told of its progress."""

    __tablename__ = "supporter"
    __table_args__ = (ForeignKeyConstraint(["register", "record_id"], ["record.register", "record.id"]),)
    register: Mapped[str] = mapped_column(Key, primary_key=True)
    record_id: Mapped[str] = mapped_column(Id, primary_key=True)
    user_id: Mapped[str] = mapped_column(Id, primary_key=True, index=True)
    organisation_id: Mapped[str | None] = mapped_column(Id)
    note: Mapped[str | None] = mapped_column(Text)
    since: Mapped[datetime]


class SeenCase(Base):
    """How far somebody has read the news of a case: events of the log up to `event_id` are no news to them."""

    __tablename__ = "seen_case"
    user_id: Mapped[str] = mapped_column(Id, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"))
