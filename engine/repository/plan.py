"""Owns what a deployment would change: which files and versions are new, and whether the actor may make them.

It writes nothing.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from engine.bpmn.lint import lint
from engine.bpmn.model.facts import ProcessFacts
from engine.definitions import register_facts_as_json
from engine.errors import DefinitionRefused
from engine.forms_protocol import FormCatalog
from engine.metrics.process import ManagedProcess
from engine.registers.definition import RegisterDefinition
from engine.repository.changed_files import changed_findings
from engine.repository.form_checks import form_findings
from engine.repository.library import Library, library_of
from engine.repository.process_checks import process_findings
from engine.repository.rights import must_own
from engine.repository.shelf import Shelf, UploadCatalog
from engine.repository.start_checks import start_findings
from engine.repository.upload import File, Kind, Upload, errors
from engine.repository.use_rights import use_findings
from engine.types import Actor, Finding, Json


@dataclass(frozen=True, slots=True)
class NewResource:
    """A file that is not deployed with this content yet."""

    kind: Kind
    key: str
    version: int
    file: File


@dataclass(frozen=True, slots=True)
class NewDefinition:
    """A process version to make. `pins` are kind and key of the files that it pins, `library` what these import."""

    facts: ProcessFacts
    file: File
    version: int
    digest: str
    registers: dict[str, dict[str, Json]]
    pins: tuple[tuple[str, str], ...]
    library: Library


@dataclass(slots=True)
class Plan:
    """What a deployment will write. `unchanged` are ids of definitions that stand as they are."""

    resources: list[NewResource] = field(default_factory=list)
    definitions: list[NewDefinition] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    registers: list[RegisterDefinition] = field(default_factory=list)
    managed: list[ManagedProcess] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to write."""
        return not (self.resources or self.definitions or self.registers or self.managed)


def check(connection: Connection, upload: Upload, shelf: Shelf, forms: FormCatalog, actor: Actor) -> list[Finding]:
    """Return everything that is wrong with an upload that `actor` would deploy, errors and warnings."""
    catalog = UploadCatalog(connection, upload, shelf, forms)
    models = {file.name: file.content for file in upload.models.values()}
    between = [
        *_register_findings(upload, catalog),
        *_form_findings(upload, catalog),
        *form_findings(upload, catalog),
        *process_findings(upload, catalog, shelf),
        *start_findings(upload, shelf),
        *use_findings(upload, catalog, shelf, actor),
        *changed_findings(connection, upload, shelf, actor),
    ]
    return [*upload.findings, *between, *lint(models, catalog)]


def plan(connection: Connection, upload: Upload, shelf: Shelf, forms: FormCatalog, actor: Actor) -> Plan:
    """Return what deploying `upload` would write.

    Raises `DefinitionRefused` with all findings when one is an error, `NotPermitted` when the actor does not own what
    would change.
    """
    findings = check(connection, upload, shelf, forms, actor)
    if not findings and upload.empty:
        findings.append(
            Finding("upload", "upload", "There is nothing to deploy.", "Choose .bpmn, .dmn or .form files.")
        )
    if any(errors(findings)):
        raise DefinitionRefused(findings)
    catalog = UploadCatalog(connection, upload, shelf, forms)
    made = Plan(findings=findings)
    digests = {key: row.digest for key, row in shelf.resources.items()}
    for kind, key, file in resources(upload):
        known = shelf.resources.get((kind, key))
        digests[kind, key] = file.digest
        if known is None or known.digest != file.digest:
            made.resources.append(NewResource(kind, key, known.version + 1 if known else 1, file))
    for facts, file in upload.processes.values():
        decisions = [key for key in facts.decisions if key not in facts.latest_decisions]
        library = library_of(connection, upload, shelf, facts.key, decisions)
        _plan_process(made, shelf, catalog, digests, facts, file, library)
    form_changes = {new.key for new in made.resources if new.kind == "form"}
    made.registers = [
        definition
        for definition in upload.registers.values()
        if shelf.registers.get(definition.key) != definition or definition.form in form_changes
    ]
    made.managed = [process for key, process in catalog.all_managed.items() if shelf.managed.get(key) != process]
    must_own(
        shelf,
        actor,
        processes=[new.facts for new in made.definitions],
        registers=made.registers,
        managed=made.managed,
        files=[(new.kind, new.key) for new in made.resources],
    )
    return made


