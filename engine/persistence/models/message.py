"""Messages that came too early, and messages that leave the product."""

from datetime import datetime

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, JsonColumn, Key
from engine.types import Json

_AGAIN = text("state = 'failed' AND retry_at IS NOT NULL")


class InboxMessage(Base):
    """A message that was received, or that a case sent inside; or a signal on its way to one start event.

    `state`: waiting, delivered, expired, failed (its step could not run).
    """

    __tablename__ = "inbox_message"
    __table_args__ = (
        Index("ix_inbox_message_match", "state", "name", "correlation_key"),
        Index("ix_inbox_message_expiry", "state", "expires_at"),
        # Of starts that failed only those that are tried again by themselves: the others may be many, and wait.
        Index("ix_inbox_message_retry", "state", "retry_at", sqlite_where=_AGAIN, postgresql_where=_AGAIN),
    )
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(Key)
    correlation_key: Mapped[str | None] = mapped_column(Key)
    payload: Mapped[Json] = mapped_column(JsonColumn, nullable=True)
    received_at: Mapped[datetime]
    received_from: Mapped[str] = mapped_column(Id)
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Id)
    sender_id: Mapped[str | None] = mapped_column(Id)
    """the case that sent it"""
    hops: Mapped[int] = mapped_column(server_default="0")
    """how many steps led to it by messages and signals of cases, 0 if no case sent it (see engine.steps.exchanges)"""
    instance_id: Mapped[str | None] = mapped_column(Id)
    """the case that it was delivered to, or that it started"""
    start_event_id: Mapped[str | None] = mapped_column(Id)
    """of a signal: the start event that it reached; nothing else takes it, and it does not expire"""
    reason: Mapped[str | None] = mapped_column(Text)
    """why no case could be started with it"""
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """how often a start with it has failed"""
    failed_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    """when the start is tried again; None: when a person asks for it"""


class OutboxMessage(Base):
    """A message for somebody outside; written with the step that sends it. `state`: pending, handed over, withdrawn."""

    __tablename__ = "outbox_message"
    __table_args__ = (Index("ix_outbox_message_state", "state", "created_at", "id"),)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    """also the idempotency key for the receiver"""
    instance_id: Mapped[str] = mapped_column(Id, index=True)
    name: Mapped[str] = mapped_column(Key)
    destination: Mapped[str] = mapped_column(Key)
    correlation_key: Mapped[str | None] = mapped_column(Key)
    payload: Mapped[Json] = mapped_column(JsonColumn, nullable=True)
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(Id)
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[str | None] = mapped_column(Id)
