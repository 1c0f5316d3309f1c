"""Owns the one table that says how each refusal of the engine reaches a person: status, heading, sentence.

The engine knows no HTTP; pages raise or let through, and never build a status of their own for an engine error.
"""

import logging
import secrets
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response, g, render_template, request
from flask_login import current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from engine.errors import (
    BudgetSpent,
    CaseEnded,
    ComityError,
    ConcurrentUpdate,
    DatabaseFailed,
    DefinitionRefused,
    EvaluationOpen,
    ExpressionRefused,
    InputRefused,
    NotEvaluable,
    NotFound,
    NotMendable,
    NotPermitted,
    OutcomeUnknown,
    StateRefused,
    StepFailed,
    StorageFull,
    TaskClaimed,
    TaskNotOpen,
)
from engine.persistence import outages
from webapp import way_back
from webapp.expired_forms import kept_input
from webapp.problems import problem, wants_json
from webapp.services import actor, engine

log = logging.getLogger("comity.web")

CORRELATION_BYTES = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """How an error is answered; `remedy` is what to do next, in a sentence."""

    status: int
    title: str
    remedy: str


COULD_NOT_GO_ON = (
    "Nothing was lost: the case stands where it was, and the process owners see what happened and can try again."
)

ANSWERS: tuple[tuple[type[ComityError], Answer], ...] = (
    (NotFound, Answer(404, "Not found", "Check the address, or go to a page from the list above.")),
    (NotPermitted, Answer(403, "Not permitted", "Ask somebody who may do this.")),
    (InputRefused, Answer(422, "Some answers need your attention", "Go back, mend them and send the form again.")),
    (DefinitionRefused, Answer(422, "Nothing was published", "Mend the findings and upload the files again.")),
    (ExpressionRefused, Answer(422, "An expression cannot be used", "Mend it in the model.")),
    (TaskNotOpen, Answer(409, "This task is already done", "Look at the case to see what happened.")),
    (TaskClaimed, Answer(409, "Somebody else has this task", "Pick another task, or ask them to release it.")),
    (CaseEnded, Answer(409, "The case has ended", "Look at the case to see what happened.")),
    (ConcurrentUpdate, Answer(409, "Somebody changed this first", "Look at the present state and decide anew.")),
    (EvaluationOpen, Answer(409, "An evaluation is open already", "Look at that one, or go back to the list.")),
    (NotEvaluable, Answer(409, "This process cannot be evaluated", "Ask its owners to publish a model for it.")),
    (StepFailed, Answer(422, "The case could not go on", COULD_NOT_GO_ON)),
    (BudgetSpent, Answer(422, "The case could not go on", COULD_NOT_GO_ON)),
    (NotMendable, Answer(422, "This would harm the case", "Do what it says instead.")),
    (StateRefused, Answer(500, "The stored case cannot be read", "Tell your administrator, with the number below.")),
    (OutcomeUnknown, Answer(503, "It is not known whether this was saved", "Open the page anew, and look.")),
    (StorageFull, Answer(503, "There is no room left", "Tell your administrator, and try again when there is room.")),
    (DatabaseFailed, Answer(503, "The database cannot be reached", "Go back and try again in a minute.")),
    (ComityError, Answer(422, "This was refused", "Nothing was changed.")),
)
"""From the particular to the general: the first class that fits answers."""

NOT_BEGUN = Answer(422, "This could not begin", "Nothing was kept. Tell the owners of the process what you tried.")
"""How a step is answered that left no failure record: a case that did not even start."""

DAMAGED_ADDRESS = Answer(422, "This address cannot be used", "Go to a page from the list above.")
"""How refused input is answered that stood in the address, such as a cursor that was tampered with."""

HTTP_ANSWERS = {
    400: Answer(400, "The request cannot be read", "Go back and try again."),
    404: Answer(404, "Not found", "Check the address, or go to a page from the list above."),
    405: Answer(405, "This address cannot be used that way", "Go back and use the page's own buttons and links."),
    413: Answer(413, "Too large", "Send a smaller file or a shorter text."),
    503: Answer(503, "Busy just now", "Try again in a few seconds."),
    415: Answer(415, "This kind of content is not understood here", "Use the page's own form."),
}


