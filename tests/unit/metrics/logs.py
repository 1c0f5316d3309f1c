"""Owns small logs for the tests of figures: events in words, and random ones that a case can have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from engine import events
from engine.metrics.log_facts import EndedCase
from engine.metrics.process import ManagedProcess, OwnMeasure
from engine.metrics.summary import CaseFigures, summarise
from engine.types import Json, RecordRef

MORNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Event:
    """An event of the log, at minutes after the start of the case."""

    minute: float
    kind: str
    task_id: str | None = None
    element_id: str | None = None
    element_kind: str | None = None
    actor: str = "engine"
    process_key: str = "p"
    effort_minutes: int | None = None
    outcome: str | None = None
    rework: bool = False
    interface: str | None = None
    detail: Mapping[str, Json] = field(default_factory=dict)

    @property
    def at(self) -> datetime:
        return MORNING + timedelta(minutes=self.minute)


def started(minute: float = 0, **detail: Json) -> Event:
    return Event(minute, events.CASE_STARTED, actor="olga", detail=detail)


def completed(minute: float, outcome: str | None = None) -> Event:
    return Event(minute, events.CASE_COMPLETED, outcome=outcome)


def opened(minute: float, task: str, element: str = "ask", *, groups: Sequence[str] = (), again: bool = False) -> Event:
    detail = {"groups": list(groups)} if groups else {}
    return Event(minute, events.ACTIVITY_STARTED, task, element, "userTask", rework=again, detail=detail)


def claimed(minute: float, task: str, by: str = "ann") -> Event:
    return Event(minute, events.TASK_CLAIMED, task, "ask", "userTask", by, detail={"from": None, "to": by})


def released(minute: float, task: str, by: str = "ann") -> Event:
    return Event(minute, events.TASK_RELEASED, task, "ask", "userTask", by, detail={"from": by, "to": None})


def done(minute: float, task: str, element: str = "ask", by: str = "ann", **facts: Json) -> Event:
    return Event(minute, events.ACTIVITY_COMPLETED, task, element, "userTask", by, **facts)


def dropped(minute: float, task: str, element: str = "ask") -> Event:
    return Event(minute, events.ACTIVITY_CANCELLED, task, element, "userTask")


def figures(
    *log: Event,
    send_backs: tuple[str, ...] = (),
    measures: tuple[OwnMeasure, ...] = (),
    variables: Mapping[str, Json] | None = None,
    bodies: Mapping[RecordRef, Mapping[str, Json]] | None = None,
) -> CaseFigures:
    """Return the figures of a case with these events."""
    case = EndedCase("c1", "p", 3, "acme", 50, "phone", variables or {})
    process = ManagedProcess("p", "P", cases=("p",), send_backs=send_backs, measures=measures)
    return summarise(case, log, process, (bodies or {}).get)


@st.composite
def walks(draw: st.DrawFn) -> list[Event]:
    """Return the log of a case whose tasks open, are taken, given back, completed and dropped in any order."""
    minute, log, has = 0, [started()], dict[str, str | None]()
    for number in range(draw(st.integers(0, 25))):
        minute += draw(st.integers(0, 9))
        action = draw(st.sampled_from(("open", "claim", "assign", "release", "complete", "drop", "other")))
        task = draw(st.sampled_from(sorted(has))) if has else None
        who = draw(st.sampled_from(("ann", "ben")))
        if action == "open":
            has[f"t{number:02}"] = None
            again = draw(st.booleans())
            log.append(opened(minute, f"t{number:02}", draw(st.sampled_from(("ask", "look"))), again=again))
        elif action == "other" or task is None:
            log.append(Event(minute, events.ACTIVITY_COMPLETED, f"x{number}", "wait", "intermediateCatchEvent"))
        else:
            log.append(_act(action, task, who, has, minute))
    minute += draw(st.integers(0, 9))
    if draw(st.booleans()):
        log += [dropped(minute, task, _element(log, task)) for task in has]
    return [*log, completed(minute)]


def _element(log: Sequence[Event], task: str) -> str:
    return next(event.element_id or "" for event in log if event.task_id == task)


def _act(action: str, task: str, who: str, has: dict[str, str | None], minute: int) -> Event:
    if action in ("claim", "assign"):
        has[task] = who
        kind = events.TASK_CLAIMED if action == "claim" else events.TASK_ASSIGNED
        return Event(minute, kind, task, "ask", "userTask", who, detail={"from": None, "to": who})
    if action == "release":
        has[task] = None
        return released(minute, task)
    del has[task]
    return done(minute, task, by=who) if action == "complete" else dropped(minute, task)
