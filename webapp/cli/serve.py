"""`comity serve` and `comity migrate`: the product on a port, with its scheduler."""

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from engine.persistence import schema
from engine.process_engine import ProcessEngine
from engine.types import ENGINE
from webapp import demo as demo_content
from webapp.app import create_app
from webapp.cli.host import DEFAULT_FILE, Host, opened, secret_key, sqlite_file, with_engine
from webapp.config import Config
from webapp.http_server import http_server, places
from webapp.log_lines import LogLines

DEMO_FILE = Path("var") / "demo.sqlite"

THREADS_FOR_PAGES = 2
"""So many threads look at no passwords, whoever signs in; where there are no more, one does both."""


@click.command(short_help="Bring the tables of the database up to date.")
@with_engine
def migrate(engine: ProcessEngine) -> None:
    """Bring the tables of the database to the version of this program."""
    click.echo(f"The database has version {schema.current_version(engine.database)}.")


@click.command()
@click.option("--demo", is_flag=True, help="With demo content and accounts, in var/demo.sqlite.")
@click.option("--host", "address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--threads",
    default=8,
    show_default=True,
    type=click.IntRange(1, 16),
    help="Requests at once; for more, serve from several processes.",
)
@click.option("--https", is_flag=True, help="Behind a proxy that speaks TLS: cookies are only sent over https.")
@click.option(
    "--proxy",
    callback=lambda _context, _option, value: _address(value),
    help="Address of the proxy in front: the client's is taken from what it adds to X-Forwarded-For.",
)
@click.pass_obj
def serve(host: Host, *, demo: bool, address: str, port: int, threads: int, https: bool, proxy: str | None) -> None:
    """Serve the product; the timers of the cases run inside. Several may serve one database."""
    lines = logging.StreamHandler()
    lines.setFormatter(LogLines())
    logging.basicConfig(level=logging.INFO, handlers=[lines])
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # A shell's background process begins with SIGINT ignored; on Windows a service manager sends SIGBREAK.
    for ending in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, ending):
            signal.signal(getattr(signal, ending), _stop)
    url = host.database_url
    if demo and url == f"sqlite:///{DEFAULT_FILE.as_posix()}":
        url = f"sqlite:///{DEMO_FILE.as_posix()}"
    if demo and (file := sqlite_file(url)):
        demo_content.build(file, click.echo)
    with opened(url) as engine:
        if demo:
            demo_content.load(engine, click.echo)
        elif not engine.repository.definitions(ENGINE):
            click.echo("No process is deployed yet: comity deploy --shipped, then comity users add.", err=True)
        config = Config(
            database_url=url,
            secret_key=secret_key(Path("var")),
            demo=demo,
            https=https,
            sign_ins_at_once=max(1, threads - THREADS_FOR_PAGES),
        )
        try:
            app = create_app(config, engine)
            server = http_server(
                app, address, port, threads=threads, proxy=proxy, largest_upload=config.max_upload_bytes
            )
        except OSError as error:
            reason = f"Port {port} on {address} cannot be used: {error.strerror}. Take another with --port."
            raise click.ClickException(reason) from None
        except ValueError:
            raise click.ClickException(f"{address} is no address of this machine: see --host.") from None
        with _scheduler(engine):
            for place in places(server):
                click.echo(f"Comity serves on http://{place}/  (stop with Ctrl-C)")
            server.run()


def _address(value: str | None) -> str | None:
    try:
        return None if value is None else str(ip_address(value))
    except ValueError:
        raise click.BadParameter(f"{value} is no address. Give it in numbers, such as 127.0.0.1.") from None


@contextmanager
def _scheduler(engine: ProcessEngine) -> Iterator[None]:
    scheduler = engine.scheduler()
    scheduler.start()
    try:
        yield
    finally:
        scheduler.stop()


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """End when a person or a service manager asks: waitress finishes its requests, the scheduler its step."""
    del number, frame
    raise KeyboardInterrupt
