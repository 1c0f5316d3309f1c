"""Owns the run of one case in one step: its scopes, the queue of tokens that can go on, the budget, what the step does.

It knows no kind of element: elements decide what a token does, the case moves tokens until all of them wait.
"""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, NoReturn
from uuid import UUID

from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.script_engine.python_environment import BasePythonScriptEngineEnvironment
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from engine.bpmn.case.adoption import Adopted, take_over
from engine.bpmn.case.asleep import Asleep
from engine.bpmn.case.context import StepBudgetSpent, StepContext
from engine.bpmn.case.records import StepRecords
from engine.bpmn.case.scope import InnerScope, Scope
from engine.bpmn.case.token import READY, STARTED, WAITING, Token
from engine.bpmn.specs.conditions import ask
from engine.bpmn.specs.signalling import occur
from engine.errors import StepFailed
from engine.types import Json, OutgoingMessage, RecordRead, RecordRef, ThrownSignal

if TYPE_CHECKING:
    from engine.bpmn.reading.executable import Executable
    from engine.bpmn.specs.element import Element, Flow, Phase
    from engine.bpmn.specs.process import ProcessSpec

MAX_NESTING: Final = 50
"""How deep sub-processes and called processes may be nested: a process that calls itself is stopped there."""


class _NoPython(BasePythonScriptEngineEnvironment):  # type: ignore[misc]  # SpiffWorkflow carries no types
    """Stands where SpiffWorkflow would evaluate Python: expressions are FEEL, scripts run in the sandbox."""

    def evaluate(self, *_: object, **__: object) -> NoReturn:
        """Refuse."""
        raise StepFailed("Python is not evaluated in models.")

    def execute(self, *_: object, **__: object) -> NoReturn:
        """Refuse."""
        raise StepFailed("Python is not run outside the sandbox.")


_SCRIPT_ENGINE = PythonScriptEngine(_NoPython())


