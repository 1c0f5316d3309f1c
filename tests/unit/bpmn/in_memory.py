"""Runs the steps of a case on one and the same case in memory: nothing is folded, stored or opened again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest.mock import patch

from engine.bpmn import interpreter, mending
from engine.bpmn.case.adoption import Adopted
from engine.bpmn.case.asleep import Asleep
from engine.bpmn.case.case import Case
from engine.bpmn.case.codec import encode
from engine.bpmn.case.context import StepContext
from engine.bpmn.case.records import StepRecords
from engine.bpmn.reading.executable import Executable
from engine.types.step import Step


class InMemory:
    """A case that is kept as its last step has left it."""

    def __init__(self) -> None:
        self.case: Case

    def __call__(self, step: Callable[[], Step]) -> Step:
        """Return what `step` does, with the case in memory instead of the one that is stored."""
        with self._instead():
            return step()

    @contextmanager
    def _instead(self) -> Iterator[None]:
        with (
            patch.object(interpreter, "decode", self._opened),
            patch.object(mending, "decode", self._opened),
            patch.object(interpreter, "encode", self._kept),
        ):
            yield

    def _kept(self, case: Case) -> bytes:
        self.case = case
        return encode(case)

    def _opened(self, state: bytes, executable: Executable, context: StepContext) -> Case:
        """Return the case as if it began a step, with everything of it opened."""
        del state, executable
        case = self.case
        everything = list(case.tokens())
        case.asleep, case.subprocesses = Asleep(), dict(case.running)
        for scope in (case, *case.running.values()):
            scope.tasks = {each: token for each, token in scope.tasks.items() if token is scope.task_tree or token.live}
        case.context, case.records = context, StepRecords(context.records, case.executable.registers)
        case.stood = {token.id: token.element.phase(token) for token in everything}
        assert not case.ready
        assert not case.occurring
        case.moments, case.adopted = {}, Adopted()
        case.reads, case.outgoing, case.signals, case.warnings = [], [], [], []
        case._moved = case._clock = 0
        case._deadline += context.max_seconds
        return case
