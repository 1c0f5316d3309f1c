"""`comity log`: the activity log as CSV."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from engine.history.exported_log import LOG_COLUMNS
from engine.process_engine import ProcessEngine
from engine.types.counting import counted
from engine.views import LogRow
from webapp import spreadsheet
from webapp.cli.host import acting_as, with_engine


@click.command(short_help="Export the activity log as CSV.")
@click.option(
    "--process", help="Only cases of this process: the key of a definition, or of a managed process such as a21."
)
@click.option("--since", type=click.DateTime(), help="Only events from this instant on (UTC).")
@click.option("--until", type=click.DateTime(), help="Only events before this instant (UTC).")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write. Default: standard output."
)
@click.option("--as", "user", metavar="USER", help="Only what this person may see. Default: everything.")
@with_engine
def log(
    engine: ProcessEngine,
    *,
    process: str | None,
    since: datetime | None,
    until: datetime | None,
    output: Path | None,
    user: str | None,
) -> None:
    """Export the activity log as CSV; texts that begin like a formula are made harmless."""
    actor = acting_as(engine, user)
    rows = engine.history.export_log(actor, process_key=process, since=_utc(since), until=_utc(until))
    if output is None:
        _write(rows, sys.stdout.buffer)
    else:
        with output.open("wb") as stream:
            count = _write(rows, stream)
        click.echo(f"{counted(count, 'event')} written to {output}.", err=True)


def _write(rows: Iterable[LogRow], stream: BinaryIO) -> int:
    count = 0
    for line in spreadsheet.lines(LOG_COLUMNS, ([_cell(each) for each in row.values] for row in rows)):
        # As bytes: csv writes its own line ends, which a text stream on Windows would double.
        stream.write(line.encode())
        count += 1
    return count - 1  # without the header


def _cell(value: Any) -> Any:
    """Return what stands in a cell: what is no plain value as JSON, which other programs read."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
