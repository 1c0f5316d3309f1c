"""What a managed process is: whose cases count as its work, what governs it, what it measures besides the usual.

A managed process is one as PRM-IT means it (such as A21): several process definitions with one framework and one
evaluation. `process.yaml` beside the models says it; this module holds the values, engine.metrics.reading reads them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from engine.types import Json

EVALUATED: Final = frozenset(
    (
        "evaluation_title",
        "process",
        "process_name",
        "period_from",
        "period_to",
        "framework_version",
        "evaluated_framework",
        "unknown_targets",
        "figures",
        "trends",
        "missed_targets",
        "judgements",
        "previous_actions",
        "owner_options",
    )
)
"""The variables with which the case of an evaluation begins, beside `initiator`."""

OwnKind = Literal["count", "duration", "ratio", "field"]


@dataclass(frozen=True, slots=True)
class EventPattern:
    """Which events of a case are meant. What is None is not asked for; `kind` is one of engine.events."""

    kind: str = "activity.completed"
    element: str | None = None
    outcome: str | None = None
    interface: str | None = None


@dataclass(frozen=True, slots=True)
class OwnMeasure:
    """A measure that a process owner has added.

    count: how many events match `of`. duration: seconds from the first event that matches `since` to the first one
    after it that matches `until`. ratio: the measure named `numerator` over the one named `denominator` (both are
    count or field measures of this process, or volumes). field: the number at the path `field` in the case's data.
    """

    key: str
    name: str
    kind: OwnKind
    unit: str = ""
    definition: str = ""
    better: Literal["lower", "higher", ""] = ""
    of: EventPattern | None = None
    since: EventPattern | None = None
    until: EventPattern | None = None
    numerator: str | None = None
    denominator: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class ReportDefinition:
    """A report to stakeholders: records of a register by organisation and by service, with what became of each.

    `service` is the field that holds the ids of services, `services` the register that names them; `follow` the
    register of the records made from them, of which the fields `text` and `note` are told; `issued` the
    register that keeps reports as they were issued.
    """

    key: str
    name: str
    records: str
    follow: str | None = None
    service: str | None = None
    services: str | None = None
    text: str | None = None
    note: str | None = None
    issued: str | None = None


@dataclass(frozen=True, slots=True)
class ManagedProcess:
    """A managed process. Field names are those of `process.yaml`; docs/performance-measures.md explains each."""

    key: str
    name: str
    reference: str | None = None
    """its id in PRM-IT"""
    owner_group: str | None = None
    cases: tuple[str, ...] = ()
    """keys of the process definitions whose cases are its work"""
    framework: str | None = None
    """the register that holds its framework"""
    establish: str | None = None
    """key of the process by which its framework is changed (A2x1)"""
    evaluate: str | None = None
    """key of the process by which it is evaluated (A2xN)"""
    send_backs: tuple[str, ...] = ()
    """outcomes of user tasks that mean: sent back"""
    feedback: str | None = None
    """the question to the originator at closure; None: nobody is asked"""
    measures: tuple[OwnMeasure, ...] = ()
    reports: tuple[ReportDefinition, ...] = ()
    managed: bool = field(default=True)
    """False for a definition that no process.yaml names: it is shown with the usual measures all the same"""

    def as_json(self) -> dict[str, Json]:
        """Return the form in which the definition is stored."""
        stored = asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in stored.items()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Json]) -> "ManagedProcess":
        """Return the definition that `as_json` stored."""
        facts: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
        }
        facts["measures"] = tuple(_measure(each) for each in stored.get("measures", ()))
        facts["reports"] = tuple(ReportDefinition(**each) for each in stored.get("reports", ()))
        return cls(**facts)


def _measure(stored: Mapping[str, Json]) -> OwnMeasure:
    patterns = {
        name: None if stored.get(name) is None else EventPattern(**stored[name]) for name in ("of", "since", "until")
    }
    return OwnMeasure(**{**stored, **patterns})
