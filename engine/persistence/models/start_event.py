"""Start events by which cases begin by themselves."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, JsonColumn, Key
from engine.types import Json


class StartEvent(Base):
    """A start event of the newest version of a process that begins cases by itself: by a message, signal or time.

    A deployment replaces the rows of the processes that it brings a newer version of.
    """

    __tablename__ = "start_event"
    __table_args__ = (
        Index("ix_start_event_name", "kind", "name"),
        Index(
            "uq_start_event_message",
            "name",
            unique=True,
            sqlite_where=text("kind = 'message'"),
            postgresql_where=text("kind = 'message'"),
        ),
        Index("ix_start_event_due", "kind", "due_at"),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    """the same for every version that has the element"""
    definition_key: Mapped[str] = mapped_column(Key, index=True)
    definition_id: Mapped[str] = mapped_column(ForeignKey("process_definition.id"))
    element_id: Mapped[str] = mapped_column(Key)
    kind: Mapped[str] = mapped_column(Id)
    """message, signal, timer"""
    name: Mapped[str | None] = mapped_column(Key)
    """of the message or signal; a message starts cases of one process only"""
    since: Mapped[datetime | None]
    """of a message: since when versions without a gap have waited for it; None: since before this was noted"""
    due_at: Mapped[datetime | None]
    """the next time of a timer; None when it comes no more"""
    schedule: Mapped[Json] = mapped_column(JsonColumn, nullable=True)
    """what the timer says (`timer`: kind, text, time zone), and how one that repeats goes on"""
    leased_until: Mapped[datetime | None]
    """until when it is left alone: somebody works on it, or a start that failed is to wait"""
    attempts: Mapped[int] = mapped_column(default=0)
    """how often the start that is due has failed"""
    reason: Mapped[str | None] = mapped_column(Text)
    """why it failed the last time"""
    failed_at: Mapped[datetime | None]
