"""Owns what is wrong between a `process.yaml` and the definitions, registers and forms it names; it stores nothing.

What the upload brings along counts before what is deployed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from engine.metrics.process import ManagedProcess, ReportDefinition
from engine.metrics.reading import RULE, Reading
from engine.repository.measure_checks import Measured, measure_findings
from engine.repository.shelf import Shelf, UploadCatalog
from engine.repository.upload import Upload
from engine.types import Finding, Severity

FRAMEWORK_FIELDS: Final = (
    "purpose",
    "process_owner",
    "roles",
    "review_interval",
    "effective_from",
    "running_cases",
    "measures",
    "targets",
)
"""The fields of a framework's body that every process has."""


RULES: Final[Mapping[str, Severity]] = {
    RULE: "error",
    "process-name": "error",
    "process-claim": "error",
    "process-key": "error",
    "process-framework": "error",
    "process-measure": "error",
    "process-report": "error",
    "form-managed-process": "warning",
}
"""The rules about managed processes, with their usual severity."""


def process_findings(upload: Upload, catalog: UploadCatalog, shelf: Shelf) -> Iterator[Finding]:
    """Yield what is wrong with the managed processes of an upload, and with deployed ones whose ground it changes."""
    for reading, file in upload.managed.values():
        if reading.process is not None:
            yield from _Check(reading, file.name, reading.process, catalog).findings()
    for form_file, fields in upload.form_fields.items():
        for field in fields:
            if field.process is not None and field.process not in catalog.all_managed:
                message = (
                    f"The field {field.key!r} offers measures of {field.process!r}, which no process.yaml defines."
                )
                remedy = (
                    "Add the process.yaml to the upload, or correct the name; until then there is nothing to choose."
                )
                yield Finding(form_file, "form-managed-process", message, remedy, severity="warning")
    if upload.processes or upload.forms or upload.registers:
        for process in shelf.managed.values():
            if process.key not in upload.managed:
                yield from _of_deployed(process, upload, catalog)


def _of_deployed(process: ManagedProcess, upload: Upload, catalog: UploadCatalog) -> Iterator[Finding]:
    """Warn where the files of an upload break what a deployed process.yaml says, and what stands there does not."""
    files = [file for _, file in upload.processes.values()]
    files += [*upload.forms.values(), *(file for file, _ in upload.register_files.values())]
    reading = Reading(process)
    known = {finding.message for finding in _Check(reading, "", process, catalog.before()).findings()}
    for finding in _Check(reading, files[0].name, process, catalog).findings():
        # Who claims the same cases is told so on their own file.
        if finding.rule != "process-claim" and finding.message not in known:
            told = f"With these files, the published process.yaml of {process.name} is wrong. {finding.message}"
            yield replace(finding, message=told, severity="warning")


class _Check:
    """The check of one file."""

    def __init__(self, reading: Reading, file: str, process: ManagedProcess, catalog: UploadCatalog) -> None:
        self._reading, self._file, self._process, self._catalog = reading, file, process, catalog

    def findings(self) -> Iterator[Finding]:
        yield from self._claims()
        yield from self._names()
        yield from self._framework()
        if all(map(self._catalog.process_exists, self._process.cases)):
            for measure, place, message, remedy in measure_findings(
                self._process, Measured(self._process, self._catalog)
            ):
                told = f"The measure {measure!r} cannot be used: {message}"
                yield self._finding("process-measure", f"measures.{measure}.{place}", told, remedy)
        yield from self._reports()

    def _finding(self, rule: str, place: str, message: str, remedy: str, severity: Severity = "error") -> Finding:
        return Finding(self._file, rule, message, remedy, self._reading.line(place), severity=severity)

    def _claims(self) -> Iterator[Finding]:
        if self._process.key not in self._process.cases and self._catalog.process_exists(self._process.key):
            message = f"The key {self._process.key!r} is that of a process definition which is none of its cases."
            remedy = "Give one of the two another key, or name the definition under cases: both have the same page."
            yield self._finding("process-key", "key", message, remedy)
        for other in self._catalog.all_managed.values():
            for key in self._process.cases:
                if other.key != self._process.key and key in other.cases:
                    message = f"The cases of {key!r} are the work of {other.name} ({other.key}) too."
                    yield self._finding("process-claim", "cases", message, "Take it out of one of the two.")

    def _names(self) -> Iterator[Finding]:
        named = [("cases", key) for key in self._process.cases]
        named += [(place, key) for place in ("establish", "evaluate") if (key := getattr(self._process, place))]
        for place, key in named:
            if not self._catalog.process_exists(key):
                message = f"{place} names the process {key!r}, which is neither in the upload nor deployed."
                yield self._finding("process-name", place, message, "Correct it, or upload its model too.")
        group = self._process.owner_group
        if group is not None and not self._catalog.group_exists(group):
            message = f"There is no group or role {group!r} yet."
            yield self._finding("unknown-group", "owner_group", message, "Correct it, or have it created.", "warning")

    def _framework(self) -> Iterator[Finding]:
        key = self._process.framework
        if key is None:
            return
        register = self._catalog.all_registers.get(key)
        if register is None:
            message = f"framework names the register {key!r}, which is neither in the upload nor deployed."
            yield self._finding("process-framework", "framework", message, "Name a register by its key.")
            return
        if not register.singleton:
            message = f"The register {key!r} may have several records, and a process has one framework."
            yield self._finding("process-framework", "framework", message, "Give the register `singleton: true`.")
        known = self._catalog.form_fields(register.form)
        missing = [name for name in FRAMEWORK_FIELDS if known is not None and name not in known]
        if missing:
            message = f"The form {register.form!r} of the framework has no field {', '.join(missing)}."
            yield self._finding("process-framework", "framework", message, "Add what is missing to the form.")

    def _reports(self) -> Iterator[Finding]:
        for report in self._process.reports:
            named: Mapping[str, str | None] = {
                "records": report.records,
                "follow": report.follow,
                "services": report.services,
                "issued": report.issued,
            }
            for place, key in named.items():
                if key is not None and key not in self._catalog.all_registers:
                    message = f"The report {report.key!r} names the register {key!r}, which there is not."
                    remedy = "Correct it, or upload its registers.yaml too."
                    yield self._finding("process-report", f"reports.{report.key}.{place}", message, remedy)
            records = self._catalog.all_registers.get(report.records)
            known = self._catalog.form_fields(records.form) if records else None
            if records is not None and known is not None and report.service not in (None, *known):
                message = f"The report {report.key!r} takes services from {report.service!r}, "
                message += f"which {records.name} have no field for."
                remedy = f"Name a field of the form {records.form!r}."
                yield self._finding("process-report", f"reports.{report.key}.service", message, remedy)
            yield from self._told(report)

    def _told(self, report: ReportDefinition) -> Iterator[Finding]:
        follow = self._catalog.all_registers.get(report.follow or "")
        known = self._catalog.form_fields(follow.form) if follow else None
        for place, field in (("text", report.text), ("note", report.note)):
            if field is None or (follow is not None and (known is None or field in known)):
                continue
            of = f"{follow.name}, which have no such field" if follow else "nothing: it has no register to follow"
            message = f"The report {report.key!r} takes its {place} from {field!r} of {of}."
            remedy = "Correct it, or take it away."
            yield self._finding("process-report", f"reports.{report.key}.{place}", message, remedy)
