"""Owns the stored scopes of a case that a step has not touched, and what opens one: its tokens stay folded then."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from engine.bpmn.case.folding import ASKS, ID, OWNS_DATA, folded, stands_in, unfolded
from engine.bpmn.case.scope import InnerScope, Scope
from engine.bpmn.case.token import Token
from engine.bpmn.specs.conditions import asks
from engine.errors import StateRefused

if TYPE_CHECKING:
    from engine.bpmn.case.case import Case
    from engine.bpmn.specs.element import Element
    from engine.bpmn.specs.process import ProcessSpec

Stored = Sequence[Any]
"""A scope as it is stored (see engine.bpmn.case.folding)."""

_HOST, _AROUND, _IDS, _FLAGS, _BODY = range(5)


class Asleep:
    """The scopes within a case as they were stored, outer ones first; those that have been opened keep their place.

    A case may have thousands: nothing is made of one before it is opened.
    """

    def __init__(self, stored: Sequence[Stored] = ()) -> None:
        """Take the stored scopes. Raises `ValueError` or `TypeError` for one without an activity of its own."""
        self._stored: dict[bytes, Stored] = {each[_HOST]: each for each in stored}
        if len(b"".join(self._stored)) != ID * len(stored):
            raise ValueError("a scope without its activity")
        self._opened: set[bytes] = set()
        self._places = {host: place for place, host in enumerate(self._stored)}

    def __contains__(self, host_id: UUID) -> bool:
        return host_id.bytes in self._stored

    def hosts(self) -> Iterator[UUID]:
        """Yield the activities that the scopes run for, opened ones included."""
        for host in self._stored:
            yield UUID(bytes=host)

    def inner_first(self) -> Iterator[UUID]:
        """Yield the activities that the scopes run for, opened ones included, inner ones first."""
        for host in reversed(self._stored):
            yield UUID(bytes=host)

    def place_of(self, host_id: UUID) -> int:
        """Return which of the stored scopes runs for the activity `host_id`: a new one comes after all of them."""
        return self._places.get(host_id.bytes, len(self._places))

    def wake(self, case: "Case", host_id: UUID, host: Token | None) -> InnerScope | None:
        """Open the scope that runs for the activity `host_id`, and those around it; None if there is none asleep.

        `host` is the activity where it is at hand: it may have ended just now. Raises `StateRefused`.
        """
        stored = self._stored.get(host_id.bytes)
        if stored is None or host_id.bytes in self._opened:
            return None
        self._opened.add(host_id.bytes)
        around: Scope = case
        try:
            if stored[_AROUND] is not None:
                outer = UUID(bytes=stored[_AROUND])
                around = case.opened(outer)
            content = unfolded(stored[_BODY])
            host = around.live[host_id] if host is None else host
            scope = InnerScope(case.executable.scopes[content["spec"]], host)
            fill(scope, content)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise unfit(error) from error
        return scope

    def with_token(self, token_id: UUID) -> UUID | None:
        """Return the activity that the scope runs for in which there is a token with this id."""
        identity = token_id.bytes
        for host, stored in self._stored.items():
            if host not in self._opened and stands_in(identity, stored[_IDS]):
                return UUID(bytes=host)
        return None

    def asking(self) -> list[UUID]:
        """Return the activities that scopes run for in which something may wait for a condition."""
        asking = (host for host, stored in self._stored.items() if stored[_FLAGS] & ASKS)
        return [UUID(bytes=host) for host in asking if host not in self._opened]

    def holding(self, specs: "Mapping[str, ProcessSpec]", fits: "Callable[[Element], bool]") -> list[UUID]:
        """Return the activities that scopes run for in which there are tokens at elements that fit.

        `specs` are all that there are, by name. Raises `StateRefused`.
        """
        found = []
        try:
            for host, stored in self._stored.items():
                if host not in self._opened:
                    content = unfolded(stored[_BODY])
                    there = map(specs[content["spec"]].element, (name for name, *_ in content["groups"]))
                    if any(element is not None and fits(element) for element in there):
                        found.append(UUID(bytes=host))
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise unfit(error) from error
        return found

    def seeing(self, home: UUID | None) -> list[UUID]:
        """Return the activities that scopes run for which see the variables of the one that runs for `home`."""
        within = {None if home is None else home.bytes}
        found = []
        for host, stored in self._stored.items():
            if stored[_AROUND] in within and not stored[_FLAGS] & OWNS_DATA:
                within.add(host)
                if host not in self._opened:
                    found.append(UUID(bytes=host))
        return found

    def stored(self, running: dict[UUID, InnerScope]) -> Iterator[Stored]:
        """Yield every scope as it is to be stored, outer ones first: `running` are those that are open.

        Raises `StepFailed` for data beyond storing.
        """
        for host, stored in self._stored.items():
            if host not in self._opened:
                yield stored
            elif (scope := running.get(UUID(bytes=host))) is not None:
                yield _stored_form(scope)
        for host_id, scope in running.items():
            if host_id not in self:
                yield _stored_form(scope)


def _stored_form(scope: InnerScope) -> Stored:
    outer = scope.around.host
    flags = ASKS * any(map(asks, scope.live.elements())) | OWNS_DATA * scope.owns_data
    return scope.inside.id.bytes, outer and outer.id.bytes, scope.live.ids(), flags, body_of(scope)


def unfit(error: Exception) -> StateRefused:
    """Return what to say of a stored scope that cannot be read with the process that it is said to be of."""
    return StateRefused(
        f"The stored case does not fit its process definition ({type(error).__name__}: {error}). "
        "Look at which version of the definition it was started with."
    )


def body_of(scope: Scope) -> bytes:
    """Return the folded body of `scope`. Raises `StepFailed` for data beyond storing."""
    body: dict[str, Any] = {"spec": scope.spec.name, "groups": scope.live.groups()}
    if scope.owns_data:
        body["data"] = scope.data
    if scope.done is not None:
        body["done"] = sorted(scope.done)
    return folded(body)


def fill(scope: Scope, content: dict[str, Any]) -> None:
    """Give `scope` the data and tokens of a body that `body_of` made; the tokens stay folded.

    Raises `KeyError` for an element that its process does not have, `ValueError` and the like for what is not sound.
    """
    scope.data.update(content.get("data", {}))
    if scope.done is not None:
        scope.done.update(content["done"])
    for name, ids, owners, bodies in content["groups"]:
        element = scope.spec.element(name)
        if element is None:
            raise KeyError(f"no element {name!r}")
        scope.live.restore(element, ids, owners, bodies)
