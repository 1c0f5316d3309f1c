"""Owns what a report to stakeholders shows: records handed in, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.metrics.periods import Period
from engine.views.lists import Person


@dataclass(frozen=True, slots=True)
class ReportRef:
    """A report that somebody may look at."""

    process: str
    process_name: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What a report is about: the period (UTC), and one organisation or service if they are given (ids)."""

    period: Period
    organisation: str | None = None
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A record made from the one reported on; `text` and `note` come from the fields that the report names."""

    register: str
    id: str
    title: str
    status: str | None
    text: str | None
    note: str | None
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A record with what became of it; `services` are ids."""

    id: str
    title: str
    status: str | None
    organisation_id: str | None
    originator: Person | None
    handed_in_at: datetime
    changed_at: datetime
    supporters: int
    services: tuple[str, ...]
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report. `cut`: there are more rows than are told, so a shorter period is needed; totals are of the rows.

    `organisations` and `services` are the ids that may be asked for, with the words for services; `whole` says that
    the reader sees every organisation.
    """

    ref: ReportRef
    filter: ReportFilter
    register: str
    rows: Sequence[ReportRow]
    statuses: Sequence[tuple[str, int]]
    per_organisation: Mapping[str, Mapping[str, int]]
    per_service: Mapping[str, Mapping[str, int]]
    service_names: Mapping[str, str]
    organisations: Sequence[str]
    whole: bool
    cut: bool
    issued: str | None
    """the register that keeps issued reports, for those who may issue them"""
    made_at: datetime
