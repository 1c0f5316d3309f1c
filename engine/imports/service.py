"""ImportService: takes the rows of a CSV file in at a stretch, each exactly once, and says what became of each."""

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import insert

from engine.imports.mapping import RowMapping
from engine.imports.rows import Intake, RowResult, Target, prepared
from engine.imports.source import SourceFile
from engine.persistence.database import Database
from engine.persistence.models import ImportRun
from engine.types import Actor


class ImportService:
    """Imports from CSV files. A run that broke off is continued by running it again: no row comes in twice."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database, self._clock, self._intake = database, clock, Intake(database)

    def run(
        self, source: SourceFile, target: Target, mapping: RowMapping, *, actor: Actor, dry_run: bool = False
    ) -> Iterator[RowResult]:
        """Yield what becomes of each row, in their order; every row is its own transaction.

        Raises `ExpressionRefused` or `FileRefused` for a mapping that cannot be used; refusals of rows are results, not
        errors.
        """
        mapping.check(source.columns)
        run_id = None if dry_run else self._begin(source, target, actor)
        for row in prepared(source, target.name, mapping, self._clock):
            yield self._intake.check(row, target) if run_id is None else self._intake.take(row, target, run_id)

    def _begin(self, source: SourceFile, target: Target, actor: Actor) -> str:
        run_id = uuid.uuid4().hex
        with self._database.write() as connection:
            connection.execute(
                insert(ImportRun),
                {
                    "id": run_id,
                    "target": target.name,
                    "file_name": source.name,
                    "file_digest": source.digest,
                    "dialect": source.dialect.as_json(),
                    "started_at": self._clock(),
                    "started_by": actor.user_id,
                },
            )
        return run_id
