"""Owns the steps of a case (start, complete, fire, deliver, adopt, cancel): from a stored state to a `Step`, a value.

Nothing here writes anywhere: a step that fails has changed nothing. Clock, actor and registers come with the context.
"""

import contextlib
import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID, uuid4

from engine.bpmn.case import snapshot
from engine.bpmn.case.case import Case
from engine.bpmn.case.check import damage_refused, refusing_damage
from engine.bpmn.case.codec import decode, encode
from engine.bpmn.case.context import StepContext
from engine.bpmn.case.stuck import refuse_stuck
from engine.bpmn.case.token import READY, Token
from engine.bpmn.case.variables import Variables, View
from engine.bpmn.model.timing import due_of
from engine.bpmn.reading.executable import FACTS, Executable
from engine.bpmn.specs.boundary import BoundaryEvent
from engine.bpmn.specs.event_subprocess import Listener
from engine.bpmn.specs.events import CatchEvent, StartEvent
from engine.bpmn.specs.service import ServiceTask
from engine.bpmn.specs.signalling import occur
from engine.bpmn.specs.tasks import ReceiveTask
from engine.bpmn.specs.user_task import UserTask
from engine.errors import ComityError, StepFailed, TaskNotOpen
from engine.json_data import NotData, checked
from engine.operations import Outcome
from engine.types import Json, RecordRef
from engine.types.later import Later
from engine.types.step import Step, Waiting

_OVER: Final = "completed or cancelled"
_Waiting = BoundaryEvent | CatchEvent | Listener | ReceiveTask


def start(
    executable: Executable,
    variables: Mapping[str, Json],
    context: StepContext,
    at: str | None = None,
    payload: Json = None,
) -> Step:
    """Start a case of `executable` with `variables` as its data, at the plain start event or at the one with id `at`.

    `payload` is what the message or signal brings that the start event names. Raises `StepFailed`, `BudgetSpent`.
    """
    case = Case(executable, context, uuid4())
    case.data.update(data_of(variables))
    entry = _entry(executable, at)
    token = case.spawn(case, entry)
    if entry.trigger is not None:
        try:
            entry.trigger.take(token, _from_outside("event", payload))
        except ComityError as error:
            entry.blame(error, token)
    token.arrive()
    return step_of(case, FACTS)


@refusing_damage
def complete(
    executable: Executable,
    state: bytes,
    task_id: str,
    variables: Mapping[str, Json],
    context: StepContext,
    shown: Sequence[RecordRef] = (),
    shown_values: Mapping[str, Json] | None = None,
) -> Step:
    """Complete the user task `task_id` with `variables`; `shown` are the record versions that its form showed.

    `shown_values` are the variables that it was filled with; what is not among them is as the task was opened.
    Raises `TaskNotOpen` when it does not wait for somebody, `StepFailed`, `BudgetSpent`, `StateRefused`.
    """
    case = decode(state, executable, context)
    token = find(case, task_id)
    if token is None or not isinstance(token.element, UserTask) or token.state != READY or "task" not in token.notes:
        raise TaskNotOpen(task_id, _OVER)
    try:
        token.element.fill(token, data_of(variables), shown, data_of(shown_values or {}))
    except ComityError as error:
        token.element.blame(error, token)
    token.run()
    return step_of(case)


@refusing_damage
def fire(executable: Executable, state: bytes, task_ids: Collection[str], context: StepContext) -> Step:
    """Let the timers `task_ids` occur, the earliest first; ids that are unknown, done or not due yet are ignored.

    Those that are unknown count as touched: whoever thought that the case waits for them finds that it does not.
    Raises `StepFailed`, `BudgetSpent`, `StateRefused`.
    """
    case = decode(state, executable, context)
    due = [(at, token) for token in case.those(_ids(task_ids)) if (at := due_of(token.notes)) is not None]
    for at, token in sorted(due, key=lambda entry: entry[0]):
        if token.live and at <= context.now and isinstance(token.element, _Waiting):
            occur(token, None)
            case.advance()
    step = step_of(case)
    return step if step.touched is None else replace(step, touched=step.touched.also(task_ids))


@refusing_damage
def deliver(executable: Executable, state: bytes, task_id: str, payload: Json, context: StepContext) -> Step:
    """Deliver a message with `payload` to the token `task_id` that waits for it.

    A payload cannot bring references to records: it may come from outside, and would read what its sender may not.
    Raises `TaskNotOpen` when it does not wait (any more), `StepFailed`, `BudgetSpent`, `StateRefused`.
    """
    return _brought(executable, state, task_id, "message", payload, context)


def signal(executable: Executable, state: bytes, task_id: str, payload: Json, context: StepContext) -> Step:
    """Let the token `task_id` take a signal that it waits for, thrown outside the case; else as `deliver`."""
    return _brought(executable, state, task_id, "signal", payload, context)


@refusing_damage
def finish(executable: Executable, state: bytes, task_id: str, outcome: Outcome, context: StepContext) -> Step:
    """Go on after the operation that the service task `task_id` waits for, with what came of it.

    What an operation brings cannot hold references to records. Raises `TaskNotOpen` when the task does not wait for it
    (any more), `StepFailed` also for an error or a failure that no event catches, `BudgetSpent`, `StateRefused`.
    """
    case = decode(state, executable, context)
    token = find(case, task_id)
    if token is None or not isinstance(token.element, ServiceTask) or token.element.pending(token) is None:
        raise TaskNotOpen(task_id, _OVER)
    try:
        token.element.finish(token, outcome)
    except ComityError as error:
        token.element.blame(error, token)
    return step_of(case)


