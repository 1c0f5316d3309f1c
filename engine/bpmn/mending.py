"""Owns what an operator does to a stored case: change variables, move a token, skip an activity; each is a `Step`.

What cannot be done without harm is `NotMendable`, and nothing has changed. What follows runs on as usual.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import partial
from uuid import UUID

from engine.bpmn.case import standing
from engine.bpmn.case.case import Case
from engine.bpmn.case.check import refusing_damage
from engine.bpmn.case.codec import decode
from engine.bpmn.case.context import StepContext
from engine.bpmn.case.merging import ABSENT, same
from engine.bpmn.case.token import Token
from engine.bpmn.case.variables import ancestors, layers, places
from engine.bpmn.interpreter import data_of, find, step_of
from engine.bpmn.reading.executable import Executable
from engine.bpmn.specs.gateways import race_won
from engine.bpmn.specs.signalling import catch_up
from engine.errors import NotMendable, TaskNotOpen
from engine.types import Json
from engine.types.by_hand import Mended, Standing, VariableChange
from engine.types.step import Step

Act = Callable[[Executable, bytes, StepContext], Step]
"""Something that is done to a stored case, with what it is done settled: a step of the case."""


@refusing_damage
def look(executable: Executable, state: bytes, context: StepContext) -> Standing:
    """Return where a case stands and what may be done there. Raises `StateRefused`."""
    return standing.standing(decode(state, executable, context))


@refusing_damage
def change(
    executable: Executable,
    state: bytes,
    task_id: str | None,
    values: Mapping[str, Json],
    removed: Collection[str],
    context: StepContext,
) -> Step:
    """Set and remove variables of the case, or of what `task_id` has to itself: its called process, its instance.

    Open activities have not seen the change: what a form brings back as it was does not undo it
    (engine.bpmn.case.merging).
    Raises `TaskNotOpen` for a token that is gone, `NotMendable` when nothing would change, `StepFailed`, `BudgetSpent`,
    `StateRefused`.
    """
    case = decode(state, executable, context)
    layer = case.data if task_id is None else layers(_token(case, task_id))[0]
    changes = _written(case, lambda _: layer, data_of(values), removed)
    if not changes:
        raise NotMendable("The variables have these values already.", "Change at least one.")
    return replace(step_of(case), mended=Mended("change", case.executable.key, task_id, changes=changes))


@refusing_damage
def move(executable: Executable, state: bytes, task_id: str, target: str, context: StepContext) -> Step:
    """Cancel the token `task_id` with all that belongs to it, and enter the element `target` of its scope anew.

    Raises `TaskNotOpen` for a token that is gone, `NotMendable` for one that cannot be moved, or not there,
    `StepFailed` when the target cannot be entered, `BudgetSpent`, `StateRefused`.
    """
    case = decode(state, executable, context)
    token = _token(case, task_id)
    element = token.scope.spec.element(target)
    if (why := standing.why_it_stays(token)) is not None:
        raise why
    if element is None:
        where = token.scope.spec.name.replace("/", ", ")
        raise NotMendable(
            f"There is no element {target!r} in {where}.", "Choose one of the scope that the token is in."
        )
    if (why := standing.why_not_entered(token, element)) is not None:
        raise why
    entering = case.spawn(token.scope, element, token)  # first, so that the scope is not left empty
    token.cancel()
    case.note_moment(entering)
    entering.arrive()
    mended = replace(_mended("move", token), target_id=element.name, target_name=element.label)
    return replace(step_of(case), mended=mended)


@refusing_damage
def skip(executable: Executable, state: bytes, task_id: str, outputs: Mapping[str, Json], context: StepContext) -> Step:
    """Let the activity, or the event that is waited for, go on without being done; `outputs` are its variables.

    It writes no record. Raises `TaskNotOpen` for a token that is gone, `NotMendable` for what cannot be skipped,
    `StepFailed`, `BudgetSpent`, `StateRefused`.
    """
    case = decode(state, executable, context)
    token = _token(case, task_id)
    if (why := standing.why_not_skipped(token)) is not None:
        raise why
    catch_up(token)
    changes = _written(case, partial(_home, token), data_of(outputs), (), ancestors(token))
    race_won(token)
    token.element.skip(token)
    return replace(step_of(case), mended=replace(_mended("skip", token), changes=changes))


def _token(case: Case, task_id: str) -> Token:
    token = find(case, task_id)
    if token is None:
        raise TaskNotOpen(task_id, "completed or cancelled")
    return token


def _mended(what: str, token: Token) -> Mended:
    element = token.element
    return Mended(what, element.process_key, str(token.id), element.name, element.label, element.kind)  # type: ignore[arg-type]  # one of its three words


def _written(
    case: Case,
    home: Callable[[str], dict[str, Json]],
    values: Mapping[str, Json],
    removed: Collection[str],
    known: Collection[UUID] = (),
) -> tuple[VariableChange, ...]:
    """Write the variables, and return those that have changed; they are no news to the tokens `known`."""
    wanted = {**dict.fromkeys(removed, ABSENT), **values}
    changes = []
    for name, after in wanted.items():
        layer = home(name)
        before = layer.get(name, ABSENT)
        if before is after or (ABSENT not in (before, after) and same(before, after)):
            continue
        if after is ABSENT:
            del layer[name]
        else:
            layer[name] = after
        _unseen(case, layer, name, before, known)
        changes.append(VariableChange(name, _kept(before), _kept(after)))
    return tuple(changes)


def _home(token: Token, name: str) -> dict[str, Json]:
    """Return where what an activity brings is kept: not among its own input parameters."""
    found = ((layer, takes_any) for layer, takes_any in places(token) if takes_any or layer is not token.data)
    return next(layer for layer, takes_any in found if takes_any or name in layer)


def _unseen(case: Case, layer: dict[str, Json], name: str, before: Json, known: Collection[UUID]) -> None:
    """Note for every branch that sees the variable, but for the tokens `known`, that it has not seen the change."""
    for token in case.tokens():
        if (
            name not in token.unseen
            and token.id not in known
            and token.element.keeps_view(token)
            and any(each is layer for each in layers(token))
        ):
            token.unseen[name] = [] if before is ABSENT else [before]


def _kept(value: Json) -> tuple[Json, ...]:
    return () if value is ABSENT else (value,)
