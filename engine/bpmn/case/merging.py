"""Owns the rule by which two changes of the same value are made one; it knows values only, no branch and no task.

The rule, for a value that was `base` when an activity was shown it (on its page where that said so, else when it was
opened), is `theirs` now because a parallel branch changed it, and is `ours` in what the activity brings back:

1. Changes that are the same, and a change of one side only, stand. What the activity brings back unchanged is no
   change; theirs stays, and that is said (the person may have meant it).
2. Lists that both still begin with the base: theirs, then what ours has added; ours alone if it begins with theirs.
3. Contexts: by entries, each by this rule. Versions of the same record: the newer.
4. Anything else: ours stands, because it was completed later, and that is said.

So every write either is in the result or is named as overwritten.
"""

from dataclasses import dataclass, field
from typing import Any, Final

from engine.types import Json, RecordRef

ABSENT: Final[Any] = object()
"""Stands for a value that was not there."""


@dataclass(slots=True)
class Merged:
    """The value that stands, and the places within it (`a.b`, empty for the whole) where a change was overwritten."""

    value: Json
    overwritten: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """places where theirs stays although ours brings the base back"""


def same(left: Json, right: Json) -> bool:
    """Say whether two JSON values are the same; unlike `==`, 1 and true are not."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(value, right[name]) for name, value in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return bool(left == right)


def merge(base: Json, theirs: Json, ours: Json, place: str = "") -> Merged:
    """Return what becomes of two changes of `base`, by the rule of this module; any of the three may be `ABSENT`."""
    if same(ours, theirs) or same(theirs, base):
        return Merged(ours)
    if same(ours, base):
        return Merged(theirs, kept=[place])
    newer = _newer_version(theirs, ours)
    if newer is not None:
        return Merged(newer)
    if isinstance(theirs, list) and isinstance(ours, list):
        start = base if isinstance(base, list) else []
        if _begins(theirs, start) and _begins(ours, start):
            # Who brings all that the other added was shown it: the page was opened after the change.
            return Merged(ours if _begins(ours, theirs) else [*theirs, *ours[len(start) :]])
    elif _is_context(theirs) and _is_context(ours):
        return _merged_contexts(base if _is_context(base) else {}, theirs, ours, place)
    return Merged(ours, overwritten=[place])


def as_shown(base: Json, shown: Json) -> Json:
    """Return `base` with `shown`, what a page showed of it; other entries of contexts stay as they are."""
    if _is_context(base) and _is_context(shown):
        return {**base, **{name: as_shown(base.get(name, ABSENT), value) for name, value in shown.items()}}
    return shown


def _merged_contexts(base: dict[str, Json], theirs: dict[str, Json], ours: dict[str, Json], place: str) -> Merged:
    result = Merged({})
    for name in dict.fromkeys((*theirs, *ours)):
        within = f"{place}.{name}" if place else name
        part = merge(base.get(name, ABSENT), theirs.get(name, ABSENT), ours.get(name, ABSENT), within)
        if part.value is not ABSENT:
            result.value[name] = part.value
        result.overwritten += part.overwritten
        result.kept += part.kept
    return result


def _is_context(value: Json) -> bool:
    return isinstance(value, dict) and RecordRef.from_json(value) is None


def _newer_version(theirs: Json, ours: Json) -> Json:
    left, right = RecordRef.from_json(theirs), RecordRef.from_json(ours)
    if left is None or right is None or (left.register, left.id) != (right.register, right.id):
        return None
    return theirs if left.version > right.version else ours


def _begins(value: list[Json], start: list[Json]) -> bool:
    return len(value) >= len(start) and same(value[: len(start)], start)
