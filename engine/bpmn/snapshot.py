"""Owns the difference that a step makes to a case: what began, ended or was cancelled, and what is open now.

It compares the case before and after, because no signal of SpiffWorkflow tells all of it.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from uuid import UUID

from engine.bpmn.case import Case
from engine.bpmn.specs.element import Element, Phase
from engine.bpmn.specs.events import EndEvent
from engine.bpmn.specs.service import ServiceTask
from engine.bpmn.specs.user_task import UserTask
from engine.bpmn.timing import due_of
from engine.bpmn.token import Token
from engine.errors import StateRefused
from engine.open_tasks import OpenTasks
from engine.types import ActivityChange, MessageSubscription, OpenUserTask, PendingOperation, PendingTimer

Snapshot = Mapping[UUID, Phase | None]


def take(case: Case) -> Snapshot:
    """Return how every live token of `case` stands."""
    return {token.id: token.element.phase(token) for token in case.tokens()}


def changes(before: Snapshot, case: Case) -> tuple[ActivityChange, ...]:
    """Return what happened since `before`, in the order in which it happened.

    What began and was completed within the step is `completed` only.
    """
    found: list[tuple[int, ActivityChange]] = []
    for token in _all(case):
        phase = token.element.phase(token)
        if phase is not None and phase != before.get(token.id):
            found.append((case.moments.get(token.id, 0), _change(token, token.element, phase)))
    return tuple(change for _, change in sorted(found, key=lambda entry: entry[0]))


def _all(case: Case) -> Iterator[Token]:
    for scope in case.scopes():
        yield from (token for token in scope.tasks.values() if token is not scope.task_tree)


def _change(token: Token, element: Element, phase: Phase) -> ActivityChange:
    outcome = token.notes.get("outcome")
    if isinstance(element, EndEvent) and phase == "completed":
        outcome = element.label
    return ActivityChange(
        task_id=str(token.id),
        process_key=element.process_key,
        element_id=element.name,
        name=element.label,
        kind=element.kind,
        state=phase,
        interface=element.interface(),
        rework=bool(token.notes.get("again")),
        lane=element.drawn.lane,
        outcome=outcome if phase == "completed" else None,
    )


def open_tasks(case: Case) -> OpenTasks:
    """Return the user tasks that wait for somebody; `case` is not to change any more."""
    return OpenTasks(
        {
            str(token.id): partial(_open_task, token.element, token)
            for token in case.tokens()
            if "task" in token.notes and isinstance(token.element, UserTask)
        }
    )


def _open_task(element: UserTask, token: Token) -> OpenUserTask:
    """Return the task at `token`; raise `StateRefused` for one whose stored form is damaged."""
    try:
        return element.open_task(token)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise StateRefused(f"The stored case is damaged: what is noted of the task {element.label!r}.") from error


def timers(case: Case) -> tuple[PendingTimer, ...]:
    """Return the timers that the case waits for."""
    found = []
    for token in case.tokens():
        due, element = due_of(token.notes), token.element
        if due is not None:
            found.append(PendingTimer(str(token.id), element.process_key, element.name, element.label, due))
    return tuple(found)


def operations(case: Case) -> tuple[PendingOperation, ...]:
    """Return the operations that the case waits for."""
    found = (token.element.pending(token) for token in case.tokens() if isinstance(token.element, ServiceTask))
    return tuple(each for each in found if each is not None)


def subscriptions(case: Case) -> tuple[MessageSubscription, ...]:
    """Return the messages and signals that the case waits for."""
    found = []
    for token in case.tokens():
        notes = token.notes
        if "message" in notes:
            found.append(MessageSubscription(*_place(token), notes["message"], notes.get("key")))
        elif "signal" in notes:
            found.append(MessageSubscription(*_place(token), notes["signal"], None, "signal"))
    return tuple(found)


def _place(token: Token) -> tuple[str, str, str]:
    return str(token.id), token.element.process_key, token.element.name
