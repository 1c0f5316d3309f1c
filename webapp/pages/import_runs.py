"""Owns the pages of an import that runs: taking rows in a little at a time, stopping, going on, what became of them."""

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.imports.source import FileRefused
from webapp import spreadsheet
from webapp.import_fields import Choice
from webapp.import_steps import destination_of, run_of, target_of
from webapp.imports import refusal_header, refusal_line
from webapp.lists import Place
from webapp.navigation import PROVIDERS, only_for
from webapp.services import actor, engine

pages = Blueprint("import_runs", __name__, url_prefix="/imports")

SECONDS = 2.0
"""How long one request may take rows in."""

Answer = AnyResponse | str


@pages.get("/<run_id>/run")
@only_for(*PROVIDERS)
def progress(run_id: str) -> Answer:
    """Show how far the run is, and what became of its rows."""
    run = run_of(run_id)
    if not run.begun:
        return redirect(url_for("imports.preview", run_id=run_id), 303)
    if request.headers.get("HX-Request") and run.state != "running":
        # The rest of the page is another one now: let the browser load it.
        return Response(status=204, headers={"HX-Refresh": "true"})
    shown = "taken" if request.args.get("show") == "taken" else "refused"
    place = Place.of_request()
    runs = engine().import_runs
    results = {"refused": runs.refused, "taken": runs.made}[shown](run, place.after) if run.state != "running" else None
    return render_template(
        "import_run.html",
        run=run,
        place=destination_of(run),
        closed=run.state != "done" and target_of(run) is None,
        results=results,
        shown=shown,
        at=place,
    )


@pages.post("/<run_id>/run")
@only_for(*PROVIDERS)
def take(run_id: str) -> Answer:
    """Take rows in for about two seconds; with `what=begin` also a run that has not begun or was stopped."""
    run = run_of(run_id)
    if run.mapping is None or run.state in ("uploaded", "done"):
        return redirect(url_for("import_runs.progress", run_id=run_id), 303)
    into = target_of(run)
    if into is not None:
        chosen = Choice.stored(run.mapping).mapping()
        if request.form.get("what") == "begin":
            try:
                engine().import_runs.begin(run, chosen)
            except FileRefused:
                return redirect(url_for("imports.mapping", run_id=run_id), 303)
        done = engine().import_runs.advance(run_id, into, chosen, actor=actor(), seconds=SECONDS)
        if done.state == "done" and not request.headers.get("HX-Request"):
            flash("The whole file has been gone through.", "success")
    return redirect(url_for("import_runs.progress", run_id=run_id), 303)


@pages.post("/<run_id>/stop")
@only_for(*PROVIDERS)
def stop(run_id: str) -> AnyResponse:
    """Take no more rows in until somebody goes on."""
    run = run_of(run_id)
    if run.state == "running":
        engine().import_runs.stop(run)
    return redirect(url_for("import_runs.progress", run_id=run_id), 303)


@pages.post("/<run_id>/discard")
@only_for(*PROVIDERS)
def discard(run_id: str) -> AnyResponse:
    """Delete the file; what was taken in stays."""
    run = run_of(run_id)
    engine().import_runs.discard(run_id, actor())
    if run.begun:
        flash(f"Ended: {run.file_name}. What was taken in stays; the file is deleted.", "success")
        return redirect(url_for("import_runs.progress", run_id=run_id), 303)
    flash(f"Discarded: {run.file_name}. Nothing was taken in.", "success")
    return redirect(url_for("imports.listing"), 303)


@pages.get("/<run_id>/refused.csv")
@only_for(*PROVIDERS)
def refused(run_id: str) -> Response:
    """Send the refused rows as CSV, as the command line writes them."""
    run = run_of(run_id)
    columns = [spreadsheet.harmless(column) for column in (run.mapping or {}).get("header", ())]
    rows = [refusal_line(result) for result in engine().import_runs.all_refused(run)]
    answer = make_response("".join(spreadsheet.lines(refusal_header(columns), rows)))
    answer.headers["Content-Type"] = "text/csv; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=refused.csv"
    return answer
