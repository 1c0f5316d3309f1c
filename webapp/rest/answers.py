"""Owns the JSON of refusals: `type` and `message` as Camunda 7 has them, and which error becomes which status."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException

from engine.errors import BudgetSpent, ComityError, DefinitionRefused, InputRefused, NotFound, NotPermitted, StepFailed
from engine.persistence import outages
from engine.types import Finding
from engine.types.counting import counted
from webapp.errors import answer_for, named, too_large

log = logging.getLogger("comity.web")

PARSE_ERROR = "ENGINE-09005 Could not parse BPMN process."
"""How a message has to begin for Camunda Modeler to show it as a mistake in the diagram."""

_HTTP: Final = {
    404: (
        "NotFoundException",
        "There is nothing at this address. docs/modelling.md lists the requests that there are.",
    ),
    405: ("NotAllowedException", "This address takes other methods: those that the header Allow names."),
}
"""Types as Camunda 7 has them, and messages of our own."""


def install(blueprint: Blueprint) -> None:
    """Let `blueprint` answer every error in JSON."""
    blueprint.register_error_handler(ComityError, _refused)
    blueprint.register_error_handler(HTTPException, http)
    blueprint.register_error_handler(Exception, _unforeseen)


def refusal(status: int, kind: str, message: str, **members: Any) -> Response:
    """Return a refusal: what went wrong, for whom it is (`type`), and further members."""
    answer = jsonify({"type": kind, "message": message, "code": None, **members})
    answer.status_code = status
    return answer


def instant(moment: datetime) -> str:
    """Return an aware instant as Camunda 7 writes it: `2026-03-02T08:00:00.000+0000`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}" + moment.strftime("%z")


def _refused(error: ComityError) -> Response:
    status = answer_for(error).status
    _, sentence = named(error)
    log.log(
        logging.ERROR if status >= 500 else logging.INFO,
        "request %s: %s refused: %s",
        g.correlation_id,
        request.path,
        error,
    )
    if isinstance(error, StepFailed | BudgetSpent) and not _mends():
        # Why a step failed may quote data of any kind, in words of the model and its scripts.
        sentence = "The first step could not be done. Ask the owners of the process."
    if isinstance(error, DefinitionRefused):
        return refusal(400, "ParseException", _told(error.findings), details=_details(error.findings))
    if isinstance(error, InputRefused):
        return refusal(400, "InvalidRequestException", _sentences(error.messages))
    if isinstance(error, NotPermitted):
        return refusal(403, "AuthorizationException", sentence)
    if isinstance(error, NotFound):
        return refusal(404, "InvalidRequestException", sentence)
    return refusal(status, "RestException", sentence)


def _mends() -> bool:
    return not g.rest_caller.roles.isdisjoint({"staff", "process_owner", "admin"})


def http(error: HTTPException) -> Response:
    """Answer what the framework refuses: an address that is none, a method, a body that is too large."""
    status = error.code or 500
    kind, message = _HTTP.get(status, ("InvalidRequestException", error.description or error.name))
    if status == 413:
        message = too_large()
    answer = refusal(status, kind, message)
    answer.headers.extend(header for header in error.get_headers() if header[0] in {"Allow", "Retry-After"})
    return answer


def _unforeseen(error: Exception) -> Response:
    failed = outages.told(error)  # callers are read through Flask-SQLAlchemy
    if failed is not None:
        return _refused(failed)
    log.error("request %s: %s %s failed", g.correlation_id, request.method, request.path, exc_info=error)
    sentence = f"Something went wrong on our side. Tell your administrator this number: {g.correlation_id}."
    return refusal(500, "RestException", sentence)


def _told(findings: Iterable[Finding]) -> str:
    """Return all findings that are errors, a line for each, below the words that Camunda Modeler looks for."""
    errors = [finding for finding in findings if finding.severity == "error"]
    lines = [f"* {finding}" for finding in sorted(errors, key=lambda finding: (finding.file, finding.line or 0))]
    return "\n".join([f"{PARSE_ERROR} {counted(len(errors), 'error')}, nothing was deployed:", *lines])


def _details(findings: Iterable[Finding]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    found: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for finding in findings:
        reports = found.setdefault(finding.file, {"errors": [], "warnings": []})
        reports["errors" if finding.severity == "error" else "warnings"].append(
            {
                "message": f"{finding.rule}: {finding.message} {finding.remedy}",
                "line": finding.line or 0,
                "column": 0,
                "mainElementId": finding.element_id,
                "elementIds": [finding.element_id] if finding.element_id else [],
            }
        )
    return found


def _sentences(messages: Mapping[str, Iterable[str]]) -> str:
    return " ".join(
        f"{field}: {sentence}" if field else sentence for field, sentences in messages.items() for sentence in sentences
    )
