"""Owns how a step tells what its case waits for: what it has looked at, and everything, put together if asked for.

A case may wait for thousands of things, and a step changes a few: of all others nobody needs more than that they are as
they were.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

Each = TypeVar("Each")


class Later(Sequence[Each], Generic[Each]):
    """A sequence that is put together when it is first looked at; equal to every sequence of the same."""

    __hash__ = None  # type: ignore[assignment]  # as every sequence that is equal to a list

    def __init__(self, make: Callable[[], Sequence[Each]]) -> None:
        """Take what puts the sequence together; it is called once at most."""
        self._make: Callable[[], Sequence[Each]] | None = make
        self._made: Sequence[Each] = ()

    @overload
    def __getitem__(self, index: int) -> Each: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Each]: ...

    def __getitem__(self, index: int | slice) -> Each | Sequence[Each]:
        return self._all()[index]

    def __iter__(self) -> Iterator[Each]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return "Later(...)" if self._make is not None else f"Later({self._made!r})"

    def _all(self) -> Sequence[Each]:
        if self._make is not None:
            self._made, self._make = self._make(), None
        return self._made
