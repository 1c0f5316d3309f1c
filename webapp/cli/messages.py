"""`comity message` and `comity outbox`: messages that come in from other processes, and those that wait to go out."""

import json

import click

from engine.process_engine import ProcessEngine
from webapp.cli.host import acting_as, with_engine


@click.command()
@click.argument("name")
@click.option("--key", help="Correlation key, such as the number of a requirement.")
@click.option("--payload", default="{}", metavar="JSON", help="What the message carries, as a JSON object.")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def message(engine: ProcessEngine, name: str, *, key: str | None, payload: str, user: str | None) -> None:
    """Send a message to the case that waits for it; an early one is kept."""
    try:
        content = json.loads(payload)
    except ValueError as error:
        raise click.BadParameter(f"this is not JSON: {error}", param_hint="--payload") from None
    if not isinstance(content, dict):
        raise click.BadParameter(
            'give a JSON object, such as \'{"progress": "satisfied", "note": "Delivered."}\'', param_hint="--payload"
        )
    delivery = engine.runtime.send_message(name, key, content, actor=acting_as(engine, user))
    if delivery.state == "delivered":
        click.echo(f"Delivered to case {delivery.case.number}." if delivery.case else "Delivered.")
    elif delivery.state == "waiting":
        until = f" until {delivery.expires_at:%Y-%m-%d %H:%M} UTC" if delivery.expires_at else ""
        click.echo(f"No case waits for it yet: kept{until}.")
    else:
        raise click.ClickException("The case took the message but could not go on: see its failures.")


@click.command()
@click.option("--all", "everything", is_flag=True, help="Those handed over as well.")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def outbox(engine: ProcessEngine, *, everything: bool, user: str | None) -> None:
    """Print the messages that wait to go out, one JSON object a line."""
    actor = acting_as(engine, user)
    state, after = (None if everything else "pending"), None
    while True:
        page = engine.management.outbox(actor, state=state, after=after, limit=200)  # type: ignore[arg-type]
        for row in page.rows:
            line = {
                "id": row.id,
                "case": row.case.number,
                "name": row.name,
                "destination": row.destination,
                "key": row.correlation_key,
                "payload": row.payload,
                "created_at": row.created_at.isoformat(),
                "state": row.state,
            }
            click.echo(json.dumps(line, ensure_ascii=False))
        if page.next is None:
            return
        after = page.next
