"""Where imported rows go: cases of a process or records of a register, by the same forms and rights as on the pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from engine.errors import InputRefused, NotFound
from engine.imports.rows import Effect, RowResult, Target
from engine.process_engine import ProcessEngine
from engine.registers.definition import RegisterDefinition
from engine.types import Actor, Json

MARKS: Final[Mapping[str, str | None]] = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "none": None}
"""Characters of a dialect by name, for where they cannot be typed or seen."""

PROCESS, REGISTER = "process", "register"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where somebody may import to: `name` is the target's, `label` what people call it, `form` what types the rows."""

    name: str
    label: str
    form: bytes
    register: RegisterDefinition | None = None

    @property
    def kind(self) -> str:
        """Return `process` or `register`."""
        return self.name.partition(":")[0]

    @property
    def key(self) -> str:
        """Return the key of the process or register."""
        return self.name.partition(":")[2]


def destinations(engine: ProcessEngine, actor: Actor) -> list[Destination]:
    """Return the processes that `actor` may start by a form, then the registers that they maintain, by name."""
    found = []
    for process in engine.repository.startable(actor):
        form = engine.repository.start_form(process.id, actor)
        if form is not None:
            found.append(Destination(f"{PROCESS}:{process.key}", process.name, form))
    for definition, form in engine.registers.blank_forms(actor):
        found.append(Destination(f"{REGISTER}:{definition.key}", definition.name, form, definition))
    return found


def destination(engine: ProcessEngine, name: str, actor: Actor) -> Destination:
    """Return the destination of that name; raise `NotFound` when it is gone or no longer open to `actor`."""
    for found in destinations(engine, actor):
        if found.name == name:
            return found
    raise NotFound("process or register to import into", name)


def target(
    engine: ProcessEngine,
    name: str,
    actor: Actor,
    *,
    channel: str | None = None,
    status: str | None = None,
    labels: Mapping[str, str] = MappingProxyType({}),
) -> Target:
    """Return the target of that name (`process:KEY` or `register:KEY`); raise as the targets do.

    With `labels` of fields, refusals go by these; without, by the keys.
    """
    kind, _, key = name.partition(":")
    if kind == PROCESS:
        return CaseTarget(engine, key, actor, channel, labels)
    return RecordTarget(engine, key, actor, status, labels)


def refusal_header(columns: Sequence[str]) -> list[str]:
    """Return the header of a file of refused rows."""
    return ["row", "line", "reason", *columns]


def refusal_line(result: RowResult) -> list[Json]:
    """Return a refused row as a line of that file."""
    return [result.row, result.line, result.reason, *result.cells]


class CaseTarget:
    """Rows start cases of one process."""

    def __init__(
        self,
        engine: ProcessEngine,
        process_key: str,
        actor: Actor,
        channel: str | None,
        labels: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Raise `NotFound` unless `actor` may start the process."""
        found = [definition for definition in engine.repository.startable(actor) if definition.key == process_key]
        if not found:
            raise NotFound("process to start", process_key)
        self.name, self.labels = f"{PROCESS}:{process_key}", labels
        self._engine, self._key, self._actor, self._channel = engine, process_key, actor, channel

    def check(self, values: Mapping[str, Json]) -> None:
        """Raise `InputRefused` when the start form does not take the values."""
        self._engine.runtime.check_start(self._key, values, actor=self._actor)

    def take(self, values: Mapping[str, Json], also: Effect) -> str:
        """Start a case; return its number."""
        return self._engine.runtime.start(self._key, values, actor=self._actor, channel=self._channel, also=also).number


class RecordTarget:
    """Rows become records of one register."""

    def __init__(
        self,
        engine: ProcessEngine,
        register: str,
        actor: Actor,
        status: str | None,
        labels: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Raise `NotPermitted` unless `actor` maintains the register, `InputRefused` for a status it does not have."""
        definition, _ = engine.registers.blank_form(register, actor)
        if status is not None and status not in definition.statuses:
            raise InputRefused({"status": [f"Choose one of: {', '.join(definition.statuses) or 'none'}."]})
        self.name, self.labels = f"{REGISTER}:{register}", labels
        self._engine, self._register, self._actor, self._status = engine, register, actor, status
        self._identifiers: set[str] = set()

    def check(self, values: Mapping[str, Json]) -> None:
        """Raise `InputRefused` when the form does not take the values, or the record is there or named before."""
        identifier = self._engine.registers.check_new(self._register, values, actor=self._actor, status=self._status)
        if identifier is None:
            return
        if identifier in self._identifiers:
            raise InputRefused({"row": [f"A row before this one makes the record {identifier!r}."]})
        self._identifiers.add(identifier)

    def take(self, values: Mapping[str, Json], also: Effect) -> str:
        """Save a record; return its number."""
        saved = self._engine.registers.save(
            self._register, None, values, actor=self._actor, status=self._status, also=also
        )
        return saved.id