def resources(upload: Upload) -> Iterator[tuple[Kind, str, File]]:
    """Yield kind, key and file of everything that an upload defines."""
    for file in upload.models.values():
        yield "bpmn", file.name, file
    for key, file in upload.forms.items():
        yield "form", key, file
    for key, file in upload.decisions.items():
        yield "dmn", key, file
    for file, keys in upload.register_files.values():
        yield "registers", ",".join(keys)[:255], file
    for key, (_, file) in upload.managed.items():
        yield "process", key, file


def _plan_process(
    made: Plan,
    shelf: Shelf,
    catalog: UploadCatalog,
    digests: dict[tuple[str, str], str],
    facts: ProcessFacts,
    file: File,
    library: Library,
) -> None:
    forms, decisions = set(facts.forms) - set(facts.latest_forms), set(facts.decisions) - set(facts.latest_decisions)
    pins = [("form", key) for key in facts.forms if key in forms and ("form", key) in digests]
    pins += [("dmn", key) for key in facts.decisions if key in decisions and ("dmn", key) in digests]
    registers: dict[str, dict[str, Json]] = {}
    for use in facts.registers:
        found = catalog.register(use.register)
        if found is not None:
            registers[use.register] = register_facts_as_json(found)
    content: dict[str, Any] = {
        "key": facts.key,
        "model": file.digest,
        "pins": sorted(
            [
                *((kind, key, digests[kind, key]) for kind, key in pins),
                *(("library", name, digest) for name, digest in library.digests.items()),
            ]
        ),
        "registers": registers,
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    known = shelf.definitions.get(facts.key)
    if known is not None and known.digest == digest:
        made.unchanged.append(known.id)
    else:
        version = known.version + 1 if known else 1
        made.definitions.append(NewDefinition(facts, file, version, digest, registers, tuple(pins), library))


def _form_findings(upload: Upload, catalog: UploadCatalog) -> Iterator[Finding]:
    for key, file in upload.forms.items():
        for part in catalog.form_parts(key):
            if part.similar is not None and part.similar not in catalog.all_registers:
                message = f"The field {part.key!r} looks for similar records in {part.similar!r}, which is no register."
                yield Finding(
                    file.name, "form-register", message, "Correct the key, or add registers.yaml to the upload."
                )


def _register_findings(upload: Upload, catalog: UploadCatalog) -> Iterator[Finding]:
    for file, keys in upload.register_files.values():
        for key in keys:
            definition = upload.registers[key]
            if not catalog.form_exists(definition.form):
                message = f"The register {key!r} is typed by the form {definition.form!r}, which does not exist."
                yield Finding(file.name, "register-form", message, "Add the form to the upload, or name another one.")
                continue
            known = set(catalog.form_fields(definition.form) or ())
            for role in ("title", "organisation", "originator", "identifier", "running_cases"):
                name = getattr(definition, role)
                if name is not None and name not in known:
                    message = f"The register {key!r} takes its {role} from {name!r}, which its form has no field for."
                    yield Finding(file.name, "register-field", message, f"Name a field of {definition.form!r}.")
            for other in catalog.all_registers.values():
                if other.key == key:
                    continue
                for fact in ("variable", "prefix"):
                    value = getattr(definition, fact)
                    if value is not None and value == getattr(other, fact) and other.key not in keys:
                        message = f"The registers {key!r} and {other.key!r} have the same {fact} {value!r}."
                        yield Finding(file.name, "register-definition", message, f"Give {key!r} a {fact} of its own.")
