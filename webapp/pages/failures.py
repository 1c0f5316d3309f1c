"""Owns the page of steps that could not run, and trying them again."""

from typing import Literal

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.lists import Place, chosen
from webapp.navigation import only_for
from webapp.services import actor, engine

pages = Blueprint("failures", __name__, url_prefix="/failures")

STATES: tuple[tuple[Literal["open", "resolved"], str], ...] = (("open", "Open"), ("resolved", "Resolved"))


@pages.get("")
@only_for("process_owner", "admin")
def listing() -> str:
    """Show the failures of cases of one's own processes; to admins all of them."""
    state = chosen(STATES, request.args.get("state"))
    place = Place.of_request()
    page = engine().management.failures(actor(), state=state, after=place.after)
    return render_template("failures.html", page=page, place=place, states=STATES, state=state)


@pages.post("/<failure_id>/retry")
@only_for("process_owner", "admin")
def retry(failure_id: str) -> Response:
    """Do the step again, exactly as it was asked for."""
    g.links = [(url_for("failures.listing"), "Back to the failures")]
    case = engine().management.retry(failure_id, actor=actor())
    flash(f"The case {case.number} goes on.", "success")
    return redirect(url_for("cases.show", case_id=case.id), 303)
