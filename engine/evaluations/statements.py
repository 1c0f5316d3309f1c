"""The statements that evaluations share, over tables that others own."""

from typing import Final

from sqlalchemy import bindparam, func, select, update

from engine.persistence import models
from engine.persistence.statements import INSTANCE, TASK, table

VERSION: Final = table(models.RecordVersion)
MANAGED: Final = table(models.ManagedProcess)
EVALUATIONS: Final = "process_evaluations"
"""The register in which evaluations are kept."""

MARK: Final = select(MANAGED.c.evaluation_id, MANAGED.c.evaluated_until).where(MANAGED.c.key == bindparam("process"))
MOVE_MARK: Final = (
    update(MANAGED)
    .where(
        MANAGED.c.key == bindparam("process"),
        func.coalesce(MANAGED.c.evaluation_id, "") == bindparam("seen"),
    )
    .values(evaluation_id=bindparam("case"), evaluated_until=bindparam("until"))
)
"""Whoever read the same mark first moves it: of two evaluations opened at once one is begun."""
CASES: Final = (
    select(
        INSTANCE.c.id,
        INSTANCE.c.number,
        INSTANCE.c.title,
        INSTANCE.c.status,
        INSTANCE.c.started_at,
        INSTANCE.c.started_by,
        INSTANCE.c.variables,
    )
    .where(
        INSTANCE.c.definition_key == bindparam("definition"),
        INSTANCE.c.variables["process"].as_string() == bindparam("process"),
    )
    .order_by(INSTANCE.c.started_at.desc(), INSTANCE.c.number.desc())
    .limit(bindparam("most"))
)
"""The evaluations of one process: several may have theirs done by the same definition."""
CASE: Final = select(
    INSTANCE.c.id,
    INSTANCE.c.number,
    INSTANCE.c.title,
    INSTANCE.c.status,
    INSTANCE.c.started_at,
    INSTANCE.c.started_by,
    INSTANCE.c.variables,
).where(INSTANCE.c.id == bindparam("case"), INSTANCE.c.definition_key == bindparam("definition"))
JUDGED: Final = select(
    VERSION.c.instance_id, VERSION.c.record_id, VERSION.c.body, VERSION.c.created_at, VERSION.c.created_by
).where(
    VERSION.c.register == EVALUATIONS,
    VERSION.c.version == 1,
    VERSION.c.instance_id.in_(bindparam("cases", expanding=True)),
)
OPEN_TASK: Final = (
    select(TASK.c.id)
    .where(TASK.c.instance_id == bindparam("case"), TASK.c.state == "open")
    .order_by(TASK.c.created_at)
    .limit(1)
)
FIRST_CASE: Final = select(func.min(INSTANCE.c.started_at)).where(
    INSTANCE.c.definition_key.in_(bindparam("keys", expanding=True))
)
