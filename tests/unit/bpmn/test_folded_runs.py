"""A case that is folded after each step does what it would do in memory: in models of any shape, in any order."""

import random
import zlib
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from uuid import UUID

import msgpack
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import interpreter, mending, migrating
from engine.bpmn.case import codec
from engine.errors import BudgetSpent, CannotMove, NotMendable, StepFailed, TaskNotOpen
from engine.operations import Done, Failed, Outcome, Raised
from engine.recorder import Waits
from engine.types.step import Step
from tests.bpmn_cases import Running, source
from tests.unit.bpmn.in_memory import InMemory
from tests.unit.bpmn.shapes import BEGIN, NAMES, ORDER, models, without_some_events
from tests.unit.bpmn.test_folding import lists_are_whole, same_rows

REFUSED = (BudgetSpent, CannotMove, NotMendable, StepFailed, TaskNotOpen)
TOLD = (
    "activities", "finished", "outcome", "variables", "open_tasks", "timers", "subscriptions", "operations", "outgoing",
    "signals", "writes", "reads", "warnings", "facts", "changed_tasks", "mended", "migrated",
)  # fmt: skip
Do = Callable[[bytes], Step]


def first_format(state: bytes) -> bytes:
    """Return the state as the first format had it: nothing folded."""
    body = bytes(msgpack.packb(codec.content_of(state), use_bin_type=True))
    return b"CMTY" + bytes([1]) + zlib.crc32(body).to_bytes(4, "big") + body


def same(step: Step, other: Step) -> None:
    for name in TOLD:
        assert getattr(step, name) == getattr(other, name)
    if not step.finished:
        assert codec.content_of(step.state) == codec.content_of(other.state)


class Walk:
    """A case, and the same one in memory."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.drawn = chance, models(chance)
        self.case, self.memory, self.waits = self._running(changed=False), InMemory(), Waits()

    def _running(self, *, changed: bool) -> Running:
        models = [(key, without_some_events(each, self.chance) if changed else each) for key, each in self.drawn]
        return Running(*(source(each, key) for key, each in models), operations=[ORDER])

    def start(self) -> bool:
        seed = UUID(int=self.chance.getrandbits(128))
        with patch.object(interpreter, "uuid4", lambda: seed):
            return self.did(lambda _: interpreter.start(self.case.executable, BEGIN, self.case.context))

    def did(self, do: Do, there: Running | None = None) -> bool:
        """Do a step on either; say whether it could be done. With `there` the case goes on as a case of that."""
        state = self.case.step.state if hasattr(self.case, "step") else b""
        try:
            step = do(state)
        except REFUSED:
            return False
        same(step, self.memory(lambda: do(state)))
        if there is not None:
            there.now, self.case = self.case.now, there
        self.case.step = step
        self.waits = same_rows(self.waits, step)
        lists_are_whole(step, self.case.executable, self.case)
        return True

    def act(self) -> None:
        """Do one of all the things that can be done."""
        step, choose = self.case.step, self.chance.choice
        can: list[tuple[Callable[..., None], tuple[Any, ...]]] = [(self._complete, (each,)) for each in step.open_tasks]
        can += [(self._finish, (each,)) for each in step.operations]
        can *= 2
        can += [(self._fire, (each,)) for each in step.timers]
        can += [(self._take, (each,)) for each in step.subscriptions]
        if not can or self.chance.random() < 0.4:
            can += [(self._change, ()), (self._move, ()), (self._skip, ()), (self._migrate, ())]
        do, what = choose(can)
        do(*what)

    def _values(self) -> dict[str, Any]:
        return {name: self.chance.randrange(4) for name in NAMES if self.chance.random() < 0.5}

    def _complete(self, task: Any) -> None:
        case, values = self.case, self._values()
        do: Do = lambda state: interpreter.complete(case.executable, state, task.task_id, values, case.context)  # noqa: E731
        if self.chance.random() < 0.3:
            self._as_from_the_first_format(do)
        self.did(do)

    def _as_from_the_first_format(self, do: Do) -> None:
        state = self.case.step.state
        try:
            step = do(state)
        except REFUSED:
            return
        same(step, do(first_format(state)))

    def _finish(self, pending: Any) -> None:
        case = self.case
        outcomes: tuple[Outcome, ...] = (
            Done({"number": self.chance.randrange(4)}),
            Raised("REFUSED", "No"),
            Failed(""),
        )
        outcome = self.chance.choices(outcomes, (3, 1, 1))[0]
        self.did(lambda state: interpreter.finish(case.executable, state, pending.task_id, outcome, case.context))

    def _fire(self, timer: Any) -> None:
        case = self.case
        case.now = max(case.now, timer.due_at)
        due = [each.task_id for each in case.step.timers if each.due_at <= case.now]
        fired = due[::-1] if self.chance.random() < 0.5 else [timer.task_id]
        self.did(lambda state: interpreter.fire(case.executable, state, fired, case.context))

    def _take(self, waits: Any) -> None:
        case, take = self.case, interpreter.signal if waits.kind == "signal" else interpreter.deliver
        self.did(lambda state: take(case.executable, state, waits.task_id, {"n": 1}, case.context))

    def _token(self) -> Any:
        case = self.case
        return self.chance.choice(list(codec.decode(case.step.state, case.executable, case.context).tokens()))

    def _change(self) -> None:
        case, values = self.case, self._values()
        task_id = None if self.chance.random() < 0.5 else str(self._token().id)
        self.did(lambda state: mending.change(case.executable, state, task_id, values, [], case.context))

    def _move(self) -> None:
        case, token = self.case, self._token()
        target = self.chance.choice(token.scope.spec.elements()).name
        self.did(lambda state: mending.move(case.executable, state, str(token.id), target, case.context))

    def _skip(self) -> None:
        case, token, values = self.case, self._token(), self._values()
        self.did(lambda state: mending.skip(case.executable, state, str(token.id), values, case.context))

    def _migrate(self) -> None:
        there = self._running(changed=self.chance.random() < 0.6)
        plan, context = migrating.plan(self.case.executable, there.executable), self.case.context
        self.did(lambda state: migrating.migrate(plan, state, context), there)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_a_case_that_is_folded_does_what_it_does_in_memory(seed: int) -> None:
    walk = Walk(random.Random(seed))  # noqa: S311 - draws models, guards nothing
    if not walk.start():
        return
    for _ in range(20):
        if walk.case.step.finished:
            break
        walk.act()
