"""`comity case`: where a case stands, and what its owners do to it by hand."""

import json
from collections.abc import Callable
from typing import Any

import click

from engine.errors import InputRefused, StepFailed
from engine.process_engine import ProcessEngine
from engine.types import Actor, Json
from engine.views import CaseRef
from engine.views.mending import MendingView
from webapp import json_input
from webapp.cli.host import acting_as, with_engine

_as = click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
_reason = click.option("--reason", required=True, help="Why; it stands in the history of the case.")
_number = click.argument("number")
_token = click.argument("token")
_values = click.argument("values", nargs=-1, metavar="[NAME=JSON]...")

Command = Callable[..., Any]


@click.group()
def case() -> None:
    """Look at a case, and mend it by hand.

    NUMBER is a case's, such as C-000017. TOKEN is what `show` lists, or the id of an element at which only one stands.
    """


@case.command(short_help="Show where a case stands, and what failed.")
@_number
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@_as
@with_engine
def show(engine: ProcessEngine, number: str, *, as_json: bool, user: str | None) -> None:
    """Show where a case stands, what failed, what may be done, and its variables."""
    view = _look(engine, number, acting_as(engine, user))
    if as_json:
        click.echo(json.dumps(_as_json(view), ensure_ascii=False))
        return
    click.echo(f"{view.case.number} {view.case.title}: {view.case.status}, revision {view.revision}")
    if view.unreadable:
        click.echo(f"\nIt cannot be read: {view.unreadable}")
    for failure in view.failures:
        which = f", {failure.instance}" if failure.instance else ""
        click.echo(f"\nfailure {failure.id} at {failure.element_name or failure.element_id or 'a step'}{which}")
        click.echo(f"  {failure.reason}\n  tried {failure.attempts}, {_next(failure.retry_at)}")
    for place in view.places:
        within = f" in {place.within}" if place.within else ""
        click.echo(f"\ntoken {place.task_id} at {place.element_id}: {place.name} ({place.kind}){within}")
        click.echo(f"  move: {place.stays or ', '.join(target.element_id for target in place.targets) or 'nowhere'}")
        click.echo(f"  skip: {place.unskippable or 'yes'}")
    for layer in view.layers:
        of = f" of {layer.name}, token {layer.task_id}" if layer.task_id else ""
        click.echo(f"\nvariables{of}\n{json_input.written(layer.variables)}")


@case.command()
@_number
@click.option("--failure", metavar="ID", help="Only this one. Default: all that are open, the oldest first.")
@_as
@with_engine
def retry(engine: ProcessEngine, number: str, *, failure: str | None, user: str | None) -> None:
    """Do failed steps again. Exit code 1 if one fails again."""
    actor = acting_as(engine, user)
    view = _look(engine, number, actor)
    wanted = [each for each in view.failures if failure in (None, each.id)]
    if not wanted:
        raise click.ClickException(
            f"{view.case.number} has no such open failure." if failure else "Nothing has failed."
        )
    failed = False
    for each in wanted:
        try:
            engine.management.retry(each.id, actor=actor)
            click.echo(f"{each.id}: done.")
        except StepFailed as error:
            failed = True
            click.echo(f"{each.id}: {error}", err=True)
    if failed:
        raise SystemExit(1)


@case.command("set")
@_number
@_values
@click.option(
    "--remove", "removed", multiple=True, metavar="NAME", help="Remove a variable; may be given several times."
)
@click.option("--of", "scope", metavar="TOKEN", help="Those of a called process or an instance, not of the case.")
@_reason
@_as
@with_engine
def set_(
    engine: ProcessEngine,
    number: str,
    values: tuple[str, ...],
    *,
    removed: tuple[str, ...],
    scope: str | None,
    reason: str,
    user: str | None,
) -> None:
    """Set variables to JSON values, and remove others."""
    actor, given = acting_as(engine, user), _given(values)
    view = _look(engine, number, actor)
    token = None if scope is None else _standing_at(view, scope)
    done = engine.mending.change_variables(
        view.case.id, given, removed=removed, scope=token, reason=reason, revision=view.revision, actor=actor
    )
    click.echo(f"{done.number}: changed {', '.join([*given, *removed])}.")


