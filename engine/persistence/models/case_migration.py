"""Moves of running cases from one version of a process to another."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, JsonColumn
from engine.types import Json


class CaseMigration(Base):
    """A move of running cases from one version of a process to another: the plan, and how far it is."""

    __tablename__ = "case_migration"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"))
    target_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"))
    plan: Mapped[Json] = mapped_column(JsonColumn)
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(index=True)
    total: Mapped[int]
    """how many cases are to move"""
    moved: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)


class CaseMigrationRefusal(Base):
    """A case that a migration has not moved, and why; it stands where it was."""

    __tablename__ = "case_migration_refusal"
    migration_id: Mapped[str] = mapped_column(ForeignKey("case_migration.id"), primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
