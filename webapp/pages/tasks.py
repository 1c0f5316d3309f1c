"""Owns the pages of work: the list of tasks, one task with its form, claiming and handing in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import (
    ComityError,
    ConcurrentUpdate,
    DatabaseFailed,
    InputRefused,
    NotFound,
    TaskClaimed,
    TaskNotOpen,
)
from engine.types import Json
from engine.views import Completion, RecordShown, TaskDetail, TaskRow, WorklistFilter
from engine.views.performance import Statistic
from webapp import form_view
from webapp.case_view import CaseView, case_view
from webapp.comparison import Difference, differences
from webapp.errors import named
from webapp.form_view import FormView
from webapp.lists import Place, chosen
from webapp.navigation import PROVIDERS
from webapp.own_paths import own_path
from webapp.services import actor, engine

pages = Blueprint("tasks", __name__, url_prefix="/tasks")

Scope = Literal["all", "mine", "groups", "others"]
Sort = Literal["due", "created", "priority"]
SCOPES: tuple[tuple[Scope, str], ...] = (
    ("all", "All"),
    ("mine", "Mine"),
    ("groups", "My groups'"),
    ("others", "Others have"),
)
SORTS: tuple[tuple[Sort, str], ...] = (
    ("due", "Due first"),
    ("created", "Oldest first"),
    ("priority", "Most urgent first"),
)
COUNTED: tuple[Scope, ...] = ("all", "mine", "groups")
LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with its form, and what went wrong with it: `notice` is told above the form."""

    task: TaskDetail
    form: FormView | None
    works_on_it: bool
    """whether the reader may see what the task works with; who only sees the case sees where it stands"""
    reads: Sequence[RecordShown] = ()
    """what the task reads, its own matter first"""
    background: frozenset[str] = frozenset()
    """registers that hold one record for all cases, such as a framework: shown folded"""
    linked: frozenset[str] = frozenset()
    """registers that the reader may look at on their own pages"""
    differences: Sequence[Difference] | None = None
    """what a proposal changes; None: the task compares nothing"""
    evaluated: Sequence[Statistic] | None = None
    """the figures with targets, where the task judges them; None: it judges none"""
    mistakes: Sequence[form_view.Mistake] = ()
    notice: str | None = None
    effort: str = ""
    giving_to: str | None = None
    """what was typed of a person to whom the task could not be given"""
    filled_with: str = ""
    """what the form was filled with when it was first shown, as the page sends it back"""


@pages.get("")
def worklist() -> str:
    """Show the tasks of this person and their groups, and beside them the one that the address names."""
    asked = _filter()
    place = Place.of_request()
    person = actor()
    rows = engine().tasks.worklist(person, filter=asked, after=place.after)
    counts = {scope: engine().tasks.count(person, filter=WorklistFilter(scope=scope)) for scope in COUNTED}
    opened = request.args.get("task")
    return render_template(
        "tasks.html",
        page=rows,
        place=place,
        asked=asked,
        scopes=SCOPES,
        sorts=SORTS,
        counts=counts,
        processes=_processes(rows.rows),
        opened=_opened(opened) if opened else None,
    )


@pages.get("/<task_id>")
def show(task_id: str) -> str:
    """Show one task: form, facts, diagram, history, comments."""
    task = engine().tasks.get(task_id, actor())
    return _page(_view(task))


@pages.post("/<task_id>")
def complete(task_id: str) -> Response | str | tuple[str, int]:
    """Hand the form in; or show it again with what is wrong, the input kept."""
    if form_view.asked_anew():
        task = engine().tasks.get(task_id, actor())
        return _page(_view(task, _submitted(task.form)))
    try:
        return _go_on(_complete(task_id))
    except (DatabaseFailed, NotFound):
        raise
    except ComityError as error:
        # The page is built anew, so that it shows what has changed; what was typed stays for the person to check.
        task = engine().tasks.get(task_id, actor())
        if isinstance(error, InputRefused):
            return _page(_view(task, _submitted(task.form), errors=form_view.task_messages(error))), 422
        if isinstance(error, ConcurrentUpdate) and not isinstance(error, TaskNotOpen | TaskClaimed):
            return _page(_view(task, _submitted(task.form), notice=named(error)[1])), 409
        g.links = _ways_on(task)
        raise


@pages.post("/<task_id>/claim")
def claim(task_id: str) -> Response:
    """Take a task that is offered to a group, and go on to it."""
    g.links = [(url_for("tasks.worklist"), "Back to My tasks")]
    engine().tasks.claim(task_id, actor=actor())
    return redirect(own_path(request.form.get("next"), url_for("tasks.show", task_id=task_id)), 303)


@pages.post("/<task_id>/release")
def release(task_id: str) -> Response:
    """Give a task back to the groups that it is offered to."""
    engine().tasks.release(task_id, actor=actor())
    flash("The task is released: others in the group can take it.", "success")
    return redirect(url_for("tasks.worklist"), 303)


