"""Owns what a step reads of the registers while it runs: bodies, newest versions, numbers to come; it writes nothing.

Numbers are drawn optimistically: the step remembers what the sequence said, and the writing transaction moves the
sequence on only if it still says so. Two steps that draw the same number at once: one wins, the other is redone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, tuple_

from engine.errors import NotFound, StepFailed
from engine.persistence.database import AnyRow
from engine.persistence.models import Record, RecordVersion
from engine.registers import catalog
from engine.registers.definition import RegisterDefinition
from engine.registers.live import Registers
from engine.registers.running_cases import takes_over, version_read
from engine.types import Json, RecordRef

_BODY = select(RecordVersion.body, RecordVersion.status).where(
    RecordVersion.register == bindparam("register"),
    RecordVersion.record_id == bindparam("id"),
    RecordVersion.version == bindparam("version"),
)
_RECORD_KEY = tuple_(Record.register, Record.id)
_EXPECTED = (
    select(
        RecordVersion.register,
        RecordVersion.record_id,
        RecordVersion.version,
        RecordVersion.body,
        RecordVersion.status,
        Record.version.label("newest"),
    )
    .join(Record, and_(Record.register == RecordVersion.register, Record.id == RecordVersion.record_id))
    .where(
        _RECORD_KEY.in_(bindparam("records", expanding=True)),
        or_(
            RecordVersion.version == Record.version,
            tuple_(RecordVersion.register, RecordVersion.record_id, RecordVersion.version).in_(
                bindparam("refs", expanding=True)
            ),
        ),
    )
)
_CURRENT = select(Record.version).where(Record.register == bindparam("register"), Record.id == bindparam("id"))
_NEWEST = (
    select(Record.id, Record.version)
    .where(Record.register == bindparam("register"))
    .order_by(Record.changed_at.desc())
    .limit(1)
)
_MOST_EXPECTED: Final = 50
_MOST_VERSIONS: Final = 2**31


@lru_cache(100)
def _said(running_cases: str) -> Select[Any]:
    """Return the query for what the versions above one say of running cases, in the field of this name."""
    return select(RecordVersion.version, RecordVersion.body[running_cases].as_string()).where(
        RecordVersion.register == bindparam("register"),
        RecordVersion.record_id == bindparam("id"),
        RecordVersion.version > bindparam("held"),
    )


@dataclass(slots=True)
class Drawn:
    """Numbers taken from one sequence: `seen` is what it said (None: not there yet), `next` what it shall say."""

    seen: int | None
    next: int


@dataclass(slots=True)
class RegisterAccess:
    """The registers as one step sees them, over one reading connection.

    `newest` holds the newest version of each record by which the step has chosen what it reads: the writing transaction
    makes sure that it still is the newest.
    """

    connection: Connection
    registers: Registers = field(init=False)
    drawn: dict[str, Drawn] = field(default_factory=dict)
    newest: dict[tuple[str, str], int] = field(default_factory=dict)
    _expected: dict[RecordRef, tuple[str, str]] = field(default_factory=dict)
    _bodies: dict[RecordRef, Mapping[str, Json]] = field(default_factory=dict)
    _current: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.registers = Registers(self.connection)

    def definition(self, register: str) -> RegisterDefinition:
        """Return the definition of `register`; raise `StepFailed` when it is not deployed."""
        found = self.registers.get(register)
        if found is None:
            raise StepFailed(f"the register {register!r} is not deployed")
        return found

    def body(self, ref: RecordRef) -> Mapping[str, Json]:
        """Return the fields of that version with `number`, `version` and `status`.

        Raise `NotFound` when there is none.
        """
        if ref not in self._bodies:
            self._read_expected(ref.register, ref.id)
        if ref not in self._bodies:
            row = self.connection.execute(
                _BODY, {"register": ref.register, "id": ref.id, "version": ref.version}
            ).one_or_none()
            if row is None:
                raise NotFound(f"version {ref.version} in the register {ref.register}", ref.id)
            self._keep(ref, row)
        return self._bodies[ref]

    def expect(self, refs: Iterable[RecordRef]) -> None:
        """Name versions that may be asked for; beyond fifty in all they are read one by one.

        With the first of them that is, all are read in one statement, and what is the newest version of each record.
        """
        for ref in refs:
            if len(self._expected) == _MOST_EXPECTED:
                return
            if 0 < ref.version < _MOST_VERSIONS and "\0" not in ref.register + ref.id:
                self._expected[ref] = (ref.register, ref.id)

    def _read_expected(self, register: str, record_id: str) -> None:
        if (register, record_id) not in self._expected.values():
            return
        expected, self._expected = self._expected, {}
        records = list(dict.fromkeys(expected.values()))
        refs = [(ref.register, ref.id, ref.version) for ref in expected]
        for row in self.connection.execute(_EXPECTED, {"records": records, "refs": refs}):
            self._keep(RecordRef(row.register, row.record_id, row.version), row)
            self._current[row.register, row.record_id] = row.newest

    def _keep(self, ref: RecordRef, row: AnyRow) -> None:
        self._bodies[ref] = {**row.body, "number": ref.id, "version": ref.version, "status": row.status}

    def current(self, register: str, record_id: str) -> RecordRef | None:
        """Return the newest version of the record, or None when there is no such record."""
        self._read_expected(register, record_id)
        version = self._current.get((register, record_id))
        if version is None:
            version = self.connection.execute(_CURRENT, {"register": register, "id": record_id}).scalar_one_or_none()
        return None if version is None else RecordRef(register, record_id, version)

    def singleton(self, register: str) -> RecordRef | None:
        """Return the record of a register that holds one, or None while it is empty."""
        row = self.connection.execute(_NEWEST, {"register": register}).one_or_none()
        if row is None:
            return None
        self.newest[register, row.id] = row.version
        return RecordRef(register, row.id, row.version)

    def readable(self, held: RecordRef) -> RecordRef | None:
        """Return the version that a case which holds `held` reads, by the rule of `engine.registers.running_cases`.

        Without such a rule that is the newest; None when there is no such record.
        """
        newest = self.current(held.register, held.id)
        if newest is None:
            return None
        self.newest[held.register, held.id] = newest.version
        definition = self.registers.get(held.register) if newest.version > held.version else None
        if definition is None or definition.running_cases is None:
            return newest
        parameters = {"register": held.register, "id": held.id, "held": held.version}
        said = self.connection.execute(_said(definition.running_cases), parameters)
        return replace(
            held, version=version_read(held.version, ((version, takes_over(what)) for version, what in said))
        )

    def variable(self, register: str) -> str | None:
        """Return the name by which cases keep records of the register; None when it is not deployed."""
        definition = self.registers.get(register)
        return None if definition is None else definition.variable

    def moves_cases(self, register: str) -> bool:
        """Say whether the versions of the register's record say what becomes of cases that run."""
        definition = self.registers.get(register)
        return definition is not None and definition.running_cases is not None

    def base(self, held: RecordRef) -> RecordRef:
        """Return the version that a case which holds `held`, and has not read the record anew, writes upon.

        Where cases may keep an older version that is the newest: else they could never write.
        """
        newest = self.current(held.register, held.id) if self.moves_cases(held.register) else None
        return newest or held

    def new_id(self, register: str) -> str:
        """Return the number of the next record of `register`, such as `N-0001`.

        Raises `StepFailed` for a register whose records are named by a field of theirs: cases cannot make these.
        """
        definition = self.definition(register)
        if definition.prefix is None:
            raise StepFailed(
                f"records of the register {register!r} are named by their field {definition.identifier!r}, not numbered"
            )
        name = catalog.sequence_of(register)
        drawn = self.drawn.get(name)
        if drawn is None:
            seen = self.registers.deployed()[register].next_number
            drawn = self.drawn[name] = Drawn(seen, seen or 1)
        number = drawn.next
        drawn.next += 1
        return definition.number(number)
