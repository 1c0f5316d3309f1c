"""Owns the jobs that move cases to another version: each a step of its own, and a refusal where a case cannot move."""

from typing import Final

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.cache import Cache
from engine.errors import NotFound, StepFailed
from engine.persistence import statements as sql
from engine.persistence.models import CaseMigration, CaseMigrationRefusal
from engine.steps.migration import MigrateCase, Migration, Plans
from engine.steps.service import Steps
from engine.types import Actor

MIGRATION: Final = sql.table(CaseMigration)
REFUSAL: Final = sql.table(CaseMigrationRefusal)
KIND: Final = "migrate"
"""The kind of these jobs; their `task_id` is the id of the migration."""

_ONE: Final = select(MIGRATION).where(MIGRATION.c.id == bindparam("migration"))
_DROP: Final = delete(sql.JOB).where(sql.JOB.c.id == bindparam("job"))
_REFUSE: Final = insert(REFUSAL)
_COUNT: Final = update(MIGRATION).where(MIGRATION.c.id == bindparam("of")).values(refused=MIGRATION.c.refused + 1)


class MigrationJobs:
    """Runs the jobs of migrations. Safe from several threads and processes: who ends a job first counts it."""

    def __init__(self, steps: Steps, plans: Plans) -> None:
        self._steps, self._plans = steps, plans
        self._known: Cache[str, Migration] = Cache(20)

    def run(self, job_id: str, instance_id: str, migration_id: str) -> bool:
        """Move the case of a job, or note why it stays as it is; return whether either was done here.

        A case that ended or moved meanwhile needs nothing: its job goes.
        """
        work = self._steps.work
        with work.database.read() as connection:
            migration = self._known.get(migration_id, lambda: _read(connection, migration_id))
        outcome = self._steps.migrate(MigrateCase(job_id, instance_id, migration, work.definitions, self._plans))
        if outcome is True:
            return True
        with work.database.write() as connection:
            dropped = connection.execute(_DROP, {"job": job_id}).rowcount == 1
            if dropped and isinstance(outcome, StepFailed):
                connection.execute(
                    _REFUSE,
                    {
                        "migration_id": migration_id,
                        "instance_id": instance_id,
                        "reason": reason(outcome),
                        "at": work.clock(),
                    },
                )
                connection.execute(_COUNT, {"of": migration_id})
        return dropped


def reason(failed: StepFailed) -> str:
    """Return why a case stays as it is, as people read it."""
    return f"“{failed.element_name}”: {failed.reason}" if failed.element_name else failed.reason


def _read(connection: Connection, migration_id: str) -> Migration:
    row = connection.execute(_ONE, {"migration": migration_id}).one_or_none()
    if row is None:
        raise NotFound("move of cases", migration_id)
    return Migration(
        row.id,
        row.source_id,
        row.target_id,
        row.plan["mapping"],
        row.plan["reason"],
        Actor(row.created_by, row.created_by),
    )
