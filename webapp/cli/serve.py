"""`comity serve` and `comity migrate`: the product on a port, with its scheduler."""

import logging
from pathlib import Path

import click
from engine.scheduler import Scheduler
from waitress.server import create_server

from engine.process_engine import ProcessEngine
from webapp import demo as demo_content
from webapp.app import create_app
from webapp.cli.host import DEFAULT_FILE, Host, prepare_folder, secret_key, with_engine
from webapp.config import Config

DEMO_FILE = Path("var") / "demo.sqlite"


@click.command()
@with_engine
def migrate(engine: ProcessEngine) -> None:
    """Bring the tables of the database to the version of this program."""
    click.echo(f"The database is at revision {engine.revision()}.")


@click.command()
@click.option("--demo", is_flag=True, help="With demo content and accounts, in var/demo.sqlite.")
@click.option("--host", "address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64), help="Requests at once.")
@click.option("--https", is_flag=True, help="Behind a proxy that speaks TLS: cookies are only sent over https.")
@click.pass_obj
def serve(host: Host, *, demo: bool, address: str, port: int, threads: int, https: bool) -> None:
    """Serve the product; the timers of the cases run inside. Several may serve one database."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    url = host.database_url
    if demo and url == f"sqlite:///{DEFAULT_FILE.as_posix()}":
        url = f"sqlite:///{DEMO_FILE.as_posix()}"
    prepare_folder(url)
    app = create_app(Config(database_url=url, secret_key=secret_key(Path("var")), demo=demo, https=https))
    engine: ProcessEngine = app.extensions["comity"]
    engine.migrate()
    if demo:
        demo_content.load(engine, click.echo)
    elif not engine.repository.has_definitions():
        click.echo("No process is deployed yet: comity deploy --shipped, then comity users add.", err=True)
    scheduler = Scheduler(engine)
    scheduler.start()
    try:
        server = create_server(app, host=address, port=port, threads=threads, ident="comity")
    except OSError as error:
        scheduler.stop()
        reason = f"Port {port} on {address} cannot be used: {error.strerror}. Take another with --port."
        raise click.ClickException(reason) from None
    shown = f"[{address}]" if ":" in address else address
    click.echo(f"Comity serves on http://{shown}:{server.effective_port}/  (stop with Ctrl-C)")
    try:
        server.run()
    finally:
        scheduler.stop()
        engine.close()