@pages.post("/<task_id>/assign")
def assign(task_id: str) -> Response | tuple[str, int]:
    """Give a task to somebody else, as its process owner or as who has it."""
    typed = request.form.get("person", "").strip()
    task = engine().tasks.get(task_id, actor())
    try:
        if not typed:
            raise InputRefused({"person": ["Enter the sign-in name of the person who shall have the task."]})
        engine().tasks.assign(task_id, _sign_in_name(typed, task), actor=actor())
    except InputRefused as refused:
        mistakes = [form_view.Mistake("person", text) for texts in refused.messages.values() for text in texts]
        return _page(replace(_view(task), mistakes=mistakes, giving_to=typed)), 422
    try:
        given = engine().tasks.get(task_id, actor())
    except NotFound:
        # Who was given a task of a case that is otherwise not theirs, and hands it on, does not see it any more.
        flash("The task is somebody else's now.", "success")
        return redirect(url_for("tasks.worklist"), 303)
    flash(f"{given.assignee.name} has this task now." if given.assignee else "The task is assigned.", "success")
    return redirect(url_for("tasks.show", task_id=task_id), 303)


def _sign_in_name(typed: str, task: TaskDetail) -> str:
    """Return whom somebody means: the one with that name whom the task is offered to, else who signs in so."""
    called = [each.id for each in task.takers if each.name.casefold() == typed.casefold()]
    return called[0] if len(called) == 1 else typed.lower()


def _filter() -> WorklistFilter:
    return WorklistFilter(
        scope=chosen(SCOPES, request.args.get("show")),
        sort=chosen(SORTS, request.args.get("sort")),
        text=request.args.get("q", "")[:LONGEST_SEARCH].strip(),
        process_key=request.args.get("process") or None,
        overdue=request.args.get("overdue") == "1",
    )


def _processes(rows: Sequence[TaskRow]) -> dict[str, str]:
    """Return the processes to filter by: those of the rows shown, which needs no further statement."""
    return dict(sorted({(row.process_key, row.process_name) for row in rows}, key=lambda pair: pair[1]))


def _opened(task_id: str) -> TaskView | None:
    try:
        return _view(engine().tasks.get(task_id, actor()))
    except NotFound:
        # The task was done or given away since the link was made; the list is still what was asked for.
        return None


def _view(
    task: TaskDetail,
    values: Mapping[str, Json] | None = None,
    *,
    errors: Mapping[str, Sequence[str]] | None = None,
    notice: str | None = None,
) -> TaskView:
    shown = task.values if values is None else values
    works_on_it = task.may_complete or task.may_claim or bool(actor().roles & PROVIDERS)
    form = None
    if task.form and works_on_it:
        form = form_view.view(task.form, shown, context=task.context, errors=errors)
    mistakes = (
        form.mistakes if form else [form_view.Mistake("", text) for texts in (errors or {}).values() for text in texts]
    )
    visible = _visible_registers(task) if works_on_it else {}
    background = frozenset(key for key, singleton in visible.items() if singleton)
    reads = sorted(task.reads, key=lambda read: read.ref.register in background) if works_on_it else []
    effort = request.form.get(form_view.EFFORT, "")
    if values is None:
        filled_with = form_view.shown_values_text(form.filled) if form else ""
    else:
        filled_with = form_view.shown_values_sent()
    return TaskView(
        task,
        form,
        works_on_it,
        reads,
        background,
        frozenset(visible),
        _differences(task),
        _evaluated(task) if works_on_it else None,
        mistakes,
        notice,
        effort,
        filled_with=filled_with,
    )


def _evaluated(task: TaskDetail) -> Sequence[Statistic] | None:
    """Return the figures with targets that the case of an evaluation keeps."""
    if "evaluation_title" not in task.context:
        return None
    return [Statistic(**row) for row in task.context["figures"] if row.get("target")]


def _differences(task: TaskDetail) -> Sequence[Difference] | None:
    if task.proposal is None:
        return None
    before = task.proposal.before.body if task.proposal.before else {}
    return differences(task.proposal.form, before, task.proposal.after)


def _visible_registers(task: TaskDetail) -> dict[str, bool]:
    """Return the registers that the reader may look at, each with whether it holds one record for all cases."""
    if not task.reads and not task.consulted:
        return {}
    visible = (summary.definition for summary in engine().registers.registers(actor()))
    return {definition.key: definition.singleton for definition in visible}


def _page(shown: TaskView) -> str:
    case: CaseView | None = None
    try:
        case = case_view(shown.task.case.id)
    except NotFound:
        # Somebody may have a task by name in a case that is otherwise not theirs to see.
        case = None
    return render_template("task.html", view=shown, task=shown.task, case=case)


def _complete(task_id: str) -> Completion:
    return engine().tasks.complete(
        task_id,
        _submitted,
        actor=actor(),
        shown=form_view.shown_records(),
        shown_values=form_view.shown_values(),
        effort_minutes=form_view.effort_minutes(),
    )


def _submitted(form: bytes | None) -> Mapping[str, Json]:
    return form_view.submitted(form) if form else {}


def _go_on(completion: Completion) -> Response:
    flash(f"Done: {completion.name}, {completion.case.number}.", "success")
    if completion.next_tasks:
        next_id, _ = completion.next_tasks[0]
        return redirect(url_for("tasks.show", task_id=next_id), 303)
    return redirect(url_for("tasks.worklist", done=completion.case.id), 303)


def _ways_on(task: TaskDetail) -> list[tuple[str, str]]:
    return [
        (url_for("cases.show", case_id=task.case.id), f"Look at case {task.case.number}"),
        (url_for("tasks.worklist"), "Back to My tasks"),
    ]
