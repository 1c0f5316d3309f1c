"""Owns the page of what measures mean; figures are shown elsewhere.

It stands beside the pages of performance, not below them: there, the addresses are the keys of processes.
"""

from flask import Blueprint, render_template

from engine.metrics.registry import KINDS
from webapp.navigation import only_for
from webapp.performance.amounts import UNITS
from webapp.services import actor, engine

pages = Blueprint("measures", __name__, url_prefix="/measures")


@pages.get("")
@only_for("process_owner", "admin")
def show() -> str:
    """Show what every measure means, those that processes have added for themselves too."""
    performance = engine().performance
    usual = performance.definitions(None, actor())
    own = performance.own_measures(actor())
    return render_template("measures.html", usual=usual, own=own, kinds=KINDS.items(), units=UNITS)
