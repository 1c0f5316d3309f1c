"""Owns starting cases: what this person may start, the form for it, and the confirmation with the case's number."""

import uuid
from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import ComityError, InputRefused, NotFound
from engine.runtime.handing_in import is_identity
from engine.types import Json
from engine.views import DefinitionSummary
from webapp import form_view, similar
from webapp.navigation import WORKERS, only_for
from webapp.services import actor, engine

pages = Blueprint("start", __name__, url_prefix="/start")

ONCE = "_once"


class _NotSeen(ComityError):
    """There are records about the same which the page has not shown yet."""


class _Sent:
    """What a browser sent for a start form: its `values`, and the records that are about the same, once it is read."""

    def __init__(self) -> None:
        self.values: Mapping[str, Json] = {}
        self.similar: Sequence[similar.Alike] = ()

    def read(self, content: bytes | None) -> Mapping[str, Json]:
        """Return the values for the form in `content`, None for a process that starts without one."""
        self.values = form_view.submitted(content) if content else {}
        return self.values

    def answers(self, content: bytes | None) -> Mapping[str, Json]:
        """Return the values as `read`; raise `_NotSeen` for records about the same that the page has not shown."""
        self.read(content)
        self.similar = similar.alike(form_view.read(content), self.values) if content else ()
        if similar.not_seen(self.similar):
            raise _NotSeen
        return self.values


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
    g.links = [(url_for("start.choose"), "Back to what you may start")]
    sent = _Sent()
    if form_view.asked_anew():
        sent.read(engine().repository.start_form_of(key, actor()))
        return _page(_startable(key), sent.values)
    try:
        # The case runs on the version whose form was shown, even when a newer one was published meanwhile.
        version = request.form.get("_definition") or None
        started = engine().runtime.start(key, sent.answers, actor=actor(), definition_id=version, identity=_once())
    except _NotSeen:
        return _told_of_similar(key, sent)
    except InputRefused as refused:
        return _page(_startable(key), sent.values, refused.messages, sent.similar), 422
    if started.repeated:
        flash(f"You had handed this in already: {started.number}.", "notice")
    else:
        title = started.title.removesuffix(".")  # a title that was taken from the description may be a sentence
        flash(f"Received: {started.number}, {title}.", "success")
    return redirect(url_for("cases.show", case_id=started.id), 303)


def _told_of_similar(key: str, sent: _Sent) -> str | tuple[str, int]:
    """Show the form with the records that are about the same, and whatever is wrong with the answers."""
    try:
        engine().runtime.check_start(key, sent.values, actor=actor())
    except InputRefused as refused:
        return _page(_startable(key), sent.values, refused.messages, sent.similar), 422
    return _page(_startable(key), sent.values, found=sent.similar)


@pages.post("/<key>/similar")
def alike(key: str) -> str:
    """Send what is probably about the same as what was typed so far: a part of the page, for scripts."""
    content = engine().repository.start_form_of(key, actor())
    found = similar.alike(form_view.read(content), form_view.submitted(content)) if content else []
    shown = [group for group in found if group.field == request.args.get("field")]
    # Nothing at all where there is nothing: a blank would be shown as an empty box.
    return render_template("_similar.html", found=shown) if shown else ""


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
