"""Owns the RepositoryService: deploying and looking at definitions; it starts nothing."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine import figures_due, managed, policy
from engine.bpmn.model.drawn import diagram
from engine.cache import Cache
from engine.definitions import Definitions, elements_of
from engine.errors import NotFound, NotPermitted
from engine.forms_protocol import FormCatalog
from engine.persistence.database import Database
from engine.persistence.models import DefinitionResource, Deployment, ProcessDefinition, Resource
from engine.persistence.statements import table
from engine.repository import shelf as shelves
from engine.repository.deployment import write
from engine.repository.deployments import detail, listed, standing
from engine.repository.element_templates import Template, templates_of
from engine.repository.plan import Plan, check, plan, resources
from engine.repository.starts import starts_of
from engine.repository.summaries import NEWEST, summaries
from engine.repository.upload import read
from engine.types import ENGINE, Actor, Finding
from engine.types.diagram import Diagram
from engine.unit_of_work.unit import UnitOfWork
from engine.views import (
    DefinitionDetail,
    DefinitionSummary,
    DeploymentDetail,
    DeploymentResult,
    DeploymentRow,
    ResourceContent,
    ResourceSummary,
)

_D: Final = table(ProcessDefinition)
_R: Final = table(Resource)
_DEPLOYMENT: Final = table(Deployment)
_PIN: Final = table(DefinitionResource)
MAX_PAGE: Final = 200
_RESOURCE_ROWS: Final = select(_R.c.id, _R.c.kind, _R.c.key, _R.c.name, _DEPLOYMENT.c.deployed_at).join_from(
    _R, _DEPLOYMENT, _DEPLOYMENT.c.id == _R.c.deployment_id
)

_MANAGED: Final = (
    _RESOURCE_ROWS.where(_R.c.kind == "process", _R.c.key == bindparam("key")).order_by(_R.c.version.desc()).limit(1)
)


class RepositoryService:
    """Deployments and the definitions that they made."""

    def __init__(
        self,
        database: Database,
        definitions: Definitions,
        forms: FormCatalog,
        work: UnitOfWork,
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._definitions, self._forms = database, definitions, forms
        self._work, self._clock = work, clock
        self._diagrams: Cache[str, Diagram] = Cache(64)

    def check(self, files: Mapping[str, bytes], actor: Actor = ENGINE) -> list[Finding]:
        """Return what a deployment of `files` (by name) by `actor` would say, errors and warnings; nothing is written.

        Without an actor nobody's rights are looked at.
        """
        upload = read(files, self._forms)
        with self._database.read() as connection:
            return check(connection, upload, shelves.load(connection, self._work.operations), self._forms, actor)

    def deploy(
        self, files: Mapping[str, bytes], *, name: str, actor: Actor, source: str = "upload"
    ) -> DeploymentResult:
        """Deploy `files` (by name): all of them, or nothing.

        What stands there with the same content makes no new version.

        Raises `DefinitionRefused` with all findings, `NotPermitted` when the actor does not own what would change.
        """
        upload = read(files, self._forms)

        def attempt() -> DeploymentResult:
            with self._database.read() as connection:
                shelf = shelves.load(connection, self._work.operations)
                made = plan(connection, upload, shelf, self._forms, actor)
            deployment_id = None
            if not made.empty:
                with self._database.write() as connection:
                    deployment_id = write(connection, made, shelf, name, source, actor, self._clock())
            with self._database.read() as connection:
                rows = summaries(connection, _D.c.deployment_id == deployment_id) if deployment_id else []
                unchanged = summaries(connection, _D.c.id.in_(made.unchanged)) if made.unchanged else []
                mine = _RESOURCE_ROWS.where(_R.c.deployment_id == deployment_id)
                files = [ResourceSummary(*row) for row in connection.execute(mine)] if deployment_id else []
                keys = () if deployment_id else ((kind, key) for kind, key, _ in resources(upload))
                return DeploymentResult(
                    deployment_id,
                    tuple(rows),
                    tuple(unchanged),
                    _once(files),
                    tuple(made.findings),
                    standing(connection, keys, shelf),
                    _computing(connection, made, shelf),
                )

        return self._work.redo(attempt)

    def deployments(self, actor: Actor, *, first: int = 0, count: int = MAX_PAGE) -> list[DeploymentRow]:
        """Return at most `count` (200) deployments from the `first` one (from 0) on, newest first.

        Raises `NotPermitted` for people who only hand in requests.
        """
        if not _may_look(actor):
            raise NotPermitted("Deployments are for those who work with processes.")
        with self._database.read() as connection:
            return listed(connection, max(0, first), max(0, min(count, MAX_PAGE)))

    def deployment(self, deployment_id: str, actor: Actor, *, besides: Collection[str] = ()) -> DeploymentDetail:
        """Return a deployment with what it brought, and `besides` the process versions with these ids.

        Raises `NotFound`.
        """
        if not _may_look(actor):
            raise NotFound("deployment", deployment_id)
        with self._database.read() as connection:
            return detail(connection, deployment_id, besides)

    def element_templates(self, actor: Actor) -> list[Template]:
        """Return templates for Camunda Modeler: registers, operations, groups, forms and decisions as they are now.

        Raises `NotPermitted` for people who only hand in requests.
        """
        if not _may_look(actor):
            raise NotPermitted("Element templates are for those who work with processes.")
        with self._database.read() as connection:
            return templates_of(connection, shelves.load(connection, self._work.operations))

    def definitions(self, actor: Actor) -> list[DefinitionSummary]:
        """Return the newest version of every process, by name; nothing for people who only hand in requests."""
        if not _may_look(actor):
            return []
        with self._database.read() as connection:
            return summaries(connection, NEWEST)

    def versions(self, key: str, actor: Actor) -> list[DefinitionSummary]:
        """Return all versions of the process `key`, newest first; raise `NotFound`."""
        with self._database.read() as connection:
            found = summaries(connection, _D.c.key == key) if _may_look(actor) else []
        if not found:
            raise NotFound("process", key)
        return sorted(found, key=lambda summary: -summary.version)

    def definition(self, definition_id: str, actor: Actor) -> DefinitionDetail:
        """Return one version with its model, the files that it pins and the process.yaml that names it.

        Raises `NotFound`.
        """
        with self._database.read() as connection:
            found = summaries(connection, _D.c.id == definition_id) if _may_look(actor) else []
            if not found:
                raise NotFound("process definition", definition_id)
            definition = self._definitions.get(connection, definition_id)
            model, content = self._definitions.content(connection, definition.resource_id)
            pinned = (
                _RESOURCE_ROWS.join(_PIN, _PIN.c.resource_id == _R.c.id)
                .where(_PIN.c.definition_id == definition_id)
                .order_by(_R.c.kind, _R.c.name)
            )
            resources = [ResourceSummary(*row) for row in connection.execute(pinned)]
            mine = managed.of_definition(connection, definition.key)
            starts = starts_of(connection, definition)
            if mine.managed:
                resources += [ResourceSummary(*row) for row in connection.execute(_MANAGED, {"key": mine.key})]
        return DefinitionDetail(
            summary=found[0],
            model=ResourceContent(definition.resource_id, "bpmn", model, content),
            resources=_once(resources),
            elements=elements_of(definition),
            may_deploy=policy.may_deploy(actor, definition.owner_group),
            starts=starts,
        )

    def resource(self, resource_id: str, actor: Actor) -> ResourceContent:
        """Return a deployed file; raise `NotFound`."""
        if not _may_look(actor):
            raise NotFound("file", resource_id)
        with self._database.read() as connection:
            row = connection.execute(select(_R).where(_R.c.id == resource_id)).one_or_none()
        if row is None:
            raise NotFound("file", resource_id)
        return ResourceContent(row.id, row.kind, row.name, row.content)

    def startable(self, actor: Actor) -> list[DefinitionSummary]:
        """Return the processes that the actor may start from the list, by name."""
        with self._database.read() as connection:
            found = summaries(connection, NEWEST & _D.c.startable, counted=False)
            mine = [summary for summary in found if self._may_start(connection, summary.id, actor)]
            facts = {summary.id: self._definitions.get(connection, summary.id).facts for summary in mine}
            return [replace(summary, introduction=facts[summary.id].introduction) for summary in mine]

    def start_form_of(self, key: str, actor: Actor) -> bytes | None:
        """Return the form of the newest version of the process `key`, as `start_form`."""
        with self._database.read() as connection:
            definition = self._definitions.latest(connection, key)
            if not self._may_start(connection, definition.id, actor):
                raise NotFound("process", key)
            form = definition.facts.start_form
            return None if form is None else self._definitions.form(connection, definition.id, form)

    def start_form(self, definition_id: str, actor: Actor) -> bytes | None:
        """Return the form with which a case is started, None when it starts without; raise `NotFound`."""
        with self._database.read() as connection:
            definition = self._definitions.get(connection, definition_id)
            if not self._may_start(connection, definition_id, actor):
                raise NotFound("process definition", definition_id)
            key = definition.facts.start_form
            return None if key is None else self._definitions.form(connection, definition_id, key)

    def form(self, definition_id: str, form_key: str) -> bytes:
        """Return a form as the definition uses it; raise `NotFound`.

        Whether somebody may see it is the caller's question.
        """
        with self._database.read() as connection:
            return self._definitions.form(connection, definition_id, form_key)

    def diagram(self, definition_id: str) -> Diagram:
        """Return how the model of a version is drawn; raise `NotFound`.

        Whether somebody may see it is the caller's question.
        """
        with self._database.read() as connection:
            definition = self._definitions.get(connection, definition_id)
            _, content = self._definitions.content(connection, definition.resource_id)
        return self._diagrams.get(definition.resource_id, lambda: diagram(content))

    def _may_start(self, connection: Connection, definition_id: str, actor: Actor) -> bool:
        facts = self._definitions.get(connection, definition_id).facts
        return facts.startable and policy.may_start(actor, facts.starter_groups, facts.starter_users)


def _may_look(actor: Actor) -> bool:
    return policy.is_engine(actor) or bool(actor.roles & {"staff", "process_owner", "admin"})


def _computing(connection: Connection, made: Plan, shelf: shelves.Shelf) -> int:
    """Return how many ended cases have their figures computed anew because of the managed processes of a plan."""
    were = [shelf.managed[process.key] for process in made.managed if process.key in shelf.managed]
    keys = {key for process in (*made.managed, *were) for key in process.cases}
    return sum(figures_due.waiting(connection, sorted(keys)).values()) if keys else 0


def _once(resources: Sequence[ResourceSummary]) -> tuple[ResourceSummary, ...]:
    """Return each file once: one with several decisions stands there once for each."""
    return tuple({(each.kind, each.name): each for each in resources}.values())
