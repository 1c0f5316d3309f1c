"""The framework in force of a process: its record, its targets as far as they fit, the measures it looks at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, and_, bindparam, select

from engine.errors import InputRefused
from engine.metrics.process import ManagedProcess
from engine.metrics.registry import measure_of, statistics_of
from engine.metrics.targets import Target, parse
from engine.persistence.models import Record, RecordVersion
from engine.types import Json

_BODIES: Final = (
    select(Record.register, Record.id, Record.version, RecordVersion.body)
    .join(
        RecordVersion,
        and_(
            RecordVersion.register == Record.register,
            RecordVersion.record_id == Record.id,
            RecordVersion.version == Record.version,
        ),
    )
    .where(Record.register.in_(bindparam("registers", expanding=True)))
    .order_by(Record.changed_at, Record.id)
)


@dataclass(frozen=True, slots=True)
class Framework:
    """What governs a process: register, id and version of its record (None: it has none yet), and what that says."""

    ref: tuple[str, str, int] | None = None
    targets: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)
    """by statistic"""
    unknown: tuple[str, ...] = ()
    """targets that fit no statistic, in words"""
    measures: frozenset[str] = frozenset()
    """the measures that it looks at; empty: all"""
    review_interval: str | None = None

    def selects(self, measure: str) -> bool:
        """Return whether it looks at a measure: one that it names, or has a target for; all when it names none."""
        return not self.measures or measure in self.measures or any(measure_of(key) == measure for key in self.targets)


def load(connection: Connection, processes: Mapping[str, ManagedProcess]) -> dict[str, Framework]:
    """Return the framework in force of each process by its key: the newest version of its register's one record."""
    registers = sorted({each.framework for each in processes.values() if each.framework})
    rows = connection.execute(_BODIES, {"registers": registers}).all() if registers else ()
    newest = {row.register: row for row in rows}
    found = {}
    for key, process in processes.items():
        row = newest.get(process.framework or "")
        found[key] = Framework() if row is None else read(process, row.body, (row.register, row.id, row.version))
    return found


def read(process: ManagedProcess, body: Mapping[str, Json], ref: tuple[str, str, int] | None = None) -> Framework:
    """Return what the body of a framework says; what does not fit is told in `unknown`, never dropped silently."""
    targets: dict[str, tuple[Target, ...]] = {}
    unknown = []
    for said in _targets(body.get("targets"), process):
        if isinstance(said, Target):
            targets[said.statistic] = (*targets.get(said.statistic, ()), said)
        else:
            unknown.append(said)
    measures = body.get("measures")
    interval = body.get("review_interval")
    return Framework(
        ref,
        targets,
        tuple(unknown),
        frozenset(map(str, measures)) if isinstance(measures, list) else frozenset(),
        interval if isinstance(interval, str) else None,
    )


def _targets(said: Any, process: ManagedProcess) -> Iterator[Target | str]:
    """Yield the targets, each read, or a sentence about what is wrong with it."""
    if said in (None, []):
        return
    if not isinstance(said, list):
        yield "The framework's targets are not a list."
        return
    statistics = statistics_of(process)
    for row in said:
        key, text = (row.get("measure"), row.get("target")) if isinstance(row, dict) else (None, None)
        if not isinstance(key, str) or not isinstance(text, str):
            yield "A target of the framework names no measure, or says nothing."
        elif key not in statistics:
            yield f"“{text}” is a target for {key!r}, which is no measure of this process."
        else:
            try:
                yield parse(text, statistics[key])
            except InputRefused as refused:
                yield f"“{text}”: {' '.join(refused.messages['target'])}"
