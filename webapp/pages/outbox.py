"""Owns the page of messages that leave the product, and noting that one was handed over."""

from typing import Literal

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from webapp.lists import Place, chosen
from webapp.navigation import PROVIDERS, only_for
from webapp.services import actor, engine

pages = Blueprint("outbox", __name__, url_prefix="/outbox")

STATES: tuple[tuple[Literal["pending", "handed over", "withdrawn"] | None, str], ...] = (
    ("pending", "To hand over"),
    ("handed over", "Handed over"),
    ("withdrawn", "Withdrawn"),
)


@pages.get("")
@only_for(*PROVIDERS)
def listing() -> str:
    """Show the messages of cases that this person may see."""
    state = chosen(STATES, request.args.get("state"))
    place = Place.of_request()
    page = engine().management.outbox(actor(), state=state, after=place.after)
    return render_template("outbox.html", page=page, place=place, states=STATES, state=state)


@pages.post("/<message_id>/handed-over")
@only_for(*PROVIDERS)
def hand_over(message_id: str) -> Response:
    """Note that a message was handed to its receiver."""
    engine().management.hand_over(message_id, actor=actor())
    flash("Noted: handed over.", "success")
    return redirect(url_for("outbox.listing"), 303)
