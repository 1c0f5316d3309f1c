"""Owns deployed definitions as the services read them: facts, pinned files, executables.

Cached, because they never change.

What may change with the next deployment (which version is the latest) is asked of the database each time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select

from engine.bpmn.case.context import ProcessSource
from engine.bpmn.catalog import RegisterFacts
from engine.bpmn.model.facts import ElementFacts, ProcessFacts
from engine.bpmn.reading.executable import Executable, build
from engine.cache import Cache
from engine.decisions import Decision
from engine.decisions import parse as parse_decisions
from engine.errors import NotFound
from engine.persistence.database import AnyRow
from engine.persistence.models import DefinitionResource, Deployment, ProcessDefinition, Resource
from engine.persistence.statements import table
from engine.views import Element

_D: Final = table(ProcessDefinition)
_R: Final = table(Resource)
_DEPLOYMENT: Final = table(Deployment)
_PIN: Final = table(DefinitionResource)

_ONE: Final = (
    select(_D, _R.c.name.label("file_name"), _DEPLOYMENT.c.deployed_at)
    .join_from(_D, _R, _R.c.id == _D.c.resource_id)
    .join(_DEPLOYMENT, _DEPLOYMENT.c.id == _D.c.deployment_id)
    .where(_D.c.id == bindparam("definition"))
)
_PINS: Final = select(_PIN.c.kind, _PIN.c.key, _PIN.c.resource_id).where(
    _PIN.c.definition_id == bindparam("definition")
)
_LATEST: Final = select(_D.c.id).where(_D.c.key == bindparam("key")).order_by(_D.c.version.desc()).limit(1)
_AS_OF: Final = (
    select(_D.c.id)
    .join_from(_D, _DEPLOYMENT, _DEPLOYMENT.c.id == _D.c.deployment_id)
    .where(_D.c.key == bindparam("key"), _DEPLOYMENT.c.deployed_at <= bindparam("at"))
    .order_by(_D.c.version.desc())
    .limit(1)
)
_LATEST_RESOURCE: Final = (
    select(_R.c.id)
    .where(_R.c.kind == bindparam("kind"), _R.c.key == bindparam("key"))
    .order_by(_R.c.version.desc())
    .limit(1)
)
_CONTENT: Final = select(_R.c.name, _R.c.content).where(_R.c.id == bindparam("resource"))


@dataclass(frozen=True, slots=True)
class Definition:
    """A version of a process.

    `pins` are the resource ids of its forms and decisions, by kind (`form`, `dmn`) and key.
    """

    id: str
    key: str
    version: int
    name: str
    file_name: str
    resource_id: str
    owner_group: str | None
    deployed_at: datetime
    facts: ProcessFacts
    registers: Mapping[str, RegisterFacts]
    pins: Mapping[tuple[str, str], str]

    @property
    def owners(self) -> tuple[str, ...]:
        """Return the principals that are offered tasks which name nobody."""
        return (f"group:{self.owner_group or 'process_owner'}",)


class Definitions:
    """Deployed definitions, read over the caller's connection."""

    def __init__(self) -> None:
        self._definitions: Cache[str, Definition] = Cache(500)
        self._contents: Cache[str, tuple[str, bytes]] = Cache(500)
        self._executables: Cache[tuple[str, ...], Executable] = Cache(100)

    def get(self, connection: Connection, definition_id: str) -> Definition:
        """Return a definition; raise `NotFound`."""
        return self._definitions.get(definition_id, lambda: self._read(connection, definition_id))

    def latest(self, connection: Connection, key: str) -> Definition:
        """Return the newest version of the process `key`; raise `NotFound`."""
        # No key has control characters in it, and a database may refuse to be asked for one that has.
        found = connection.execute(_LATEST, {"key": key}).scalar_one_or_none() if key.isprintable() else None
        if found is None:
            raise NotFound("process", key)
        return self.get(connection, found)

    def with_called(self, connection: Connection, root: Definition) -> tuple[Definition, ...]:
        """Return `root` and all that it calls, directly or not, root first: what a case that starts now runs on.

        A call is bound to the latest version, or (`deployment`) to the one that was the latest when the caller was
        deployed. Raises `NotFound` when a called process is not deployed.
        """
        found = {root.key: root}
        queue = [root]
        for caller in queue:
            for call in caller.facts.calls:
                if call.key not in found:
                    found[call.key] = called = self._called(connection, caller, call.key, call.binding)
                    queue.append(called)
        return tuple(queue)

    def executable(self, connection: Connection, definition_ids: Sequence[str]) -> Executable:
        """Return what the interpreter runs for a case on these definitions, root first.

        A decision that is bound to the latest version is resolved here, so another version of it makes another
        executable.
        """
        definitions = [self.get(connection, each) for each in definition_ids]
        decisions = [
            {key: self._resource(connection, definition, "dmn", key) for key in definition.facts.decisions}
            for definition in definitions
        ]
        used = tuple(definition_ids) + tuple(each for chosen in decisions for each in chosen.values())
        return self._executables.get(
            used,
            lambda: build(
                [
                    self._source(connection, definition, chosen)
                    for definition, chosen in zip(definitions, decisions, strict=True)
                ]
            ),
        )

    def form(self, connection: Connection, definition_id: str, form_key: str) -> bytes:
        """Return a form as the definition pinned it, else (bound to the latest) as it was deployed last.

        Raise `NotFound`.
        """
        return self.content(
            connection, self._resource(connection, self.get(connection, definition_id), "form", form_key)
        )[1]

    def content(self, connection: Connection, resource_id: str) -> tuple[str, bytes]:
        """Return name and content of a deployed file; raise `NotFound`."""
        return self._contents.get(resource_id, lambda: _content(connection, resource_id))

    def element_name(
        self, connection: Connection, definition_ids: Sequence[str], process_key: str, element_id: str
    ) -> str | None:
        """Return what an element of a case on these definitions is called; None when it has no name."""
        found = self.element(connection, definition_ids, process_key, element_id)
        return None if found is None else found.name or None

    def element(
        self, connection: Connection, definition_ids: Sequence[str], process_key: str, element_id: str
    ) -> ElementFacts | None:
        """Return an element of a case on these definitions, None when there is none of this id."""
        for definition_id in definition_ids:
            definition = self.get(connection, definition_id)
            if definition.key == process_key:
                return definition.facts.element(element_id)
        return None

    def _called(self, connection: Connection, caller: Definition, key: str, binding: str) -> Definition:
        if binding == "deployment":
            found = connection.execute(_AS_OF, {"key": key, "at": caller.deployed_at}).scalar_one_or_none()
            if found is not None:
                return self.get(connection, found)
        return self.latest(connection, key)

    def _resource(self, connection: Connection, definition: Definition, kind: str, key: str) -> str:
        pinned = definition.pins.get((kind, key))
        found = pinned or connection.execute(_LATEST_RESOURCE, {"kind": kind, "key": key}).scalar_one_or_none()
        if found is None:
            raise NotFound(kind, key)
        return str(found)

    def _read(self, connection: Connection, definition_id: str) -> Definition:
        asked = connection.execute(_ONE, {"definition": definition_id}) if definition_id.isprintable() else None
        row = None if asked is None else asked.one_or_none()
        if row is None:
            raise NotFound("process definition", definition_id)
        pins = connection.execute(_PINS, {"definition": definition_id}).all()
        return _definition(row, {(pin.kind, pin.key): pin.resource_id for pin in pins})

    def _source(self, connection: Connection, definition: Definition, chosen: Mapping[str, str]) -> ProcessSource:
        library = {
            name: self.content(connection, resource_id)[1]
            for (kind, name), resource_id in definition.pins.items()
            if kind == "library"
        }
        decisions: dict[str, Decision] = {}
        for key, resource_id in chosen.items():
            name, content = self.content(connection, resource_id)
            model, _ = parse_decisions(content, name, library)
            if model is None or key not in model.decisions:
                raise NotFound("decision", key)
            decisions[key] = model.decisions[key]
        name, content = self.content(connection, definition.resource_id)
        return ProcessSource(definition.key, definition.id, name, content, decisions, definition.registers)


