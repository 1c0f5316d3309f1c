"""Owns the pages of registers: lists of records, one record with versions and lineage, changing one by form."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from markupsafe import escape
from werkzeug.wrappers import Response

from engine.errors import ConcurrentUpdate, InputRefused, NotPermitted
from engine.registers.definition import RegisterDefinition
from engine.registers.views import RecordDetail
from engine.types import ENGINE, Json
from webapp import form_view, names
from webapp.comparison import Difference, differences
from webapp.errors import named
from webapp.lineage import kin
from webapp.lists import Place
from webapp.navigation import PROVIDERS, WORKERS, only_for
from webapp.services import actor, engine
from webapp.words import status

pages = Blueprint("registers", __name__, url_prefix="/registers")

LONGEST_SEARCH = 200


@pages.get("")
@only_for(*WORKERS)
def listing() -> str:
    """Show the registers in which this person may see records."""
    return render_template("registers.html", registers=engine().registers.registers(actor()))


@pages.get("/<register>")
def show(register: str) -> str:
    """Show the records of one register, newest change first."""
    text, status = request.args.get("q", "")[:LONGEST_SEARCH].strip(), request.args.get("status") or None
    place = Place.of_request()
    page = engine().registers.page(register, actor(), text=text, status=status, after=place.after)
    names.load_organisations(row.organisation_id for row in page.rows)
    summary = next(found for found in engine().registers.registers(actor()) if found.definition.key == register)
    return render_template("register.html", summary=summary, page=page, place=place, text=text, status_asked=status)


@pages.get("/<register>/new")
def new(register: str) -> str:
    """Show the form for a new record, to those who maintain the register."""
    definition, content = engine().registers.blank_form(register, actor())
    return _form(definition, content, {})


@pages.post("/<register>/new")
def add(register: str) -> Response | str | tuple[str, int]:
    """Write a new record; or show the form again with what is wrong, the input kept."""
    definition, content = engine().registers.blank_form(register, actor())
    return _save(definition, content, None)


@pages.get("/<register>/records/<record_id>")
def record(register: str, record_id: str) -> str:
    """Show one version of a record, its history, the difference to the version before, and its lineage both ways."""
    asked = request.args.get("version", "")
    detail = engine().registers.record(register, record_id, actor(), int(asked) if _is_number(asked) else None)
    before: Mapping[str, Json] | None = None
    if detail.version > 1:
        before = engine().registers.body(register, record_id, detail.version - 1, actor())
    return render_template(
        "record.html",
        detail=detail,
        body=form_view.reading(detail.form, detail.body, detail.summary.definition.originator),
        changes=_changes(detail, before, detail.body) if before is not None else None,
        **_support(detail),
        made_from=kin(detail.made_from, register, record_id),
        became=kin(detail.became, register, record_id),
        people={ENGINE.user_id: ENGINE.name, **engine().identity.names(_people(detail))},
    )


@pages.get("/<register>/records/<record_id>/compare")
def compare(register: str, record_id: str) -> str:
    """Show what differs between two versions of a record: `from` and `to`, else the newest and the one before."""
    detail = engine().registers.record(register, record_id, actor(), _version_asked("to"))
    first = _version_asked("from") or max(1, detail.version - 1)
    before = engine().registers.body(register, record_id, first, actor())
    kept = {row.version: row for row in detail.versions}
    old, new = kept.get(first), kept.get(detail.version)
    changes = _changes(detail, before, detail.body)
    if old is not None and new is not None and old.status != new.status:
        changes.insert(0, Difference("Status", escape(status(old.status)), escape(status(new.status))))
    return render_template(
        "compare.html",
        detail=detail,
        first=first,
        changes=changes,
        old=old,
        new=new,
        people={ENGINE.user_id: ENGINE.name, **engine().identity.names(_people(detail))},
    )


@pages.get("/<register>/records/<record_id>/change")
def change(register: str, record_id: str) -> str:
    """Show the form for a new version, to those who maintain the register."""
    detail = _maintained(register, record_id)
    return _form(detail.summary.definition, detail.form, detail.body, detail=detail)


@pages.post("/<register>/records/<record_id>/change")
def save(register: str, record_id: str) -> Response | str | tuple[str, int]:
    """Write a new version of what was seen; or show the form again, the input kept."""
    detail = _maintained(register, record_id)
    return _save(detail.summary.definition, detail.form, detail)


def _version_asked(name: str) -> int | None:
    asked = request.args.get(name, "").strip()
    if asked and not _is_number(asked):
        raise InputRefused({name: [f"Version {asked[:20]!r}: choose two versions by their numbers, such as 1 and 2."]})
    return int(asked) if asked else None


def _changes(detail: RecordDetail, before: Mapping[str, Json], after: Mapping[str, Json]) -> list[Difference]:
    return differences(detail.form, before, after, detail.summary.definition.originator)


def _support(detail: RecordDetail) -> dict[str, object]:
    """Return what the part of the page about supporters shows, nothing for a register without."""
    definition = detail.summary.definition
    if not definition.supported:
        return {}
    supporters = engine().support.supporters(definition.key, detail.row.id, actor())
    names.load_organisations(each.organisation_id for each in supporters)
    return {
        "supporters": supporters,
        "organisations": names.organisations() if actor().roles & PROVIDERS else [],
        "is_own": detail.body.get(definition.originator or "") == actor().user_id,
    }


def _maintained(register: str, record_id: str) -> RecordDetail:
    detail = engine().registers.record(register, record_id, actor())
    if not detail.summary.maintains:
        raise NotPermitted(f"Records of {detail.summary.definition.name} are not yours to change.")
    return detail


def _save(
    definition: RegisterDefinition, content: bytes, detail: RecordDetail | None
) -> Response | str | tuple[str, int]:
    values = form_view.submitted(content)
    if form_view.asked_anew():
        return _form(definition, content, values, detail=detail)
    base = request.form.get(form_view.BASE, "")
    status = request.form.get(form_view.STATUS) or None
    if detail is not None and not _is_number(base):
        raise InputRefused({"form": ["The page was damaged on its way: load it again."]})
    record_id = detail.row.id if detail else None
    g.links = [(url_for("registers.show", register=definition.key), f"Back to {definition.name}")]
    try:
        ref = engine().registers.save(
            definition.key, record_id, values, actor=actor(), base=int(base) if detail else None, status=status
        )
    except InputRefused as refused:
        return _form(definition, content, values, detail=detail, errors=refused.messages), 422
    except ConcurrentUpdate as conflict:
        # The form now stands on the newest version: sending it again is a choice made in the light of that one.
        return _form(definition, content, values, detail=detail, notice=named(conflict)[1]), 409
    flash(f"Saved: {definition.singular} {ref.id}, version {ref.version}.", "success")
    return redirect(url_for("registers.record", register=ref.register, record_id=ref.id), 303)


def _form(
    definition: RegisterDefinition,
    content: bytes,
    values: Mapping[str, Json],
    *,
    detail: RecordDetail | None = None,
    errors: Mapping[str, Sequence[str]] | None = None,
    notice: str | None = None,
) -> str:
    return render_template(
        "record_form.html",
        definition=definition,
        detail=detail,
        form=form_view.view(content, values, errors=errors),
        notice=notice,
        status_chosen=request.form.get(form_view.STATUS) or (detail.row.status if detail else None),
    )


def _people(detail: RecordDetail) -> set[str]:
    return {version.created_by for version in detail.versions} | {reading.actor for reading in detail.reads}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 9
