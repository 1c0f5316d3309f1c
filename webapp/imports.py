"""Where imported rows go: cases of a process or records of a register, by the same forms and rights as on the pages."""

from collections.abc import Mapping

from engine.errors import InputRefused, NotFound
from engine.imports.rows import Effect
from engine.process_engine import ProcessEngine
from engine.types import Actor, Json


class CaseTarget:
    """Rows start cases of one process."""

    def __init__(self, engine: ProcessEngine, process_key: str, actor: Actor, channel: str | None) -> None:
        """Raise `NotFound` unless `actor` may start the process."""
        found = [definition for definition in engine.repository.startable(actor) if definition.key == process_key]
        if not found:
            raise NotFound("process to start", process_key)
        self.name = f"process:{process_key}"
        self._engine, self._key, self._actor, self._channel = engine, process_key, actor, channel

    def check(self, values: Mapping[str, Json]) -> None:
        """Raise `InputRefused` when the start form does not take the values."""
        self._engine.runtime.check_start(self._key, values, actor=self._actor)

    def take(self, values: Mapping[str, Json], also: Effect) -> str:
        """Start a case; return its number."""
        return self._engine.runtime.start(self._key, values, actor=self._actor, channel=self._channel, also=also).number


class RecordTarget:
    """Rows become records of one register."""

    def __init__(self, engine: ProcessEngine, register: str, actor: Actor, status: str | None) -> None:
        """Raise `NotPermitted` unless `actor` maintains the register, `InputRefused` for a status it does not have."""
        definition, _ = engine.registers.blank_form(register, actor)
        if status is not None and status not in definition.statuses:
            raise InputRefused({"status": [f"Choose one of: {', '.join(definition.statuses) or 'none'}."]})
        self.name = f"register:{register}"
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
