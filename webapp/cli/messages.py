"""`comity message`, `comity signal` and `comity outbox`: what comes in from others, and what waits to go out."""

import json
import re
from datetime import timedelta
from typing import Any

import click

from engine.process_engine import ProcessEngine
from webapp.cli.host import acting_as, with_engine


@click.command(short_help="Send a message to a case, or start one with it.")
@click.argument("name")
@click.option("--key", help="Correlation key, such as the number of a requirement.")
@click.option("--payload", default="{}", metavar="JSON", help="What the message carries, as a JSON object.")
@click.option("--keep", metavar="TIME", help="How long it is kept while nobody waits: 12h, 7d, ... Default: 30d.")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def message(
    engine: ProcessEngine, name: str, *, key: str | None, payload: str, keep: str | None, user: str | None
) -> None:
    """Send a message to the case that waits for it, or start one with it; an early one is kept."""
    content, kept = _payload(payload), None if keep is None else _length(keep)
    delivery = engine.runtime.send_message(name, key, content, actor=acting_as(engine, user), time_to_live=kept)
    if delivery.state == "delivered":
        what = "Started" if delivery.started else "Delivered to"
        plain = "Started a case." if delivery.started else "Delivered."
        click.echo(f"{what} case {delivery.case.number}." if delivery.case else plain)
    elif delivery.state == "waiting":
        until = f" until {delivery.expires_at:%Y-%m-%d %H:%M} UTC" if delivery.expires_at else ""
        click.echo(f"No case waits for it yet: kept{until}.")
    elif delivery.started:
        raise click.ClickException("It could not start a case, and is tried again. `comity starts list` says why.")
    else:
        raise click.ClickException("The case took the message but could not go on: see its failures.")


@click.command(short_help="Throw a signal to all that wait for it now.")
@click.argument("name")
@click.option("--payload", default="{}", metavar="JSON", help="What the signal carries, as a JSON object.")
@click.option("--as", "user", metavar="USER", help="Act as this person. Default: the system.")
@with_engine
def signal(engine: ProcessEngine, name: str, *, payload: str, user: str | None) -> None:
    """Throw a signal to all that wait for it now; it is not kept for others.

    They take it as soon as the server looks at what is due, within some seconds.
    """
    reach = engine.runtime.throw_signal(name, _payload(payload), actor=acting_as(engine, user))
    events = f"{reach.events} event{'' if reach.events == 1 else 's'} of running cases"
    starts = f"{reach.starts} start event{'' if reach.starts == 1 else 's'}"
    click.echo(f"Thrown to {events} and {starts}.")


def _payload(text: str) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise click.BadParameter(f"this is not JSON: {error}", param_hint="--payload") from None
    if not isinstance(content, dict):
        raise click.BadParameter(
            'give a JSON object, such as \'{"progress": "satisfied", "note": "Delivered."}\'', param_hint="--payload"
        )
    return content


def _length(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})\s*([mhdw])", text.strip(), re.ASCII)
    if found is None:
        raise click.BadParameter("give a number with m, h, d or w, such as 12h or 7d", param_hint="--keep")
    number = int(found[1])
    return {
        "m": timedelta(minutes=number),
        "h": timedelta(hours=number),
        "d": timedelta(days=number),
        "w": timedelta(weeks=number),
    }[found[2]]


@click.command(short_help="Print the messages that wait to go out.")
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
