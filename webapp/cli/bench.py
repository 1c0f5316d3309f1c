"""`comity bench`: what a step costs, as ratios within one run."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from webapp.bench.report import lines
from webapp.bench.run import opened
from webapp.cli import host

LONG = 1_000
TRIAL = 100


@click.command(short_help="Measure what a step costs, as ratios within one run.")
@click.option(
    "--on",
    "databases",
    metavar="URL",
    multiple=True,
    help="An empty database to measure on, which keeps the cases; may be given again. Default: SQLite in a new file.",
)
@click.option("--rounds", type=click.IntRange(1), default=300, show_default=True, help="How many turns each step has.")
def bench(*, databases: Sequence[str], rounds: int) -> None:
    """Measure what a step costs: CPU and wall time, statements and commits, beside bare SpiffWorkflow and SQLAlchemy.

    Steps take turns, so that a busy machine is busy for all of them; ratios hold, times are of this machine. The
    database of the other commands is left alone. Fewer than 100 rounds are a trial: then no case goes a thousand rounds
    before it is measured.
    """
    with tempfile.TemporaryDirectory() as folder:
        for url in databases or [f"sqlite:///{(Path(folder) / 'bench.sqlite').as_posix()}"]:
            with host.opened(url):
                pass  # raises, in a sentence, for a database that cannot be used
            with opened(url, long=LONG if rounds >= TRIAL else rounds) as found:
                dialect = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[found.engine.database.dialect]
                click.echo(f"{dialect}, {rounds} rounds ...", err=True)
                found.run(rounds)
                click.echo(f"{dialect}: medians of {rounds} rounds")
                for line in lines(found):
                    click.echo(line)
                click.echo()
