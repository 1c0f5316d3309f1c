"""Owns how the remarks on a case are read, by pages, newest first; who may see the case is not its question."""

from typing import Final

from sqlalchemy import Connection, bindparam, select, tuple_

from engine.people import people
from engine.persistence import statements as sql
from engine.persistence.models import Comment
from engine.views import CommentView, Cursor, Page

_COMMENT: Final = sql.table(Comment)
_NEWEST: Final = (
    select(_COMMENT)
    .where(
        _COMMENT.c.instance_id == bindparam("instance"), _COMMENT.c.audience.in_(bindparam("audiences", expanding=True))
    )
    .order_by(_COMMENT.c.at.desc(), _COMMENT.c.id.desc())
    .limit(bindparam("limit"))
)


def page(
    connection: Connection, instance_id: str, *, staff: bool, after: Cursor | None = None, limit: int
) -> Page[CommentView]:
    """Return a page of the remarks that staff, else everyone, may read; raise `InputRefused` for a damaged cursor."""
    query = _NEWEST
    if after is not None:
        query = query.where(tuple_(_COMMENT.c.at, _COMMENT.c.id) < after.moment_and_id())
    audiences = ["everyone", "staff"] if staff else ["everyone"]
    wanted = {"instance": instance_id, "audiences": audiences, "limit": limit + 1}
    rows = connection.execute(query, wanted).all()
    names = people(connection, (row.author for row in rows))
    found = tuple(
        CommentView(row.id, names.person(row.author), row.at, row.text, row.audience, row.task_id)
        for row in rows[:limit]
    )
    return Page(found, Cursor((found[-1].at.isoformat(), found[-1].id)) if len(rows) > limit else None)
