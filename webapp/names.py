"""Owns the names of customer organisations, groups and people on a page, read once for all rows of it.

It hides nothing: whoever may see a case or record may see whose it is.
"""

from collections.abc import Iterable

from flask import Flask, g
from sqlalchemy import select

from engine.forms_protocol import Option
from engine.persistence.models import Group, Record, Register, User
from engine.types import Json
from engine.views import Turn
from webapp.database import db
from webapp.words import awaited, plain


def install(app: Flask) -> None:
    """Give the templates of `app` the filters `organisation`, `group` and `turn`."""
    app.jinja_env.filters.update(organisation=organisation, group=group, turn=turn)


def load_organisations(ids: Iterable[str | None]) -> None:
    """Read the names of these organisations for the page that is being made, in at most two statements."""
    known: dict[str, str] = g.setdefault("organisation_names", {})
    wanted = {found for found in ids if found} - known.keys()
    if not wanted:
        return
    registers = [key for key, definition in _stored_registers() if definition.get("organisations")]
    known.update(dict.fromkeys(wanted, ""))
    rows = db.session.execute(
        select(Record.id, Record.title).where(Record.register.in_(registers), Record.id.in_(sorted(wanted)))
    )
    known.update({row.id: row.title for row in rows})


def organisations() -> list[Option]:
    """Return the customer organisations, by name, the first 500: for those who work here."""
    registers = [key for key, definition in _stored_registers() if definition.get("organisations")]
    rows = db.session.execute(
        select(Record.id, Record.title).where(Record.register.in_(registers)).order_by(Record.title).limit(500)
    )
    return [Option(row.id, row.title) for row in rows]


def organisation(organisation_id: str | None) -> str:
    """Return the name of an organisation, its id when no register knows it, nothing for None."""
    if not organisation_id:
        return ""
    load_organisations([organisation_id])
    names: dict[str, str] = g.organisation_names
    return names[organisation_id] or organisation_id


def _stored_registers() -> list[tuple[str, Json]]:
    return [(row.key, row.definition) for row in db.session.execute(select(Register.key, Register.definition))]


def group(group_id: str | None) -> str:
    """Return the name of a group; roles, which count as groups, and unknown ones in plain words."""
    if not group_id:
        return ""
    if "group_names" not in g:
        g.group_names = {row.id: row.name for row in db.session.execute(select(Group.id, Group.name))}
    names: dict[str, str] = g.group_names
    return names.get(group_id, plain(group_id))


def person(user_id: str) -> str:
    """Return the name of a person; an id without account is its own name."""
    known: dict[str, str] = g.setdefault("people_names", {})
    if user_id not in known:
        known[user_id] = db.session.execute(select(User.name).where(User.id == user_id)).scalar_one_or_none() or user_id
    return known[user_id]


def turn(waits: Turn) -> str:
    """Return what a case waits for and from whom, in one phrase."""
    if waits.kind != "task":
        return awaited(waits.name) or f"{waits.name} (a {waits.kind})"
    whose = waits.assignee.name if waits.assignee else ", ".join(map(group, waits.groups))
    return f"{waits.name} ({whose})" if whose else waits.name
