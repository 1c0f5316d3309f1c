"""Owns what is shown of supporters: who supports a record, and what somebody supports."""

from dataclasses import dataclass
from datetime import datetime

from engine.views.lists import Person


@dataclass(frozen=True, slots=True)
class SupporterRow:
    """One supporter of a record; person, organisation and note are None where the reader is not told.

    A row without `person` but with an organisation was noted by staff for that organisation.
    """

    person: Person | None
    organisation_id: str | None
    note: str | None
    since: datetime
    mine: bool


@dataclass(frozen=True, slots=True)
class SupportedRecord:
    """A record that somebody supports; `own` is false when staff noted it for their organisation."""

    register: str
    singular: str
    id: str
    title: str
    status: str | None
    changed_at: datetime
    since: datetime
    own: bool
