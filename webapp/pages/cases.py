"""Owns the pages of cases: where each stands, what it waits for, and what a person may do with it as a whole."""

from io import BytesIO
from typing import Literal

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from engine.errors import InputRefused, NotFound
from engine.types import ENGINE
from engine.views import CaseFilter, CaseStatus
from webapp.case_view import AUDIENCES, Audience, case_view
from webapp.feedback_view import FeedbackView, as_given, score_of
from webapp.lists import Place, chosen
from webapp.navigation import PROVIDERS, WORKERS, only_for
from webapp.own_paths import own_path
from webapp.services import actor, engine

pages = Blueprint("cases", __name__, url_prefix="/cases")

Scope = Literal["mine", "all"]
SCOPES: tuple[tuple[Scope, str], ...] = (("mine", "Mine"), ("all", "All that I may see"))
# Originators come for their organisation's matters, staff for what they handed in themselves.
ORIGINATORS_SCOPES: tuple[tuple[Scope, str], ...] = (("all", "My organisation's"), ("mine", "Mine"))
STATES: tuple[tuple[CaseStatus | None, str], ...] = (
    (None, "Any"),
    ("active", "Running"),
    ("completed", "Completed"),
    ("withdrawn", "Withdrawn"),
    ("cancelled", "Cancelled"),
)
LONGEST_SEARCH, LONGEST_TEXT = 200, 10_000


@pages.get("")
@only_for(*WORKERS)
def listing() -> str:
    """Show the cases that this person may see: where each stands and what it waits for."""
    scopes = SCOPES if actor().roles & PROVIDERS else ORIGINATORS_SCOPES
    asked = CaseFilter(
        scope=chosen(scopes, request.args.get("show")),
        status=chosen(STATES, request.args.get("status")),
        process_key=request.args.get("process") or None,
        text=request.args.get("q", "")[:LONGEST_SEARCH].strip(),
        failed=request.args.get("failed") == "1",
    )
    place = Place.of_request()
    page = engine().history.cases(actor(), filter=asked, after=place.after)
    news = engine().news.news([row.id for row in page.rows], actor())
    welcome = engine().feedback.welcome([row.id for row in page.rows], actor())
    return render_template(
        "cases.html", page=page, place=place, asked=asked, scopes=scopes, states=STATES, welcome=welcome, news=news
    )


@pages.get("/<case_id>")
def show(case_id: str) -> str:
    """Show one case: facts, open tasks, waits, records, steps, history, comments."""
    return _page(case_id, as_given(engine().feedback.question(case_id, actor())))


def _page(case_id: str, feedback: FeedbackView | None) -> str:
    view = case_view(case_id)
    news = engine().news.news([case_id], actor()).get(case_id)
    case = view.case
    may_move = case.may_cancel and engine().case_migrations.may_move(case.models[0].process_key, actor=actor())
    return render_template("case.html", view=view, case=case, feedback=feedback, news=news, may_move=may_move)


@pages.get("/<case_id>/models/<definition_id>")
def model(case_id: str, definition_id: str) -> Response:
    """Send the BPMN file of a process that the case runs on, to whoever may see the case."""
    case = engine().history.case(case_id, actor())
    if definition_id not in {found.definition_id for found in case.models}:
        raise NotFound("process in this case", definition_id)
    found = engine().repository.definition(definition_id, ENGINE).model
    return send_file(BytesIO(found.content), mimetype="application/xml", download_name=found.name)


@pages.post("/<case_id>/comments")
def comment(case_id: str) -> Response:
    """Add a remark for everyone or for staff only."""
    text = request.form.get("text", "").strip()
    if not text or len(text) > LONGEST_TEXT:
        raise InputRefused({"text": [f"Comment: enter 1 to {LONGEST_TEXT:,} characters."]})
    audience: Audience = "everyone"
    if actor().roles & PROVIDERS:
        audience = chosen(AUDIENCES, request.form.get("audience"))
    engine().runtime.comment(case_id, text, audience, actor=actor(), task_id=request.form.get("task") or None)
    flash("The comment was added.", "success")
    return redirect(f"{_back(case_id)}#comments", 303)


@pages.post("/<case_id>/follow")
def follow(case_id: str) -> Response:
    """Follow the case: its changes of status will be shown to this person."""
    engine().runtime.follow(case_id, actor=actor())
    flash("You follow this case: it is among yours.", "success")
    return redirect(_back(case_id), 303)


@pages.post("/<case_id>/unfollow")
def unfollow(case_id: str) -> Response:
    """Stop following the case."""
    engine().runtime.unfollow(case_id, actor=actor())
    flash("You no longer follow this case.", "success")
    return redirect(_back(case_id), 303)


@pages.post("/read")
@only_for(*WORKERS)
def read_all() -> Response:
    """Note that this person has read the news of all their own cases."""
    engine().news.mark_read(actor())
    return redirect(url_for("cases.listing"), 303)


@pages.post("/<case_id>/read")
def read(case_id: str) -> Response:
    """Note that this person has read the news of the case; the page asks for it by itself where there are scripts."""
    engine().news.mark_read(actor(), case_id)
    if request.headers.get("HX-Request"):
        return Response(status=204)
    return redirect(url_for("cases.show", case_id=case_id), 303)


@pages.post("/<case_id>/cancel")
def cancel(case_id: str) -> Response:
    """Cancel the case for a reason, as its process owner; the page asks once before."""
    engine().runtime.cancel(case_id, _reason("cancelled"), actor=actor())
    flash("The case was cancelled.", "success")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@pages.post("/<case_id>/withdraw")
def withdraw(case_id: str) -> Response:
    """Withdraw the case for a reason, as who handed it in; the page asks once before."""
    engine().runtime.withdraw(case_id, _reason("withdrawn"), actor=actor())
    flash("The case was withdrawn.", "success")
    return redirect(url_for("cases.show", case_id=case_id), 303)


@pages.post("/<case_id>/feedback")
def feedback(case_id: str) -> Response | tuple[str, int]:
    """Answer the question at closure, or change the answer; what cannot be taken is shown again with the reason."""
    score, comment = score_of(request.form.get("score")), request.form.get("comment", "")
    try:
        engine().feedback.give(case_id, score, comment, actor=actor())
    except InputRefused as refused:
        question = engine().feedback.question(case_id, actor())
        if question is None:
            raise
        return _page(case_id, FeedbackView(question, score, comment, refused.messages)), 422
    flash("Thank you for your answer. You may change it on this page.", "success")
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _reason(ended: str) -> str:
    reason = request.form.get("reason", "").strip()
    if not reason or len(reason) > LONGEST_TEXT:
        raise InputRefused({"reason": [f"Reason: say in 1 to {LONGEST_TEXT:,} characters why the case is {ended}."]})
    return reason


def _back(case_id: str) -> str:
    return own_path(request.form.get("next"), url_for("cases.show", case_id=case_id))