def elements_of(definition: Definition) -> tuple[Element, ...]:
    """Return the steps of a process in document order, for its page."""
    return tuple(
        Element(definition.key, each.id, each.name or each.id, each.kind, each.lane)
        for each in definition.facts.elements
    )


def register_facts_as_json(facts: RegisterFacts) -> dict[str, Any]:
    """Return the form in which a definition keeps the facts of a register."""
    return {
        "key": facts.key,
        "variable": facts.variable,
        "fields": list(facts.fields),
        "singleton": facts.singleton,
        "statuses": list(facts.statuses),
        "name": facts.name,
    }


def _definition(row: AnyRow, pins: Mapping[tuple[str, str], str]) -> Definition:
    registers = {
        key: RegisterFacts(**{**stored, "fields": tuple(stored["fields"]), "statuses": tuple(stored["statuses"])})
        for key, stored in row.registers.items()
    }
    return Definition(
        id=row.id,
        key=row.key,
        version=row.version,
        name=row.name,
        file_name=row.file_name,
        resource_id=row.resource_id,
        owner_group=row.owner_group,
        deployed_at=row.deployed_at,
        facts=ProcessFacts.from_json(row.facts),
        registers=registers,
        pins=pins,
    )


def _content(connection: Connection, resource_id: str) -> tuple[str, bytes]:
    row = connection.execute(_CONTENT, {"resource": resource_id}).one_or_none()
    if row is None:
        raise NotFound("file", resource_id)
    return row.name, row.content
