"""`comity lint`: what deployment would say of files, as text or JSON, and what its rules mean."""

import json
from contextlib import ExitStack
from dataclasses import asdict
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from engine.errors import ComityError, DefinitionRefused
from engine.types import Finding
from engine.types.counting import counted
from webapp import lint_rules
from webapp.cli.definitions import collect
from webapp.cli.host import Host


class NotChecked(click.ClickException):
    """The files could not be checked, which is something else than a finding."""

    exit_code = 2


def _explain(context: click.Context, _parameter: click.Parameter, names: tuple[str, ...]) -> None:
    """Print what the rules say, instead of checking anything."""
    rules = lint_rules.by_name()
    for name in names:
        if name not in rules:
            close = get_close_matches(name, rules, n=1)
            hint = f"Did you mean {close[0]}?" if close else "Findings name theirs; `--rules` lists all."
            raise click.BadParameter(f"There is no rule {name!r}. {hint}", context, param_hint="--explain")
    if names:
        click.echo("\n\n".join(f"{name}\n\n{rules[name].plain}" for name in names))
        context.exit()


def _list(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - as click calls it
    """Print the names of all rules by their subjects."""
    if wanted:
        for group in lint_rules.groups():
            click.echo(f"{group.title}: {', '.join(rule.name for rule in group.rules)}")
        context.exit()


@click.command(short_help="Say what deployment would say, and change nothing.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list, for other programs.")
@click.option("--strict", is_flag=True, help="Let warnings count as errors for the exit code.")
@click.option(
    "--explain",
    metavar="RULE",
    multiple=True,
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Say what a rule means, with an example and how to mend it, and check nothing.",
)
@click.option("--rules", is_flag=True, is_eager=True, expose_value=False, callback=_list, help="List all rules.")
@click.pass_obj
def lint(host: Host, paths: tuple[Path, ...], *, as_json: bool, strict: bool) -> None:
    """Say what deployment would say of files or folders, and change nothing.

    Exit code: 0 if there is no error; 1 if there is one, with --strict also for a warning; 2 if nothing could be
    checked.
    """
    try:
        findings = sorted(_check(host, paths), key=_place)
    except OSError as error:
        raise NotChecked(f"{error.filename or 'A file'} cannot be read: {error.strerror or error}.") from None
    except ComityError as error:
        raise NotChecked(str(error)) from None
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        said = [{**asdict(finding), "explained": lint_rules.address(finding.rule)} for finding in findings]
        click.echo(json.dumps(said, indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{finding.severity}: {finding}")
        if findings:
            worst = next((finding for finding in findings if finding.severity == "error"), findings[0])
            click.echo(f"`comity lint --explain {worst.rule}` says what a rule means, as {lint_rules.PAGE} does.")
        click.echo(f"{counted(errors, 'error')}, {counted(len(findings) - errors, 'warning')}.")
    if errors or (strict and findings):
        raise SystemExit(1)


def _check(host: Host, paths: tuple[Path, ...]) -> list[Finding]:
    # What is deployed counts as there. Where nothing is, an empty database that nobody keeps stands in.
    try:
        files = collect(paths)
        with ExitStack() as stack:
            if host.absent:
                host = Host(f"sqlite:///{stack.enter_context(TemporaryDirectory())}/empty.sqlite")
            return stack.enter_context(host.engine()).repository.check(files)
    except DefinitionRefused as refused:
        return list(refused.findings)


def _place(finding: Finding) -> tuple[str, int]:
    return finding.file, finding.line or 0