class Case(Scope, BpmnWorkflow):  # type: ignore[misc]  # SpiffWorkflow carries no types
    """A case while a step runs. `seed` and `count` give the ids of its tokens: the same step gives the same ids."""

    subprocesses: dict[UUID, InnerScope]
    """every scope within the case that a step has opened or made, those that ended in this step included"""

    def __init__(self, executable: "Executable", context: StepContext, seed: UUID, count: int = 0) -> None:
        self.executable, self.context, self.seed, self.count = executable, context, seed, count
        self.records = StepRecords(context.records, executable.registers)
        self.running: dict[UUID, InnerScope] = {}
        """those of them that have not ended"""
        self.asleep = Asleep()
        """the scopes within it as they were stored, opened when they are asked for"""
        self.stood: dict[UUID, Phase | None] = {}
        """how each token that the step has opened stood before it"""
        self.ready: deque[Token] = deque()
        self.occurring: deque[Token] = deque()
        """tokens at events whose condition was true when they began to wait"""
        self.to_show: list[Token] = []
        """tokens at elements that show the data to people, as the step leaves them"""
        self.moments: dict[UUID, int] = {}
        self.reads: list[RecordRead] = []
        self.outgoing: list[OutgoingMessage] = []
        self.signals: list[ThrownSignal] = []
        self.warnings: list[str] = []
        self.adopted = Adopted()
        self.outcome: str | None = None
        self._deadline = time.monotonic() + context.max_seconds
        self._moved = self._clock = 0
        BpmnWorkflow.__init__(
            self, executable.root, executable.scopes, script_engine=_SCRIPT_ENGINE, deserializing=True
        )
        self.begin(self, None)

    def next_id(self) -> UUID:
        """Return the id of the case's next token."""
        self.count += 1
        digest = blake2b(self.count.to_bytes(8, "big"), key=self.seed.bytes, digest_size=16).digest()
        return UUID(bytes=digest, version=5)

    def scopes(self) -> Iterator[Scope]:
        """Yield the case itself and every scope within it, outer ones first; all of them are opened."""
        yield self
        for host in self.asleep.hosts():
            yield self.opened(host)
        yield from [scope for host, scope in self.subprocesses.items() if host not in self.asleep]

    def open_scopes(self) -> Iterator[Scope]:
        """Yield the case itself and the scopes within it that the step has opened or made."""
        yield self
        yield from self.subprocesses.values()

    def scopes_at_hand(self) -> Iterator[Scope]:
        """Yield every scope, some twice: open ones, then inner before outer ones, each opened when it is reached."""
        yield from [self, *self.running.values()]
        for host in self.asleep.inner_first():
            yield self.opened(host)

    def scope_of(self, host: Token) -> InnerScope | None:
        """Return the scope that runs, or has run in this step, for the activity `host`."""
        self._wake(host.id, host)
        return self.subprocesses.get(host.id)

    def opened(self, host_id: UUID) -> InnerScope:
        """Return the scope that runs for the activity with this id. Raises `KeyError`, `StateRefused`."""
        self._wake(host_id)
        return self.subprocesses[host_id]

    def tokens(self) -> Iterator[Token]:
        """Yield every live token of the case; all of them are opened."""
        yield from self.live.values()
        for host in self.asleep.hosts():
            yield from self.opened(host).live.values()
        for scope in [scope for host, scope in self.running.items() if host not in self.asleep]:
            yield from scope.live.values()

    def find(self, token_id: UUID) -> Token | None:
        """Return the live token with this id, or None."""
        host = self.asleep.with_token(token_id)
        if host is not None:
            return self.opened(host).live.get(token_id)
        return next((scope.live[token_id] for scope in (self, *self.running.values()) if token_id in scope.live), None)

    def those(self, token_ids: Iterable[UUID]) -> list[Token]:
        """Return the live tokens with these ids in the order of `tokens`; of the others none is opened."""
        found = {token.id for each in token_ids if (token := self.find(each)) is not None}
        return [token for scope in self._in_order() for token in scope.live.in_order(found)]

    def at(self, fits: "Callable[[Element], bool]") -> list[Token]:
        """Return the live tokens at elements that fit, in the order of `tokens`; of the others none is opened."""
        for host in self.asleep.holding(self.executable.scopes, fits):
            self._wake(host)
        here = ((scope, element) for scope in self._in_order() for element in scope.live.elements() if fits(element))
        return [token for scope, element in here for token in scope.live.at(element)]

    def sharing(self, home: Scope) -> Iterator[Scope]:
        """Yield `home` and every scope within it that sees the same variables; they are opened."""
        yield home
        within = {None if home.host is None else home.host.id}
        for host in self.asleep.seeing(*within):
            self._wake(host)
        for host, scope in list(self.running.items()):
            outer = scope.around.host
            if not scope.owns_data and (None if outer is None else outer.id) in within:
                within.add(host)
                yield scope

    def _wake(self, host_id: UUID, host: Token | None = None) -> None:
        """Open the scope that is stored for the activity with this id, if there is one (see `Asleep.wake`)."""
        scope = self.asleep.wake(self, host_id, host)
        if scope is not None:
            self.subprocesses[host_id] = self.running[host_id] = scope

    def note_moment(self, token: Token) -> None:
        """Remember the order in which things happen to tokens."""
        self._clock += 1
        self.moments[token.id] = self._clock

    def spawn(self, scope: Scope, element: "Element", origin: Token | None = None, flow: "Flow | None" = None) -> Token:
        """Put a new token at `element`; `origin` is the token whose branch it continues. Raises `BudgetSpent`."""
        self._charge()
        token = Token(scope, element, self.next_id())
        token.flow = None if flow is None else flow.id
        if origin is not None and origin.unseen:
            token.unseen = dict(origin.unseen)
        scope.live.add(token)
        self.note_moment(token)
        return token

    def open_scope(self, host: Token, spec: "ProcessSpec", data: dict[str, Json]) -> None:
        """Start `spec` for the activity `host`; `data` are its variables if it is a process. Raises `StepFailed`."""
        depth, outer = 1, host.scope
        while outer.host is not None:
            depth, outer = depth + 1, outer.host.scope
        if depth > MAX_NESTING:
            raise StepFailed(f"Processes call one another more than {MAX_NESTING} levels deep.")
        scope = InnerScope(spec, host)
        scope.data.update(data)
        self.subprocesses[host.id] = self.running[host.id] = scope
        host._set_state(STARTED)  # noqa: SLF001 - as SpiffWorkflow's own specs do
        self.spawn(scope, spec.entry, None if scope.owns_data else host).arrive()

    def complete_soon(self, token: Token) -> None:
        """Complete a started token when its turn comes: many such activities in a row do not nest in one another."""
        self.ready.append(token)

    def take_over(self, ref: RecordRef) -> None:
        """Move what the case holds of the record to `ref`, and the times that follow. Raises `StepFailed`."""
        take_over(self, ref, self.adopted)

    def advance(self) -> None:
        """Move tokens until all of them wait for somebody or something outside. Raises `StepFailed`, `BudgetSpent`."""
        while True:
            while self.occurring or self.ready:
                if self.occurring:
                    token = self.occurring.popleft()
                    if token.state == WAITING:
                        occur(token, None)
                    continue
                token = self.ready.popleft()
                self._watch()
                if token.state == READY:
                    token.run()
                elif token.state == STARTED:
                    token.complete()
            if not any(element.release(scope) for scope, element in self._late_joins()) and not ask(*self._asking()):
                return

    def show(self) -> None:
        """Let what has begun in the step note, at its end, what people are shown."""
        while self.to_show:
            token = self.to_show.pop()
            token.element.show(token)

    def _late_joins(self) -> list[tuple[Scope, "Element"]]:
        """Return the elements that fire only when nothing else can move: converging inclusive gateways.

        In a scope that nothing has touched they have been asked already.
        """
        return [
            (scope, element) for scope in self._in_order() for element in scope.live.elements() if element.joins_late
        ]

    def _asking(self) -> tuple[Scope, ...]:
        """Return the scopes in which something may wait for a condition, and whatever else is open."""
        for host in self.asleep.asking():
            self._wake(host)
        return self._in_order()

    def _in_order(self) -> tuple[Scope, ...]:
        """Return the scopes that run and are open, in the order of `scopes` and not in that in which they were opened.

        So nobody can tell in which order a step has opened them.
        """
        return (self, *sorted(self.running.values(), key=lambda scope: self.asleep.place_of(scope.inside.id)))

    def _charge(self) -> None:
        self._moved += 1
        if self._moved > self.context.max_tasks:
            raise StepBudgetSpent(
                f"One step of the case moved more than {self.context.max_tasks} tokens: the model has a loop in which "
                "nothing waits. Put a user task, a message or a timer into the loop, or a condition that ends it."
            )
        self._watch()

    def _watch(self) -> None:
        if time.monotonic() > self._deadline:
            raise StepBudgetSpent(f"One step of the case took more than {self.context.max_seconds:g} seconds.")
