"""Owns the addresses under /engine-rest: what the Deploy and Start buttons of Camunda Modeler ask of Camunda 7.

Its callers bring name and password with each request (webapp.rest.callers); a session of the pages counts for nothing
here, so no form of another site can act in somebody's name. Answers and refusals are JSON.
"""

from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException

from webapp.rest import answers, callers, deployments, engine_facts, starting
from webapp.rest_address import PREFIX, is_below

rest = Blueprint("rest", __name__)
rest.before_request(callers.ask)
answers.install(rest)


def install(protection: CSRFProtect) -> None:
    """Take the addresses out of the check of forms' tokens: they do not look at the cookie that it protects."""
    protection.exempt(rest)


def answer_strangers(app: Flask) -> None:
    """Let `app` answer addresses below the interface that are none of it as the interface does, before any page."""

    @app.before_request
    def stranger() -> Response | None:
        unknown = request.routing_exception
        if not (isinstance(unknown, HTTPException) and (unknown.code or 0) >= 400 and is_below(request.path)):
            return None
        return callers.ask() or answers.http(unknown)


def _add(method: str, path: str, view: Any) -> None:
    # A base address that ends with a slash, as people type it, makes Camunda Modeler ask for `//deployment`.
    for number, slash in enumerate(("/", "//")):
        endpoint = view.__name__ + ("_again" if number else "")
        rest.add_url_rule(f"{PREFIX}{slash}{path}", endpoint, view, methods=[method], merge_slashes=False)


_add("GET", "version", engine_facts.version)
_add("GET", "deployment", deployments.listing)
_add("POST", "deployment/create", deployments.create)
_add("POST", "process-definition/<definition_id>/start", starting.start)
_add("POST", "process-definition/key/<key>/start", starting.start_newest)
