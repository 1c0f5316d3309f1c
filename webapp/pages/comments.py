"""Owns the page with all remarks on a case; the newest stand on the pages of the case and its tasks."""

from flask import Blueprint, render_template

from webapp.lists import Place
from webapp.services import actor, engine

pages = Blueprint("comments", __name__, url_prefix="/cases")


@pages.get("/<case_id>/comments")
def listing(case_id: str) -> str:
    """Show the remarks that this person may read, newest first."""
    place = Place.of_request()
    page = engine().history.comments(case_id, actor(), after=place.after)
    return render_template("comments.html", case=engine().history.case(case_id, actor()), page=page, place=place)
