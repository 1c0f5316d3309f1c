"""What performance is read from: one row for each ended case with its parts, daily sums of them, months packed.

All of it is computed from the activity log and can be computed again (`comity figures rebuild`). None of it is the
truth: the log is.
"""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, JsonColumn, Key
from engine.types import Json


class ManagedProcess(Base):
    """A process as PRM-IT means it (such as A21), as its `process.yaml` says: whose cases count, what is measured."""

    __tablename__ = "managed_process"
    key: Mapped[str] = mapped_column(Key, primary_key=True)
    name: Mapped[str] = mapped_column(Key)
    definition: Mapped[Json] = mapped_column(JsonColumn)
    """see engine.metrics.process"""
    changed_at: Mapped[datetime]
    evaluation_id: Mapped[str | None] = mapped_column(Id)
    """the case of the evaluation that was opened last"""
    evaluated_until: Mapped[date | None] = mapped_column(Date)
    """the last day of the period that was evaluated last"""


class CaseSummary(Base):
    """An ended case in figures; written in the transaction that ends it. Seconds are elapsed time.

    `working_seconds`, `waiting_seconds` and `idle_seconds` add up to `cycle_seconds` (see engine.metrics.summary).
    None means not recorded.
    """

    __tablename__ = "case_summary"
    __table_args__ = (
        Index("ix_case_summary_definition_ended", "definition_key", "ended_on", "instance_id"),
        Index("ix_case_summary_organisation", "organisation_id", "definition_key", "ended_on"),
    )
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    definition_key: Mapped[str] = mapped_column(Key)
    definition_version: Mapped[int]
    organisation_id: Mapped[str | None] = mapped_column(Id)
    priority: Mapped[int]
    channel: Mapped[str | None] = mapped_column(Key)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    ended_on: Mapped[date] = mapped_column(Date)
    """the day of `ended_at` in UTC"""
    status: Mapped[str] = mapped_column(Id)
    """completed, cancelled (by an owner), withdrawn (by its originator)"""
    outcome: Mapped[str | None] = mapped_column(Key)
    cycle_seconds: Mapped[float]
    working_seconds: Mapped[float]
    waiting_seconds: Mapped[float]
    idle_seconds: Mapped[float]
    effort_minutes: Mapped[int | None]
    hand_overs: Mapped[int]
    failures: Mapped[int]
    repeats: Mapped[int]
    send_backs: Mapped[int]
    first_time_right: Mapped[bool]
    feedback: Mapped[int | None]
    """the answer to the question at closure, 1 to 5"""


class CaseActivity(Base):
    """What happened at one element in an ended case. `elapsed_seconds` runs from its start to its end.

    Of a user task `waiting_seconds` runs until it is claimed, `working_seconds` from then on; None: not claimed ever,
    or no user task.
    """

    __tablename__ = "case_activity"
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    process_key: Mapped[str] = mapped_column(Key, primary_key=True)
    element_id: Mapped[str] = mapped_column(Key, primary_key=True)
    completed: Mapped[int]
    cancelled: Mapped[int]
    repeats: Mapped[int]
    failures: Mapped[int]
    elapsed_seconds: Mapped[float]
    waiting_seconds: Mapped[float | None]
    working_seconds: Mapped[float | None]


class CaseLabel(Base):
    """A name that an ended or running case goes with, and how often. `kind`: service, person, group, interface.

    Services are written when the case starts, the others when it ends. An interface is `message:NAME`,
    `decision:KEY`, `process:KEY` or `operation:NAME`.
    """

    __tablename__ = "case_label"
    __table_args__ = (Index("ix_case_label_instance", "instance_id"),)
    kind: Mapped[str] = mapped_column(Id, primary_key=True)
    value: Mapped[str] = mapped_column(Key, primary_key=True)
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    count: Mapped[int]


class CaseValue(Base):
    """What one of a process's own measures came to in an ended case; no row: not recorded."""

    __tablename__ = "case_value"
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(Key, primary_key=True)
    value: Mapped[float]


class DailyFigure(Base):
    """A sum over the cases of one definition version that ended on one day (UTC).

    `name` says of what, `label` of which: an outcome, a person, an element, a bucket of a distribution
    (engine.metrics.distribution). `count` is how many cases or events, `total` the sum of their values.
    """

    __tablename__ = "daily_figure"
    # A page reads some names of many days, with all that stands there: out of the index alone.
    __table_args__ = (
        Index("ix_daily_figure_name", "definition_key", "name", "day", "version", "label", "count", "total"),
    )
    definition_key: Mapped[str] = mapped_column(Key, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Key, primary_key=True)
    label: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int]
    total: Mapped[float]


class PackedMonth(Base):
    """The cases of one definition that ended in one month (UTC), packed (engine.metrics.packed), as far as summed up.

    What it holds of a day without a mark in `SummedDay` is out of date.
    """

    __tablename__ = "packed_month"
    definition_key: Mapped[str] = mapped_column(Key, primary_key=True)
    month: Mapped[date] = mapped_column(Date, primary_key=True)
    """its first day"""
    cases: Mapped[int]
    """how many it holds"""
    content: Mapped[bytes] = mapped_column(LargeBinary)


class SummedDay(Base):
    """A day of a definition that is summed up: its sums stand in `DailyFigure`, its cases in `PackedMonth`.

    Other days are counted from the rows of their cases when they are asked for.
    """

    __tablename__ = "summed_day"
    definition_key: Mapped[str] = mapped_column(Key, primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)


class FiguresDue(Base):
    """A definition whose ended cases' figures are to be computed, in the background; no row: all are up to date."""

    __tablename__ = "figures_due"
    definition_key: Mapped[str] = mapped_column(Key, primary_key=True)
    token: Mapped[str] = mapped_column(Id)
    """another one each time that it begins anew"""
    only_missing: Mapped[bool]
    """whether figures that are there stay as they are"""
    beyond: Mapped[str] = mapped_column(Id)
    """the id of the last case that is done; empty: none is"""
    begin_at: Mapped[datetime | None]
    """when it may begin; None: at once"""


class Feedback(Base):
    """What the originator of an ended case answered to the question at closure. Nobody answered: no row."""

    __tablename__ = "feedback"
    instance_id: Mapped[str] = mapped_column(ForeignKey("process_instance.id"), primary_key=True)
    score: Mapped[int]
    """1 (very dissatisfied) to 5 (very satisfied)"""
    comment: Mapped[str | None] = mapped_column(Text)
    given_by: Mapped[str] = mapped_column(Id)
    given_at: Mapped[datetime]
