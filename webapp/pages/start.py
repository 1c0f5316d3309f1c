"""Owns starting cases: what this person may start, the form for it, and the confirmation with the case's number."""

import uuid
from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import InputRefused, NotFound
from engine.handing_in import is_identity
from engine.types import Json
from engine.views import DefinitionSummary
from webapp import form_view, similar
from webapp.navigation import WORKERS, only_for
from webapp.services import actor, engine

pages = Blueprint("start", __name__, url_prefix="/start")

ONCE = "_once"


@pages.get("")
@only_for(*WORKERS)
def choose() -> str:
    """Show what this person may start."""
    return render_template("start.html", definitions=engine().repository.startable(actor()))


@pages.get("/<key>")
def show(key: str) -> str:
    """Show the form that starts a case of the process `key`."""
    return _page(_startable(key))


@pages.post("/<key>")
def submit(key: str) -> Response | str | tuple[str, int]:
    """Start a case; or show the form again with what is wrong, the input kept."""
    definition = _startable(key)
    g.links = [(url_for("start.choose"), "Back to what you may start")]
    content = engine().repository.start_form(definition.id, actor())
    values = form_view.submitted(content) if content else {}
    if form_view.asked_anew():
        return _page(definition, values)
    found = similar.alike(form_view.read(content), values) if content else []
    try:
        if similar.not_seen(found):
            engine().runtime.check_start(key, values, actor=actor())
            return _page(definition, values, found=found)
        # The case runs on the version whose form was shown, even when a newer one was published meanwhile.
        version = request.form.get("_definition") or None
        started = engine().runtime.start(key, values, actor=actor(), definition_id=version, identity=_once())
    except InputRefused as refused:
        return _page(definition, values, refused.messages, found), 422
    if started.repeated:
        flash(f"You had handed this in already: {started.number}.", "notice")
    else:
        title = started.title.removesuffix(".")  # a title that was taken from the description may be a sentence
        flash(f"Received: {started.number}, {title}.", "success")
    return redirect(url_for("cases.show", case_id=started.id), 303)


@pages.post("/<key>/similar")
def alike(key: str) -> str:
    """Send what is probably about the same as what was typed so far: a part of the page, for scripts."""
    definition = _startable(key)
    content = engine().repository.start_form(definition.id, actor())
    found = similar.alike(form_view.read(content), form_view.submitted(content)) if content else []
    return render_template(
        "_similar.html", found=[group for group in found if group.field == request.args.get("field")]
    )


def _startable(key: str) -> DefinitionSummary:
    for definition in engine().repository.startable(actor()):
        if definition.key == key:
            return definition
    raise NotFound("process to start", key)


def _page(
    definition: DefinitionSummary,
    values: Mapping[str, Json] | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    found: Sequence[similar.Alike] = (),
) -> str:
    content = engine().repository.start_form(definition.id, actor())
    form = form_view.view(content, values or {}, errors=errors) if content else None
    looking = [field.key for field in form_view.read(content).fields if field.similar] if content else []
    return render_template(
        "start_form.html", definition=definition, form=form, once=_once(), found=found, looking=looking
    )


def _once() -> str:
    """Return the id that the page carries for the case to be, a new one where it has none: one page, one case."""
    sent = request.form.get(ONCE, "")
    return sent if is_identity(sent) else uuid.uuid4().hex
