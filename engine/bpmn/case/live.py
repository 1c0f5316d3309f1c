"""Owns the live tokens of a scope, by element: those that a step does not touch stay folded as they were stored.

A token that is asked for is opened, and the case remembers how it stood then; nobody else opens one. They come in the
order of their elements, those at one element in the order in which they came there.
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from engine.bpmn.case.folding import ID, NOBODY, folded, places_of, unfolded
from engine.bpmn.case.token import READY, STARTED, WAITING, Token
from engine.errors import StateRefused

if TYPE_CHECKING:
    from engine.bpmn.case.scope import Scope
    from engine.bpmn.specs.element import Element

STATES: Final = frozenset((WAITING, READY, STARTED))
"""How a token of a stored case may stand."""


class _Place:
    """The tokens at one element. `slots` hold an opened token, a folded one, or None for one that is gone.

    `opened` are the slots that do not hold a folded one; of the others `ids` and `owners` tell by their place.
    """

    __slots__ = ("count", "ids", "opened", "owners", "slots")

    def __init__(self, ids: bytes = b"", owners: bytes = b"", slots: Sequence[bytes] = ()) -> None:
        self.ids, self.owners = ids, owners
        self.slots: list[bytes | Token | None] = list(slots)
        self.count = len(self.slots)
        self.opened: set[int] = set()


class LiveTokens:
    """The live tokens of `scope`."""

    def __init__(self, scope: "Scope") -> None:
        self._scope = scope
        self._places: dict[Element, _Place] = {}
        self._opened: dict[UUID, Token] = {}

    def __len__(self) -> int:
        return sum(place.count for place in self._places.values())

    def __contains__(self, token_id: UUID) -> bool:
        return self.get(token_id) is not None

    def __getitem__(self, token_id: UUID) -> Token:
        token = self.get(token_id)
        if token is None:
            raise KeyError(token_id)
        return token

    def get(self, token_id: UUID) -> Token | None:
        """Return the token with this id, None when there is none."""
        token = self._opened.get(token_id)
        if token is None:
            for element, place in self._places.items():
                for index in places_of(token_id.bytes, place.ids):
                    if isinstance(place.slots[index], bytes):
                        return self._open(element, place, index)
        return token

    def add(self, token: Token) -> None:
        """Take a new token in."""
        place = self._places.get(token.element)
        if place is None:
            place = self._places[token.element] = _Place()
        self._opened[token.id] = token
        token.slot = len(place.slots)
        place.slots.append(token)
        place.count += 1
        place.opened.add(token.slot)

    def remove(self, token: Token) -> bool:
        """Let a token go, and say whether it was here."""
        if self._opened.pop(token.id, None) is None:
            return False
        place = self._places[token.element]
        place.slots[token.slot] = None
        place.count -= 1
        if not place.count:
            del self._places[token.element]
        return True

    def values(self) -> Iterator[Token]:
        """Yield every token; whoever changes something meanwhile makes a list first."""
        for element in self._places:
            yield from self.at(element)

    def elements(self) -> "list[Element]":
        """Return the elements at which there are tokens."""
        return list(self._places)

    def at(self, element: "Element") -> Iterator[Token]:
        """Yield the tokens at `element`; each is opened when it is reached."""
        place = self._places.get(element)
        if place is not None:
            for index, slot in enumerate(place.slots):
                if slot is not None:
                    yield slot if isinstance(slot, Token) else self._open(element, place, index)

    def of(self, owner: UUID) -> list[Token]:
        """Return the tokens that belong to the token with the id `owner`, in their order."""
        for element, place in self._places.items():
            for index in places_of(owner.bytes, place.owners):
                if isinstance(place.slots[index], bytes):
                    self._open(element, place, index)
        return self._sorted(token for token in self._opened.values() if token.owner == owner)

    def in_order(self, opened: Container[UUID]) -> list[Token]:
        """Return the tokens here with the ids `opened`, all of which are open, in their order."""
        return self._sorted(token for token in self._opened.values() if token.id in opened)

    def _sorted(self, tokens: Iterable[Token]) -> list[Token]:
        order = {element: index for index, element in enumerate(self._places)}
        return sorted(tokens, key=lambda token: (order[token.element], token.slot))

    def count_at(self, element: "Element") -> int:
        """Return how many tokens there are at `element`."""
        place = self._places.get(element)
        return 0 if place is None else place.count

    def count_of(self, owner: UUID, element: "Element") -> int:
        """Return how many tokens at `element` belong to the token with the id `owner`."""
        place = self._places.get(element)
        if place is None:
            return 0
        stored = sum(index not in place.opened for index in places_of(owner.bytes, place.owners))
        opened = (place.slots[index] for index in place.opened)
        return stored + sum(isinstance(slot, Token) and slot.owner == owner for slot in opened)

    # --- stored and opened --------------------------------------------------------------------------------------------

    def restore(self, element: "Element", ids: bytes, owners: bytes, slots: list[bytes]) -> None:
        """Take in the folded tokens of an element. Raises `ValueError` for what does not fit together."""
        if not len(ids) == len(owners) == len(slots) * ID:
            raise ValueError("a token without an id")
        self._places[element] = _Place(ids, owners, slots)

    def groups(self) -> list[list[Any]]:
        """Return what `restore` is given, for each element by its name. Raises `StepFailed` for data beyond storing."""
        return [[element.name, *_stored(place)] for element, place in self._places.items()]

    def ids(self) -> bytes:
        """Return the ids of all tokens one after the other."""
        return b"".join(_stored(place)[0] for place in self._places.values())

    def _open(self, element: "Element", place: _Place, index: int) -> Token:
        at = index * ID
        try:
            state, flow, data, unseen, notes = unfolded(place.slots[index])  # type: ignore[arg-type]  # asked of folded ones
            if state not in STATES:
                raise ValueError(f"no state {state!r}")
            token = Token(self._scope, element, UUID(bytes=place.ids[at : at + ID]), state)
            owner = place.owners[at : at + ID]
            token.owner = None if owner == NOBODY else UUID(bytes=owner)
            token.flow, token.data, token.unseen, token.notes, token.slot = flow, data, unseen, notes, index
            phase = element.phase(token)
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            raise StateRefused(f"The stored case is damaged: a token at {element.name!r} ({error}).") from error
        place.slots[index] = self._opened[token.id] = token
        place.opened.add(index)
        self._scope.case.stood[token.id] = phase
        return token


def _stored(place: _Place) -> tuple[bytes, bytes, list[bytes]]:
    """Return what `LiveTokens.restore` is given; what stayed folded is taken over piece by piece, unseen."""
    if not place.opened:
        return place.ids, place.owners, place.slots  # type: ignore[return-value]  # all of them are folded
    ids: list[bytes] = []
    owners: list[bytes] = []
    slots: list[bytes] = []
    rest = 0
    for index in (*sorted(place.opened), len(place.slots)):
        ids.append(place.ids[rest * ID : index * ID])
        owners.append(place.owners[rest * ID : index * ID])
        slots += place.slots[rest:index]  # type: ignore[arg-type]  # between opened ones all are folded
        rest = index + 1
        token = place.slots[index] if index < len(place.slots) else None
        if isinstance(token, Token):
            ids.append(token.id.bytes)
            owners.append(NOBODY if token.owner is None else token.owner.bytes)
            slots.append(folded([token.state, token.flow, token.data, token.unseen, token.notes]))
    return b"".join(ids), b"".join(owners), slots
