"""The append-only activity log."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, JsonColumn, Key
from engine.types import Json


class ActivityEvent(Base):
    """One thing that happened in a case, written in the transaction of the step; never changed afterwards."""

    __tablename__ = "activity_event"
    __table_args__ = (
        Index("ix_activity_event_instance", "instance_id", "id"),
        Index("ix_activity_event_definition_at", "definition_key", "at"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(Id)
    instance_id: Mapped[str] = mapped_column(Id)
    definition_key: Mapped[str] = mapped_column(Key)
    definition_version: Mapped[int]
    process_key: Mapped[str] = mapped_column(Key)
    """the process in which the element stands: the case's own, or one that it calls"""
    task_id: Mapped[str | None] = mapped_column(Id)
    element_id: Mapped[str | None] = mapped_column(Key)
    element_name: Mapped[str | None] = mapped_column(Text)
    element_kind: Mapped[str | None] = mapped_column(Id)
    actor: Mapped[str] = mapped_column(Id)
    duration_seconds: Mapped[float | None]
    """from the start of the activity to its end; for waiting user tasks `working_seconds` counts from the claim"""
    working_seconds: Mapped[float | None]
    effort_minutes: Mapped[int | None]
    channel: Mapped[str | None] = mapped_column(Key)
    outcome: Mapped[str | None] = mapped_column(Key)
    rework: Mapped[bool]
    priority: Mapped[int]
    interface: Mapped[str | None] = mapped_column(Key)
    detail: Mapped[Json] = mapped_column(JsonColumn)
