"""Owns what is shown of deployments and definitions."""

from dataclasses import dataclass
from datetime import datetime

from engine.types import Finding
from engine.views.lists import Person
from engine.views.starts import StartRow


@dataclass(frozen=True, slots=True)
class DefinitionSummary:
    """A version of a process. Counts are of the cases on this version; `latest` says that new cases start on it.

    `documentation` is for who looks after the process. `introduction` is for who starts a case, and only told there.
    """

    id: str
    key: str
    version: int
    name: str
    documentation: str | None
    owner_group: str | None
    startable: bool
    deployed_at: datetime
    deployed_by: Person
    latest: bool = True
    active_cases: int = 0
    ended_cases: int = 0
    introduction: str | None = None
    by_events: bool = False
    """messages, signals or timers start cases of it"""
    evaluates: tuple[str, ...] = ()
    """names of the managed processes whose evaluations are cases of it"""

    @property
    def has_cases(self) -> bool:
        """Say whether cases run on it or can; on one that is only called, none do."""
        return self.startable or self.by_events or bool(self.evaluates or self.active_cases or self.ended_cases)


@dataclass(frozen=True, slots=True)
class ResourceSummary:
    """A file of a deployment. `kind`: bpmn, dmn, form, registers."""

    id: str
    kind: str
    key: str
    name: str
    deployed_at: datetime


@dataclass(frozen=True, slots=True)
class ResourceContent:
    """A file as it was deployed, for downloads."""

    id: str
    kind: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Element:
    """A step of a process in reading order, for the page and the text beside the diagram."""

    process_key: str
    id: str
    name: str
    kind: str
    lane: str | None = None


@dataclass(frozen=True, slots=True)
class DefinitionDetail:
    """A version of a process with its model and the files that it pins."""

    summary: DefinitionSummary
    model: ResourceContent
    resources: tuple[ResourceSummary, ...]
    elements: tuple[Element, ...]
    may_deploy: bool
    starts: tuple[StartRow, ...] = ()
    """the start events by which it begins cases by itself"""


@dataclass(frozen=True, slots=True)
class DeploymentResult:
    """What a deployment did. `deployed` holds the new versions, `unchanged` those whose content stood there already.

    `findings` are warnings: with an error there is no result but `DefinitionRefused`. `deployment_id` is None when
    nothing changed.
    """

    deployment_id: str | None
    deployed: tuple[DefinitionSummary, ...]
    unchanged: tuple[DefinitionSummary, ...]
    resources: tuple[ResourceSummary, ...]
    findings: tuple[Finding, ...]
    standing: str | None = None
    """when nothing changed: the deployment that brought what stands there, the newest of several"""
    computing: int = 0
    """how many ended cases have their figures computed anew, in the background, because measures changed"""


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """An act of deploying; `source` says from where, such as `upload` or the name of a program."""

    id: str
    name: str
    source: str
    deployed_at: datetime
    deployed_by: Person


@dataclass(frozen=True, slots=True)
class DeployedProcess:
    """A version of a process with its model's file and the deployment that brought it."""

    id: str
    key: str
    version: int
    name: str
    file: str
    deployment_id: str
    documentation: str | None
    version_tag: str | None
    startable: bool


@dataclass(frozen=True, slots=True)
class DeployedDecision:
    """A version of a decision with its file and the deployment that brought it."""

    id: str
    key: str
    version: int
    file: str
    deployment_id: str


@dataclass(frozen=True, slots=True)
class DeploymentDetail:
    """A deployment with what it brought."""

    row: DeploymentRow
    processes: tuple[DeployedProcess, ...]
    decisions: tuple[DeployedDecision, ...]
