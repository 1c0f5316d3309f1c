"""Owns deploying and listing deployments as Camunda 7's interface has it; rights and checks are the engine's."""

from typing import Any

from flask import Response, jsonify, request

from engine.errors import InputRefused, NotPermitted
from engine.repository.service import MAX_PAGE
from engine.views import DeployedDecision, DeployedProcess, DeploymentRow
from webapp import uploads
from webapp.rest.answers import instant
from webapp.rest.callers import caller
from webapp.rest.parameters import number, only
from webapp.rest_address import base_address
from webapp.services import engine

FIELDS = {
    "deployment-name",
    "deployment-source",
    "enable-duplicate-filtering",
    "deploy-changed-only",
    "tenant-id",
    "deployment-activation-time",
}
ALWAYS = "What is deployed already makes no new version here, whatever is asked for: send true, or leave it out."


def listing() -> Response:
    """Answer with a page of deployments, newest first; modelers try a connection by it."""
    only(request.args, {"firstResult", "maxResults"})
    first, count = number(request.args, "firstResult", 0), number(request.args, "maxResults", MAX_PAGE)
    return jsonify([_deployment(row) for row in engine().repository.deployments(caller(), first=first, count=count)])


def create() -> Response:
    """Deploy the files that are sent; what stands there with the same content makes no new version."""
    actor = caller()
    if "process_owner" not in actor.roles:
        raise NotPermitted("Only process owners may deploy.")
    fields = request.form
    _judge(fields)
    files = uploads.definitions(upload for _, upload in request.files.items(multi=True))
    name = fields.get("deployment-name", "").strip()[:200] or min(files)
    source = fields.get("deployment-source", "").strip()[:200] or "engine-rest"
    result = engine().repository.deploy(files, name=name, actor=actor, source=source)
    found = engine().repository.deployment(
        result.deployment_id or result.standing or "",
        actor,
        besides=[version.id for version in (*result.deployed, *result.unchanged)],
    )
    address = f"{base_address()}/deployment/{found.row.id}"
    return jsonify(
        {
            "links": [{"method": "GET", "href": address, "rel": "self"}],
            **_deployment(found.row),
            "deployedProcessDefinitions": {each.id: _process(each) for each in found.processes} or None,
            "deployedCaseDefinitions": None,
            "deployedDecisionDefinitions": {each.id: _decision(each) for each in found.decisions} or None,
            "deployedDecisionRequirementsDefinitions": None,
            "warnings": [str(finding) for finding in result.findings],
        }
    )


def _judge(fields: Any) -> None:
    only(fields, FIELDS)
    if fields.get("tenant-id"):
        raise InputRefused({"tenant-id": ["There are no tenants here: leave it empty."]})
    if fields.get("deployment-activation-time"):
        raise InputRefused({"deployment-activation-time": ["A deployment counts at once: leave it empty."]})
    for name in ("enable-duplicate-filtering", "deploy-changed-only"):
        if fields.get(name, "true").lower() != "true":
            raise InputRefused({name: [ALWAYS]})


def _deployment(row: DeploymentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "source": row.source,
        "deploymentTime": instant(row.deployed_at),
        "tenantId": None,
    }


def _process(each: DeployedProcess) -> dict[str, Any]:
    return {
        "id": each.id,
        "key": each.key,
        "category": None,
        "description": each.documentation,
        "name": each.name,
        "version": each.version,
        "resource": each.file,
        "deploymentId": each.deployment_id,
        "diagram": None,
        "suspended": False,
        "tenantId": None,
        "versionTag": each.version_tag,
        "historyTimeToLive": None,
        "startableInTasklist": each.startable,
    }


def _decision(each: DeployedDecision) -> dict[str, Any]:
    return {
        "id": each.id,
        "key": each.key,
        "category": None,
        "name": each.key,
        "version": each.version,
        "resource": each.file,
        "deploymentId": each.deployment_id,
        "tenantId": None,
        "decisionRequirementsDefinitionId": None,
        "decisionRequirementsDefinitionKey": None,
        "versionTag": None,
        "historyTimeToLive": None,
    }
