"""Owns the names of customer organisations on a page, read once for all rows of it; it decides who sees nothing.

Whoever may see a case or record may see whose it is.
"""

from collections.abc import Iterable

from flask import Flask, g
from sqlalchemy import select

from engine.persistence.models import Record, Register
from webapp.database import db


def install(app: Flask) -> None:
    """Give the templates of `app` the filter `organisation`."""
    app.jinja_env.filters["organisation"] = name_of


def load(ids: Iterable[str | None]) -> None:
    """Read the names of these organisations for the page that is being made, in at most two statements."""
    known: dict[str, str] = g.setdefault("organisation_names", {})
    wanted = {found for found in ids if found} - known.keys()
    if not wanted:
        return
    stored = db.session.execute(select(Register.key, Register.definition)).all()
    registers = [key for key, definition in stored if definition.get("organisations")]
    known.update(dict.fromkeys(wanted, ""))
    rows = db.session.execute(
        select(Record.id, Record.title).where(Record.register.in_(registers), Record.id.in_(sorted(wanted)))
    )
    known.update({row.id: row.title for row in rows})


def name_of(organisation_id: str | None) -> str:
    """Return the name of an organisation, its id when no register knows it, nothing for None."""
    if not organisation_id:
        return ""
    load([organisation_id])
    names: dict[str, str] = g.organisation_names
    return names[organisation_id] or organisation_id
