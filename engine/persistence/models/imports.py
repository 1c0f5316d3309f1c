"""What was imported from CSV files, so that no row comes in twice and a broken run can go on."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.persistence.models.base import Base, Id, JsonColumn, Key
from engine.types import Json


class ImportRun(Base):
    """The import of one file into one target (a process or a register)."""

    __tablename__ = "import_run"
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    target: Mapped[str] = mapped_column(Key)
    file_name: Mapped[str] = mapped_column(Key)
    file_digest: Mapped[str] = mapped_column(Id)
    dialect: Mapped[Json] = mapped_column(JsonColumn)
    started_at: Mapped[datetime]
    started_by: Mapped[str] = mapped_column(Id)
    state: Mapped[str] = mapped_column(Id, default="begun")
    """begun (on the command line); uploaded, mapped, running, done (in the browser)"""
    mapping: Mapped[Json] = mapped_column(JsonColumn, nullable=True)
    """what fills which field, as the browser's form said: see webapp"""
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    """the file, while the browser's import needs it"""
    next_row: Mapped[int] = mapped_column(default=1)
    counts: Mapped[Json] = mapped_column(JsonColumn, nullable=True)
    """how many rows were taken, already in, refused"""


class RefusedRow(Base):
    """A row that an import in the browser refused, and why; kept for the person to take away and mend."""

    __tablename__ = "refused_row"
    run_id: Mapped[str] = mapped_column(ForeignKey("import_run.id"), primary_key=True)
    row_number: Mapped[int] = mapped_column(primary_key=True)
    line: Mapped[int]
    reason: Mapped[str] = mapped_column(Text)
    cells: Mapped[Json] = mapped_column(JsonColumn)


class ImportedRow(Base):
    """A row that was taken in; its content digest keeps the same row of a corrected file from coming in twice."""

    __tablename__ = "imported_row"
    target: Mapped[str] = mapped_column(Key, primary_key=True)
    digest: Mapped[str] = mapped_column(Id, primary_key=True)
    occurrence: Mapped[int] = mapped_column(primary_key=True)
    """the same text may stand in a file twice on purpose: first, second, ..."""
    run_id: Mapped[str] = mapped_column(ForeignKey("import_run.id"), index=True)
    row_number: Mapped[int]
    made: Mapped[str] = mapped_column(Id)
    """the case's id or the record's number"""
