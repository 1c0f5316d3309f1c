"""Owns how a case takes over a newer version of a record that it holds: its references, its timers, dates of its tasks.

A time moves when what the model says gives another one with the new version than with the old, both counted from the
moment when the case began to wait. What other changes of the case would do to it is left alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from engine.bpmn.case.token import Token
from engine.bpmn.model.cron import is_cron
from engine.bpmn.model.timing import FOREVER
from engine.bpmn.specs.boundary import BoundaryEvent
from engine.bpmn.specs.event_subprocess import Listener
from engine.bpmn.specs.events import CatchEvent
from engine.bpmn.specs.triggers import TimeTrigger
from engine.bpmn.specs.user_task import UserTask
from engine.errors import ComityError
from engine.types import Adoption, Json, RecordRef
from engine.types.moved import MovedTime

if TYPE_CHECKING:
    from engine.bpmn.case.case import Case

_Times = Mapping[str, str | None]
"""What a waiting token notes of its times, by name: `due` and `every` of a timer, `due` and `follow_up` of a task."""


@dataclass(slots=True)
class Adopted:
    """What a case has taken over. `tasks` are the open ones of which the page or the worklist shows something else."""

    adoptions: list[Adoption] = field(default_factory=list)
    tasks: set[str] = field(default_factory=set)


def take_over(case: "Case", ref: RecordRef, found: Adopted) -> None:
    """Move every reference to an older version of `ref`'s record to `ref`, and the times that follow.

    `found` takes it down, unless the case holds none or only newer ones. Raises `StepFailed` for what cannot be worked
    out with the new version.
    """
    dated = [token for token in case.tokens() if _is_dated(token)]
    before = {token.id: _old_times(token) for token in dated}
    move = _Move(ref)
    for scope in case.scopes():
        if scope.owns_data:
            move.within(scope.data)
        for token in scope.live.values():
            move.within(token.data)
            move.within(token.unseen)
            if move.within(token.notes) and "task" in token.notes:
                found.tasks.add(str(token.id))
    if move.lowest is None:
        return
    moved: list[MovedTime] = []
    unmoved: list[str] = []
    for token in dated:
        times = list(_moved(token, before[token.id], unmoved))
        if times and "task" in token.notes:
            found.tasks.add(str(token.id))
        moved += times
    found.adoptions.append(Adoption(ref, move.lowest, tuple(moved), tuple(unmoved)))


@dataclass(slots=True)
class _Move:
    """Puts `ref` in the place of references to older versions; `lowest` is the oldest that it met."""

    ref: RecordRef
    lowest: int | None = None

    def within(self, values: dict[str, Any]) -> bool:
        """Move what `values` holds, however deep, and say whether that was anything."""
        changed = {name: after for name, value in values.items() if (after := self._of(value)) is not value}
        values.update(changed)
        return bool(changed)

    def _of(self, value: Json) -> Json:
        if isinstance(value, dict):
            held = RecordRef.from_json(value)
            if held is not None:
                return self._newer(held, value)
            parts = {name: self._of(part) for name, part in value.items()}
            return parts if any(parts[name] is not part for name, part in value.items()) else value
        if isinstance(value, list):
            items = [self._of(item) for item in value]
            return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
        return value

    def _newer(self, held: RecordRef, value: Json) -> Json:
        if (held.register, held.id) != (self.ref.register, self.ref.id) or held.version >= self.ref.version:
            return value
        self.lowest = held.version if self.lowest is None else min(self.lowest, held.version)
        return self.ref.as_json()


def _trigger(token: Token) -> TimeTrigger | None:
    element = token.element
    if isinstance(element, BoundaryEvent | CatchEvent | Listener) and isinstance(element.trigger, TimeTrigger):
        return element.trigger
    return None


def _is_dated(token: Token) -> bool:
    return "task" in token.notes if isinstance(token.element, UserTask) else "due" in token.notes


def _noted(token: Token) -> dict[str, Any]:
    """Return where the times of a token stand in its notes."""
    noted: dict[str, Any] = token.notes["task"] if isinstance(token.element, UserTask) else token.notes
    return noted


def _times(token: Token) -> _Times:
    """Return the times as the model gives them with the records as they are held now, from when the wait began."""
    began = _noted(token).get("began")
    at = token.scope.case.context.now if began is None else datetime.fromisoformat(began)
    trigger = _trigger(token)
    if trigger is not None:
        return {name: text for name, text in trigger.times(token.element, token, at).items() if name != "left"}
    assert isinstance(token.element, UserTask)  # noqa: S101 - what else is dated is an event
    return token.element.dates(token, at)


def _old_times(token: Token) -> _Times | None:
    """Return the times with the old version; None when other changes of the case have made that impossible."""
    try:
        return _times(token)
    except ComityError:
        return None


def _moved(token: Token, before: _Times | None, unmoved: list[str]) -> Iterator[MovedTime]:
    """Move the times of a token that the new version gives otherwise, and yield them.

    Of a state that does not say when the wait began, as older ones did not, only times that do not depend on that can
    be moved; others are named in `unmoved`.
    """
    if before is None:
        return
    element, noted, trigger = token.element, _noted(token), _trigger(token)
    try:
        after = _times(token)
    except ComityError as error:
        element.blame(error, token)
    cycle = "every" in noted
    fixed = cycle or (trigger is not None and trigger.timer.kind == "timeDate")
    for name in ("every",) if cycle else after:
        if after.get(name) == before.get(name):
            continue
        if not fixed and "began" not in noted:
            unmoved.append(element.label)
        elif after[name] != noted[name]:
            what = "timer" if name == "due" and trigger is not None else name
            yield MovedTime(
                str(token.id), element.process_key, element.name, element.label, what, noted[name], after[name]
            )
            noted[name] = after[name]
            if name == "every":
                noted.pop("zone", None)
                noted.update({key: value for key, value in after.items() if key == "zone"})
                if is_cron(after["every"] or ""):
                    noted["left"] = FOREVER
