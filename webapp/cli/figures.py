"""`comity figures`: figures of ended cases, computed again from the activity log."""

import click

from engine.process_engine import ProcessEngine
from engine.types.counting import counted
from webapp.cli.host import with_engine


@click.group()
def figures() -> None:
    """Look after the figures of ended cases."""


@figures.command(short_help="Compute the figures of ended cases again.")
@click.option("--process", metavar="KEY", help="Only cases of this process or managed process. Default: all.")
@with_engine
def rebuild(engine: ProcessEngine, *, process: str | None) -> None:
    """Compute the figures of ended cases again from the activity log, then the sums of their days."""
    done = engine.management.rebuild_figures(process, lambda cases: click.echo(f"{cases} cases ...", err=True))
    summed = engine.management.sum_days()
    click.echo(f"Computed again: {counted(done.cases, 'case')} that ended on {counted(done.days, 'day')}.")
    click.echo(f"Summed up: {counted(summed, 'day')}; days that are not over yet are counted when they are asked for.")
    if done.skipped:
        click.echo(f"Left out: {counted(done.skipped, 'case')} whose end the log does not tell.", err=True)
