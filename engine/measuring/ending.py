"""Owns the figures that are written in the transaction that ends a case."""

from sqlalchemy import Connection

from engine import managed
from engine.measuring import day_lock, rows
from engine.measuring.computing import computed
from engine.metrics.log_facts import EndedCase
from engine.persistence import store


def end_case(connection: Connection, case: EndedCase) -> None:
    """Write the figures of a case that this transaction ends, after all its events.

    The whole log of the case is read here, not before the transaction: until the case itself is locked, somebody may
    still claim or give back one of its tasks.
    """
    log = connection.execute(rows.LOG_OF_CASE, {"instance": case.instance_id}).all()
    process = managed.of_definition(connection, case.definition_key)
    figures = computed(case, log, process, rows.RecordBodies(connection).of_case(case.instance_id))
    if figures is None:
        return
    day_lock.add_to(connection, figures.definition_key, figures.ended_on)
    store.add(connection, rows.NEW_SUMMARY, [rows.summary_row(figures)])
    store.add(connection, rows.NEW_ACTIVITIES, list(rows.activity_rows(figures)))
    labels = [each for each in rows.label_rows(figures) if each["kind"] != "service"]  # these were written at the start
    store.add(connection, rows.NEW_LABELS, labels)
    store.add(connection, rows.NEW_VALUES, list(rows.value_rows(figures)))
    # A clock that goes wrong may end a case on a day that has been summed up already.
    connection.execute(rows.DROP_MARK, {"of_definition": figures.definition_key, "of_day": figures.ended_on})