def install(app: Flask) -> None:
    """Let `app` answer every error by the tables of this module, and give each request a correlation id."""

    @app.before_request
    def number_the_request() -> None:
        g.correlation_id = secrets.token_hex(CORRELATION_BYTES)

    app.register_error_handler(ComityError, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def answer_for(error: ComityError) -> Answer:
    """Return how `error` is answered."""
    if isinstance(error, StepFailed) and error.failure_id is None:
        return NOT_BEGUN
    return next(answer for kind, answer in ANSWERS if isinstance(error, kind))


def named(error: ComityError) -> tuple[str | None, str]:
    """Return who `error` says was first, by name, and its sentence with that name in it."""
    by: str | None = getattr(error, "by", None)
    if by is None:
        return None, str(error)
    name = engine().identity.names([by]).get(by, by)
    return name, str(error).replace(f"by {by}", f"by {name}", 1)


def _refused(error: ComityError) -> AnyResponse | tuple[str, int]:
    answer = answer_for(error)
    if isinstance(error, DatabaseFailed):
        # One line: while the database is away every request gets here.
        log.error("request %s: %s %s: %s", g.correlation_id, request.method, request.path, error.reason or error)
    elif answer.status >= 500:
        log.error("request %s: %s", g.correlation_id, error, exc_info=error)
    else:
        log.info("request %s: %s refused: %s", g.correlation_id, request.path, error)
    by, sentence = named(error)
    if isinstance(error, StepFailed | BudgetSpent) and not _mends():
        # Why a step failed may quote data of any kind, in words of the model and its scripts.
        sentence = "The next step could not be done."
    at: datetime | None = getattr(error, "at", None)
    messages = error.messages if isinstance(error, InputRefused) else None
    if wants_json():
        moment = at.isoformat() if at else None
        return problem(answer.status, answer.title, sentence, by=by, at=moment, errors=messages)
    if messages is not None and request.method == "GET":
        answer = DAMAGED_ADDRESS
    way_back.offer()
    page = "error.html" if answer.status < 500 else "error_plain.html"
    typed = [
        (name, text) for name, text in kept_input() if text.strip() and not name.startswith("_") and name != "next"
    ]
    return render_template(
        page, answer=answer, sentence=sentence, by=by, at=at, messages=messages, typed=typed
    ), answer.status


def _mends() -> bool:
    return current_user.is_authenticated and not actor().roles.isdisjoint({"staff", "process_owner", "admin"})


def _http(error: HTTPException) -> AnyResponse | tuple[str, int]:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    answer = HTTP_ANSWERS.get(status) or Answer(status, error.name, "Go back and try again.")
    sentence = _sentence(error, status)
    if wants_json():
        return problem(status, answer.title, sentence)
    way_back.offer()
    # A request that was too large or unreadable is answered without asking the database who sent it.
    page = "error.html" if status in {403, 404, 405} else "error_plain.html"
    headers = [header for header in error.get_headers() if header[0] in {"Allow", "Retry-After"}]
    return Response(render_template(page, answer=answer, sentence=sentence), status, headers)


def _sentence(error: HTTPException, status: int) -> str:
    if status == 404:
        return "There is nothing at this address that you may see."
    if status == 413:
        return f"{too_large()} Nothing was saved."
    return error.description or error.name


def too_large() -> str:
    """Return the sentence on why a request was refused as too large: as a whole, or for what is in its form."""
    most = request.max_content_length or 0
    if request.content_length is None or request.content_length > most:
        return f"What you sent is larger than {most / 1024 / 1024:g} MiB."
    longest, parts = request.max_form_memory_size or 0, request.max_form_parts or 0
    return f"What you sent has more than {parts:,} fields, or a text of more than {longest:,} bytes."


def _unforeseen(error: Exception) -> AnyResponse | tuple[str, int]:
    failed = outages.told(error)  # a page has read through Flask-SQLAlchemy
    if failed is not None:
        return _refused(failed)
    log.error("request %s: %s %s failed", g.correlation_id, request.method, request.path, exc_info=error)
    answer = Answer(500, "Something went wrong on our side", "Tell your administrator the number below.")
    sentence = "Your last action may not have been saved: look before you repeat it."
    if wants_json():
        return problem(500, answer.title, sentence, correlation_id=g.correlation_id)
    return render_template("error_plain.html", answer=answer, sentence=sentence), 500
