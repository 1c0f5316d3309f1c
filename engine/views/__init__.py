"""Owns the values that the services return to pages, REST and the command line; it knows no table and no markup.

All instants are aware UTC. Wherever a person is named, `Person` carries the id and the name to show.
"""

from engine.views.cases import (
    CaseDetail,
    CaseFilter,
    CaseModel,
    CaseRef,
    CaseRow,
    CaseStatus,
    CommentView,
    FailureRow,
    OpenTask,
    RecordUse,
    TimelineEntry,
    Turn,
    Wait,
)
from engine.views.definitions import (
    DefinitionDetail,
    DefinitionSummary,
    DeployedDecision,
    DeployedProcess,
    DeploymentDetail,
    DeploymentResult,
    DeploymentRow,
    Element,
    ResourceContent,
    ResourceSummary,
)
from engine.views.lists import Cursor, Page, Person
from engine.views.messages import Delivery, LogRow, OutboxRow, SignalReach
from engine.views.starts import FailedStart, StartRow
from engine.views.tasks import Completion, Proposal, RecordShown, TaskDetail, TaskRow, WorklistFilter

__all__ = [
    "CaseDetail",
    "CaseFilter",
    "CaseModel",
    "CaseRef",
    "CaseRow",
    "CaseStatus",
    "CommentView",
    "Completion",
    "Cursor",
    "DefinitionDetail",
    "DefinitionSummary",
    "Delivery",
    "DeployedDecision",
    "DeployedProcess",
    "DeploymentDetail",
    "DeploymentResult",
    "DeploymentRow",
    "Element",
    "FailedStart",
    "FailureRow",
    "LogRow",
    "OpenTask",
    "OutboxRow",
    "Page",
    "Person",
    "Proposal",
    "RecordShown",
    "RecordUse",
    "ResourceContent",
    "ResourceSummary",
    "SignalReach",
    "StartRow",
    "TaskDetail",
    "TaskRow",
    "TimelineEntry",
    "Turn",
    "Wait",
    "WorklistFilter",
]
