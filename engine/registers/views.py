"""What the register pages and exports show: plain values, read in bounded queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.registers.definition import RegisterDefinition
from engine.types import Json, RecordRef


@dataclass(frozen=True, slots=True)
class RegisterSummary:
    """A register that somebody may look at; `maintains`: they may add and change records.

    `whole`: they see every record.
    """

    definition: RegisterDefinition
    whole: bool
    maintains: bool


@dataclass(frozen=True, slots=True)
class RecordRow:
    """A record as a list shows it."""

    register: str
    id: str
    version: int
    title: str
    status: str | None
    organisation_id: str | None
    created_at: datetime
    changed_at: datetime
    supporters: int = 0


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of a record and the activity that produced it (None for a form outside a case).

    `case_open`: whoever asked may look at the case.
    """

    version: int
    status: str | None
    created_at: datetime
    created_by: str
    instance_id: str | None
    case_number: str | None
    element_id: str | None
    element_name: str | None
    case_open: bool | None = False


@dataclass(frozen=True, slots=True)
class ReadRow:
    """An activity that read a version; `case_open` as in `VersionRow`."""

    version: int
    at: datetime
    actor: str
    instance_id: str
    case_number: str | None
    element_id: str
    element_name: str | None
    case_open: bool | None = False


@dataclass(frozen=True, slots=True)
class Relative:
    """A record version at the other end of a lineage arrow.

    `singular` is what a record of its register is called; `title` and `status` are those of its newest version;
    `own_version` is the version here that the arrow starts or ends at.
    """

    ref: RecordRef
    singular: str
    title: str
    status: str | None
    own_version: int


@dataclass(frozen=True, slots=True)
class SimilarRecord:
    """A record that is probably about the same, whose originator is the user of this id; `likeness` is from 0 to 1."""

    register: str
    id: str
    title: str
    status: str | None
    organisation_id: str | None
    originator: str | None
    likeness: float


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """A record with one version's body, its history and its lineage. `form` types the body (form-js JSON)."""

    summary: RegisterSummary
    row: RecordRow
    version: int
    body: Mapping[str, Json]
    status: str | None
    form: bytes
    versions: Sequence[VersionRow]
    made_from: Sequence[Relative]
    became: Sequence[Relative]
    reads: Sequence[ReadRow]
