"""`comity deploy` and `comity lint`: models, decisions, forms and registers, from files or as shipped."""

from pathlib import Path

import click

from engine.errors import DefinitionRefused
from engine.process_engine import ProcessEngine
from engine.types import Finding
from webapp import shipped
from webapp.cli.host import acting_as, with_engine

_SUFFIXES = (".bpmn", ".dmn", ".form")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--shipped", "of_product", is_flag=True, help="Deploy the processes that come with the product.")
@click.option("--name", help="Name of the deployment. Default: the first path.")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def deploy(
    engine: ProcessEngine, paths: tuple[Path, ...], *, of_product: bool, name: str | None, user: str | None
) -> None:
    """Deploy .bpmn, .dmn and .form files and registers.yaml; a folder stands for those in it.

    The files of one call are one deployment: all of them, or none if one has an error.
    """
    if of_product == bool(paths):
        raise click.UsageError("Give files or folders to deploy, or --shipped.")
    actor = acting_as(engine, user)
    batches = shipped.areas() if of_product else {name or paths[0].name: collect(paths)}
    for title, files in batches.items():
        result = engine.repository.deploy(files, name=title, actor=actor, source="command line")
        for finding in result.findings:
            click.echo(str(finding), err=True)
        for version in result.deployed:
            click.echo(f"{version.key}: version {version.version}")
        for version in result.unchanged:
            click.echo(f"{version.key}: unchanged, still version {version.version}")
        if not result.deployed and not result.unchanged:
            click.echo(f"{title}: {len(result.resources)} file(s)")


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@with_engine
def lint(engine: ProcessEngine, paths: tuple[Path, ...]) -> None:
    """Say what deployment would say of files or folders, and change nothing. Exit code 1 if there is an error."""
    findings = engine.repository.check(collect(paths))
    for finding in sorted(findings, key=_place):
        click.echo(f"{finding.severity}: {finding}")
    errors = sum(finding.severity == "error" for finding in findings)
    click.echo(f"{errors} error(s), {len(findings) - errors} warning(s).")
    if errors:
        raise SystemExit(1)


def collect(paths: tuple[Path, ...]) -> dict[str, bytes]:
    """Return the contents of the deployable files among `paths` by file name; raise `DefinitionRefused` on a clash."""
    files: dict[str, bytes] = {}
    for path in paths:
        inside = sorted(found for found in path.iterdir() if _deployable(found)) if path.is_dir() else [path]
        for file in inside:
            if file.name in files:
                raise DefinitionRefused(
                    [Finding(file.name, "file-name", "Two files have this name.", "Deploy them one after the other.")]
                )
            files[file.name] = file.read_bytes()
    return files


def _deployable(path: Path) -> bool:
    return path.suffix in _SUFFIXES or path.name == "registers.yaml"


def _place(finding: Finding) -> tuple[str, int]:
    return finding.file, finding.line or 0