@refusing_damage
def adopt(executable: Executable, state: bytes, refs: Sequence[RecordRef], context: StepContext) -> Step:
    """Let the case take over the record versions `refs`, where it holds older ones: times may move.

    No token does, but for events whose condition becomes true by it.

    The step's `adoptions` say what came of it, none when the case holds no older ones. Raises `StepFailed` for a timer
    or date that cannot be worked out with them, `BudgetSpent`, `StateRefused`.
    """
    case = decode(state, executable, context)
    for ref in refs:
        case.take_over(ref)
    return step_of(case)


@refusing_damage
def cancel(executable: Executable, state: bytes, context: StepContext) -> Step:
    """End the case: every token is cancelled. Raises `StateRefused`."""
    case = decode(state, executable, context)
    case.abandon()
    return step_of(case)


@refusing_damage
def variables_of(executable: Executable, state: bytes, task_id: str, context: StepContext) -> dict[str, Json]:
    """Return the variables that the token `task_id` sees: the case's, and its own in a called process or instance.

    Raises `TaskNotOpen`, `StateRefused`.
    """
    token = find(decode(state, executable, context), task_id)
    if token is None:
        raise TaskNotOpen(task_id, _OVER)
    return Variables(token).all()


def _entry(executable: Executable, at: str | None) -> StartEvent:
    """Return the start event of the process with this id, the plain one for None; raise `StepFailed`."""
    found = next((each for each in executable.root.starts if each.name == at), None)
    if at is None and executable.root.entry.trigger is None:
        found = executable.root.entry
    if found is None:
        raise StepFailed("The process has no such start event." if at else "The process has no plain start event.", at)
    return found


def _brought(
    executable: Executable, state: bytes, task_id: str, what: str, payload: Json, context: StepContext
) -> Step:
    """Return the step in which what the token waits for (`what`: a message or a signal) comes from outside."""
    case = decode(state, executable, context)
    token = find(case, task_id)
    if token is None or what not in token.notes:
        raise TaskNotOpen(task_id, _OVER)
    try:
        brought = _from_outside(what, payload)
    except ComityError as error:
        token.element.blame(error, token)
    occur(token, brought)
    return step_of(case)


def _from_outside(what: str, payload: Json) -> Json:
    """Return what a message or signal brings; raise `StepFailed` for what cannot be data, and for references."""
    brought = data_of({"payload": payload})["payload"]
    if _refers(brought):
        raise StepFailed(f"The {what}'s payload holds a reference to a record. Send the fields themselves.")
    return brought


def find(case: Case, task_id: str) -> Token | None:
    """Return the live token with this id, None for one that is gone and for what is no id."""
    try:
        return case.find(UUID(task_id))
    except ValueError:
        return None


def _ids(task_ids: Iterable[str]) -> Iterator[UUID]:
    """Yield the ids of tokens; what is no id is that of none."""
    for each in task_ids:
        with contextlib.suppress(ValueError):
            yield UUID(each)


def data_of(variables: Mapping[str, Json]) -> dict[str, Json]:
    """Return a copy of `variables` as case data. Raises `StepFailed` for what is no data."""
    try:
        found: dict[str, Json] = checked(variables)
    except NotData as error:
        raise StepFailed(str(error)) from error
    return found


def _refers(value: Json) -> bool:
    """Say whether there is a reference to a record in `value`."""
    if isinstance(value, dict):
        return RecordRef.from_json(value) is not None or any(map(_refers, value.values()))
    return isinstance(value, list) and any(map(_refers, value))


def step_of(case: Case, facts: Sequence[str] = ("title",)) -> Step:
    """Move tokens until all wait, and return what came of it."""
    case.advance()
    case.show()
    refuse_stuck(case)
    state = encode(case)

    @functools.cache
    def waiting() -> Waiting:
        with damage_refused(case.executable, state):
            return snapshot.waiting(case.tokens())

    return Step(
        state=state,
        finished=case.completed,
        outcome=case.outcome if case.completed else None,
        variables=dict(case.data),
        open_tasks=Later(lambda: waiting().open_tasks),
        timers=Later(lambda: waiting().timers),
        subscriptions=Later(lambda: waiting().subscriptions),
        operations=Later(lambda: waiting().operations),
        outgoing=tuple(case.outgoing),
        signals=tuple(case.signals),
        writes=tuple(case.records.writes),
        reads=tuple(case.reads),
        activities=snapshot.changes(case),
        warnings=tuple(case.warnings),
        facts=_facts(case, facts),
        adoptions=tuple(case.adopted.adoptions),
        changed_tasks=frozenset(case.adopted.tasks),
        touched=snapshot.touched(case),
    )


def _facts(case: Case, names: Sequence[str]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name in names:
        expression = case.executable.facts.get(name)
        if expression is None:
            continue
        try:
            found[name] = expression.evaluate(View([case.data], case.records), now=case.context.now)
        except ComityError as error:
            raise StepFailed(f"The property {name!r} of the process: {error}") from error
    return found
