"""Owns the page on which the owners of a process mend a case: its variables, where it stands, its failures."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import ConcurrentUpdate, InputRefused, NotMendable, StepFailed, TaskNotOpen
from engine.mending import LONGEST_REASON
from engine.types import Json
from engine.types.by_hand import Layer
from engine.views import CaseRef
from engine.views.mending import MendingView
from webapp import json_input, json_shown
from webapp.case_view import case_view
from webapp.services import actor, engine

pages = Blueprint("mending", __name__, url_prefix="/cases/<case_id>/mend")

NOTHING: Final = "not there"

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A line of the error summary."""

    text: str
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What becomes of a variable, as JSON."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What was sent and could not be done: which form, and its fields."""

    form: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


@pages.get("")
def show(case_id: str) -> Answer:
    """Show what stands where, and what can be done about it."""
    return _page(case_id)


@pages.post("/variables")
def change(case_id: str) -> Answer:
    """Show what would change, and change it when that is confirmed."""
    view, form = engine().mending.look(case_id, actor()), f"variables-{request.form.get('scope', '')}"
    try:
        if _seen() != view.revision:
            raise ConcurrentUpdate(f"Case {view.case.number}")
        layer = _layer(view, request.form.get("scope") or None)
        wanted = json_input.read_object(request.form.get("json", ""), "json")
        values = {name: value for name, value in wanted.items() if _differs(layer.variables, name, value)}
        removed = sorted(layer.variables.keys() - wanted.keys())
        if not (values or removed):
            raise NotMendable("The variables have these values already.", "Change at least one.")
        if not request.form.get("reason", "").strip():
            raise InputRefused({"reason": ["Say why."]})
    except (InputRefused, NotMendable) as refused:
        return _page(case_id, form, refused)
    if not request.form.get("confirmed"):
        changes = [_shown(name, layer, wanted) for name in sorted({*values, *removed})]
        return render_template("mending_preview.html", view=view, layer=layer, changes=changes, sent=request.form)

    def act() -> CaseRef:
        return engine().mending.change_variables(
            case_id, values, removed=removed, scope=layer.task_id, **_circumstances()
        )

    changed = ", ".join([*sorted(values), *(f"{name} (removed)" for name in removed)])
    return _done(case_id, form, act, f"Changed: {changed}.")


@pages.post("/<token>/move")
def move(case_id: str, token: str) -> Answer:
    """Move a token to another element."""

    def act() -> CaseRef:
        return engine().mending.move_token(case_id, token, request.form.get("target", ""), **_circumstances())

    return _done(case_id, f"move-{token}", act, "The case was moved.")


@pages.post("/<token>/skip")
def skip(case_id: str, token: str) -> Answer:
    """Let an activity go on without being done."""

    def act() -> CaseRef:
        outputs = json_input.read_object(request.form.get("json", ""), "json")
        return engine().mending.skip(case_id, token, outputs, **_circumstances())

    return _done(case_id, f"skip-{token}", act, "Skipped: the case went on.")


def _done(case_id: str, form: str, act: Callable[[], CaseRef], told: str) -> Answer:
    try:
        case = act()
    except TaskNotOpen:
        raise ConcurrentUpdate("Where the case stands") from None
    except (InputRefused, NotMendable, StepFailed) as refused:
        return _page(case_id, form, refused)
    failures = engine().mending.look(case_id, actor()).failures
    waits = " The step that failed has not been tried again yet: do that below." if failures else ""
    flash(told + (" The case is completed." if case.status == "completed" else waits), "success")
    page = "mending.show" if failures else "cases.show"
    return redirect(url_for(page, case_id=case_id), 303)


def _page(
    case_id: str, form: str = "", refused: InputRefused | NotMendable | StepFailed | None = None
) -> str | tuple[str, int]:
    view = engine().mending.look(case_id, actor())
    page = render_template(
        "mending.html",
        view=case_view(case_id),
        mending=view,
        mistakes=[] if refused is None else _mistakes(form, refused),
        typed=Typed(form, request.form) if refused is not None else Typed(),
        written=json_input.written,
        shown=json_shown.shown,
        longest=LONGEST_REASON,
    )
    return page if refused is None else (page, 422)


def _mistakes(form: str, refused: InputRefused | NotMendable | StepFailed) -> list[Mistake]:
    if not isinstance(refused, InputRefused):
        return [Mistake(str(refused), form)]
    inputs = {"json": f"{form}-json", "reason": f"{form}-reason"}
    return [
        Mistake(text if name in inputs else f"{name}: {text}", inputs.get(name, f"{form}-json"))
        for name, texts in refused.messages.items()
        for text in texts
    ]


def _circumstances() -> dict[str, Any]:
    return {"reason": request.form.get("reason", ""), "revision": _seen(), "actor": actor()}


def _seen() -> int:
    """Return the revision of the case that the form was made for; raise `InputRefused` when there is none."""
    text = request.form.get("revision", "")
    if not text.isdecimal() or len(text) > len(str(2**31)):
        raise InputRefused({"revision": ["The page was damaged: open it again."]})
    return int(text)


def _layer(view: MendingView, scope: str | None) -> Layer:
    found = next((layer for layer in view.layers if layer.task_id == scope), None)
    if found is None:
        raise ConcurrentUpdate("Where the case stands")
    return found


def _differs(variables: Mapping[str, Json], name: str, value: Json) -> bool:
    return name not in variables or json_input.written(variables[name]) != json_input.written(value)


def _shown(name: str, layer: Layer, wanted: Mapping[str, Json]) -> Shown:
    before, after = (
        json_input.written(values[name]) if name in values else NOTHING for values in (layer.variables, wanted)
    )
    return Shown(name, before, after)
