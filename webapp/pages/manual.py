"""Owns the pages of the documents that findings name."""

from flask import Blueprint, render_template, request

from engine.errors import NotFound
from webapp import manual
from webapp.navigation import PROVIDERS, only_for

pages = Blueprint("manual", __name__, url_prefix="/manual")


@pages.get("/<name>")
@only_for(*PROVIDERS, "admin")
def show(name: str) -> str:
    """Show one of the documents for who changes a process."""
    if name not in manual.NAMES:
        raise NotFound("page", request.path)
    titles = [(each, manual.title(each)) for each in manual.NAMES]
    return render_template("manual.html", document=manual.document(name, request.script_root), titles=titles)
