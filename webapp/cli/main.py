"""The root of the command line: the option for the database, and how errors are told."""

import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from io import TextIOWrapper

import click
from sqlalchemy.exc import DBAPIError

from engine.errors import ComityError, DatabaseFailed, DefinitionRefused, InputRefused
from engine.types.counting import counted
from webapp.cli.bench import bench
from webapp.cli.case_migrations import migrate_cases
from webapp.cli.cases import case
from webapp.cli.definitions import deploy
from webapp.cli.exports import log
from webapp.cli.figures import figures
from webapp.cli.host import DATABASE_VARIABLE, Host, database_url
from webapp.cli.imports import import_
from webapp.cli.lint import lint
from webapp.cli.messages import message, outbox, signal
from webapp.cli.operations import operations
from webapp.cli.people import groups, users
from webapp.cli.serve import migrate, serve
from webapp.cli.starts import starts
from webapp.cli.templates import element_templates


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--database",
    metavar="URL",
    help=f"sqlite:///file or postgresql://user@host/name. Default: ${DATABASE_VARIABLE}, else var/comity.sqlite.",
)
@click.version_option(package_name="comity", message="%(prog)s %(version)s")
@click.pass_context
def comity(context: click.Context, database: str | None) -> None:
    """Run IT customer processes as executable BPMN."""
    context.obj = Host(database_url(database))


for _command in (
    serve,
    migrate,
    deploy,
    lint,
    element_templates,
    case,
    import_,
    message,
    signal,
    starts,
    outbox,
    users,
    groups,
    operations,
    log,
    figures,
    migrate_cases,
    bench,
):
    comity.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line with `arguments` (default: those of the process) and exit with its code."""
    _write_any_letter()
    try:
        comity.main(list(arguments) if arguments is not None else None, prog_name="comity", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(130)
    except DefinitionRefused as refused:
        for finding in refused.findings:
            click.echo(f"{finding.severity}: {finding}", err=True)
        errors = sum(finding.severity == "error" for finding in refused.findings)
        click.echo(f"Nothing was deployed: {counted(errors, 'error')}.", err=True)
        sys.exit(1)
    except DatabaseFailed as error:
        click.echo(f"{error} ({error.reason})", err=True)
        sys.exit(1)
    except ComityError as error:
        click.echo(_told(error), err=True)
        sys.exit(1)
    except BrokenPipeError:
        # Who reads has seen enough (`| head`); what is left in the buffer must not fail once more at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        click.echo(f"{error.filename or 'A file'} cannot be used: {error.strerror or error}.", err=True)
        sys.exit(1)
    except DBAPIError as error:
        click.echo(f"The database did not do what it was asked: {str(error.orig).partition(chr(10))[0]}", err=True)
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the last resort: a person gets a sentence, a file gets the trace
        click.echo(f"Comity failed unexpectedly ({type(error).__name__}); {_keep_trace()}", err=True)
        sys.exit(1)


def _write_any_letter() -> None:
    """Let output go on at letters that its encoding lacks, as that of a pipe on Windows does of many names."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _told(error: ComityError) -> str:
    if isinstance(error, InputRefused):  # its sentence speaks of a form; here there is none
        return "\n".join(f"{name}: {' '.join(texts)}" for name, texts in error.messages.items())
    return str(error)


def _keep_trace() -> str:
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", prefix="comity-", suffix=".log", delete=False
        ) as stream:
            traceback.print_exc(file=stream)
    except OSError:
        return "there is no place to write the trace to."
    return f"the trace is in {stream.name}."
