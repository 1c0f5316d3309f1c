"""Runs cases of test models without a database: registers in memory, a clock that a test moves, one line per step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from engine.bpmn import interpreter
from engine.bpmn.case.context import ProcessSource, StepContext
from engine.bpmn.catalog import RegisterFacts
from engine.bpmn.reading.executable import Executable, build
from engine.operations import Done, Operation, Operations, Outcome
from engine.registers.running_cases import takes_over, version_read
from engine.types import ENGINE, Json, OpenUserTask, RecordRef
from engine.types.step import Step

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


@dataclass
class Registers:
    """Registers in memory: `keep` stores what a step wrote, as a unit of work would; `loads` counts bodies read."""

    versions: dict[tuple[str, str], list[dict[str, Json]]] = field(default_factory=dict)
    singletons: dict[str, str] = field(default_factory=dict)
    running_cases: dict[str, str] = field(default_factory=dict)
    """by register the field by which a version may keep cases on theirs"""
    loads: int = 0
    drawn: int = 0

    def add(self, register: str, identity: str, **body: Json) -> RecordRef:
        """Store the next version of a record."""
        versions = self.versions.setdefault((register, identity), [])
        versions.append(body)
        return RecordRef(register, identity, len(versions))

    def keep(self, step: Step) -> None:
        for write in step.writes:
            before = {} if write.base is None else self.versions[write.register, write.base.id][write.base.version - 1]
            kept = self.add(write.register, write.ref.id, **{**before, **write.body, "status": write.status})
            assert kept == write.ref

    def body(self, ref: RecordRef) -> Mapping[str, Json]:
        self.loads += 1
        body = self.versions[ref.register, ref.id][ref.version - 1]
        return {"status": None, **body, "number": ref.id, "version": ref.version}

    def current(self, register: str, record_id: str) -> RecordRef | None:
        versions = self.versions.get((register, record_id))
        return None if versions is None else RecordRef(register, record_id, len(versions))

    def singleton(self, register: str) -> RecordRef | None:
        identity = self.singletons.get(register)
        return None if identity is None else self.current(register, identity)

    def readable(self, held: RecordRef) -> RecordRef | None:
        name = self.running_cases.get(held.register)
        if name is None:
            return self.current(held.register, held.id)
        versions = enumerate(self.versions[held.register, held.id], start=1)
        said = ((version, takes_over(body.get(name))) for version, body in versions)
        return RecordRef(held.register, held.id, version_read(held.version, said))

    def variable(self, register: str) -> str | None:
        raise NotImplementedError

    def moves_cases(self, register: str) -> bool:
        return register in self.running_cases

    def base(self, held: RecordRef) -> RecordRef:
        return (self.current(held.register, held.id) if held.register in self.running_cases else None) or held

    def new_id(self, register: str) -> str:
        self.drawn += 1
        return f"{register[0].upper()}-{self.drawn:04}"


def source(content: bytes, key: str = "p", **kwargs: Any) -> ProcessSource:
    """Return a process of a test model as a source."""
    return ProcessSource(key, f"{key}:1", f"{key}.bpmn", content, **kwargs)


def register(key: str, *fields: str, singleton: bool = False) -> RegisterFacts:
    """Return a register whose variable is its key."""
    return RegisterFacts(key, key, fields, singleton)


class Running:
    """A case under test. After each step, `step` is what it gave."""

    def __init__(
        self,
        *contents: bytes | ProcessSource | Executable,
        registers: Registers | None = None,
        operations: Iterable[Operation] = (),
    ) -> None:
        first = contents[0]
        if isinstance(first, Executable):
            self.executable = first
        else:
            self.executable = build([each if isinstance(each, ProcessSource) else source(each) for each in contents])  # type: ignore[arg-type]  # no executable comes later
        self.registers = registers or Registers()
        self.now = NOW
        self.limits: dict[str, Any] = {"operations": Operations(operations)}
        self.step: Step

    @property
    def context(self) -> StepContext:
        limits = {"max_seconds": 60.0} | self.limits  # a busy machine changes no outcome
        return StepContext(self.now, ENGINE, self.registers, **limits)

    def start(self, **variables: Json) -> Self:
        return self._kept(interpreter.start(self.executable, variables, self.context))

    def begin(self, at: str, payload: Json = None, **variables: Json) -> Self:
        """Start at the start event `at`, which is brought `payload`."""
        return self._kept(interpreter.start(self.executable, variables, self.context, at, payload))

    def do(
        self,
        element: str,
        shown: Sequence[RecordRef] = (),
        page: Json = None,
        **variables: Json,
    ) -> Self:
        """Complete the first open task of `element`; `page` are the values that its page was filled with."""
        return self.complete(self.task(element).task_id, shown, page, **variables)

    def complete(
        self,
        task_id: str,
        shown: Sequence[RecordRef] = (),
        page: Json = None,
        **variables: Json,
    ) -> Self:
        return self._kept(
            interpreter.complete(self.executable, self.step.state, task_id, variables, self.context, shown, page)
        )

    def wait(self, length: timedelta) -> Self:
        """Let time pass, then let every timer occur that is due."""
        self.now += length
        due = [timer.task_id for timer in self.step.timers if timer.due_at <= self.now]
        return self.fire(*due)

    def fire(self, *task_ids: str) -> Self:
        return self._kept(interpreter.fire(self.executable, self.step.state, task_ids, self.context))

    def receive(self, name: str, payload: Json = None, key: str | None = None) -> Self:
        """Deliver a message to the first subscription for it."""
        found = [each for each in self.step.subscriptions if each.message_name == name and each.correlation_key == key]
        return self._kept(
            interpreter.deliver(self.executable, self.step.state, found[0].task_id, payload, self.context)
        )

    def signal(self, name: str, payload: Json = None) -> Self:
        """Let the first subscription for a signal take it, as if it was thrown elsewhere."""
        found = [each for each in self.step.subscriptions if (each.kind, each.message_name) == ("signal", name)]
        return self._kept(interpreter.signal(self.executable, self.step.state, found[0].task_id, payload, self.context))

    def finish(self, element: str, outcome: Outcome | None = None, **result: Json) -> Self:
        """Let the first operation that `element` waits for end: with what it gives, or with another outcome."""
        task_id = next(each.task_id for each in self.step.operations if each.element_id == element)
        ended = Done(result) if outcome is None else outcome
        return self._kept(interpreter.finish(self.executable, self.step.state, task_id, ended, self.context))

    def adopt(self, *refs: RecordRef) -> Self:
        return self._kept(interpreter.adopt(self.executable, self.step.state, refs, self.context))

    def cancel(self) -> Self:
        return self._kept(interpreter.cancel(self.executable, self.step.state, self.context))

    def _kept(self, step: Step) -> Self:
        self.step = step
        self.registers.keep(step)
        return self

    def task(self, element: str) -> OpenUserTask:
        return next(task for task in self.step.open_tasks if task.element_id == element)

    def sees(self, element: str) -> dict[str, Json]:
        """Return the variables that the first open task of `element` sees."""
        task_id = self.task(element).task_id
        return interpreter.variables_of(self.executable, self.step.state, task_id, self.context)

    @property
    def open(self) -> list[str]:
        return [task.element_id for task in self.step.open_tasks]

    @property
    def data(self) -> dict[str, Json]:
        return dict(self.step.variables)

    @property
    def log(self) -> list[tuple[str, str]]:
        """What the last step did: element and state, in order."""
        return [(change.element_id, change.state) for change in self.step.activities]
