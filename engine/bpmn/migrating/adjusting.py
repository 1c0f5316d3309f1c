"""Owns what changes at tokens that stay where they are: times, messages, who is offered a task, events that are new."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.bpmn.case.scope import Scope
from engine.bpmn.case.token import Token
from engine.bpmn.migrating.fitting import trigger_of
from engine.bpmn.migrating.notes import offers, times_differ, waits_differ
from engine.bpmn.migrating.plan import MigrationPlan
from engine.bpmn.model.timing import FOREVER
from engine.bpmn.specs.activity import Activity
from engine.bpmn.specs.gateways import EventBasedGateway
from engine.bpmn.specs.triggers import MessageTrigger, SignalTrigger, TimeTrigger
from engine.bpmn.specs.user_task import UserTask
from engine.errors import ComityError
from engine.types.moved import Migrated, MovedTime

if TYPE_CHECKING:
    from engine.bpmn.case.case import Case


class Adjusting:
    """Adjusts the tokens of a case that has just got its places in another version; `old` is the case as it was."""

    def __init__(self, plan: MigrationPlan, old: "Case", case: "Case") -> None:
        self._plan, self._case = plan, case
        self._old: Mapping[UUID, Token] = {token.id: token for token in old.tokens()}
        self._scopes = {None if scope.host is None else scope.host.id: scope.spec.name for scope in old.scopes()}
        self._times: list[MovedTime] = []
        self._unmoved: list[str] = []
        self._armed: list[str] = []
        self._offered: set[str] = set()

    def all(self) -> None:
        """Adjust every token. Raises `StepFailed` for what the new version does not let be worked out."""
        for token in list(self._case.tokens()):
            try:
                self._adjust(token, self._old[token.id])
            except ComityError as error:
                token.element.blame(error, token)
        for scope in list(self._case.scopes()):
            self._listen(scope)

    def moved(self) -> Migrated:
        """Return what has changed."""
        return Migrated(
            armed=tuple(self._armed),
            moved=tuple(self._times),
            unmoved=tuple(self._unmoved),
            offered=frozenset(self._offered),
        )

    def _adjust(self, token: Token, old: Token) -> None:
        self._wait(token, trigger_of(old.element), trigger_of(token.element))
        if isinstance(token.element, UserTask) and isinstance(old.element, UserTask):
            self._offer(token, old.element, token.element)
        self._arm(token, old)

    def _wait(self, token: Token, was: Any, has: Any) -> None:
        """Let an event that waits do so for what the new version says, where that is something else."""
        if isinstance(was, TimeTrigger) and isinstance(has, TimeTrigger):
            if "due" in token.notes and times_differ(was, has):
                self._times += self._retimed(token, was, has)
        elif isinstance(was, MessageTrigger) and isinstance(has, MessageTrigger):
            if "message" in token.notes and waits_differ(was, has):
                token.notes.pop("key", None)
                has.wait(token.element, token)
        elif isinstance(has, SignalTrigger) and "signal" in token.notes and was.name != has.name:
            has.wait(token.element, token)

    def _offer(self, token: Token, was: UserTask, has: UserTask) -> None:
        if "task" in token.notes and offers(was) != offers(has):
            token.notes["task"] |= has.offered(token)
            self._offered.add(str(token.id))

    def _arm(self, token: Token, old: Token) -> None:
        element, key = token.element, (old.scope.spec.name, old.element.name)
        if isinstance(element, Activity) and (not element.has_instances or element.stands_for_all(token)):
            for event in self._plan.armed.get(key, ()):
                event.arm(token)
                self._armed.append(event.label)
        if isinstance(element, EventBasedGateway):
            for flow in self._plan.raced.get(key, ()):
                element.await_event(token, flow)
                self._armed.append(flow.target.label)

    def _listen(self, scope: Scope) -> None:
        """Wait for what starts new event sub-processes, but in a scope that one has interrupted."""
        before = self._scopes[None if scope.host is None else scope.host.id]
        running = {token.element for token in scope.live.values()}
        if any(handler.interrupts and handler in running for handler in scope.spec.handlers):
            return
        for listener in self._plan.listened.get(before, ()):
            scope.case.spawn(scope, listener).arrive()
            self._armed.append(listener.label)

    def _retimed(self, token: Token, was: TimeTrigger, has: TimeTrigger) -> Iterator[MovedTime]:
        """Work a time out anew, counted from when the token began to wait; what came of it already counts."""
        notes, element = token.notes, token.element
        if "began" not in notes and has.timer.kind == "timeDuration":
            self._unmoved.append(element.label)
            return
        began = datetime.fromisoformat(notes["began"]) if "began" in notes else self._case.context.now
        times = has.times(element, token, began)
        before = {name: notes.pop(name, None) for name in ("due", "every", "left", "zone", "day")}
        if before["every"] is not None and "every" in times:
            # One that repeats keeps its next time: those before it are past.
            times |= {"due": before["due"], "left": self._left(token, was, began, before["left"], times["left"])}
        notes |= times
        for name, what in (("due", "timer"), ("every", "every")):
            if before[name] is not None and name in times and before[name] != times[name]:
                yield MovedTime(
                    str(token.id), element.process_key, element.name, element.label, what, before[name], times[name]
                )

    def _left(self, token: Token, was: TimeTrigger, began: datetime, left: int, total: int) -> int:
        """Return how many times a cycle still comes: those of the new version, less those that have been."""
        if FOREVER in (left, total):
            return total
        old = self._old[token.id]
        try:
            first: int = was.times(old.element, old, began)["left"]
        except ComityError:
            return total  # what it was worked out from has changed: nobody knows how many have been
        return max(1, total - (first - left))
