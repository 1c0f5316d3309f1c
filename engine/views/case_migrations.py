"""Owns what is shown of moves of running cases to another version of their process."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.views.cases import CaseRef
from engine.views.lists import Person


@dataclass(frozen=True, slots=True)
class VersionRef:
    """A version of a process. `cases` is how many run on it now, `calls` says that it calls other processes."""

    id: str
    key: str
    version: int
    name: str
    cases: int
    calls: bool = False


@dataclass(frozen=True, slots=True)
class MigrationPlace:
    """An element at which cases of the old version can stand; see `engine.bpmn.migrating.Place`.

    `mapped` is the id that was asked for, None where the same id counts.
    """

    id: str
    """as a mapping names it: the element's id, `PROCESS/ID` in a called process"""
    process_key: str
    name: str
    kind: str
    scope: str | None
    target_id: str | None
    target_name: str | None
    blocks: str | None
    dropped: bool
    notes: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    mapped: str | None


@dataclass(frozen=True, slots=True)
class MigrationPlanView:
    """How running cases of a version would move to another one.

    `called` are the called processes of which the version changes with it: key, old version, new version (None: the new
    version does not call it).
    """

    source: VersionRef
    target: VersionRef
    places: tuple[MigrationPlace, ...]
    called: tuple[tuple[str, int, int | None], ...]
    mapping: Mapping[str, str]

    @property
    def blocked(self) -> int:
        """Return at how many elements a case would have to stay."""
        return sum(place.blocks is not None and not place.dropped for place in self.places)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many tokens of the cases that were looked at stand at an element, and where they would stand."""

    id: str
    name: str
    kind: str
    tokens: int
    target_name: str | None


@dataclass(frozen=True, slots=True)
class MigrationPreview:
    """What would become of the cases; of very many, the oldest `checked` of `total` were looked at.

    `sample` are some that would move, `refused` some that would not, each with the reason; `reasons` say of how many
    cases each is true.
    """

    total: int
    checked: int
    movable: int
    standing: tuple[Standing, ...]
    reasons: tuple[tuple[str, int], ...]
    sample: tuple[CaseRef, ...]
    refused: tuple[tuple[CaseRef, str], ...]


@dataclass(frozen=True, slots=True)
class MigrationRow:
    """A move of `total` cases that was started: those still `waiting`, and `needless` ones, which ended meanwhile."""

    id: str
    source: VersionRef
    target: VersionRef
    started_at: datetime
    started_by: Person
    reason: str
    mapping: Mapping[str, str]
    total: int
    moved: int
    refused: int
    waiting: int

    @property
    def needless(self) -> int:
        """Return how many cases had ended, or moved otherwise, when their turn came."""
        return max(0, self.total - self.moved - self.refused - self.waiting)

    @property
    def done(self) -> bool:
        """Return whether every case has had its turn."""
        return self.waiting == 0


@dataclass(frozen=True, slots=True)
class MigrationRefusal:
    """A case that has not moved, and why."""

    case: CaseRef
    reason: str
    at: datetime
