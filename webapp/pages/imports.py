"""Owns the steps before a CSV file is taken in: upload, how it is read, what fills which field, the preview.

Each step has an address of its own; what was chosen is kept with the import.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import wraps
from itertools import islice

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import ComityError, DatabaseFailed, InputRefused
from engine.imports.mapping import expression_names
from engine.imports.source import Dialect, FileRefused
from engine.imports.stored import RunView
from webapp import form_view, import_fields
from webapp.config import MEBIBYTE
from webapp.import_fields import Choice
from webapp.import_steps import columns_of, destination_of, run_of, target_of
from webapp.imports import MARKS, Destination, destinations
from webapp.lists import Place
from webapp.navigation import PROVIDERS, only_for
from webapp.services import actor, config, engine

pages = Blueprint("imports", __name__, url_prefix="/imports")

SECONDS = 2.0
"""How long one request may check rows."""
SHOWN_ROWS = 8

DELIMITERS = (("comma", "Comma ,"), ("semicolon", "Semicolon ;"), ("tab", "Tab"), ("pipe", "Pipe |"))
QUOTES = (('"', 'Double quote "'), ("'", "Single quote '"), ("none", "None"))
ESCAPES = (("none", "None"), ("\\", "Backslash \\"))
ENCODINGS = ("utf-8", "cp1252", "iso-8859-1", "iso-8859-15", "utf-16", "utf-16-le", "utf-16-be", "cp850", "mac-roman")

Answer = Response | str | tuple[str, int]


@pages.get("")
@only_for(*PROVIDERS)
def listing() -> str:
    """Show this person's imports and the form for another file."""
    return _listing()


@pages.post("")
@only_for(*PROVIDERS)
def upload() -> Answer:
    """Keep a file, and go on to how it is read; or show the form again with what is wrong."""
    sent, chosen = request.files.get("file"), request.form.get("target", "")
    name = ((sent.filename if sent else None) or "").replace("\\", "/").rpartition("/")[2]
    mistakes = []
    if not name:
        mistakes.append(form_view.Mistake("file", "Choose a CSV file."))
    if chosen not in {found.name for found in destinations(engine(), actor())}:
        mistakes.append(form_view.Mistake("target", "Choose where the rows go."))
    if mistakes or sent is None:
        return _listing(mistakes), 422
    try:
        run_id = engine().import_runs.upload(name, sent.read(), chosen, actor=actor())
    except FileRefused as refused:
        return _listing([form_view.Mistake("file", str(refused))]), 422
    except InputRefused as refused:
        texts = [text for found in refused.messages.values() for text in found]
        return _listing([form_view.Mistake("file", text) for text in texts]), 422
    return redirect(url_for("imports.show", run_id=run_id), 303)


@pages.get("/<run_id>")
@only_for(*PROVIDERS)
def show(run_id: str) -> Answer:
    """Show how the file is read: its dialect and the first rows; where rows were taken in already, how far that is."""
    run = run_of(run_id)
    return redirect(url_for("import_runs.progress", run_id=run_id), 303) if run.begun else _reading(run, run.dialect)


def _not_begun(view: Callable[[RunView], Answer]) -> Callable[[str], Answer]:
    """Answer a step of a run of which no row was taken in yet; what has begun shows how far it is."""

    @wraps(view)
    def guarded(run_id: str) -> Answer:
        run = run_of(run_id)
        return redirect(url_for("import_runs.progress", run_id=run_id), 303) if run.begun else view(run)

    return guarded


def _fillable(view: Callable[[RunView, Destination, Sequence[str]], Answer]) -> Callable[[RunView], Answer]:
    """Answer the page of the fields, with the columns of the file, while the run's target is open to this person."""

    @wraps(view)
    def guarded(run: RunView) -> Answer:
        place, columns = destination_of(run), columns_of(run)
        if place is None:
            return _closed(run)
        return redirect(url_for("imports.show", run_id=run.id), 303) if columns is None else view(run, place, columns)

    return guarded


@pages.post("/<run_id>")
@only_for(*PROVIDERS)
@_not_begun
def read(run: RunView) -> Answer:
    """Read the file in another way; then show it so, or go on to the fields."""
    dialect = _dialect_sent(run.dialect)
    try:
        dialect.check()
        engine().import_runs.file(run, dialect)
    except FileRefused as refused:
        return _reading(run, dialect, str(refused)), 422
    if dialect != run.dialect:
        engine().import_runs.set_dialect(run, dialect)
    step = "imports.mapping" if request.form.get("what") == "next" else "imports.show"
    return redirect(url_for(step, run_id=run.id), 303)


@pages.get("/<run_id>/fields")
@only_for(*PROVIDERS)
@_not_begun
@_fillable
def mapping(run: RunView, place: Destination, columns: Sequence[str]) -> Answer:
    """Show what fills each field: as it was chosen, else as the names of the columns propose."""
    if run.mapping is None:
        return _fields(run, place, Choice.first(form_view.read(place.form).fields, columns), columns)
    chosen = Choice.stored(run.mapping)
    return _fields(run, place, chosen, columns, chosen.errors(columns))


