"""`comity deploy`: models, decisions, forms, registers and processes, from files or as shipped."""

from pathlib import Path

import click

from engine.errors import DefinitionRefused
from engine.process_engine import ProcessEngine
from engine.types import Finding
from engine.types.counting import counted
from webapp import shipped
from webapp.cli.host import acting_as, with_engine
from webapp.words import computed_anew

_SUFFIXES = (".bpmn", ".dmn", ".form")
_NAMES = ("registers.yaml", "registers.yml", "process.yaml", "process.yml")


@click.command(short_help="Deploy models with what belongs to them.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--shipped", "of_product", is_flag=True, help="Deploy the processes that come with the product.")
@click.option("--name", help="Name of the deployment. Default: the first path.")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def deploy(
    engine: ProcessEngine, paths: tuple[Path, ...], *, of_product: bool, name: str | None, user: str | None
) -> None:
    """Deploy .bpmn, .dmn and .form files, registers.yaml and process.yaml; a folder stands for those in it.

    The files of one call are one deployment: all of them, or none if one has an error.
    """
    if of_product == bool(paths):
        raise click.UsageError("Give either files or folders to deploy, or --shipped.")
    actor = acting_as(engine, user)
    batches = shipped.areas() if of_product else {name or paths[0].name: collect(paths)}
    for title, files in batches.items():
        result = engine.repository.deploy(files, name=title, actor=actor, source="command line")
        for finding in result.findings:
            click.echo(f"{finding.severity}: {finding}", err=True)
        for version in result.deployed:
            click.echo(f"{version.key}: version {version.version}")
        for version in result.unchanged:
            click.echo(f"{version.key}: unchanged, still version {version.version}")
        if result.computing:
            click.echo(computed_anew(result.computing))
        if not result.deployed and (result.deployment_id is not None or not result.unchanged):
            click.echo(f"{title}: {counted(len(result.resources), 'file')}")


def collect(paths: tuple[Path, ...]) -> dict[str, bytes]:
    """Return the contents of the files and of the deployable files in folders, by file name.

    Raises `DefinitionRefused` for two files of one name, and for a folder without any.
    """
    files: dict[str, bytes] = {}
    for path in paths:
        inside = sorted(found for found in path.iterdir() if _deployable(found)) if path.is_dir() else [path]
        if not inside:
            remedy = "Name the files, or a folder that holds .bpmn, .dmn, .form files, registers.yaml or process.yaml."
            raise DefinitionRefused([Finding(str(path), "empty-folder", "Nothing in it can be deployed.", remedy)])
        for file in inside:
            if file.name in files:
                raise DefinitionRefused(
                    [Finding(file.name, "file-name", "Two files have this name.", "Deploy them one after the other.")]
                )
            files[file.name] = file.read_bytes()
    return files


def _deployable(path: Path) -> bool:
    return path.suffix in _SUFFIXES or path.name in _NAMES
