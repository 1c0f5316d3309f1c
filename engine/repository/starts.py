"""Owns what is shown of how a version begins cases by itself; it starts nothing."""

from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.bpmn.model import cron
from engine.definitions import Definition
from engine.persistence.statements import START
from engine.views import StartRow

_OF_VERSION: Final = select(START).where(START.c.definition_id == bindparam("definition"))


def starts_of(connection: Connection, definition: Definition) -> tuple[StartRow, ...]:
    """Return the start events with a message, a signal or a timer, in the order of the model.

    Timers have a next time only in the newest version: no other one starts cases.
    """
    due = {row.element_id: row.due_at for row in connection.execute(_OF_VERSION, {"definition": definition.id})}
    facts = definition.facts
    found = []
    for start in facts.starts:
        element = facts.element(start.element_id)
        text = None if start.timer is None else start.timer[1]
        found.append(
            StartRow(
                start.kind,
                start.element_id,
                (element.name or None) if element else None,
                start.name,
                text,
                facts.time_zone if text and cron.is_cron(text) else None,
                due.get(start.element_id),
            )
        )
    return tuple(found)
