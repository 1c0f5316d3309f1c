"""Owns what the pages of an import ask again and again: whose it is, where its rows go, whether that is still open."""

from collections.abc import Mapping

from engine.errors import InputRefused, NotFound, NotPermitted
from engine.imports.rows import Target
from engine.imports.source import FileRefused
from engine.imports.stored import RunView
from engine.types import Json
from webapp import form_view
from webapp.imports import Destination, destination, target
from webapp.services import actor, engine


def run_of(run_id: str) -> RunView:
    """Return an import of the person who asks; raise `NotFound` for everybody else's."""
    return engine().import_runs.get(run_id, actor())


def destination_of(run: RunView) -> Destination | None:
    """Return where the rows go, None when that is gone or no longer open to this person."""
    try:
        return destination(engine(), run.target, actor())
    except NotFound:
        return None


def target_of(run: RunView) -> Target | None:
    """Return what takes the rows in, None when that is gone or no longer open to this person."""
    chosen: Mapping[str, Json] = run.mapping or {}
    channel, status = chosen.get("channel"), chosen.get("status")
    try:
        fields = form_view.read(destination(engine(), run.target, actor()).form).fields
        labels = {field.key: field.label for field in fields}
        return target(engine(), run.target, actor(), channel=channel, status=status, labels=labels)
    except (NotFound, NotPermitted, InputRefused):
        return None


def columns_of(run: RunView) -> tuple[str, ...] | None:
    """Return the columns of the file, None when it cannot be read as the dialect says."""
    try:
        return engine().import_runs.file(run).columns
    except FileRefused:
        return None
