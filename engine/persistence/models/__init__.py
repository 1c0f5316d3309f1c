"""The tables of the engine, one module for each noun; importing this package registers them all on `Base`."""

from engine.persistence.models.base import Base, UtcDateTime
from engine.persistence.models.case import (
    CaseParticipant,
    Comment,
    Failure,
    Job,
    ProcessInstance,
    Subscription,
    UserTask,
    WorklistEntry,
)
from engine.persistence.models.case_migration import CaseMigration, CaseMigrationRefusal
from engine.persistence.models.definition import DefinitionResource, Deployment, ProcessDefinition, Resource
from engine.persistence.models.identity import Group, Membership, RoleAssignment, SignInPlace, User
from engine.persistence.models.imports import ImportedRow, ImportRun, RefusedRow
from engine.persistence.models.log import ActivityEvent
from engine.persistence.models.measure import (
    CaseActivity,
    CaseLabel,
    CaseSummary,
    CaseValue,
    DailyFigure,
    Feedback,
    FiguresDue,
    ManagedProcess,
    PackedMonth,
    SummedDay,
)
from engine.persistence.models.message import InboxMessage, OutboxMessage
from engine.persistence.models.record import (
    Follower,
    NumberSequence,
    Provenance,
    Record,
    RecordSource,
    RecordVersion,
    Register,
    SeenCase,
    Supporter,
)
from engine.persistence.models.start_event import StartEvent

__all__ = [
    "ActivityEvent",
    "Base",
    "CaseActivity",
    "CaseLabel",
    "CaseMigration",
    "CaseMigrationRefusal",
    "CaseParticipant",
    "CaseSummary",
    "CaseValue",
    "Comment",
    "DailyFigure",
    "DefinitionResource",
    "Deployment",
    "Failure",
    "Feedback",
    "FiguresDue",
    "Follower",
    "Group",
    "ImportRun",
    "ImportedRow",
    "InboxMessage",
    "Job",
    "ManagedProcess",
    "Membership",
    "NumberSequence",
    "OutboxMessage",
    "PackedMonth",
    "ProcessDefinition",
    "ProcessInstance",
    "Provenance",
    "Record",
    "RecordSource",
    "RecordVersion",
    "RefusedRow",
    "Register",
    "Resource",
    "RoleAssignment",
    "SeenCase",
    "SignInPlace",
    "StartEvent",
    "Subscription",
    "SummedDay",
    "Supporter",
    "User",
    "UserTask",
    "UtcDateTime",
    "WorklistEntry",
]
