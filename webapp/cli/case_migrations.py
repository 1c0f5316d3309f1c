"""`comity migrate-cases`: moves running cases to another version of their process, and says what became of them."""

import time
from typing import Any, Final

import click

from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.types import Actor
from engine.types.counting import counted
from engine.views import CaseFilter, CaseStatus
from engine.views.case_migrations import MigrationPlanView, MigrationPreview, MigrationRow
from webapp.cli.host import acting_as, with_engine

_REASON: Final = "Moved on the command line"
_PAUSE_SECONDS: Final = 0.2
_RUNNING: Final[CaseStatus] = "active"


@click.command("migrate-cases", short_help="Move running cases to another version.")
@click.argument("key")
@click.argument("source", metavar="FROM", type=click.IntRange(min=1))
@click.argument("target", metavar="TO", type=click.IntRange(min=1))
@click.option("--map", "mapped", metavar="OLD=NEW", multiple=True, help="Where an element goes; may be repeated.")
@click.option("--case", "number", metavar="NUMBER", help="Only this case. Default: all that run on version FROM.")
@click.option("--dry-run", is_flag=True, help="Say what would become of the cases, and move none.")
@click.option("--reason", default=_REASON, show_default=True, help="Why, for the history of the cases.")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def migrate_cases(engine: ProcessEngine, key: str, source: int, target: int, **options: Any) -> None:
    """Move running cases of the process KEY from version FROM to version TO.

    Each case moves as a whole or stays as it is; exit code 1 if one stays. An element of a called process is named
    PROCESS/OLD=NEW.
    """
    actor, mapping = acting_as(engine, options["user"]), _mapping(options["mapped"])
    versions = {each.version: each.id for each in engine.repository.versions(key, actor)}
    for version in (source, target):
        if version not in versions:
            raise click.ClickException(f"{key} has no version {version}. The newest is version {max(versions)}.")
    before, after = versions[source], versions[target]
    case_id = None if options["number"] is None else _case(engine, options["number"], actor)
    moves = engine.case_migrations
    _tell_plan(moves.plan(before, after, actor=actor, mapping=mapping))
    if options["dry_run"]:
        seen = moves.preview(before, after, actor=actor, mapping=mapping, case_id=case_id)
        _tell_preview(seen)
        stayed = seen.checked - seen.movable
    else:
        identity = moves.start(before, after, options["reason"], actor=actor, mapping=mapping, case_id=case_id)
        stayed = _run(engine, identity, actor)
    if stayed:
        raise SystemExit(1)


def _mapping(pairs: tuple[str, ...]) -> dict[str, str]:
    found = dict[str, str]()
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not (old and equals and new):
            raise click.BadParameter(f"{pair!r} is no OLD=NEW.", param_hint="--map")
        found[old.strip()] = new.strip()
    return found


def _case(engine: ProcessEngine, number: str, actor: Actor) -> str:
    rows = engine.history.cases(actor, filter=CaseFilter(status=_RUNNING, text=number)).rows
    found = [row.id for row in rows if row.number == number]
    if not found:
        raise NotFound("running case", number)
    return found[0]


def _tell_plan(plan: MigrationPlanView) -> None:
    for place in plan.places:
        if place.blocks is not None:
            word = "stops waiting" if place.dropped else "has no place"
            where = "" if place.dropped else f" Say where it goes with --map {place.id}=ID."
            click.echo(f"{place.id} ({place.name}) {word}: {place.blocks}.{where}", err=True)
        for note in place.notes:
            click.echo(f"{place.id} ({place.name}): {note}", err=True)
    for key, before, after in plan.called:
        now = f"version {after}" if after else "not called any more"
        click.echo(f"The called process {key}: {now}, instead of version {before}.", err=True)


def _tell_preview(seen: MigrationPreview) -> None:
    if seen.checked < seen.total:
        click.echo(f"Only the oldest {seen.checked:,} of {seen.total:,} cases were checked.", err=True)
    for case, why in seen.refused:
        click.echo(f"{case.number} would stay: {why}", err=True)
    click.echo(f"{seen.movable:,} of {counted(seen.checked, 'case')} would move.")


def _run(engine: ProcessEngine, identity: str, actor: Actor) -> int:
    """Run what is due until every case has had its turn, beside a server that may do so too; return how many stayed."""
    row = engine.case_migrations.progress(identity, actor=actor)
    while not row.done:
        if not engine.management.run_due():
            time.sleep(_PAUSE_SECONDS)
        row = engine.case_migrations.progress(identity, actor=actor)
    after = None
    while True:
        page = engine.case_migrations.refusals(identity, actor=actor, after=after, limit=200)
        for refusal in page.rows:
            click.echo(f"{refusal.case.number} stays: {refusal.reason}", err=True)
        if page.next is None:
            break
        after = page.next
    click.echo(_result(row))
    return row.refused


def _result(row: MigrationRow) -> str:
    needless = f"; {row.needless:,} ended or moved meanwhile" if row.needless else ""
    versions = f"from version {row.source.version} to {row.target.version}"
    return f"{row.moved:,} of {counted(row.total, 'case')} moved {versions}{needless}."
