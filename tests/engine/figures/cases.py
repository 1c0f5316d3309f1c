"""Owns rows for the tests of figures: ended and running cases as the engine would leave them, without running any."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from engine.measuring.packing import put_day
from engine.metrics.packed import PackedCase, pack_case
from engine.metrics.process import ManagedProcess
from engine.metrics.sums import Sums
from engine.persistence.database import Database
from engine.persistence.models import (
    CaseActivity,
    CaseLabel,
    CaseParticipant,
    CaseSummary,
    CaseValue,
    DailyFigure,
    Deployment,
    ProcessDefinition,
    ProcessInstance,
    Resource,
    SummedDay,
)
from engine.persistence.models import ManagedProcess as ManagedProcessRow
from engine.types import Json

DAY = 86_400.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Case:
    """A case. `ended` None: it runs. Times are shares of its length; labels and values as in the tables."""

    key: str = "p"
    started: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    ended: datetime | None = datetime(2026, 3, 2, 9, tzinfo=UTC)
    status: str = "completed"
    outcome: str | None = "Done"
    version: int = 1
    priority: int = 50
    organisation: str | None = None
    effort: int | None = None
    hand_overs: int = 0
    failures: int = 0
    repeats: int = 0
    send_backs: int = 0
    feedback: int | None = None
    labels: Mapping[tuple[str, str], int] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    elements: Mapping[str, tuple[int, int, int, float, float | None, float | None]] = field(default_factory=dict)
    """by element: completed, repeats, failures, elapsed, waiting, working"""
    id: str = field(default_factory=lambda: f"case{next(_numbers):06}")

    @property
    def cycle(self) -> float:
        return (self.ended - self.started).total_seconds() if self.ended else 0.0


def at(day: date, hour: int = 9) -> datetime:
    """Return an instant of a day."""
    return datetime.combine(day, time(hour), UTC)


def lasting(ended: datetime, seconds: float, **facts: Any) -> Case:
    """Return a case that took so long."""
    return Case(started=ended - timedelta(seconds=seconds), ended=ended, **facts)


class Tables:
    """The tables that figures are read from."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def definition(self, key: str = "p", *, version: int = 1, owners: str | None = "owners", **facts: Any) -> None:
        """Insert a version of a process definition that people may start."""
        identity = f"{key}:{version}"
        moment = datetime(2026, 1, 1, tzinfo=UTC)
        named: dict[str, Json] = {"key": key, "name": key.title(), "file": f"{key}.bpmn", **facts}
        with self.database.write() as connection:
            connection.execute(
                sa.insert(Deployment),
                {"id": identity, "name": key, "source": "test", "deployed_at": moment, "deployed_by": "owen"},
            )
            connection.execute(
                sa.insert(Resource),
                {"id": identity, "deployment_id": identity, "kind": "bpmn", "key": key, "version": version,
                 "name": f"{key}.bpmn", "digest": "", "content": b""},
            )  # fmt: skip
            connection.execute(
                sa.insert(ProcessDefinition),
                {"id": identity, "key": key, "version": version, "name": key.title(), "deployment_id": identity,
                 "resource_id": identity, "digest": "", "owner_group": owners, "startable": True, "facts": named,
                 "registers": {}, "documentation": None},
            )  # fmt: skip

    def managed(self, process: ManagedProcess) -> None:
        """Insert a managed process."""
        row = {
            "key": process.key,
            "name": process.name,
            "definition": process.as_json(),
            "changed_at": at(date(2026, 1, 1)),
        }
        with self.database.write() as connection:
            connection.execute(sa.insert(ManagedProcessRow), row)

    def cases(self, *cases: Case) -> None:
        """Insert cases with what stands beside them."""
        with self.database.write() as connection:
            for table, rows in _rows(cases).items():
                if rows:
                    connection.execute(sa.insert(table), rows)

    def sum_up(self, cases: Iterable[Case], days: Iterable[tuple[str, date]]) -> None:
        """Sum up some days, given as key and day, from all cases there are, and pack them."""
        wanted = set(days)
        sums: dict[tuple[str, date, int], Sums] = {}
        packed: dict[tuple[str, date], list[PackedCase]] = {}
        for case in cases:
            if case.ended is None or (case.key, case.ended.date()) not in wanted:
                continue
            into = sums.setdefault((case.key, case.ended.date(), case.version), Sums())
            columns = _Summed(_summary(case))
            into.add_case(columns)
            packed.setdefault((case.key, case.ended.date()), []).append(
                pack_case(columns, case.version, case.organisation, case.labels, case.values)
            )
            for (kind, value), count in case.labels.items():
                if kind != "service":
                    into.add_label(kind, value, 1, count)
            for measure, amount in case.values.items():
                into.add_value(measure, amount)
            for element, (completed, repeats, failures, elapsed, waiting, working) in case.elements.items():
                into.add_activities(
                    _Summed(
                        {"process_key": case.key, "element_id": element, "completed": completed,
                         "elapsed_seconds": elapsed, "claimed": completed if working is not None else 0,
                         "waiting_seconds": waiting, "working_seconds": working, "repeated": int(repeats > 0),
                         "repeats": repeats, "failed": int(failures > 0), "failures": failures}
                    )
                )  # fmt: skip
        rows = [
            {"definition_key": key, "day": day, "version": version, "name": name, "label": label, "count": count,
             "total": total}
            for (key, day, version), found in sums.items()
            for name, label, count, total in found.items()
        ]  # fmt: skip
        with self.database.write() as connection:
            if wanted:
                connection.execute(sa.insert(SummedDay), [{"definition_key": key, "day": day} for key, day in wanted])
            if rows:
                connection.execute(sa.insert(DailyFigure), rows)
            for (key, day), found in packed.items():
                put_day(connection, self.database.dialect, key, day, found)


