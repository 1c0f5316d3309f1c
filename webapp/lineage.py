"""Owns how a record's relatives and a case's records are gathered for reading: each record once; pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.registers.views import Relative
from engine.types import RecordRef
from engine.views import RecordUse


@dataclass(frozen=True, slots=True)
class Kin:
    """A related record with those of its versions that take part; `newest` is the one to link to.

    `own` are the versions of the record itself that were made from these, or from which these were made: the same
    record may be at both ends, an earlier version at one and a later one at the other.
    """

    newest: RecordRef
    title: str
    versions: Sequence[int]
    own: Sequence[int]


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A record of a case with the versions that the case made and read."""

    newest: RecordRef
    title: str
    status: str | None
    current_version: int
    made: Sequence[int]
    read: Sequence[int]
    supporters: int


def kin(relatives: Iterable[Relative], register: str, record_id: str) -> list[Kin]:
    """Return the relatives of a record, each once; its own earlier versions are its history, not its kin."""
    found: dict[tuple[str, str], list[Relative]] = {}
    for relative in relatives:
        place = (relative.ref.register, relative.ref.id)
        if place != (register, record_id):
            found.setdefault(place, []).append(relative)
    return [_kin(list(group)) for group in found.values()]


def case_records(uses: Iterable[RecordUse]) -> list[CaseRecord]:
    """Return the records of a case, each once, those that it made first."""
    found: dict[tuple[str, str], list[RecordUse]] = {}
    for use in uses:
        found.setdefault((use.ref.register, use.ref.id), []).append(use)
    records = [_case_record(group) for group in found.values()]
    return sorted(records, key=lambda record: not record.made)


def _kin(group: Sequence[Relative]) -> Kin:
    newest = max(group, key=lambda relative: relative.ref.version)
    versions = sorted({relative.ref.version for relative in group})
    return Kin(newest.ref, newest.title, versions, sorted({relative.own_version for relative in group}))


def _case_record(group: Sequence[RecordUse]) -> CaseRecord:
    newest = max(group, key=lambda use: use.ref.version)
    made = sorted({use.ref.version for use in group if use.produced})
    read = sorted({use.ref.version for use in group if not use.produced})
    return CaseRecord(newest.ref, newest.title, newest.status, newest.current_version, made, read, newest.supporters)
