"""`comity users` and `comity groups`: accounts, roles and groups.

Passwords are asked for, never given on the command line.
"""

import click

from engine.errors import InputRefused, NotFound
from engine.process_engine import ProcessEngine
from engine.types import ENGINE, ROLES
from webapp.cli.host import with_engine
from webapp.passwords import faults, hash_password


@click.group()
def users() -> None:
    """Manage the people who may sign in."""


@users.command("add")
@click.argument("user")
@click.option("--name", required=True, help="The person's full name.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="May be given several times.")
@click.option("--group", "groups", multiple=True, help="May be given several times.")
@click.option("--organisation", help="The organisation's id in the register of organisations.")
@click.option("--email")
@click.option("--no-password", is_flag=True, help="Make the account without asking for a password.")
@with_engine
def add_user(
    engine: ProcessEngine,
    user: str,
    *,
    name: str,
    roles: tuple[str, ...],
    groups: tuple[str, ...],
    organisation: str | None,
    email: str | None,
    no_password: bool,
) -> None:
    """Make an account. The password is asked for twice."""
    password_hash = None if no_password else hash_password(_ask(user))
    engine.identity.create_user(
        user,
        name,
        actor=ENGINE,
        roles=roles,
        groups=groups,
        organisation_id=organisation,
        email=email,
        password_hash=password_hash,
    )
    click.echo(f"{user} can sign in." if password_hash else f"{user} has an account without a password.")


@users.command("password", short_help="Set a new password, asked for twice.")
@click.argument("user")
@with_engine
def set_password(engine: ProcessEngine, user: str) -> None:
    """Set a new password, asked for twice; every session of the account ends."""
    if engine.identity.account(user) is None:
        raise NotFound("account", user)
    engine.identity.set_password_hash(user, hash_password(_ask(user)), actor=ENGINE)
    click.echo(f"{user} has a new password.")


@users.command("change")
@click.argument("user")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES))
@click.option("--group", "groups", multiple=True)
@with_engine
def change_user(engine: ProcessEngine, user: str, *, roles: tuple[str, ...], groups: tuple[str, ...]) -> None:
    """Give a person exactly these roles and groups."""
    engine.identity.set_belonging(user, roles=roles, groups=groups, actor=ENGINE)
    click.echo(f"{user}: roles {', '.join(roles) or 'none'}; groups {', '.join(groups) or 'none'}.")


@users.command("close", short_help="Close an account; what it did keeps its name.")
@click.argument("user")
@with_engine
def close_user(engine: ProcessEngine, user: str) -> None:
    """Close an account: its sessions end, its name stays in the records."""
    engine.identity.set_active(user, active=False, actor=ENGINE)
    click.echo(f"The account {user} is closed.")


@users.command("open")
@click.argument("user")
@with_engine
def open_user(engine: ProcessEngine, user: str) -> None:
    """Open a closed account again."""
    engine.identity.set_active(user, active=True, actor=ENGINE)
    click.echo(f"The account {user} is open.")


@users.command("list")
@with_engine
def list_users(engine: ProcessEngine) -> None:
    """List everybody."""
    for row in engine.identity.users(ENGINE):
        state = "" if row.active else "  (closed)"
        click.echo(f"{row.id:<20} {row.name:<28} {', '.join(row.roles):<28} {', '.join(row.groups)}{state}")


@click.group()
def groups() -> None:
    """Manage the groups that tasks are offered to."""


@groups.command("add")
@click.argument("group")
@click.option("--name", required=True, help="The name that people read.")
@with_engine
def add_group(engine: ProcessEngine, group: str, *, name: str) -> None:
    """Make a group, or give an existing one another name."""
    engine.identity.create_group(group, name, actor=ENGINE)
    click.echo(f"{group}: {name}")


@groups.command("list")
@with_engine
def list_groups(engine: ProcessEngine) -> None:
    """List the groups with the number of their members."""
    for row in engine.identity.groups():
        click.echo(f"{row.id:<32} {row.name:<36} {row.members}")


def _ask(user: str) -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if problems := faults(password, user):
        raise InputRefused({"password": problems})
    return password