@case.command(short_help="Move a token to another element.")
@_number
@_token
@click.argument("target")
@_reason
@_as
@with_engine
def move(engine: ProcessEngine, number: str, token: str, target: str, *, reason: str, user: str | None) -> None:
    """Move a token to the element TARGET: it is cancelled with what belongs to it, and the target is entered."""
    actor = acting_as(engine, user)
    view = _look(engine, number, actor)
    done = engine.mending.move_token(
        view.case.id, _standing_at(view, token), target, reason=reason, revision=view.revision, actor=actor
    )
    _went_on(done, "moved")


@case.command(short_help="Let the case go on past an activity or event.")
@_number
@_token
@_values
@_reason
@_as
@with_engine
def skip(
    engine: ProcessEngine, number: str, token: str, values: tuple[str, ...], *, reason: str, user: str | None
) -> None:
    """Let an activity, or an event that is waited for, go on without being done; the values are set for it."""
    actor, given = acting_as(engine, user), _given(values)
    view = _look(engine, number, actor)
    done = engine.mending.skip(
        view.case.id, _standing_at(view, token), given, reason=reason, revision=view.revision, actor=actor
    )
    _went_on(done, "skipped")


@case.command()
@_number
@_reason
@_as
@with_engine
def cancel(engine: ProcessEngine, number: str, *, reason: str, user: str | None) -> None:
    """End a case before its end."""
    actor = acting_as(engine, user)
    engine.runtime.cancel(engine.mending.find(number, actor), reason, actor=actor)
    click.echo(f"{number}: cancelled.")


def _look(engine: ProcessEngine, number: str, actor: Actor) -> MendingView:
    return engine.mending.look(engine.mending.find(number, actor), actor)


def _standing_at(view: MendingView, token: str) -> str:
    """Return the id of the token that is meant, by its id or by its element's."""
    if any(token == place.task_id for place in view.places) or any(token == layer.task_id for layer in view.layers):
        return token
    here = [place.task_id for place in view.places if place.element_id == token]
    if len(here) != 1:
        found = "several tokens stand" if here else "no token stands"
        raise click.ClickException(
            f"At {token!r} {found}. `comity case show {view.case.number}` lists the tokens; name one."
        )
    return here[0]


def _given(values: tuple[str, ...]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not equals or name in found:
            raise click.BadParameter(f"{value!r} is not NAME=JSON, or its name is given twice.", param_hint="NAME=JSON")
        try:
            found[name] = json_input.read(text, name)
        except InputRefused as refused:
            hint = f"{name}: {refused.messages[name][0]} A text needs its quotes: {name}='\"text\"'."
            raise click.BadParameter(hint, param_hint="NAME=JSON") from None
    return found


def _went_on(done: CaseRef, what: str) -> None:
    click.echo(f"{done.number}: {what}" + ("; the case is completed." if done.status == "completed" else "."))


def _next(retry_at: Any) -> str:
    return f"next by itself {retry_at:%Y-%m-%d %H:%M} UTC" if retry_at else "waits for a person"


def _as_json(view: MendingView) -> dict[str, Json]:
    return {
        "number": view.case.number,
        "title": view.case.title,
        "status": view.case.status,
        "revision": view.revision,
        "unreadable": view.unreadable,
        "failures": [
            {
                "id": each.id,
                "element": each.element_id,
                "instance": each.instance,
                "reason": each.reason,
                "attempts": each.attempts,
            }
            for each in view.failures
        ],
        "tokens": [
            {
                "token": place.task_id,
                "process": place.process_key,
                "element": place.element_id,
                "kind": place.kind,
                "move": [target.element_id for target in place.targets],
                "not_moved": place.stays,
                "not_skipped": place.unskippable,
            }
            for place in view.places
        ],
        "variables": [
            {"token": layer.task_id, "of": layer.name, "values": dict(layer.variables)} for layer in view.layers
        ],
    }
