"""Owns the difference that a step makes to a case: what began, ended or was cancelled, and what is open now.

It compares the case before and after, because no signal of SpiffWorkflow tells all of it.
"""

from collections.abc import Iterable, Iterator

from engine.bpmn.case.case import Case
from engine.bpmn.case.token import Token
from engine.bpmn.model.timing import due_of
from engine.bpmn.specs.element import Element, Phase
from engine.bpmn.specs.events import EndEvent
from engine.bpmn.specs.service import ServiceTask
from engine.bpmn.specs.user_task import UserTask
from engine.errors import StateRefused
from engine.types import MessageSubscription, OpenUserTask, PendingTimer
from engine.types.step import ActivityChange, Touched, Waiting


def changes(case: Case) -> tuple[ActivityChange, ...]:
    """Return what happened in the step, in the order in which it happened.

    What began and was completed within the step is `completed` only.
    """
    found: list[tuple[int, ActivityChange]] = []
    for token in _all(case):
        phase = token.element.phase(token)
        if phase is not None and phase != case.stood.get(token.id):
            found.append((case.moments.get(token.id, 0), _change(token, token.element, phase)))
    return tuple(change for _, change in sorted(found, key=lambda entry: entry[0]))


def _all(case: Case) -> Iterator[Token]:
    """Yield every token that the step has opened or made, those that have ended included."""
    for scope in case.open_scopes():
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


def waiting(tokens: Iterable[Token]) -> Waiting:
    """Return what `tokens` wait for. Raises `StateRefused` for a task whose stored form is damaged."""
    tasks, timers, subscriptions, operations = [], [], [], []
    for token in tokens:
        notes, element = token.notes, token.element
        if "task" in notes and isinstance(element, UserTask):
            tasks.append(_open_task(element, token))
        if (due := due_of(notes)) is not None:
            timers.append(PendingTimer(str(token.id), element.process_key, element.name, element.label, due))
        if "message" in notes:
            subscriptions.append(MessageSubscription(*_place(token), notes["message"], notes.get("key")))
        elif "signal" in notes:
            subscriptions.append(MessageSubscription(*_place(token), notes["signal"], None, "signal"))
        if isinstance(element, ServiceTask) and (pending := element.pending(token)) is not None:
            operations.append(pending)
    return Waiting(tasks, timers, subscriptions, operations)


def touched(case: Case) -> Touched:
    """Return what the step has opened or made, and what of that waits."""
    made = {token.id: token for token in _all(case)}
    ids = frozenset(map(str, (*case.stood, *made)))  # those that a join has united with others are among the former
    return Touched(ids, waiting(token for token in made.values() if token.live))


def _open_task(element: UserTask, token: Token) -> OpenUserTask:
    try:
        return element.open_task(token)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise StateRefused(f"The stored case is damaged: what is noted of the task {element.label!r}.") from error


def _place(token: Token) -> tuple[str, str, str]:
    return str(token.id), token.element.process_key, token.element.name
