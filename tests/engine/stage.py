"""Owns the stage of the engine's tests: an engine, a clock, people, and short ways to deploy, start and complete."""

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.operations import Operation, Operations
from engine.persistence.models import Base
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, Actor, Json
from engine.views import CaseRef, Completion, DeploymentResult, TaskRow, WorklistFilter
from forms.catalog import MarshmallowForms
from tests.bpmn_models import end, flows, process, start, user_task

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

OLGA = Actor("olga", "Olga Originator", frozenset({"originator"}), frozenset(), "acme")
OTTO = Actor("otto", "Otto Other", frozenset({"originator"}), frozenset(), "zenith")
ANN = Actor("ann", "Ann Analyst", frozenset({"staff"}), frozenset({"analysts"}), "home")
BEN = Actor("ben", "Ben Business", frozenset({"staff"}), frozenset({"analysts"}), "home")
CARL = Actor("carl", "Carl Clerk", frozenset({"staff"}), frozenset({"clerks"}), "home")
OWEN = Actor("owen", "Owen Owner", frozenset({"process_owner", "staff"}), frozenset({"owners"}), "home")
ADA = Actor("ada", "Ada Admin", frozenset({"admin"}), frozenset(), "home")
PEOPLE = (OLGA, OTTO, ANN, BEN, CARL, OWEN, ADA)

STARTERS: dict[str, Any] = {"candidateStarterGroups": "originator,staff"}
OWNER = {"ownerGroup": "owners"}


class Clock:
    """A clock that moves when it is told to. Threads may share it."""

    def __init__(self, now: datetime = MORNING) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **length: float) -> None:
        """Let time pass, such as `hours=1`."""
        self.now += timedelta(**length)


def form(key: str, *fields: str | Mapping[str, Json]) -> bytes:
    """Return a form; a field that is a plain text is an optional text field of this key."""
    components = [
        {"type": "textfield", "key": field, "label": field.capitalize()} if isinstance(field, str) else field
        for field in fields
    ]
    return json.dumps({"type": "default", "id": key, "schemaVersion": 18, "components": components}).encode()


def one_task(key: str = "p", **task: Any) -> bytes:
    """Return a process with a user task that analysts are offered.

    It begins with the form `f` where `task` gives none.
    """
    facts = {"candidateGroups": "analysts", "formRef": "f", **task}
    return process(
        key,
        start(),
        user_task("ask", "Ask", **facts),
        end(),
        flows("s", "ask", "e"),
        properties=OWNER,
        **STARTERS,
    )


@dataclass(frozen=True)
class Outcome:
    """What one of several threads got: a result or an error."""

    result: Any = None
    error: Exception | None = None


def at_once(*actions: Callable[[], Any]) -> list[Outcome]:
    """Run the actions in threads of their own, begun at the same moment, and return what each got."""
    ready = threading.Barrier(len(actions))
    outcomes: list[Outcome] = [Outcome()] * len(actions)

    def run(index: int) -> None:
        ready.wait()
        try:
            outcomes[index] = Outcome(actions[index]())
        except Exception as error:  # noqa: BLE001 - the test looks at it
            outcomes[index] = Outcome(error=error)

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return outcomes


class Stage:
    """An engine under test."""

    def __init__(self, url: str, clock: Clock | None = None, operations: Iterable[Operation] = ()) -> None:
        self.url, self.clock = url, clock or Clock()
        self.engine = ProcessEngine(url, MarshmallowForms(), self.clock, Operations(operations))
        self._others: list[Stage] = []

    def close(self) -> None:
        for other in self._others:
            other.close()
        self.engine.close()

    def another(self) -> "Stage":
        """Return a second engine on the same database, as another process would have it; it shares the clock."""
        self._others.append(Stage(self.url, self.clock, self.engine.operations.values()))
        return self._others[-1]

    def deploy(self, actor: Actor = ENGINE, **files: bytes) -> DeploymentResult:
        """Deploy files given as `name__ending=content`, such as `p__bpmn=...`."""
        named = {name.replace("__", "."): content for name, content in files.items()}
        return self.engine.repository.deploy(named, name="test", actor=actor)

    def deploy_one_task(self, **task: Any) -> DeploymentResult:
        return self.deploy(p__bpmn=one_task(**task), f__form=form("f", "answer"))

    def start(self, key: str = "p", actor: Actor = OLGA, **values: Json) -> CaseRef:
        return self.engine.runtime.start(key, values, actor=actor)

    def tasks(self, actor: Actor = ANN, **filters: Any) -> tuple[TaskRow, ...]:
        return self.engine.tasks.worklist(actor, filter=WorklistFilter(**filters), limit=200).rows

    def task(self, element: str | None = None, actor: Actor = ANN) -> TaskRow:
        """Return the actor's only open task (of `element`)."""
        (found,) = [row for row in self.tasks(actor) if element in (None, row.element_id)]
        return found

    def complete(self, task_id: str, actor: Actor = ANN, **values: Json) -> Completion:
        return self.engine.tasks.complete(task_id, values, actor=actor)

    def do(self, element: str, actor: Actor = ANN, **values: Json) -> Completion:
        """Complete the actor's only open task of `element`."""
        return self.complete(self.task(element, actor).id, actor, **values)

    def rows(self, statement: str, **parameters: Any) -> Sequence[Any]:
        """Return the rows of a textual query."""
        with self.engine.database.read() as connection:
            return connection.execute(sa.text(statement), parameters).all()

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        with self.engine.database.read() as connection:
            found: int = connection.execute(
                sa.select(sa.func.count()).select_from(Base.metadata.tables[table])
            ).scalar_one()
        return found

    def value(self, statement: str, **parameters: Any) -> Any:
        """Return the only value of a textual query."""
        ((found,),) = self.rows(statement, **parameters)
        return found

    def kinds(self, instance_id: str) -> list[str]:
        """Return the kinds of the events of a case, in order."""
        return [event.kind for event in self.engine.history.timeline(instance_id, ENGINE)]
