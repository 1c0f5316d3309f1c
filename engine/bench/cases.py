"""Owns the steps of the engine that are measured, each on a case of its own, and the yardstick's beside them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select

from engine.bench import replay
from engine.bench.bare import InMemory, Specs
from engine.bench.model import AGAIN, ANN, KEY, NOTE, ON, SCRIPTED, files, model
from engine.bpmn import interpreter
from engine.bpmn.case.context import ProcessSource, StepContext
from engine.bpmn.reading.executable import build
from engine.errors import ComityError
from engine.persistence.database import Database
from engine.persistence.models import Base
from engine.persistence.statements import TASK
from engine.process_engine import ProcessEngine
from engine.registers.access import RegisterAccess
from engine.types import ENGINE, Json
from engine.types.step import Step

_OWN: Final = frozenset((KEY, SCRIPTED))
_BEGINNING: Final[Mapping[str, Json]] = {"note": NOTE}
_OPEN: Final = select(TASK.c.id).where(TASK.c.state == "open")


def prepare(engine: ProcessEngine) -> None:
    """Bring the database up to date and deploy the processes; raise `ComityError` when there are others in it."""
    engine.migrate()
    if {each.key for each in engine.repository.definitions(ENGINE)} - _OWN:
        raise ComityError("The benchmark fills its database with cases: give it an empty one.")
    engine.repository.deploy(files(), name="benchmark", actor=ENGINE)


def start(engine: ProcessEngine, key: str = KEY) -> str:
    """Start a case and return its id."""
    return engine.runtime.start(key, _BEGINNING, actor=ANN).id


def open_task(engine: ProcessEngine, case_id: str) -> str:
    """Return the id of the task that a case waits for."""
    with engine.database.read() as connection:
        found: str = connection.execute(_OPEN.where(TASK.c.instance_id == case_id)).scalar_one()
    return found


class Going:
    """A case that goes from task to task."""

    def __init__(self, engine: ProcessEngine, key: str = KEY) -> None:
        self._engine, self._key = engine, key
        self.begin()

    def begin(self, rounds: int = 0) -> None:
        """Start another case and let it go so many rounds."""
        self.id = start(self._engine, self._key)
        self.task: str | None = open_task(self._engine, self.id)
        for _ in range(rounds):
            self.complete()

    def complete(self, answers: Mapping[str, Json] = AGAIN) -> None:
        """Complete the task that waits."""
        assert self.task is not None  # noqa: S101 - the model's last stage is left by `end` only
        done = self._engine.tasks.complete(self.task, answers, actor=ANN)
        self.task = done.next_tasks[0][0] if done.next_tasks else None

    def end(self) -> None:
        """Complete every stage that is left."""
        while self.task is not None:
            self.complete(ON)

    def rows(self) -> dict[str, int]:
        """Return how many rows the case has, by table; the many of the tables that hold none of it are left out."""
        found = {}
        with self._engine.database.read() as connection:
            for name, table in Base.metadata.tables.items():
                column = table.c.id if name == "process_instance" else table.c.get("instance_id")
                if column is not None:
                    count = select(func.count()).select_from(table).where(column == self.id)
                    found[name] = int(connection.execute(count).scalar_one())
        return {name: count for name, count in found.items() if count}


class Yardstick:
    """A pruned step in memory and a transaction that writes what the engine's step would: nothing of the engine runs.

    `shadow` is another engine on the same database: only it is listened to, nothing slows down what is measured.
    """

    def __init__(self, database: Database, shadow: ProcessEngine, specs: Specs) -> None:
        self._database, self._shadow = database, shadow
        self._memory = InMemory(specs)
        self.case_id = start(shadow)
        self.transaction: replay.Transaction

    def find_completion(self, answers: Mapping[str, Json] = AGAIN) -> None:
        """Find out what the engine would write for the completion of the task that waits."""
        task = open_task(self._shadow, self.case_id)
        self.transaction = replay.captured(
            self._shadow.database, lambda: self._shadow.tasks.complete(task, answers, actor=ANN)
        )

    def find_start(self) -> None:
        """Find out what the engine would write for a new case; it takes the number that comes next."""
        self.transaction = replay.captured(self._shadow.database, lambda: start(self._shadow))

    def complete(self) -> None:
        """Complete a task in memory and write what was found."""
        self._memory.complete()
        replay.run(self._database, self.transaction)

    def complete_unread(self) -> None:
        """Complete a task in memory and write what was found, without reading the case first."""
        self._memory.complete()
        replay.run(self._database, self.transaction, load=False)

    def start(self) -> None:
        """Start a case in memory and write what was found."""
        self._memory.start()
        replay.run(self._database, self.transaction)

    def start_unread(self) -> None:
        """Start a case in memory and write what was found, without reading the definition first."""
        self._memory.start()
        replay.run(self._database, self.transaction, load=False)


class Alone:
    """The interpreter of the engine: stored state in, stored state out, no database."""

    def __init__(self, engine: ProcessEngine) -> None:
        self._executable = build([ProcessSource(KEY, f"{KEY}:1", f"{KEY}.bpmn", model("PT48H"))])
        with engine.database.read() as connection:
            self._registers = RegisterAccess(connection)  # the process reads none
        self.step: Step = interpreter.start(self._executable, _BEGINNING, self._context())

    def complete(self) -> None:
        """Complete the task that waits."""
        task = self.step.open_tasks[0].task_id
        self.step = interpreter.complete(self._executable, self.step.state, task, AGAIN, self._context())

    def _context(self) -> StepContext:
        return StepContext(datetime.now(UTC), ENGINE, self._registers)
