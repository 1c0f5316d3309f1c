"""Owns the pages of figures: all processes, one process by its measures, the cases behind a number, files.

What a figure is and who may see it is decided by the engine; these pages say it in words and pictures.
"""

import json
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from engine.errors import InputRefused, NotFound
from engine.feedback import MOST_COMMENTS
from engine.views.performance import ElementFigures, Performance, ProcessOverview
from webapp import names
from webapp.lists import Place, chosen
from webapp.navigation import only_for
from webapp.performance import attention, drawings, files, heat, sections
from webapp.performance.amounts import LIGHTS, amount, measure_anchor, percent
from webapp.performance.asked import PRIORITIES, asked
from webapp.services import actor, engine
from webapp.spreadsheet import lines
from webapp.words import element_words

pages = Blueprint("performance", __name__, url_prefix="/performance")

MOST_LABEL = 300
MOST_PARTS = 10
"""How many parts of a measure are shown at once, the greatest first; the others are folded away."""


@pages.get("")
@only_for("process_owner", "admin")
def listing() -> str:
    """Show every process with its light and why, the worst first."""
    found = engine().performance.processes(actor())
    found = sorted(found, key=lambda each: (LIGHTS[each.light].order, not each.managed, each.name))
    return render_template("performance.html", processes=found)


@pages.get("/<process>")
@only_for("process_owner", "admin")
def show(process: str) -> str | tuple[str, int]:
    """Show the figures of a process in a period: targets, where to look, every kind of measure, the heat map."""
    wanted = asked()
    if wanted.filter is None:
        return render_template("process_performance.html", process=_overview(process), asked=wanted), 422
    performance = engine().performance.performance(process, actor(), wanted.filter)
    elements = engine().performance.heat_map(process, actor(), wanted.filter)
    targeted = sections.targeted(performance)
    return render_template(
        "process_performance.html",
        process=performance,
        asked=wanted,
        empty=sections.is_empty(performance),
        targeted=targeted,
        verdict=sections.verdict([figure for figure, _ in targeted]),
        backlog=drawings.backlog(performance.backlog),
        split=drawings.time_split(performance.measures),
        sections=sections.sections(performance),
        hints=attention.hints(elements),
        **_heat(performance, elements),
    )


@pages.get("/<process>/cases")
@only_for("process_owner")
def cases(process: str) -> str | tuple[str, int]:
    """Show the cases that a figure counts, each with its own value."""
    wanted, place = asked(), Place.of_request()
    measure = request.args.get("measure", "")[:MOST_LABEL] or "started"
    label = request.args.get("label", "")[:MOST_LABEL] or None
    if "\0" in f"{label}":
        raise NotFound("part of the measure", measure)
    if wanted.filter is None:
        return render_template("cases_behind.html", process=_overview(process), asked=wanted, name=_name(process)), 422
    found = engine().performance.cases_behind(process, measure, actor(), wanted.filter, place.after, label=label)
    return render_template(
        "cases_behind.html", process=_overview(process), asked=wanted, page=found, place=place, name=_name(process)
    )


@pages.get("/<process>/comments")
@only_for("process_owner")
def comments(process: str) -> str | tuple[str, int]:
    """Show what originators wrote when they answered the question at closure in a period, the newest first."""
    wanted, line = asked(), _overview(process)
    if wanted.filter is None:
        return render_template("feedback.html", process=line, asked=wanted), 422
    found = engine().feedback.comments(process, wanted.filter.period, actor())
    return render_template("feedback.html", process=line, asked=wanted, comments=found, most=MOST_COMMENTS)


@pages.get("/<process>/figures.csv")
@only_for("process_owner", "admin")
def csv(process: str) -> Response:
    """Send the figures for a spreadsheet."""
    performance, elements = _figures(process)
    body = "".join(lines(files.HEADER, files.rows(performance, elements)))
    return _file(body, "text/csv", f"{process}-figures.csv")


@pages.get("/<process>/figures.json")
@only_for("process_owner", "admin")
def json_file(process: str) -> Response:
    """Send the figures for programs; what was not recorded is null."""
    performance, elements = _figures(process)
    body = json.dumps(files.document(performance, elements), ensure_ascii=False, indent=1)
    return _file(body, "application/json", f"{process}-figures.json")


@pages.app_context_processor
def words() -> dict[str, object]:
    """Give every template the lights and bands of priority: evaluations show figures too."""
    return {"lights": LIGHTS, "priorities": PRIORITIES, "most_parts": MOST_PARTS}


for name, words_of in (
    ("amount", amount),
    ("percent", percent),
    ("band_words", drawings.band_words),
    ("measure_anchor", measure_anchor),
):
    pages.add_app_template_filter(words_of, name)


def _name(process: str) -> str:
    """Return what the address asks the cases of, in words."""
    asked_for, label = request.args.get("measure") or "started", request.args.get("label", "")
    if asked_for == "element":
        return element_words(label.rpartition(" ")[2][:MOST_LABEL])
    known = engine().performance.definitions(process, actor())
    named = {each.key: each.name for measure in known for each in measure.statistics}
    whole = {measure.key: measure.name for measure in known}
    if not label:
        return named.get(asked_for) or whole.get(asked_for, asked_for)[:MOST_LABEL]
    part = {"people": names.person, "groups": names.group}.get(asked_for, str)(label)
    return f"{whole.get(asked_for, asked_for)[:MOST_LABEL]}: {part[:MOST_LABEL]}"


def _overview(process: str) -> ProcessOverview:
    """Return the line of a process; for pages that say what is wrong with the address before any figure is read."""
    for found in engine().performance.processes(actor()):
        if found.key == process:
            return found
    raise NotFound("process", process)


def _figures(process: str) -> tuple[Performance, list[ElementFigures]]:
    wanted = asked()
    if wanted.filter is None:
        raise InputRefused({mistake.target: [mistake.text] for mistake in wanted.mistakes})
    performance = engine().performance
    return (
        performance.performance(process, actor(), wanted.filter),
        performance.heat_map(process, actor(), wanted.filter),
    )


def _heat(performance: Performance, elements: list[ElementFigures]) -> dict[str, Any]:
    """Return what the heat map shows: the chosen model coloured by the chosen figure."""
    keys = {summary.id: summary.key for summary in engine().repository.definitions(actor())}
    models = [(keys[one], name) for one, name in performance.definitions if one in keys]
    if not models:
        return {"heat": None}
    figure = chosen(heat.FIGURES, request.args.get("heat"))
    model = request.args.get("model", "")
    if model not in dict(models):
        model = heat.hottest(figure, elements, [key for key, _ in models])
    (definition_id,) = (one for one, _ in performance.definitions if keys.get(one) == model)
    detail = engine().repository.definition(definition_id, actor())
    own = [each for each in elements if each.process_key == model]
    return {
        "heat": heat.heat_map(figure, own, detail.elements),
        "models": models,
        "model": model,
        "detail": detail,
        "heat_figures": heat,
    }


def _file(body: str, media_type: str, name: str) -> Response:
    answer = Response(body, mimetype=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
