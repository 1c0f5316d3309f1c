"""`comity import`: rows of a CSV file become cases or records; refused rows go to a file with the reason."""

import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from engine.imports.mapping import RowMapping
from engine.imports.rows import RowResult
from engine.imports.source import Dialect, SourceFile, read
from engine.process_engine import ProcessEngine
from engine.types.counting import counted
from webapp import spreadsheet
from webapp.cli.host import acting_as, with_engine
from webapp.imports import MARKS, PROCESS, REGISTER, refusal_header, refusal_line, target

_TOLD = 10
"""refusals on the screen: enough to see what is wrong; the file has them all"""

_STATES = ("taken", "would be taken", "already", "refused")


def mark(value: str) -> str | None:
    """Return the character of the dialect that `value` is or names; raise `click.BadParameter`."""
    if value in MARKS:
        return MARKS[value]
    if len(value) != 1:
        raise click.BadParameter(f"{value!r} is not one character, nor one of {', '.join(MARKS)}")
    return value


def assignment(value: str) -> tuple[str, str]:
    """Return the two sides of FIELD=SOMETHING; raise `click.BadParameter`."""
    field, separator, rest = value.partition("=")
    if not separator or not field:
        raise click.BadParameter(f"{value!r} has no form like title=Summary")
    return field, rest


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--process", help="Start a case of this process for each row, such as capture_need_on_behalf.")
@click.option("--register", help="Make a record of this register of each row, such as services.")
@click.option(
    "--column", "columns", type=assignment, multiple=True, metavar="FIELD=COLUMN", help="A field from a column."
)
@click.option("--set", "constants", type=assignment, multiple=True, metavar="FIELD=TEXT", help="The same in every row.")
@click.option(
    "--compute",
    "computed",
    type=assignment,
    multiple=True,
    metavar="FIELD=FEEL",
    help="A FEEL expression over the columns, such as title=substring(Text, 1, 80).",
)
@click.option(
    "--delimiter", type=mark, default="comma", show_default=True, help="A character, or comma, semicolon, tab, pipe."
)
@click.option("--quote", type=mark, default='"', show_default=True, help="A character, or none.")
@click.option("--escape", type=mark, default="none", show_default=True, help="A character, or none.")
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
    _check_usage(options)
    mapping = RowMapping(dict(options["columns"]), dict(options["constants"]), dict(options["computed"]))
    dialect = Dialect(options["delimiter"], options["quote"], options["escape"], options["encoding"])
    source = read(file, dialect, sorted(set(mapping.columns.values())))
    if options["refusals"] and options["refusals"].resolve() == file.resolve():
        raise click.UsageError("--refusals names the file to import: take another.")
    actor = acting_as(engine, options["user"])
    name = f"{PROCESS}:{options['process']}" if options["process"] else f"{REGISTER}:{options['register']}"
    chosen = target(engine, name, actor, channel=options["channel"], status=options["status"])
    results = engine.imports.run(source, chosen, mapping, actor=actor, dry_run=options["dry_run"])
    total = sum(1 for _ in source.rows())
    counts: Counter[str] = Counter()
    refused = 0
    with _refusals(options["refusals"], source) as note, _bar(results, total, file.name) as bar:
        for result in bar:
            counts[result.state] += 1
            if result.state == "refused":
                refused += 1
                note(result)
    told = ", ".join(f"{counts[state]} {state}" for state in _STATES if counts[state])
    click.echo(f"{counted(total, 'row')}: {told or 'nothing to do'}.")
    if refused:
        raise SystemExit(1)


def _check_usage(options: Mapping[str, Any]) -> None:
    if (options["process"] is None) == (options["register"] is None):
        raise click.UsageError("Say where the rows go: --process KEY or --register KEY.")
    if not (options["columns"] or options["computed"]):
        raise click.UsageError("Say what the columns fill: --column FIELD=COLUMN or --compute FIELD=FEEL.")
    for option, needed in (("channel", "process"), ("status", "register")):
        if options[option] is not None and options[needed] is None:
            raise click.UsageError(f"--{option} goes with --{needed} only.")
    fields = Counter(field for kind in ("columns", "constants", "computed") for field, _ in options[kind])
    if twice := [field for field, times in fields.items() if times > 1]:
        raise click.UsageError(f"Fill each field once: {', '.join(twice)} is filled more often.")


def _bar(results: Iterator[RowResult], total: int, label: str) -> AbstractContextManager[Iterable[RowResult]]:
    return click.progressbar(results, length=total, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


@contextmanager
def _refusals(path: Path | None, source: SourceFile) -> Iterator[Callable[[RowResult], None]]:
    """Yield what to do with a refused row: written to `path` at once, some are told at the end."""
    refused: list[RowResult] = []
    with ExitStack() as stack:
        # Opened before the first row is taken: a path that cannot be written is found while nothing has happened.
        stream = stack.enter_context(path.open("w", encoding="utf-8", newline="")) if path else None
        writer = csv.writer(stream) if stream else None
        if writer:
            writer.writerow(map(spreadsheet.harmless, refusal_header(source.columns)))

        def note(result: RowResult) -> None:
            refused.append(result)
            if writer:
                writer.writerow(map(spreadsheet.harmless, refusal_line(result)))

        yield note
    for result in refused[:_TOLD]:
        click.echo(f"Row {result.row} (line {result.line}) refused: {result.reason}", err=True)
    if len(refused) > _TOLD:
        click.echo(f"... and {len(refused) - _TOLD} more.", err=True)
    if refused and path:
        click.echo(f"The refused rows are in {path}.", err=True)
