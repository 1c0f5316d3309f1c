"""Owns some ended cases at a time: reading their logs, computing their figures, writing these in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import BindParameter, Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from engine.measuring import rows
from engine.measuring.computing import computed
from engine.metrics.log_facts import ENDS, EndedCase
from engine.metrics.process import ManagedProcess
from engine.metrics.summary import CaseFigures
from engine.persistence import store
from engine.persistence.database import AnyRow
from engine.persistence.models import Feedback, ProcessDefinition
from engine.persistence.statements import EVENT, INSTANCE, table

_FEEDBACK: Final = table(Feedback)
_DEFINITION: Final = table(ProcessDefinition)
_IDS: Final[BindParameter[Sequence[str]]] = bindparam("ids", expanding=True)
ENDED: Final = (
    select(
        INSTANCE.c.id,
        INSTANCE.c.definition_key,
        _DEFINITION.c.version,
        INSTANCE.c.organisation_id,
        INSTANCE.c.priority,
        INSTANCE.c.channel,
        INSTANCE.c.variables,
    )
    .join_from(INSTANCE, _DEFINITION, _DEFINITION.c.id == INSTANCE.c.definition_id)
    .where(INSTANCE.c.status != "active", INSTANCE.c.id > bindparam("beyond"))
    .order_by(INSTANCE.c.id)
    .limit(bindparam("most"))
)
"""Ended cases `beyond` an id, `most` of them, in the order of their ids."""

_LOG: Final = select(*rows.LOG_COLUMNS).where(EVENT.c.instance_id.in_(_IDS)).order_by(EVENT.c.instance_id, EVENT.c.id)
_KEPT: Final = frozenset(("instance_id", "feedback"))


def _write_summaries(new: Any) -> Any:
    """Return the statement that writes summaries; the answer of a row that is there is not touched."""
    inserted = new(rows.SUMMARY)
    values = {name: inserted.excluded[name] for name in rows.SUMMARY.c.keys() if name not in _KEPT}  # noqa: SIM118
    return inserted.on_conflict_do_update(index_elements=["instance_id"], set_=values)


_SUMMARIES: Final[Mapping[str, Any]] = {
    "sqlite": _write_summaries(sqlite.insert),
    "postgresql": _write_summaries(postgresql.insert),
}
_ADDED: Final[Mapping[str, Any]] = {
    "sqlite": sqlite.insert(rows.SUMMARY).on_conflict_do_nothing().returning(rows.SUMMARY.c.instance_id),
    "postgresql": postgresql.insert(rows.SUMMARY).on_conflict_do_nothing().returning(rows.SUMMARY.c.instance_id),
}
_DROP_PARTS: Final = tuple(
    delete(each).where(each.c.instance_id.in_(_IDS)) for each in (rows.ACTIVITY, rows.LABEL, rows.VALUE)
)
_ANSWERS: Final = (
    update(rows.SUMMARY)
    .where(rows.SUMMARY.c.instance_id.in_(_IDS))
    .values(
        feedback=select(_FEEDBACK.c.score)
        .where(_FEEDBACK.c.instance_id == rows.SUMMARY.c.instance_id)
        .scalar_subquery()
    )
)


def figures(
    connection: Connection, cases: Sequence[AnyRow], process_of: Callable[[str], ManagedProcess]
) -> list[CaseFigures]:
    """Return the figures of `cases`, rows of `ENDED`, as far as there are any.

    Cases whose log does not say that they ended are left out.

    `process_of` answers the managed process of a definition.
    """
    events = connection.execute(_LOG, {"ids": [case.id for case in cases]})
    logs = {instance_id: list(log) for instance_id, log in groupby(events, lambda event: event.instance_id)}
    ended = [case for case in cases if any(event.kind in ENDS for event in logs.get(case.id, ()))]
    bodies = rows.RecordBodies(connection)
    found = (
        computed(
            EndedCase(
                instance_id=case.id,
                definition_key=case.definition_key,
                definition_version=case.version,
                organisation_id=case.organisation_id,
                priority=case.priority,
                channel=case.channel,
                variables=case.variables,
            ),
            logs[case.id],
            process_of(case.definition_key),
            bodies.of_case(case.id),
        )
        for case in ended
    )
    return [each for each in found if each is not None]


def write(connection: Connection, dialect: str, chunk: Sequence[CaseFigures]) -> None:
    """Write figures in place of those that are there; the days of the cases lose their sums."""
    if not chunk:
        return
    # The summaries first: their rows stay locked until the commit, so that neither an answer nor a second rebuilding
    # comes in between.
    store.add(connection, _SUMMARIES[dialect], [rows.summary_row(each) for each in chunk])
    _write_parts(connection, chunk)


def write_missing(connection: Connection, dialect: str, chunk: Sequence[CaseFigures]) -> None:
    """Write the figures of those cases that have none; the days of these cases lose their sums."""
    if not chunk:
        return
    added = set(connection.execute(_ADDED[dialect], [rows.summary_row(each) for each in chunk]).scalars())
    _write_parts(connection, [each for each in chunk if each.instance_id in added])


def _write_parts(connection: Connection, chunk: Sequence[CaseFigures]) -> None:
    ids = {"ids": [each.instance_id for each in chunk]}
    for statement in _DROP_PARTS:
        connection.execute(statement, ids)
    store.add(connection, rows.NEW_ACTIVITIES, [row for each in chunk for row in rows.activity_rows(each)])
    store.add(connection, rows.NEW_LABELS, [row for each in chunk for row in rows.label_rows(each)])
    store.add(connection, rows.NEW_VALUES, [row for each in chunk for row in rows.value_rows(each)])
    connection.execute(_ANSWERS, ids)
    # Dropped with the rows, not at the end: whoever sums a day up meanwhile finds that its rows have changed.
    touched = sorted({(each.definition_key, each.ended_on) for each in chunk})
    store.add(connection, rows.DROP_MARK, [{"of_definition": key, "of_day": day} for key, day in touched])
