"""Owns the page of steps that could not run and of cases that could not be started, and trying them again."""

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
    starts = engine().management.failed_starts(actor()) if state == "open" and place.is_first else ()
    return render_template("failures.html", page=page, starts=starts, place=place, states=STATES, state=state)


@pages.post("/<failure_id>/retry")
@only_for("process_owner", "admin")
def retry(failure_id: str) -> Response:
    """Do the step again, exactly as it was asked for."""
    g.links = [(url_for("failures.listing"), "Back to the failures")]
    if known := request.form.get("_case"):
        g.links.insert(0, (url_for("mending.show", case_id=known), "Mend the case"))
    case = engine().management.retry(failure_id, actor=actor())
    flash(f"The case {case.number} goes on.", "success")
    return redirect(url_for("cases.show", case_id=case.id), 303)


@pages.post("/starts/<start_id>/retry")
@only_for("process_owner", "admin")
def retry_start(start_id: str) -> Response:
    """Try to start the case again."""
    g.links = [(url_for("failures.listing"), "Back to the failures")]
    case = engine().management.retry_start(start_id, actor=actor())
    flash(f"The case {case.number} has been started.", "success")
    return redirect(url_for("cases.show", case_id=case.id), 303)
