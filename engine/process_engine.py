"""Owns the composition of the engine: one object that holds the services over one database.

It decides nothing itself.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from sqlalchemy import URL, Engine

from engine.case_migrations import CaseMigrationService
from engine.definitions import Definitions
from engine.evaluations import EvaluationService
from engine.feedback import FeedbackService
from engine.forms_protocol import FormCatalog
from engine.history.service import HistoryService
from engine.identity.service import IdentityService
from engine.imports.runs import ImportRuns
from engine.imports.service import ImportService
from engine.management.service import ManagementService
from engine.mending import MendingService
from engine.news import NewsService
from engine.operations import Operation, Operations
from engine.performance import PerformanceService
from engine.persistence import schema
from engine.persistence.database import Database
from engine.registers.options import ActorOptions
from engine.registers.service import RegisterService
from engine.reports import ReportService
from engine.repository import RepositoryService
from engine.runtime.service import RuntimeService
from engine.scheduler import Scheduler
from engine.steps.inbox import Inbox
from engine.steps.message import PayloadCheck
from engine.steps.service import Steps
from engine.support import SupportService
from engine.tasks.service import TaskService
from engine.types import ENGINE
from engine.unit_of_work.unit import UnitOfWork


def utc_now() -> datetime:
    """Return the time now, in UTC: the only place of the engine that looks at a clock."""
    return datetime.now(UTC)


class ProcessEngine:
    """The process engine over one database. Safe for threads; any number of processes may share a database."""

    def __init__(
        self,
        database: str | URL | Engine | Database,
        forms: FormCatalog,
        clock: Callable[[], datetime] = utc_now,
        operations: Iterable[Operation] | Operations = (),
    ) -> None:
        """Take a database URL or an engine of the host, the host's forms, and a clock that returns aware times.

        `operations` are what service tasks can do besides what installed packages bring; `Operations` are all of it.
        """
        self.database = database if isinstance(database, Database) else Database(database)
        self.forms = forms
        self.clock = clock
        self.operations = operations if isinstance(operations, Operations) else Operations.installed(operations)
        definitions = Definitions()
        work = UnitOfWork(self.database, definitions, forms, clock, self.operations)
        check = PayloadCheck(definitions, forms, ActorOptions(self.database, ENGINE))
        steps = Steps(work, Inbox(work, check))
        self.repository = RepositoryService(self.database, definitions, forms, work, clock)
        self.runtime = RuntimeService(self.database, definitions, forms, steps, clock)
        self.tasks = TaskService(self.database, definitions, forms, steps, clock)
        self.history = HistoryService(self.database, definitions, clock)
        self.feedback = FeedbackService(self.database, work, clock)
        self.management = ManagementService(self.database, steps, clock)
        self.case_migrations = CaseMigrationService(self.database, definitions, steps, clock)
        self.mending = MendingService(self.database, steps, clock)
        self.registers = RegisterService(self.database, forms, clock)
        self.news = NewsService(self.database, clock)
        self.reports = ReportService(self.database, clock)
        self.support = SupportService(self.database, clock)
        self.identity = IdentityService(self.database, clock)
        self.performance = PerformanceService(self.database, definitions, clock)
        self.evaluations = EvaluationService(self.database, definitions, steps, clock)
        self.imports = ImportService(self.database, clock)
        self.import_runs = ImportRuns(self.database, clock)

    def migrate(self) -> None:
        """Bring the tables to the current version; raise `ComityError` for a database that a newer program has made."""
        schema.migrate(self.database)

    def with_clock(self, clock: Callable[[], datetime]) -> "ProcessEngine":
        """Return an engine over the same connections that takes the time from `clock`; for demos and rehearsals."""
        return ProcessEngine(self.database, self.forms, clock, self.operations)

    def scheduler(self, *, cap_seconds: float = 5.0, operation_threads: int = 2) -> Scheduler:
        """Return a scheduler for this process, not started; see `Scheduler` for what it takes.

        With no `operation_threads` (0) it leaves operations to other processes.
        """
        return Scheduler(
            self.management,
            self.clock,
            self.database.alarm,
            cap_seconds=cap_seconds,
            now_and_then=self.evaluations.open_due,
            operation_threads=operation_threads,
        )

    def close(self) -> None:
        """Close the connections."""
        self.database.close()
