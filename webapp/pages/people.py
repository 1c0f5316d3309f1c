"""Owns the page where admins look at accounts, groups and roles; they are changed on the command line."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import InputRefused
from webapp import names
from webapp.lists import Place
from webapp.navigation import only_for
from webapp.services import actor, engine

pages = Blueprint("people", __name__, url_prefix="/people")

LONGEST_SEARCH = 200


@pages.get("")
@only_for("admin")
def listing() -> str:
    """Show everybody with their roles and groups."""
    place, text = Place.of_request(), request.args.get("q", "")[:LONGEST_SEARCH].strip()
    page = engine().identity.page(actor(), text=text, after=place.after)
    names.load_organisations(person.organisation_id for person in page.rows)
    return render_template("people.html", page=page, place=place, text=text, groups=engine().identity.groups())


@pages.post("/<user_id>/close")
@only_for("admin")
def close(user_id: str) -> Response:
    """Close an account; its sessions end at once."""
    if user_id == actor().user_id:
        raise InputRefused({"user": ["You cannot close your own account: another admin has to."]})
    engine().identity.set_active(user_id, active=False, actor=actor())
    flash(f"The account {user_id} is closed.", "success")
    return redirect(url_for("people.listing"), 303)


@pages.post("/<user_id>/open")
@only_for("admin")
def reopen(user_id: str) -> Response:
    """Open a closed account again."""
    engine().identity.set_active(user_id, active=True, actor=actor())
    flash(f"The account {user_id} is open.", "success")
    return redirect(url_for("people.listing"), 303)
