"""Owns joining a record as a supporter, leaving it, and the page of what somebody supports."""

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import InputRefused
from webapp.navigation import PROVIDERS, WORKERS, only_for
from webapp.services import actor, engine

pages = Blueprint("support", __name__)


@pages.get("/supported")
@only_for(*WORKERS)
def listing() -> str:
    """Show the records that this person supports, and where each stands."""
    return render_template("supported.html", records=engine().support.supported_by(actor()))


@pages.post("/registers/<register>/records/<record_id>/support")
def support(register: str, record_id: str) -> Response:
    """Join the record as a supporter; staff may note an organisation that does."""
    g.links = [(url_for("start.choose"), "Start something")]
    organisation = _organisation()
    engine().support.support(
        register, record_id, actor=actor(), note=request.form.get("note", ""), organisation=organisation
    )
    whose = "You support" if organisation is None else "Noted: the organisation supports"
    flash(f"{whose} {record_id}. Supporters are counted, and see how it goes on.", "success")
    return redirect(url_for("registers.record", register=register, record_id=record_id), 303)


@pages.post("/registers/<register>/records/<record_id>/unsupport")
def unsupport(register: str, record_id: str) -> Response:
    """Leave the record, or take back that an organisation supports it."""
    engine().support.end_support(register, record_id, actor=actor(), organisation=_organisation())
    flash(f"The support of {record_id} was taken back.", "success")
    return redirect(url_for("registers.record", register=register, record_id=record_id), 303)


def _organisation() -> str | None:
    """Return the organisation that staff speak for, None for oneself; it may come along with a form being filled in."""
    if actor().roles.isdisjoint(PROVIDERS):
        return None
    chosen = request.form.getlist("organisation")
    if len(chosen) > 1:
        raise InputRefused({"organisation": ["Organisation: choose one."]})
    return (chosen[0].strip() or None) if chosen else None
