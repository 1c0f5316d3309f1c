"""Owns the data that a task's form may look at.

The variables that the task sees, with bodies in the place of references.

Nothing is restored or read before somebody asks, because most forms ask for nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.bpmn import interpreter
from engine.bpmn.case.context import RecordAccess, StepContext
from engine.bpmn.case.records import StepRecords
from engine.bpmn.reading.executable import Executable, reads_newest
from engine.errors import StepFailed, TaskNotOpen
from engine.persistence.database import AnyRow
from engine.types import ENGINE, Json, RecordRef


def refs(stored: Sequence[Json]) -> list[RecordRef]:
    """Return the references that a task's row holds."""
    return [ref for ref in map(RecordRef.from_json, stored) if ref is not None]


def shown_version(access: RecordAccess, executable: Executable, row: AnyRow, ref: RecordRef) -> RecordRef:
    """Return the version of the record that the page of an open task shows: `ref` is what the task has read of it.

    `row` is of `LOAD_TASK`.
    """
    if reads_newest(executable, row.task_process_key, row.task_element_id, ref.register):
        return access.current(ref.register, ref.id) or ref
    return access.readable(ref) or ref


class TaskData(Mapping[str, Any]):
    """What the form of the task in `row` (of `LOAD_TASK`) may look at; `shown` are the versions that its page shows.

    Valid as long as the connection of `access` is.
    """

    def __init__(
        self, access: RecordAccess, executable: Executable, row: AnyRow, shown: Sequence[RecordRef], now: datetime
    ) -> None:
        self._access, self._executable, self._row, self._shown, self._now = access, executable, row, shown, now
        self._records = StepRecords(self._access, executable.registers)
        self._variables: Mapping[str, Json] | None = None

    def variables(self) -> Mapping[str, Json]:
        """Return the variables that the task sees, references as they are; after its end those of the case."""
        if self._variables is None:
            context = StepContext(now=self._now, actor=ENGINE, records=self._access)
            try:
                own = interpreter.variables_of(self._executable, self._row.state, self._row.task_id, context)
            except TaskNotOpen:
                own = dict(self._row.variables)
            self._variables = self._with_shown(own)
        return self._variables

    def __getitem__(self, key: str) -> Any:
        return self._resolved(self.variables()[key])

    def __iter__(self) -> Iterator[str]:
        return iter(self.variables())

    def __len__(self) -> int:
        return len(self.variables())

    def _resolved(self, value: Json) -> Json:
        """Return `value` with the bodies that the case may read; another reference stays one, and the page goes on."""
        try:
            return self._records.resolved(value)
        except StepFailed:
            return value

    def _with_shown(self, own: dict[str, Json]) -> dict[str, Json]:
        """Return the variables with the versions that the page shows in the place of older ones."""
        left = {(ref.register, ref.id): ref for ref in self._shown}
        for name, value in own.items():
            ref = RecordRef.from_json(value)
            newer = left.pop((ref.register, ref.id), None) if ref is not None else None
            if newer is not None:
                own[name] = newer.as_json()
        for ref in left.values():
            variable = self._access.variable(ref.register)
            if variable is not None:
                own.setdefault(variable, ref.as_json())
        return own
