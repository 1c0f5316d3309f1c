"""Owns the pages that move running cases to another version: the plan, a preview, the start, what became of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from engine.errors import InputRefused, NotFound
from engine.views import CaseDetail
from engine.views.case_migrations import MigrationPlanView, VersionRef
from webapp.lists import Place
from webapp.navigation import PROVIDERS, only_for
from webapp.services import actor, engine

pages = Blueprint("case_migrations", __name__, url_prefix="/processes")

MAPPED = "map:"
"""What the names of the fields begin with that say where an element goes; the rest is the element."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is asked for: from which version to which (None: not chosen yet), by what mapping, of which case."""

    source: VersionRef
    versions: tuple[VersionRef, ...]
    target_id: str | None
    mapping: Mapping[str, str]
    case: CaseDetail | None

    @classmethod
    def of(cls, definition_id: str, sent: "MultiDict[str, str]") -> "Asked":
        """Return what `sent` (a query or a form) asks for; raise what the engine says to who may not."""
        summary = engine().repository.definition(definition_id, actor()).summary
        versions = engine().case_migrations.versions(summary.key, actor=actor())
        source = next(each for each in versions if each.id == definition_id)
        wanted = sent.get("to") or None
        if wanted is not None and wanted not in {each.id for each in versions}:
            raise NotFound("version", wanted)
        mapping = {name.removeprefix(MAPPED): new for name, new in sent.items() if name.startswith(MAPPED) and new}
        case = engine().history.case(sent["case"], actor()) if sent.get("case") else None
        return cls(source, versions, wanted, mapping, case)

    @property
    def query(self) -> dict[str, Any]:
        """Return what asks for the same again."""
        found: dict[str, Any] = {f"{MAPPED}{old}": new for old, new in self.mapping.items()}
        if self.target_id is not None:
            found["to"] = self.target_id
        if self.case is not None:
            found["case"] = self.case.id
        return found

    @property
    def case_id(self) -> str | None:
        """Return the id of the one case, None for all that run."""
        return None if self.case is None else self.case.id

    def plan(self) -> MigrationPlanView | None:
        """Return the plan, None while no version has been chosen. Raises `InputRefused`."""
        if self.target_id is None:
            return None
        return engine().case_migrations.plan(self.source.id, self.target_id, actor=actor(), mapping=self.mapping)


@pages.get("/versions/<definition_id>/move")
@only_for(*PROVIDERS, "admin")
def show(definition_id: str) -> str:
    """Show the versions to choose from and, once one is chosen, where each element goes and what blocks."""
    asked = Asked.of(definition_id, request.args)
    place = Place.of_request()
    past = engine().case_migrations.past(asked.source.key, actor=actor(), after=place.after)
    return render_template("move_plan.html", asked=asked, plan=asked.plan(), past=past, place=place)


@pages.get("/versions/<definition_id>/move/preview")
@only_for(*PROVIDERS, "admin")
def preview(definition_id: str) -> Response | str:
    """Show how many cases would move, which would not and why."""
    asked = Asked.of(definition_id, request.args)
    if asked.target_id is None:
        return redirect(url_for("case_migrations.show", definition_id=definition_id, **asked.query), 303)
    return _preview(asked, {}, "")


@pages.post("/versions/<definition_id>/move")
@only_for(*PROVIDERS, "admin")
def start(definition_id: str) -> Response | tuple[str, int]:
    """Let the cases move, for a reason; one case moves at once."""
    asked = Asked.of(definition_id, request.form)
    if asked.target_id is None:
        raise InputRefused({"to": ["Choose the version to which the cases move."]})
    reason = request.form.get("reason", "")
    moves = engine().case_migrations
    try:
        identity = moves.start(
            asked.source.id, asked.target_id, reason, actor=actor(), mapping=asked.mapping, case_id=asked.case_id
        )
    except InputRefused as refused:
        if set(refused.messages) != {"reason"}:
            raise
        return _preview(asked, refused.messages, reason), 422
    done = moves.progress(identity, actor=actor())
    if asked.case is not None and done.moved:
        flash(f"{asked.case.number} is on version {done.target.version} now.", "success")
        return redirect(url_for("cases.show", case_id=asked.case.id), 303)
    return redirect(url_for("case_migrations.progress", migration_id=identity), 303)


@pages.get("/moves/<migration_id>")
@only_for(*PROVIDERS, "admin")
def progress(migration_id: str) -> str:
    """Show how far a move is, and the cases that stayed where they are."""
    place = Place.of_request()
    moves = engine().case_migrations
    row = moves.progress(migration_id, actor=actor())
    refusals = moves.refusals(migration_id, actor=actor(), after=place.after)
    return render_template("move_progress.html", move=row, refusals=refusals, place=place)


def _preview(asked: Asked, mistakes: Mapping[str, list[str]], reason: str) -> str:
    plan = asked.plan()
    assert plan is not None  # noqa: S101 - a version has been chosen
    seen = engine().case_migrations.preview(
        plan.source.id, plan.target.id, actor=actor(), mapping=asked.mapping, case_id=asked.case_id
    )
    return render_template(
        "move_preview.html", asked=asked, plan=plan, seen=seen, mistakes=mistakes.get("reason", []), reason=reason
    )