@pages.post("/<run_id>/fields")
@only_for(*PROVIDERS)
@_not_begun
@_fillable
def fill(run: RunView, place: Destination, columns: Sequence[str]) -> Answer:
    """Keep what fills each field, and go on to the preview; or show the page again with what is wrong."""
    chosen = Choice.sent(form_view.read(place.form).fields, request.form)
    errors = chosen.errors(columns)
    if chosen.status is not None and (place.register is None or chosen.status not in place.register.statuses):
        errors["status"] = "Choose one of the statuses in the list."
    if errors:
        return _fields(run, place, chosen, columns, errors), 422
    engine().import_runs.set_mapping(run, chosen.mapping(), chosen.as_json(columns))
    return redirect(url_for("imports.preview", run_id=run.id), 303)


@pages.get("/<run_id>/preview")
@only_for(*PROVIDERS)
@_not_begun
def preview(run: RunView) -> Answer:
    """Show what would become of the rows; nothing is taken in yet."""
    place, into = destination_of(run), target_of(run)
    if place is None or into is None:
        return _closed(run)
    if run.state != "mapped" or run.mapping is None:
        return redirect(url_for("imports.mapping", run_id=run.id), 303)
    try:
        seen = engine().import_runs.preview(run, into, Choice.stored(run.mapping).mapping(), seconds=SECONDS)
    except DatabaseFailed:
        raise
    except ComityError:
        # The file's columns are others now; the page of the fields says which.
        return redirect(url_for("imports.mapping", run_id=run.id), 303)
    rows = [
        (result, form_view.reading(place.form, values) if values is not None else None) for result, values in seen.first
    ]
    return render_template("import_preview.html", run=run, place=place, seen=seen, rows=rows)


def _dialect_sent(before: Dialect) -> Dialect:
    def mark(name: str, old: str | None) -> str | None:
        sent = request.form.get(name)
        return old if sent is None else MARKS.get(sent, sent or None)

    return Dialect(
        mark("delimiter", before.delimiter) or ",",
        mark("quote", before.quote),
        mark("escape", before.escape),
        request.form.get("encoding", before.encoding),
    )


def _closed(run: RunView) -> tuple[str, int]:
    return render_template("import_closed.html", run=run), 403


def _listing(mistakes: Sequence[form_view.Mistake] = ()) -> str:
    place = Place.of_request()
    open_to_me = destinations(engine(), actor())
    return render_template(
        "imports.html",
        page=engine().import_runs.mine(actor(), place.after),
        place=place,
        destinations=open_to_me,
        labels={found.name: found.label for found in open_to_me},
        chosen=request.form.get("target") or request.args.get("target"),
        limit_mebibytes=config().max_upload_bytes / MEBIBYTE,
        mistakes=mistakes,
    )


def _reading(run: RunView, dialect: Dialect, error: str | None = None) -> str:
    source = None
    if error is None:
        try:
            source = engine().import_runs.file(run, dialect)
        except FileRefused as refused:
            error = str(refused)
    by_mark = {mark: name for name, mark in MARKS.items()}
    return render_template(
        "import_read.html",
        run=run,
        place=destination_of(run),
        error=error,
        source=source,
        rows=list(islice(source.rows(), SHOWN_ROWS)) if source else [],
        shape=source.shape() if source else None,
        selects=(
            ("delimiter", "Between the cells", DELIMITERS, by_mark.get(dialect.delimiter, dialect.delimiter)),
            ("quote", "Around a cell", QUOTES, dialect.quote or "none"),
            ("escape", "Before a quote within a cell", ESCAPES, dialect.escape or "none"),
            ("encoding", "Encoding", tuple((name, name) for name in ENCODINGS), dialect.encoding),
        ),
    )


def _fields(
    run: RunView,
    place: Destination,
    choice: Choice,
    columns: Sequence[str],
    errors: Mapping[str, str] | None = None,
) -> str:
    told = errors or {}
    fields = form_view.read(place.form).fields
    rows = list(import_fields.lines(fields, choice, told, form_view.options()))
    return render_template(
        "import_fields.html",
        run=run,
        place=place,
        lines=rows,
        choice=choice,
        errors=told,
        mistakes=list(_mistakes(told, {line.key: line.label for line in rows})),
        columns=[column for column in columns if column],
        names=expression_names(columns),
    )


def _mistakes(errors: Mapping[str, str], labels: Mapping[str, str]) -> Iterator[form_view.Mistake]:
    for key, words in errors.items():
        if key in labels:
            yield form_view.Mistake(f"{import_fields.FILL}{key}", f"{labels[key]}: {words}")
        else:
            yield form_view.Mistake("" if key == "form" else key, words)
