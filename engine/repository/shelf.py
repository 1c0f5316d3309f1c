"""Owns what is deployed, as a new upload meets it: newest forms, decisions, models, registers, managed processes.

Reading only.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select

from engine import managed
from engine.bpmn.catalog import RegisterFacts
from engine.bpmn.model.facts import ProcessFacts
from engine.decisions import Decision
from engine.decisions import parse as parse_decisions
from engine.forms_protocol import FormCatalog, FormField, FormRead
from engine.metrics.process import EVALUATED, ManagedProcess
from engine.operations import Operation
from engine.persistence.database import AnyRow
from engine.persistence.models import Group, ProcessDefinition, Resource
from engine.persistence.statements import table
from engine.registers import catalog as register_catalog
from engine.registers.definition import RegisterDefinition
from engine.registers.writes import FACTS
from engine.repository.upload import File, Upload
from engine.types import ROLES

_R: Final = table(Resource)
_D: Final = table(ProcessDefinition)


def _newest(model: Any, *by: Any) -> Any:
    newest = select(*by, func.max(model.c.version).label("newest")).group_by(*by).subquery()
    same = [model.c[column.name] == newest.c[column.name] for column in by]
    return newest, (*same, model.c.version == newest.c.newest)


@dataclass(frozen=True, slots=True)
class Shelf:
    """The newest of everything that is deployed.

    `resources` are by kind and key (without content), `definitions` by key. `register_users` are the keys of the
    processes of which any version, however old, uses a register.
    """

    resources: Mapping[tuple[str, str], AnyRow]
    definitions: Mapping[str, AnyRow]
    registers: Mapping[str, RegisterDefinition]
    register_users: Mapping[str, frozenset[str]]
    managed: Mapping[str, ManagedProcess]
    groups: frozenset[str]
    operations: Mapping[str, Operation]


def load(connection: Connection, operations: Mapping[str, Operation]) -> Shelf:
    """Return what is deployed now, and the `operations` that there are."""
    newest, same = _newest(_R, _R.c.kind, _R.c.key)
    resources = connection.execute(
        select(_R.c.id, _R.c.kind, _R.c.key, _R.c.version, _R.c.name, _R.c.digest).join(newest, *_all(same))
    )
    newest, same = _newest(_D, _D.c.key)
    definitions = connection.execute(select(_D).join(newest, *_all(same)))
    return Shelf(
        {(row.kind, row.key): row for row in resources},
        {row.key: row for row in definitions},
        register_catalog.load(connection),
        _register_users(connection),
        managed.load(connection),
        frozenset(connection.execute(select(Group.id)).scalars()) | frozenset(ROLES),
        operations,
    )


def _register_users(connection: Connection) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, registers in connection.execute(select(_D.c.key, _D.c.registers)):
        for facts in registers.values():
            found.setdefault(facts["key"], set()).add(key)
    return {register: frozenset(keys) for register, keys in found.items()}


def _all(conditions: tuple[Any, ...]) -> tuple[Any]:
    first, *others = conditions
    for other in others:
        first = first & other
    return (first,)


class UploadCatalog:
    """What exists for the models of an upload.

    What it brings along, then what is deployed (an `engine.bpmn.catalog.Catalog`).
    """

    def __init__(self, connection: Connection, upload: Upload, shelf: Shelf, forms: FormCatalog) -> None:
        self._connection, self._upload, self._shelf, self._forms = connection, upload, shelf, forms
        self._decisions: dict[str, Decision | None] = {}
        self.all_registers = {**shelf.registers, **upload.registers}
        uploaded = {key: found.process for key, (found, _) in upload.managed.items() if found.process is not None}
        self.all_managed = {**shelf.managed, **uploaded}

    def before(self) -> "UploadCatalog":
        """Return the catalog of what exists without the upload."""
        return UploadCatalog(self._connection, Upload(), self._shelf, self._forms)

    def form_exists(self, key: str) -> bool:
        """Say whether there is a form with this key."""
        return key in self._upload.forms or ("form", key) in self._shelf.resources

    def form_fields(self, key: str) -> Collection[str] | None:
        """Return the roots of the form's fields, None when there is no such form."""
        content = self.form_content(key)
        return None if content is None else _once(field.key.split(".")[0] for field in self._forms.fields(content))

    def form_parts(self, key: str) -> Sequence[FormField]:
        """Return the fields of the form in their order, none when there is no such form."""
        content = self.form_content(key)
        return () if content is None else self._forms.fields(content)

    def form_file(self, key: str) -> str | None:
        """Return the name of the file in the upload that holds this form; None for one that is only deployed."""
        return self._upload.forms[key].name if key in self._upload.forms else None

    def form_reads(self, key: str) -> Sequence[FormRead]:
        """Return what the form reads from data beside its own fields, nothing when there is no such form."""
        content = self.form_content(key)
        found = () if content is None else self._forms.reads(content)
        # Where a record is changed, its form sees these facts of it too.
        facts = FACTS if any(register.form == key for register in self.all_registers.values()) else ()
        return [read for read in found if read.name not in facts]

    def form_content(self, key: str) -> bytes | None:
        """Return the form that the upload brings along or that is deployed, else None."""
        return self._content("form", key, self._upload.forms)

    def decision_content(self, key: str) -> bytes:
        """Return the decision file that the upload brings along or that is deployed, empty when there is none."""
        return self._content("dmn", key, self._upload.decisions) or b""

    def _content(self, kind: str, key: str, files: Mapping[str, File]) -> bytes | None:
        if key in files:
            return files[key].content
        found = self._shelf.resources.get((kind, key))
        if found is None:
            return None
        content: bytes = self._connection.execute(select(_R.c.content).where(_R.c.id == found.id)).scalar_one()
        return content

    def decision_exists(self, key: str) -> bool:
        """Say whether there is a decision with this key."""
        return key in self._upload.decisions or ("dmn", key) in self._shelf.resources

    def decision_inputs(self, key: str) -> Collection[Collection[str]] | None:
        """Return what a decision reads from case data; None for one that is not there or imports other files."""
        if key not in self._decisions:
            self._decisions[key] = self._upload.parsed_decisions.get(key)
            if key not in self._upload.decisions:
                model, _ = parse_decisions(self.decision_content(key), key)
                self._decisions[key] = None if model is None else model.decisions.get(key)
        decision = self._decisions[key]
        return None if decision is None else decision.inputs

    def process_exists(self, key: str) -> bool:
        """Say whether there is a process definition with this key."""
        return key in self._upload.processes or key in self._shelf.definitions

    def deployed_processes(self) -> Collection[ProcessFacts]:
        """Return what the newest version of each deployed process says of itself."""
        return [ProcessFacts.from_json(row.facts) for row in self._shelf.definitions.values()]

    def begun_with(self, key: str) -> Collection[str]:
        """Return the variables with which evaluations begin, for a process that evaluates another; else none."""
        return EVALUATED if any(process.evaluate == key for process in self.all_managed.values()) else ()

    def process_facts(self, key: str) -> ProcessFacts | None:
        """Return what the process definition with this key says of itself, None when there is none."""
        if key in self._upload.processes:
            return self._upload.processes[key][0]
        found = self._shelf.definitions.get(key)
        return None if found is None else ProcessFacts.from_json(found.facts)

    def register(self, key_or_name: str) -> RegisterFacts | None:
        """Return the register with this key, else the one with this name, else None."""
        found = register_catalog.find(self.all_registers, key_or_name)
        if found is None:
            return None
        return RegisterFacts(
            key=found.key,
            variable=found.variable,
            fields=tuple(self.form_fields(found.form) or ()),
            singleton=found.singleton,
            statuses=found.statuses,
            name=found.name,
        )

    def operation(self, name: str) -> Operation | None:
        """Return the operation of this name, or None."""
        return self._shelf.operations.get(name)

    def group_exists(self, key: str) -> bool:
        """Say whether there is a group or role with this key."""
        return key in self._shelf.groups


def _once(names: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
