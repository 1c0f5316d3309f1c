"""Owns what a token sees of case data and how it changes it; it evaluates nothing and knows no kind of element.

Data belong to a scope, not to a token (BPMN 2.0.2, 10.4.1): a process has them, a sub-process shares those around it,
an instance of a multi-instance activity has its own in front of them. So parallel branches see one another's changes
at once, and a join has nothing to merge. What can go wrong is that an activity overwrites a change it has not seen;
the rule for that is in `engine.bpmn.case.merging`, and each token keeps the values that were changed behind its back
(`Token.unseen`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.bpmn.case.merging import ABSENT, Merged, as_shown, merge, same
from engine.bpmn.case.records import StepRecords
from engine.bpmn.case.scope import Scope
from engine.bpmn.case.token import Token
from engine.types import Json


def layers(token: Token) -> list[dict[str, Json]]:
    """Return the variables that `token` sees, innermost first."""
    return [layer for layer, _ in places(token)]


def places(token: Token) -> list[tuple[dict[str, Json], bool]]:
    """Return the layers of variables that `token` sees, innermost first, each with whether it takes any name.

    A name is written to the first layer that has it or takes any: local variables of an activity (its input parameters,
    the data objects drawn in a sub-process, the counter of a loop) keep what they have, an instance of a multi-instance
    activity and a process keep everything.
    """
    return [(layer, takes_any) for layer, takes_any, _ in _held(token)]


def _held(token: Token) -> Iterator[tuple[dict[str, Json], bool, Token | Scope]]:
    """Yield the layers that `token` sees, innermost first, each with whether it takes any name and whose it is."""
    current: Token | None = token
    while current is not None:
        element = current.element
        if element.has_locals and (current.owner is not None or not element.has_instances):
            yield current.data, element.collects(current), current
        scope: Scope = current.scope
        if scope.owns_data:
            yield scope.data, True, scope
            return
        current = scope.host


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

    __slots__ = ("_case", "_layers", "_news", "_places", "_token")

    def __init__(self, token: Token, *, around: bool = False) -> None:
        """`around` leaves out the variables that the token has of its own."""
        self._token, self._case, self._places = token, token.scope.case, places(token)
        if around and self._places[0][0] is token.data:
            del self._places[0]
        self._layers = [layer for layer, _ in self._places]
        self._news: dict[int, list[Token]] = {}

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
        """Set variables as an activity brings them that was open for a while: unseen changes are merged by the rule.

        What an instance of a multi-instance activity has not had yet is merged when the instance is done.
        """
        for name, ours in values.items():
            home = self._home(name)
            if home is self._token.data or name not in self._token.unseen:
                self._write(name, ours)
                continue
            seen = self._token.unseen[name]
            base = seen[0] if seen else ABSENT
            new = self._is_new(home, name) and not same(ours, base)
            if new and self._holds_all(base, self.get(name, ABSENT), ours):
                self._token.unseen.pop(name)
            merged = Merged(ours) if new else merge(base, home.get(name, ABSENT), ours, name)
            if merged.value is not ABSENT:
                self._write(name, merged.value)
            for place in merged.overwritten:
                self._warn(place, "overwrote a change that a parallel branch had made to {0}")
            for place in merged.kept:
                self._warn(place, "brought {0} back as it was before a parallel branch changed it; the change was kept")

    def set(self, values: Mapping[str, Json], read: Collection[str] = ()) -> None:
        """Set variables as an automatic element does; `read` are those it has looked at: it knew what it changed."""
        for name, value in values.items():
            home = self._home(name)
            unseen = name in self._token.unseen and name not in read and home is not self._token.data
            if unseen and not self._is_new(home, name) and not same(home.get(name, ABSENT), value):
                self._warn(name, "overwrote a change that a parallel branch had made to {0}")
            if name in read:
                self.note_seen((name,))
            self._write(name, value)

    def note_seen(self, names: Iterable[str]) -> None:
        """Remember that what comes is made from these variables as they are now, if they are not the token's own."""
        for name in names:
            if name not in self._token.data:
                self._token.unseen.pop(name, None)

    def note_shown(self, values: Mapping[str, Json]) -> None:
        """Remember that what comes is made from `values`, as the page of a task has shown them.

        They count where others have changed the variable since the task was opened; else the page showed it as it is.
        Variables of the token's own are not shared.
        """
        for name, value in values.items():
            seen = self._token.unseen.get(name)
            if seen is None or name in self._token.data:
                continue
            if same(value, self.get(name, ABSENT)):
                self.note_seen((name,))
            else:
                self._token.unseen[name] = [as_shown(seen[0] if seen else ABSENT, value)]

    def _warn(self, place: str, what: str) -> None:
        self._case.warnings.append(f"{self._token.element.label!r} {what.format(repr(place))}.")

    def _home(self, name: str) -> dict[str, Json]:
        """Return the layer to which `name` is written."""
        return next(layer for layer, takes_any in self._places if takes_any or name in layer)

    def _is_new(self, home: dict[str, Json], name: str) -> bool:
        """Say whether `home` are the variables of an instance that has none of this name yet."""
        return name not in home and isinstance(self._whose(home), Token)

    @staticmethod
    def _holds_all(base: Json, theirs: Json, ours: Json) -> bool:
        """Say whether `ours` has all that others have made of `base`: who brings it was shown that."""
        merged = merge(base, theirs, ours)
        return same(merged.value, ours) and not merged.overwritten

    def _whose(self, layer: dict[str, Json]) -> Token | Scope:
        """Return the activity, instance of one or process whose variables `layer` holds."""
        return next(whose for held, _, whose in _held(self._token) if held is layer)

    def _write(self, name: str, value: Json) -> None:
        layer = self._home(name)
        before = layer.get(name, ABSENT)
        if before is not ABSENT and same(before, value):
            return
        instance = self._whose(layer) if before is ABSENT else None
        if isinstance(instance, Token):
            # An instance's first value of a name: what its maker saw is what the instance has seen of those around it.
            before = self.get(name, ABSENT)
            if instance is not self._token:
                instance.unseen.pop(name, None)
                if name in self._token.unseen:
                    instance.unseen[name] = self._token.unseen[name]
        layer[name] = value
        if layer is self._token.data:
            return
        self._token.unseen.pop(name, None)
        for around in self._around(layer):
            around.unseen.pop(name, None)
        for other in self._others(layer):
            if name not in other.unseen and _may_see(other, layer, name):
                other.unseen[name] = [] if before is ABSENT else [before]

    def _around(self, layer: dict[str, Json]) -> Iterator[Token]:
        """Yield the activities around that see `layer` through nobody: what is written within them is their own."""
        scope = self._token.scope
        holder = scope if scope.owns_data else self._whose(layer)
        while scope.host is not None and scope is not holder and scope.host is not holder:
            yield scope.host
            scope = scope.host.scope

    def _others(self, layer: dict[str, Json]) -> list[Token]:
        """Return the tokens to which a change may be news; looked for once, as none comes while variables are set."""
        if id(layer) not in self._news:
            around = ancestors(self._token)
            holder = self._whose(layer)
            self._news[id(layer)] = [
                other
                for scope in self._within(holder)
                for other in scope.live.values()
                if other.element.keeps_view(other) and other.id not in around
            ]
        return self._news[id(layer)]

    def _within(self, holder: Token | Scope) -> Iterable[Scope]:
        """Return the scopes of which the tokens see the variables that `holder` has."""
        scope = self._case.scope_of(holder) if isinstance(holder, Token) else holder
        return () if scope is None else self._case.sharing(scope)


def _may_see(token: Token, layer: dict[str, Json], name: str) -> bool:
    """Say whether `name` in `layer` concerns `token`: not where a variable of this name stands before it.

    Who has one of its own may bring it there all the same, an activity as an output, an instance when it is done.
    """
    for seen, _ in places(token):
        if seen is layer:
            return True
        if name in seen and seen is not token.data:
            return False
    return False


def ancestors(token: Token) -> set[UUID]:
    """Return the ids of `token` and of what it is a part of: what it writes is no news to them.

    An event on an activity is no part of it.
    """
    found: set[UUID] = set()
    current: Token | None = token
    while current is not None:
        found.add(current.id)
        if current.owner is not None and current.element.has_instances:
            found.add(current.owner)
        current = current.scope.host
    return found
