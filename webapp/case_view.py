"""Owns what pages show of a case: its facts, steps and history, in two reads whatever its size."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from flask import request

from engine import events, policy
from engine.views import CaseDetail, TimelineEntry
from webapp.lineage import CaseRecord, case_records
from webapp.services import actor, engine
from webapp.steps import QUIET_KINDS, ModelSteps, steps

Audience = Literal["everyone", "staff"]
AUDIENCES: tuple[tuple[Audience, str], ...] = (("staff", "Staff only"), ("everyone", "Everyone, the originator too"))
"""Who may read a comment; the narrower first, so that nothing is told to a customer by oversight."""

ENTRIES_TOLD = 60
"""How many entries of a case's history a page draws unless it is asked for all."""

WORTH_TELLING = frozenset(
    {
        "userTask",
        "manualTask",
        "callActivity",
        "businessRuleTask",
        "sendTask",
        "receiveTask",
        "serviceTask",
        "scriptTask",
        "endEvent",
        "boundaryEvent",
        "eventSubProcessStart",
    }
)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case for a template.

    `timeline` holds everything that happened, `told` what is worth reading, `untold` how many earlier ones of these are
    left out.
    """

    case: CaseDetail
    timeline: Sequence[TimelineEntry]
    told: Sequence[TimelineEntry]
    models: Sequence[ModelSteps]
    untold: int = 0

    @property
    def present(self) -> Sequence[ModelSteps]:
        """Return the models in which the case stands now; its own process when it stands nowhere."""
        return [model for model in self.models if model.active] or self.models[:1]

    @property
    def absent(self) -> Sequence[ModelSteps]:
        """Return the other models of the case."""
        return [model for model in self.models if model not in self.present]

    @property
    def records(self) -> Sequence[CaseRecord]:
        """Return the records of the case, each once."""
        return case_records(self.case.records)


def case_view(case_id: str) -> CaseView:
    """Return the case as this person may see it; raise `NotFound`."""
    case = engine().history.case(case_id, actor())
    timeline = engine().history.timeline(case_id, actor())
    seen = {(used.ref.register, used.ref.id) for used in case.records}
    works_here = bool(actor().roles & policy.PROVIDER_ROLES)
    told = [entry for entry in by_activity(timeline) if _is_worth_telling(entry, seen, works_here=works_here)]
    untold = 0 if request.args.get("history") == "all" else max(0, len(told) - ENTRIES_TOLD)
    return CaseView(case, timeline, told[untold:], steps(case.models, timeline), untold)


def by_activity(timeline: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """Return the entries with each record after the activity that wrote it; the log has the records of a step last."""
    ended = {(entry.task_id, entry.at) for entry in timeline if entry.kind == events.ACTIVITY_COMPLETED}
    written: dict[tuple[str | None, datetime], list[TimelineEntry]] = defaultdict(list)
    others = []
    for entry in timeline:
        place = (entry.task_id, entry.at)
        if entry.kind == events.RECORD_WRITTEN and entry.task_id is not None and place in ended:
            written[place].append(entry)
        else:
            others.append(entry)
    told = []
    for entry in others:
        told.append(entry)
        if entry.kind == events.ACTIVITY_COMPLETED:
            told += written.pop((entry.task_id, entry.at), ())
    return told


def _is_worth_telling(entry: TimelineEntry, seen: Collection[tuple[str, str]], *, works_here: bool) -> bool:
    if entry.kind == events.RECORD_WRITTEN:
        # Of a record that the reader may not open, the page does not tell.
        return (str(entry.detail.get("register")), str(entry.detail.get("id"))) in seen
    if entry.kind in {events.FRAMEWORK_ADOPTED, events.CASE_MIGRATED, events.CASE_MODIFIED}:
        # By what rules and data the case is run is for those who run it.
        return works_here
    if entry.kind == events.ACTIVITY_STARTED or entry.element_kind in QUIET_KINDS:
        return False
    if entry.kind in {events.ACTIVITY_COMPLETED, events.ACTIVITY_CANCELLED}:
        return entry.element_kind in WORTH_TELLING or (entry.interface or "").startswith("signal:")
    return True
