"""`comity starts`: cases that events could not start, and trying one again."""

import json

import click

from engine.process_engine import ProcessEngine
from webapp.cli.host import acting_as, with_engine


@click.group(short_help="Look after cases that events could not start.")
def starts() -> None:
    """Look after cases that a message, a signal or a timer could not start."""


@starts.command(name="list")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def list_(engine: ProcessEngine, *, user: str | None) -> None:
    """Print those that failed, the newest first, one JSON object a line."""
    for failed in engine.management.failed_starts(acting_as(engine, user)):
        line = {
            "id": failed.id,
            "process": failed.process_key,
            "kind": failed.kind,
            "element": failed.element_id,
            "name": failed.name,
            "reason": failed.reason,
            "attempts": failed.attempts,
            "failed_at": failed.failed_at.isoformat(),
            "retry_at": None if failed.retry_at is None else failed.retry_at.isoformat(),
        }
        click.echo(json.dumps(line, ensure_ascii=False))


@starts.command()
@click.argument("start_id", metavar="ID")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def retry(engine: ProcessEngine, start_id: str, *, user: str | None) -> None:
    """Try one again; its id is what the list says."""
    case = engine.management.retry_start(start_id, actor=acting_as(engine, user))
    click.echo(f"Started case {case.number}.")
