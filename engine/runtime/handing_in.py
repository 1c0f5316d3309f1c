"""Owns handing in once: the id that a starter brings along for the new case, and the case that has it already.

It starts nothing.
"""

import re
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.errors import InputRefused, NotFound
from engine.persistence.statements import INSTANCE
from engine.types import Actor
from engine.views import CaseRef

_STARTED: Final = select(
    INSTANCE.c.id,
    INSTANCE.c.number,
    INSTANCE.c.title,
    INSTANCE.c.status,
    INSTANCE.c.started_by,
    INSTANCE.c.definition_key,
).where(INSTANCE.c.id == bindparam("instance"))
_IDENTITY: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


def is_identity(text: str) -> bool:
    """Return whether `text` can be the id of a case: 32 hexadecimal digits, small letters."""
    return _IDENTITY.fullmatch(text) is not None


def must_be_identity(text: str) -> None:
    """Raise `InputRefused` for what cannot be the id of a case."""
    if not is_identity(text):
        raise InputRefused({"identity": ["The id of a new case has 32 hexadecimal digits (0-9, a-f): make a new one."]})


def handed_in_before(connection: Connection, identity: str, key: str, actor: Actor) -> CaseRef | None:
    """Return the case of the process `key` that `actor` started under `identity`, None when there is no such case.

    Raises `NotFound` when somebody else, or another process, has it: nothing more is
    told of that case.
    """
    row = connection.execute(_STARTED, {"instance": identity}).one_or_none()
    if row is None:
        return None
    if (row.started_by, row.definition_key) != (actor.user_id, key):
        raise NotFound("process", key)
    return CaseRef(row.id, row.number, row.title, row.status, repeated=True)
