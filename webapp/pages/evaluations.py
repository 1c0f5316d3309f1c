"""Owns the pages of evaluations (A215 and its like): those of a process, opening one, one with its figures and actions.

An evaluation is judged on the page of its task; these pages show what it rests on and what came of it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import EvaluationOpen, InputRefused
from engine.metrics.periods import Period
from webapp.form_view import Mistake
from webapp.navigation import only_for
from webapp.performance import drawings, evaluated
from webapp.performance.amounts import change
from webapp.services import actor, engine
from webapp.spreadsheet import lines

pages = Blueprint("evaluations", __name__, url_prefix="/performance/<process>/evaluations")

LABELS = {"from": "First day", "until": "Last day"}
LONGEST = 20


@pages.get("")
@only_for("process_owner", "admin")
def listing(process: str) -> str:
    """Show the evaluations of a process, newest first, and let its owners open one."""
    return _listing(process, {}, ())


@pages.post("")
@only_for("process_owner", "admin")
def begin(process: str) -> Response | tuple[str, int]:
    """Open an evaluation and go on to its task; or say what is wrong with the period, the input kept."""
    g.links = [(url_for("evaluations.listing", process=process), "Back to the evaluations")]
    typed = {name: request.form.get(name, "")[:LONGEST].strip() for name in LABELS}
    try:
        case = engine().evaluations.open(process, _period(typed), actor=actor())
    except InputRefused as refused:
        told = [Mistake(name, f"{LABELS[name]}: {text}") for name, texts in refused.messages.items() for text in texts]
        return _listing(process, typed, told), 422
    except EvaluationOpen as one:
        if one.case_id:
            g.links.insert(
                0, (url_for("evaluations.show", process=process, case_id=one.case_id), "Look at the open one")
            )
        raise
    flash("The evaluation is open: its figures are kept as they are now.", "success")
    return redirect(url_for("evaluations.show", process=process, case_id=case.id), 303)


@pages.get("/<case_id>")
@only_for("process_owner", "admin")
def show(process: str, case_id: str) -> str:
    """Show one evaluation: figures, findings, actions, and what became of earlier ones."""
    detail = engine().evaluations.evaluation(process, case_id, actor())
    trends = [drawings.trend_of(each, detail.trends.get(each.key, ()), "target") for each in detail.figures]
    return render_template("evaluation.html", evaluation=detail, trends=[each for each in trends if each])


@pages.get("/<case_id>/figures.csv")
@only_for("process_owner", "admin")
def csv(process: str, case_id: str) -> Response:
    """Send the figures of an evaluation for a spreadsheet."""
    detail = engine().evaluations.evaluation(process, case_id, actor())
    body = "".join(lines(evaluated.HEADER, evaluated.rows(detail)))
    return _file(body, "text/csv", f"{process}-evaluation-{detail.case.number}.csv")


@pages.get("/<case_id>/evaluation.json")
@only_for("process_owner", "admin")
def json_file(process: str, case_id: str) -> Response:
    """Send an evaluation for programs; what was not recorded is null."""
    detail = engine().evaluations.evaluation(process, case_id, actor())
    body = json.dumps(evaluated.document(detail), ensure_ascii=False, indent=1)
    return _file(body, "application/json", f"{process}-evaluation-{detail.case.number}.json")


pages.add_app_template_filter(evaluated.effect_words, "effect")


@pages.app_context_processor
def words() -> dict[str, object]:
    """Give every template the change of a figure in words: the task of an evaluation shows figures too."""
    return {"change_of": change}


def _listing(process: str, typed: Mapping[str, str], mistakes: Sequence[Mistake]) -> str:
    found = engine().evaluations.evaluations(process, actor())
    suggested = {"from": str(found.suggested.first), "until": str(found.suggested.last)}
    return render_template("evaluations.html", process=found, typed={**suggested, **typed}, mistakes=mistakes)


def _period(typed: Mapping[str, str]) -> Period:
    days, messages = {}, {}
    for name, text in typed.items():
        try:
            days[name] = date.fromisoformat(text)
        except ValueError:
            messages[name] = [f"“{text}” is no date: enter it as year-month-day, 2026-01-31 say."]
    if messages:
        raise InputRefused(messages)
    return Period(days["from"], days["until"])


def _file(body: str, kind: str, name: str) -> Response:
    answer = Response(body, mimetype=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
