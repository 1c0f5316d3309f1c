"""Owns what an upload holds: files by kind, read and checked each by the package that knows the kind.

It knows no database.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final, Literal

from engine.bpmn.lint import is_model
from engine.bpmn.model.facts import ProcessFacts, processes_in
from engine.bpmn.model.xml import XmlRefused
from engine.decisions import Decision
from engine.decisions import parse as parse_decisions
from engine.forms_protocol import FormCatalog, FormField
from engine.metrics import reading
from engine.metrics.reading import Reading
from engine.registers import definition as registers
from engine.registers.definition import RegisterDefinition
from engine.types import Finding

IGNORED: Final = frozenset(("readme.md", "scenarios.yaml"))
"""Files that lie beside models and are not deployed."""

MAX_FILES: Final = 200

Kind = Literal["bpmn", "dmn", "form", "registers", "process"]


@dataclass(frozen=True, slots=True)
class File:
    """One file of an upload, known by its name without folders."""

    name: str
    content: bytes

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content, hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(slots=True)
class Upload:
    """The files of an upload by what they define. `findings` holds what is wrong with single files and between them."""

    models: dict[str, File] = field(default_factory=dict)
    processes: dict[str, tuple[ProcessFacts, File]] = field(default_factory=dict)
    forms: dict[str, File] = field(default_factory=dict)
    decision_files: dict[str, File] = field(default_factory=dict)
    decisions: dict[str, File] = field(default_factory=dict)
    parsed_decisions: dict[str, Decision] = field(default_factory=dict)
    registers: dict[str, RegisterDefinition] = field(default_factory=dict)
    register_files: dict[str, tuple[File, tuple[str, ...]]] = field(default_factory=dict)
    managed: dict[str, tuple[Reading, File]] = field(default_factory=dict)
    form_fields: dict[str, Sequence[FormField]] = field(default_factory=dict)
    """the fields of each form by the name of its file"""
    findings: list[Finding] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Return whether it defines nothing at all."""
        return not (self.models or self.decision_files or self.forms or self.register_files or self.managed)


def read(files: Mapping[str, bytes], forms: FormCatalog) -> Upload:
    """Return what `files` (by name, folders allowed) define; nothing is raised for content, whatever it is."""
    upload = Upload()
    if len(files) > MAX_FILES:
        message = f"The upload has {len(files)} files; {MAX_FILES} is the limit."
        upload.findings.append(Finding("upload", "upload", message, "Deploy fewer at a time."))
        return upload
    by_name: dict[str, str] = {}
    for path in sorted(files):
        file = File(PurePosixPath(path.replace("\\", "/")).name, files[path])
        if file.name.lower() in IGNORED:
            continue
        if file.name in by_name:
            _refuse(upload, path, f"It has the same name as {by_name[file.name]}.", "Give every file its own name.")
            continue
        by_name[file.name] = path
        _sort_in(upload, file, forms)
    for file in upload.decision_files.values():
        _read_decisions(upload, file)
    return upload


def _sort_in(upload: Upload, file: File, forms: FormCatalog) -> None:
    name = file.name.lower()
    if is_model(file.name):
        upload.models[file.name] = file
        _read_processes(upload, file)
    elif name.endswith(".dmn"):
        upload.decision_files[file.name] = file
    elif name.endswith(".form"):
        key, findings = forms.check(file.content, file.name)
        upload.findings += findings
        if key is not None:
            _define(upload, upload.forms, key, file, "form")
            upload.form_fields[file.name] = forms.fields(file.content)
    elif name in ("registers.yaml", "registers.yml"):
        _read_registers(upload, file)
    elif name in ("process.yaml", "process.yml"):
        _read_managed(upload, file)
    else:
        remedy = "Deploy .bpmn, .dmn and .form files, registers.yaml and process.yaml; "
        remedy += "README.md and scenarios.yaml are passed over."
        _refuse(upload, file.name, "This kind of file cannot be deployed.", remedy)


def _read_processes(upload: Upload, file: File) -> None:
    try:
        found = processes_in(file.content, file.name)
    except XmlRefused:
        return  # the lint says so, with the line
    for facts in found:
        if not facts.executable:
            continue
        if facts.key in upload.processes:
            other = upload.processes[facts.key][1].name
            _refuse(upload, file.name, f"The process {facts.key!r} is in {other} too.", "Keep one.", facts.line)
        else:
            upload.processes[facts.key] = (facts, file)


def _read_decisions(upload: Upload, file: File) -> None:
    library = {other.name: other.content for other in upload.decision_files.values() if other.name != file.name}
    model, findings = parse_decisions(file.content, file.name, library)
    upload.findings += findings
    for key, decision in model.decisions.items() if model is not None else ():
        _define(upload, upload.decisions, key, file, "decision")
        upload.parsed_decisions.setdefault(key, decision)


def _read_registers(upload: Upload, file: File) -> None:
    found, findings = registers.parse(file.content, file.name)
    upload.findings += findings
    for definition in found:
        if definition.key in upload.registers:
            _refuse(upload, file.name, f"The register {definition.key!r} is defined twice.", "Keep one.")
        upload.registers[definition.key] = definition
    upload.register_files[file.name] = (file, tuple(sorted(definition.key for definition in found)))


def _read_managed(upload: Upload, file: File) -> None:
    found = reading.read(file.content, file.name)
    upload.findings += found.findings
    if found.process is None:
        return
    key = found.process.key
    if key in upload.managed:
        other = upload.managed[key][1].name
        _refuse(upload, file.name, f"The process {key!r} is in {other} too.", "Keep one.", found.line("key"))
    else:
        upload.managed[key] = (found, file)


def _define(upload: Upload, known: dict[str, File], key: str, file: File, kind: str) -> None:
    if key in known:
        _refuse(upload, file.name, f"The {kind} {key!r} is in {known[key].name} too.", "Give each its own id.")
    else:
        known[key] = file


def _refuse(upload: Upload, file: str, message: str, remedy: str, line: int | None = None) -> None:
    upload.findings.append(Finding(file, "upload", message, remedy, line))


def errors(findings: list[Finding]) -> Iterator[Finding]:
    """Yield the findings that keep an upload from being deployed."""
    return (finding for finding in findings if finding.severity == "error")
