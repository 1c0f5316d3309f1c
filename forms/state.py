"""Owns the settling of a form: what is hidden or locked, what is computed, which values stay; it checks no rule.

Conditions may look at fields that are themselves hidden, locked or computed. The state is therefore computed again from
the values handed in until it no longer changes, so that the result, handed in once more, settles to itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from engine.errors import BudgetSpent
from engine.types import Json
from forms.allowance import Allowance
from forms.components import Computed, Field, Group, Part, RowList
from forms.expressions import Formula
from forms.scope import empty_value, filled, outer_scope, row_scope

MOST_PASSES: Final = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """One visible field with its value; `place` is its key from the top (`rows.0.name`)."""

    part: Field
    place: str
    value: Json
    locked: bool
    scope: Mapping[str, Json]


@dataclass(slots=True)
class State:
    """A settled form. `hidden` names parts by the row that they stand in (`""` or `rows.0`) and their number."""

    values: dict[str, Json] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    hidden: set[tuple[str, int]] = field(default_factory=set)
    places_hidden: list[str] = field(default_factory=list)
    scopes: dict[str, Mapping[str, Json]] = field(default_factory=dict)


def settle(parts: tuple[Part, ...], given: Mapping[str, Json], data: Mapping[str, Json], allowance: Allowance) -> State:
    """Return the settled state for the values `given` (already of the right types) over the `data` of the case.

    Raises `BudgetSpent` when conditions contradict each other, so that no state lasts, or take too much.
    """
    before = State(values=dict(given))
    for _ in range(MOST_PASSES):
        after = _Pass(parts, before.values, data, allowance).run(given)
        if after.values == before.values and after.hidden == before.hidden:
            return after
        before = after
    raise BudgetSpent(
        "The conditions of this form contradict each other, or build on one another too deeply. Its owner must mend it."
    )


def without_disabled(parts: Sequence[Part], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return `values` without those of disabled fields, which a form shows and never hands in."""
    kept = dict(values)
    for part in parts:
        match part:
            case Field(disabled=True):
                kept.pop(part.key, None)
            case Group(path=None):
                kept = without_disabled(part.parts, kept)
            case Group(path=str(path)) if path in kept:
                kept[path] = without_disabled(part.parts, kept[path])
                if not kept[path]:
                    del kept[path]
    return kept


def with_computed(parts: Sequence[Part], values: Mapping[str, Json], given: Mapping[str, Json]) -> dict[str, Json]:
    """Return `values` with the computed ones of `given`, which no input ever takes from outside."""
    found = dict(values)
    for part in parts:
        match part:
            case Computed() if given.get(part.key) is not None:
                found[part.key] = given[part.key]
            case Group(path=None):
                found = with_computed(part.parts, found, given)
            case Group(path=str(path)) if path in found:
                found[path] = with_computed(part.parts, found[path], _inner(given, path))
            case RowList(path=path) if path in found:
                rows = zip(found[path], given[path], strict=True)
                found[path] = [with_computed(part.parts, row, before) for row, before in rows]
    return found


class _Pass:
    """One computation of the state, with the formulas looking at the values of the one before."""

    def __init__(
        self, parts: tuple[Part, ...], before: Mapping[str, Json], data: Mapping[str, Json], allowance: Allowance
    ) -> None:
        self.parts, self.data, self.allowance = parts, data, allowance
        self.before = filled(parts, before)
        self.outer = outer_scope(data, self.before)
        self.state = State(scopes={"": self.outer})

    def run(self, given: Mapping[str, Json]) -> State:
        self.state.values = self._walk(self.parts, given, self.data, self.outer, "", "")
        return self.state

    def _walk(
        self,
        parts: tuple[Part, ...],
        given: Mapping[str, Json],
        data: Mapping[str, Json],
        scope: Mapping[str, Json],
        row: str,
        place: str,
    ) -> dict[str, Json]:
        kept: dict[str, Json] = {}
        for part in parts:
            if part.hide is not None and self.allowance.value(part.hide, scope) is True:
                self.state.hidden.add((row, part.number))
                self.state.places_hidden.extend(_places(part, place))
                continue
            match part:
                case Field():
                    value = self._field(part, given, data, scope, place)
                    if value is not None:
                        kept[part.key] = value
                case Computed():
                    value = self.allowance.value(part.formula, scope)
                    if value is not None:
                        kept[part.key] = value
                case Group(path=None):
                    kept |= self._walk(part.parts, given, data, scope, row, place)
                case Group(path=str(path)):
                    inner = self._walk(
                        part.parts, _inner(given, path), _inner(data, path), scope, row, f"{place}{path}."
                    )
                    if inner:
                        kept[path] = inner
                case RowList():
                    kept[part.path] = self._rows(part, given, place)
        return kept

    def _rows(self, part: RowList, given: Mapping[str, Json], place: str) -> list[Json]:
        rows = given.get(part.path)
        found: list[Json] = []
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            here = f"{place}{part.path}.{index}"
            before = _row_before(self.before, here)
            scope = row_scope(self.data, self.before, filled(part.parts, before), index + 1)
            self.state.scopes[here] = scope
            found.append(self._walk(part.parts, row, {}, scope, here, f"{here}."))
        return found

    def _field(
        self, part: Field, given: Mapping[str, Json], data: Mapping[str, Json], scope: Mapping[str, Json], place: str
    ) -> Json:
        locked = part.disabled or part.readonly is True
        if isinstance(part.readonly, Formula):
            locked = locked or self.allowance.value(part.readonly, scope) is True
        if locked:
            value = data.get(part.key)
            if value is None:
                value = list(part.default) if isinstance(part.default, tuple) else part.default
        else:
            value = given.get(part.key)
        value = empty_value(part) if value is None else value
        self.state.answers.append(Answer(part, f"{place}{part.key}", value, locked, scope))
        return value


def _inner(values: Mapping[str, Json], path: str) -> Mapping[str, Json]:
    inner = values.get(path)
    return inner if isinstance(inner, Mapping) else {}


def _row_before(values: Mapping[str, Json], place: str) -> Mapping[str, Json]:
    current: Json = values
    for step in place.split("."):
        if isinstance(current, list):
            current = current[int(step)] if int(step) < len(current) else {}
        else:
            current = current.get(step, {})
    return current if isinstance(current, Mapping) else {}


def _places(part: Part, place: str) -> list[str]:
    match part:
        case Field() | Computed():
            return [f"{place}{part.key}"]
        case Group(path=None):
            return [inner for child in part.parts for inner in _places(child, place)]
        case Group(path=str(path)) | RowList(path=path):
            return [f"{place}{path}"]
    return []
