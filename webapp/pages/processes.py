"""Owns the pages for process owners: versions with their cases, files to take away, publishing with findings."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from flask import Blueprint, flash, render_template, request, send_file, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from engine.errors import DefinitionRefused, InputRefused
from engine.types import Finding
from engine.views import DeploymentResult
from webapp import lint_rules, uploads
from webapp.navigation import PROVIDERS, only_for
from webapp.rest_address import base_address
from webapp.services import actor, engine

pages = Blueprint("processes", __name__, url_prefix="/processes")

MEDIA_TYPES = {
    "bpmn": "application/xml",
    "dmn": "application/xml",
    "form": "application/json",
    "registers": "application/yaml",
    "process": "application/yaml",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """What came of an upload or a check: findings, or what was deployed."""

    files: Sequence[str]
    findings: Sequence[Finding] = ()
    result: DeploymentResult | None = None
    checked_only: bool = False
    mistakes: Sequence[str] = ()

    @property
    def sorted_findings(self) -> list[Finding]:
        """Return the findings by file and line, errors first."""
        return sorted(self.findings, key=lambda finding: (finding.severity != "error", finding.file, finding.line or 0))

    @property
    def errors(self) -> int:
        """Return how many findings keep the files from being deployed."""
        return sum(finding.severity == "error" for finding in self.findings)


@pages.get("")
@only_for("process_owner", "admin")
def listing() -> str:
    """Show the processes with their latest version and its cases."""
    definitions = engine().repository.definitions(actor())
    return render_template("processes.html", definitions=definitions, modeler_address=base_address())


@pages.get("/element-templates.json")
@only_for("process_owner", "admin")
def element_templates() -> Response:
    """Send the element templates for Camunda Modeler."""
    content = json.dumps(engine().repository.element_templates(actor()), indent=2, ensure_ascii=False)
    return send_file(
        BytesIO(content.encode()), mimetype="application/json", as_attachment=True, download_name="comity.json"
    )


@pages.get("/publish")
@only_for("process_owner")
def publish() -> str:
    """Show the form for publishing files."""
    return render_template("publish.html", upload=None)


@pages.post("/publish")
@only_for("process_owner")
def submit() -> Response | str | tuple[str, int]:
    """Check the files, and publish them unless only a check was asked for; one error, and nothing is deployed."""
    try:
        files = uploads.definitions(request.files.getlist("files"))
    except InputRefused as refused:
        mistakes = [text for texts in refused.messages.values() for text in texts]
        return render_template("publish.html", upload=Upload([], mistakes=mistakes)), 422
    if request.form.get("what") == "check":
        findings = engine().repository.check(files, actor())
        return render_template("publish.html", upload=Upload(sorted(files), findings, checked_only=True))
    name = request.form.get("name", "").strip()[:200] or "Upload"
    try:
        result = engine().repository.deploy(files, name=name, actor=actor())
    except DefinitionRefused as refused:
        return render_template("publish.html", upload=Upload(sorted(files), refused.findings)), 422
    if len(result.deployed) == 1 and not result.findings and not result.computing:
        flash(f"Published: {result.deployed[0].name}, version {result.deployed[0].version}.", "success")
        return redirect(url_for("processes.show", definition_id=result.deployed[0].id), 303)
    return render_template("publish.html", upload=Upload(sorted(files), result.findings, result))


@pages.get("/rules")
@only_for(*PROVIDERS, "admin")
def rules() -> str:
    """Show what each finding of the check means, and how it is mended."""
    return render_template("lint_rules.html", groups=lint_rules.groups(request.script_root))


@pages.get("/operations")
@only_for(*PROVIDERS, "admin")
def operations() -> str:
    """Show what service tasks can have done, with inputs and outputs."""
    return render_template("operations.html", operations=engine().operations)


@pages.get("/versions/<definition_id>")
@only_for(*PROVIDERS, "admin")
def show(definition_id: str) -> str:
    """Show one version of a process: diagram, steps, files, and the other versions."""
    detail = engine().repository.definition(definition_id, actor())
    versions = engine().repository.versions(detail.summary.key, actor())
    may_move = engine().case_migrations.may_move(detail.summary.key, actor=actor())
    return render_template("process.html", detail=detail, versions=versions, may_move=may_move)


@pages.get("/versions/<definition_id>/model")
def model(definition_id: str) -> Response:
    """Send the BPMN file of a version, for the diagram."""
    found = engine().repository.definition(definition_id, actor()).model
    return send_file(BytesIO(found.content), mimetype="application/xml", download_name=found.name)


@pages.get("/files/<resource_id>")
@only_for(*PROVIDERS, "admin")
def download(resource_id: str) -> Response:
    """Send a deployed file as it was uploaded, byte for byte."""
    found = engine().repository.resource(resource_id, actor())
    media_type = MEDIA_TYPES.get(found.kind, "application/octet-stream")
    return send_file(BytesIO(found.content), mimetype=media_type, as_attachment=True, download_name=found.name)
