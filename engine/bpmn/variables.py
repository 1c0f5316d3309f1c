"""Owns what a token sees of case data and how it changes it; it evaluates nothing and knows no kind of element.

Data belong to a scope, not to a token (BPMN 2.0.2, 10.4.1): a process has them, a sub-process shares those around it,
an instance of a multi-instance activity has its own in front of them. So parallel branches see one another's changes
at once, and a join has nothing to merge. What can go wrong is that an activity overwrites a change it has not seen;
the rule for that is in `engine.bpmn.merging`, and each token keeps the values that were changed behind its back
(`Token.unseen`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from engine.bpmn.merging import ABSENT, merge, same
from engine.bpmn.records import StepRecords
from engine.bpmn.scope import Scope
from engine.bpmn.token import Token
from engine.types import Json


def layers(token: Token) -> list[dict[str, Json]]:
    """Return the variables that `token` sees, innermost first. The first layer takes what it writes."""
    found: list[dict[str, Json]] = []
    current: Token | None = token
    while current is not None:
        if current.owner is not None and current.element.has_instances:
            found.append(current.data)
        scope: Scope = current.scope
        if scope.owns_data:
            found.append(scope.data)
            return found
        current = scope.host
    return found


class View(Mapping[str, Any]):
    """Variables as expressions see them: looked up when a name is asked for, references as lazily loaded records."""

    __slots__ = ("_layers", "_records")

    def __init__(self, layers: Sequence[Mapping[str, Json]], records: StepRecords) -> None:
        self._layers, self._records = layers, records

    def get(self, name: str, default: Any = None) -> Any:
        """Return a variable, `default` when there is none."""
        for layer in self._layers:
            if name in layer:
                value = layer[name]
                return self._records.seen(value) if isinstance(value, dict | list) else value
        return default

    def __getitem__(self, name: str) -> Any:
        value = self.get(name, ABSENT)
        if value is ABSENT:
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter({name for layer in self._layers for name in layer})

    def __len__(self) -> int:
        return sum(1 for _ in self)


class Variables:
    """The variables that one token sees."""

    __slots__ = ("_case", "_layers", "_own", "_token")

    def __init__(self, token: Token, *, around: bool = False) -> None:
        """`around` leaves out the variables that an instance has of its own."""
        self._token, self._case, self._layers = token, token.scope.case, layers(token)
        self._own = self._layers[0] is token.data
        if around and self._own:
            del self._layers[0]
            self._own = False

    def get(self, name: str, default: Json = None) -> Json:
        """Return a variable as it stands in the data."""
        for layer in self._layers:
            if name in layer:
                return layer[name]
        return default

    def __contains__(self, name: str) -> bool:
        return any(name in layer for layer in self._layers)

    def all(self) -> dict[str, Json]:
        """Return all variables."""
        found: dict[str, Json] = {}
        for layer in reversed(self._layers):
            found.update(layer)
        return found

    def view(self, extra: Mapping[str, Json] | None = None) -> View:
        """Return the variables as expressions see them, `extra` in front of them."""
        return View([extra, *self._layers] if extra else self._layers, self._case.records)

    def bind(self, name: str, value: Json) -> None:
        """Set a variable in the innermost layer, as a reference that the engine itself moves."""
        self._write(name, value)

    def bring(self, values: Mapping[str, Json]) -> None:
        """Set variables as an activity brings them that was open for a while: unseen changes are merged by the rule."""
        for name, ours in values.items():
            if self._own or name not in self._token.unseen:
                self._write(name, ours)
                continue
            base = self._token.unseen[name]
            merged = merge(base[0] if base else ABSENT, self._layers[0].get(name, ABSENT), ours, name)
            if merged.value is not ABSENT:
                self._write(name, merged.value)
            for place in merged.overwritten:
                self._warn(place, "overwrote a change that a parallel branch had made to {0}")
            for place in merged.kept:
                self._warn(place, "brought {0} back as it was before a parallel branch changed it; the change was kept")

    def set(self, values: Mapping[str, Json], read: Collection[str] = ()) -> None:
        """Set variables as an automatic element does; `read` are those it has looked at: it knew what it changed."""
        for name, value in values.items():
            unseen = name in self._token.unseen and name not in read and not self._own
            if unseen and not same(self._layers[0].get(name, ABSENT), value):
                self._warn(name, "overwrote a change that a parallel branch had made to {0}")
            self._write(name, value)

    def note_all_seen(self) -> None:
        """Remember that whoever acts next sees the variables as they are now."""
        self._token.unseen = {}

    def _warn(self, place: str, what: str) -> None:
        self._case.warnings.append(f"{self._token.element.label!r} {what.format(repr(place))}.")

    def _write(self, name: str, value: Json) -> None:
        layer = self._layers[0]
        before = layer.get(name, ABSENT)
        if before is not ABSENT and same(before, value):
            return
        layer[name] = value
        if self._own:
            return
        self._token.unseen.pop(name, None)
        around = _ancestors(self._token)
        for other in self._case.tokens():
            if other.id in around or name in other.unseen or not other.element.keeps_view(other):
                continue
            if any(seen is layer for seen in layers(other)):
                other.unseen[name] = [] if before is ABSENT else [before]


def _ancestors(token: Token) -> set[Any]:
    """Return the ids of `token` and of what it is a part of: what it writes is no news to them."""
    found = set()
    current: Token | None = token
    while current is not None:
        found.add(current.id)
        if current.owner is not None:
            found.add(current.owner)
        current = current.scope.host
    return found
