"""Owns what pages show of a case: its facts, steps and history, in two reads whatever its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine import events
from engine.views import CaseDetail, TimelineEntry
from webapp.lineage import CaseRecord, case_records
from webapp.services import actor, engine
from webapp.steps import QUIET_KINDS, ModelSteps, steps

Audience = Literal["everyone", "staff"]
AUDIENCES: tuple[tuple[Audience, str], ...] = (("staff", "Staff only"), ("everyone", "Everyone, the originator too"))
"""Who may read a comment; the narrower first, so that nothing is told to a customer by oversight."""

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
    }
)


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case for a template: `told` are the entries worth reading, `timeline` all of them."""

    case: CaseDetail
    timeline: Sequence[TimelineEntry]
    told: Sequence[TimelineEntry]
    models: Sequence[ModelSteps]

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
    told = [entry for entry in timeline if _is_worth_telling(entry)]
    return CaseView(case, timeline, told, steps(case.models, timeline))


def _is_worth_telling(entry: TimelineEntry) -> bool:
    if entry.kind == events.ACTIVITY_STARTED or entry.element_kind in QUIET_KINDS:
        return False
    if entry.kind in {events.ACTIVITY_COMPLETED, events.ACTIVITY_CANCELLED}:
        return entry.element_kind in WORTH_TELLING
    return True
