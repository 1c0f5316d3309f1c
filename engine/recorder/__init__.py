"""Owns what a step changes: out of a step and what was open before it makes the rows to write; it knows no database.

Rows are mappings by column name (see engine.persistence.models). The same case, step, cause and time give the same
rows, identifiers included, so a step that is redone writes what it would have written at first.
"""

from engine.recorder.case import Case, Cause, Row, Waits
from engine.recorder.changes import Changes, record
from engine.recorder.messages import INBOX_DAYS
from engine.recorder.rows import event_row
from engine.recorder.worklist import principals, worklist_facts, worklist_rows, worklist_text

__all__ = [
    "INBOX_DAYS",
    "Case",
    "Cause",
    "Changes",
    "Row",
    "Waits",
    "event_row",
    "principals",
    "record",
    "worklist_facts",
    "worklist_rows",
    "worklist_text",
]
