"""Owns what changes for a case that waits at an element, in words for who plans the move; it decides nothing."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from engine.bpmn.specs.boundary import BoundaryEvent
from engine.bpmn.specs.conditions import ConditionTrigger
from engine.bpmn.specs.element import Element
from engine.bpmn.specs.gateways import Join
from engine.bpmn.specs.triggers import MessageTrigger, SignalTrigger, TimeTrigger
from engine.bpmn.specs.user_task import UserTask
from engine.types.counting import counted

_STAYS: Final = {"assignee": "assignee", "due": "due date", "follow_up": "follow-up date", "priority": "priority"}


def notes_on(old: Element, new: Element, added: Sequence[str]) -> Iterator[str]:
    """Yield what changes from `old` to `new`; `added` are the labels of events that are new there."""
    if old.label != new.label:
        yield f"It is called “{new.label}” then."
    if isinstance(old, UserTask) and isinstance(new, UserTask):
        yield from _task(old, new)
    if isinstance(old, Join):
        yield from _join(old, new)
    if isinstance(old, BoundaryEvent) and isinstance(new, BoundaryEvent) and old.interrupts != new.interrupts:
        yield f"It {'interrupts' if new.interrupts else 'does not interrupt'} its activity then."
    yield from _trigger(getattr(old, "trigger", None), getattr(new, "trigger", None))
    if added:
        yield f"New here, and waiting from the move on: {', '.join(added)}."


def _task(old: UserTask, new: UserTask) -> Iterator[str]:
    was, has = old.assignment, new.assignment
    if old.form != new.form:
        yield f"Its form is {new.form!r} then, not {old.form!r}." if new.form else "It has no form then."
    if offers(old) != offers(new):
        yield "It is offered to those whom the new version names; who has it keeps it."
    changed = [word for name, word in _STAYS.items() if text_of(getattr(was, name)) != text_of(getattr(has, name))]
    if changed:
        yield f"Tasks that are open keep what they have now: {', '.join(changed)}."


def _join(old: Element, new: Element) -> Iterator[str]:
    fresh, gone = set(new.incoming) - set(old.incoming), set(old.incoming) - set(new.incoming)
    if fresh:
        yield f"It waits for {counted(len(fresh), 'more flow')} then: {', '.join(sorted(fresh))}."
    if gone:
        yield f"It does not wait for {', '.join(sorted(gone))} any more."


def _trigger(old: Any, new: Any) -> Iterator[str]:
    if isinstance(old, TimeTrigger) and old.timer != new.timer and times_differ(old, new):
        yield "Its time is worked out anew, from when it began to wait."
    elif isinstance(old, MessageTrigger) and waits_differ(old, new):
        yield f"It waits for the message “{new.name}” then, with the key of the new version."
    elif isinstance(old, SignalTrigger) and old.name != new.name:
        yield f"It waits for the signal “{new.name}” then."
    elif isinstance(old, ConditionTrigger) and text_of(old.condition) != text_of(new.condition):
        yield "Its condition is another one then, and asked at once."


def times_differ(old: TimeTrigger, new: TimeTrigger) -> bool:
    """Say whether the model gives the time in another way."""
    return (old.timer.kind, old.timer.source) != (new.timer.kind, new.timer.source)


def waits_differ(old: MessageTrigger, new: MessageTrigger) -> bool:
    """Say whether the model waits for another message, or for another key."""
    return (old.name, text_of(old.key)) != (new.name, text_of(new.key))


def offers(task: UserTask) -> tuple[tuple[str | None, ...], tuple[str | None, ...]]:
    """Return to whom the model offers a task, as texts."""
    return tuple(map(text_of, task.assignment.users)), tuple(map(text_of, task.assignment.groups))


def text_of(expression: Any) -> str | None:
    """Return the source of an expression, None without one."""
    return None if expression is None else str(expression.source)
