"""Owns the way in: the first page by role, and the address that monitors ask."""

from flask import Blueprint, Response, redirect, url_for
from sqlalchemy import text
from werkzeug.wrappers import Response as AnyResponse

from webapp.database import db
from webapp.services import actor

home = Blueprint("home", __name__)
health = Blueprint("health", __name__)


@home.get("/")
def show() -> AnyResponse:
    """Go to the page that this person needs first."""
    roles = actor().roles
    if roles & {"staff", "process_owner"}:
        endpoint = "tasks.worklist"
    elif "originator" in roles:
        endpoint = "cases.listing"
    else:
        endpoint = "failures.listing" if "admin" in roles else "account.show"
    return redirect(url_for(endpoint), 303)


@health.get("/health", endpoint="health")
def report() -> Response:
    """Say whether the application runs and its database answers; one that cannot be used is answered with 503."""
    db.session.execute(text("SELECT 1"))
    return Response('{"status": "ok"}\n', content_type="application/json")
