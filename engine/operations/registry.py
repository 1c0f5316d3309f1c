"""Owns the registry: which operations there are, from the host, from the product and from installed packages."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from engine.operations.definition import Operation
from engine.operations.mail import send_mail

GROUP: Final = "comity.operations"
"""The group of entry points by which a package brings operations: each gives an `Operation`, or a list of them."""

BUILT_IN: Final = (send_mail,)
"""The operations that come with the product."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BrokenEntry:
    """An entry point of which nothing is used: `name` and `value` as the package gives them, `reason` a sentence."""

    name: str
    value: str
    reason: str


class Operations(Mapping[str, Operation]):
    """Operations by name. What a package brings that does not work is in `broken`, and keeps nothing else away."""

    def __init__(self, operations: Iterable[Operation] = (), broken: Iterable[BrokenEntry] = ()) -> None:
        """Take the operations; raise `ValueError` for two of the same name."""
        self._operations: dict[str, Operation] = {}
        for each in operations:
            if each.name in self._operations:
                raise ValueError(f"There are two operations {each.name!r}.")
            self._operations[each.name] = each
        self.broken = tuple(broken)

    @classmethod
    def installed(cls, own: Iterable[Operation] = ()) -> "Operations":
        """Return the host's `own` operations, the product's, and those of installed packages, by entry points.

        The host's go before those of the same name of the product or a package, and the product's before a package's;
        of two packages that bring the same name, neither is used. Raises `ValueError` for two of the host of the same
        name.
        """
        chosen = dict(cls(own))
        for each in BUILT_IN:
            chosen.setdefault(each.name, each)
        found: dict[str, list[tuple[EntryPoint, Operation]]] = {}
        broken: list[BrokenEntry] = []
        for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
            try:
                for each in _operations_of(entry.load()):
                    found.setdefault(each.name, []).append((entry, each))
            except Exception as error:
                log.exception("the entry point %s (%s) brings no operation", entry.name, entry.value)
                broken.append(BrokenEntry(entry.name, entry.value, f"{type(error).__name__}: {error}"))
        usable = dict(chosen)
        for name, bringing in found.items():
            if name not in chosen and len(bringing) == 1:
                usable[name] = bringing[0][1]
                continue
            if name in chosen:
                reason = f"The host or the product has an operation {name!r} of its own, which is used."
            else:
                reason = f"There is more than one operation {name!r}, so none of them is used: uninstall all but one."
            broken += [BrokenEntry(entry.name, entry.value, reason) for entry, _ in bringing]
        return cls((usable[name] for name in sorted(usable)), broken)

    def __getitem__(self, name: str) -> Operation:
        return self._operations[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._operations)

    def __len__(self) -> int:
        return len(self._operations)


def _operations_of(loaded: object) -> list[Operation]:
    found: list[Operation] = []
    for each in loaded if isinstance(loaded, list | tuple) else (loaded,):
        if not isinstance(each, Operation):
            raise TypeError(f"it gives a {type(each).__name__}, no engine.operations.Operation")
        found.append(each)
    return found
