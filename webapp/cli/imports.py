"""`comity import`: rows of a CSV file become cases or records; refused rows go to a file with the reason."""

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import click

from engine.imports.mapping import RowMapping
from engine.imports.service import RowResult, Target
from engine.imports.source import Dialect, SourceFile, read
from engine.process_engine import ProcessEngine
from forms.catalog import MarshmallowForms
from webapp import spreadsheet
from webapp.cli.host import acting_as, with_engine
from webapp.imports import CaseTarget, RecordTarget

_NAMES = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "none": None}


class Mark(click.ParamType):
    """One character of the dialect, or its name."""

    name = "mark"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str | None:
        """Return the character that `value` names."""
        if value in _NAMES:
            return _NAMES[value]
        if len(value) != 1:
            self.fail(f"{value!r} is not one character, nor one of {', '.join(_NAMES)}", param, ctx)
        return value


class Assignment(click.ParamType):
    """FIELD=SOMETHING."""

    name = "field=..."

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Return the two sides."""
        field, separator, rest = str(value).partition("=")
        if not separator or not field:
            self.fail(f"{value!r} has no form like title=Summary", param, ctx)
        return field, rest


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--process", help="Start a case of this process for each row, such as capture_need_on_behalf.")
@click.option("--register", help="Make a record of this register of each row, such as services.")
@click.option(
    "--column", "columns", type=Assignment(), multiple=True, metavar="FIELD=COLUMN", help="A field from a column."
)
@click.option(
    "--set", "constants", type=Assignment(), multiple=True, metavar="FIELD=TEXT", help="The same in every row."
)
@click.option(
    "--compute",
    "computed",
    type=Assignment(),
    multiple=True,
    metavar="FIELD=FEEL",
    help="A FEEL expression over the columns, such as title=substring(Text, 1, 80).",
)
@click.option(
    "--delimiter", type=Mark(), default="comma", show_default=True, help="A character, or comma, semicolon, tab, pipe."
)
@click.option("--quote", type=Mark(), default='"', show_default=True, help="A character, or none.")
@click.option("--escape", type=Mark(), default="none", show_default=True, help="A character, or none.")
@click.option("--encoding", default="utf-8", show_default=True)
@click.option("--channel", help="How the needs came in: call, e-mail, survey, meeting.")
@click.option("--status", help="Status of the records (with --register).")
@click.option(
    "--refusals", type=click.Path(path_type=Path, dir_okay=False), help="File for the refused rows, with reasons."
)
@click.option("--dry-run", is_flag=True, help="Check every row and change nothing.")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def import_(engine: ProcessEngine, file: Path, **options: Any) -> None:
    """Import the rows of a CSV file, each exactly once.

    Run it again to go on after a break, or with a corrected file: rows that are in already are passed over.
    """
    if (options["process"] is None) == (options["register"] is None):
        raise click.UsageError("Say where the rows go: --process KEY or --register KEY.")
    mapping = RowMapping(dict(options["columns"]), dict(options["constants"]), dict(options["computed"]))
    if not (mapping.columns or mapping.computed):
        raise click.UsageError("Say what the columns fill: --column FIELD=COLUMN or --compute FIELD=FEEL.")
    dialect = Dialect(options["delimiter"], options["quote"], options["escape"], options["encoding"])
    source = read(file, dialect, sorted(set(mapping.columns.values())))
    actor = acting_as(engine, options["user"])
    target: Target
    if options["process"]:
        target = CaseTarget(engine, options["process"], actor, options["channel"])
    else:
        target = RecordTarget(engine, MarshmallowForms(), options["register"], actor, options["status"])
    results = engine.imports.run(source, target, mapping, actor=actor, dry_run=options["dry_run"])
    total = sum(1 for _ in source.rows())
    counts: Counter[str] = Counter()
    refused: list[RowResult] = []
    with click.progressbar(results, length=total, label=file.name) as bar:
        for result in bar:
            counts[result.state] += 1
            if result.state == "refused":
                refused.append(result)
    _tell(total, counts, refused)
    if refused and options["refusals"]:
        _write_refusals(options["refusals"], source, refused)
        click.echo(f"The refused rows are in {options['refusals']}.", err=True)
    if refused:
        raise SystemExit(1)


def _tell(total: int, counts: Counter[str], refused: list[RowResult]) -> None:
    for result in refused[:10]:
        click.echo(f"Row {result.row} (line {result.line}) refused: {result.reason}", err=True)
    if len(refused) > 10:  # noqa: PLR2004 - enough to see what is wrong; the file has them all
        click.echo(f"... and {len(refused) - 10} more.", err=True)
    told = ", ".join(
        f"{counts[state]} {state}" for state in ("taken", "would be taken", "already", "refused") if counts[state]
    )
    click.echo(f"{total} rows: {told or 'nothing to do'}.")


def _write_refusals(path: Path, source: SourceFile, refused: list[RowResult]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["row", "line", "reason", *source.columns])
        for result in refused:
            writer.writerow([result.row, result.line, result.reason, *map(spreadsheet.harmless, result.cells)])