class _Summed:
    """Columns as attributes."""

    def __init__(self, columns: Mapping[str, Any]) -> None:
        self.__dict__.update(columns)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


def _rows(cases: Sequence[Case]) -> dict[Any, list[dict[str, Any]]]:
    ended = [case for case in cases if case.ended is not None]
    return {
        ProcessInstance: [_instance(case) for case in cases],
        CaseSummary: [_summary(case) for case in ended],
        CaseLabel: [
            {"instance_id": case.id, "kind": kind, "value": value, "count": count}
            for case in cases
            for (kind, value), count in case.labels.items()
        ],
        CaseParticipant: [
            {"instance_id": case.id, "principal": f"group:{value}"}
            for case in cases
            for (kind, value) in case.labels
            if kind == "group"
        ],
        CaseValue: [
            {"instance_id": case.id, "measure": measure, "value": amount}
            for case in ended
            for measure, amount in case.values.items()
        ],
        CaseActivity: [
            {"instance_id": case.id, "process_key": case.key, "element_id": element, "completed": completed,
             "cancelled": 0, "repeats": repeats, "failures": failures, "elapsed_seconds": elapsed,
             "waiting_seconds": waiting, "working_seconds": working}
            for case in ended
            for element, (completed, repeats, failures, elapsed, waiting, working) in case.elements.items()
        ],
    }  # fmt: skip


def _instance(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "number": case.id.upper(),
        "definition_id": f"{case.key}:{case.version}",
        "definition_key": case.key,
        "definitions": [f"{case.key}:{case.version}"],
        "title": f"Case {case.id}",
        "status": "active" if case.ended is None else "completed" if case.status == "completed" else "cancelled",
        "outcome": case.outcome,
        "priority": case.priority,
        "channel": "web",
        "originator": "olga",
        "organisation_id": case.organisation,
        "started_by": "olga",
        "started_at": case.started,
        "changed_at": case.ended or case.started,
        "ended_at": case.ended,
        "revision": 1,
        "failures": 0,
        "state": b"",
        "variables": {},
        "waits": {},
    }


def _summary(case: Case) -> dict[str, Any]:
    assert case.ended is not None
    trouble = case.failures or case.repeats or case.send_backs
    return {
        "instance_id": case.id,
        "definition_key": case.key,
        "definition_version": case.version,
        "organisation_id": case.organisation,
        "priority": case.priority,
        "channel": "web",
        "started_at": case.started,
        "ended_at": case.ended,
        "ended_on": case.ended.date(),
        "status": case.status,
        "outcome": case.outcome if case.status == "completed" else None,
        "cycle_seconds": case.cycle,
        "working_seconds": case.cycle / 8,
        "waiting_seconds": case.cycle / 2,
        "idle_seconds": case.cycle * 3 / 8,
        "effort_minutes": case.effort,
        "hand_overs": case.hand_overs,
        "failures": case.failures,
        "repeats": case.repeats,
        "send_backs": case.send_backs,
        "first_time_right": case.status == "completed" and not trouble,
        "feedback": case.feedback,
    }
