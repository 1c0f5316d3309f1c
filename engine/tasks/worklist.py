"""Owns the queries of worklists: each principal's rows are scanned in the order of an index, then merged.

It changes nothing.

A page of a list of a million tasks takes a few milliseconds this way; offsets, joins over candidates and exact counts
take seconds.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, literal, select, tuple_, union_all

from engine.errors import InputRefused
from engine.persistence.models import UtcDateTime
from engine.persistence.statements import INSTANCE, TASK, WORKLIST
from engine.types import Actor
from engine.views import Cursor, WorklistFilter

Sort = Literal["due", "created", "priority"]

_ORDERS: Final[dict[Sort, tuple[str, ...]]] = {
    "due": ("due_at", "priority", "task_id"),
    "created": ("created_at", "task_id"),
    "priority": ("priority", "due_at", "task_id"),
}
_SHOWN: Final = (
    TASK.c.id,
    TASK.c.name,
    TASK.c.process_key,
    TASK.c.definition_id,
    TASK.c.element_id,
    TASK.c.lane,
    TASK.c.assignee,
    TASK.c.principals,
    TASK.c.priority,
    TASK.c.due_at,
    TASK.c.follow_up_at,
    TASK.c.created_at,
    INSTANCE.c.id.label("case_id"),
    INSTANCE.c.number,
    INSTANCE.c.title,
    INSTANCE.c.status,
)


def principals_of(actor: Actor, scope: str) -> list[str]:
    """Return the principals whose rows make up the actor's list for `scope`."""
    groups = [name for name in actor.principals if name.startswith("group:")]
    if scope == "mine":
        return [f"user:{actor.user_id}"]
    if scope == "groups":
        return groups
    if scope == "others":
        return [f"claimed:{name}" for name in groups]
    return list(actor.principals)


def page(
    connection: Connection, actor: Actor, wanted: WorklistFilter, after: Cursor | None, limit: int, now: datetime
) -> tuple[Sequence[Any], Cursor | None]:
    """Return the rows of one page and the cursor of the next; raise `InputRefused` for a cursor of another list."""
    names = principals_of(actor, wanted.scope)
    if not names:
        return [], None
    statement = _page(len(names), wanted.sort, _shape(wanted), after is not None)
    parameters = _parameters(actor, wanted, names, now) | {"limit": limit + 1}
    if after is not None:
        parameters |= _cursor_parameters(after, wanted.sort)
    rows = connection.execute(statement, parameters).all()
    more = len(rows) > limit
    return rows[:limit], _cursor(rows[limit - 1], wanted.sort) if more else None


def count(connection: Connection, actor: Actor, wanted: WorklistFilter, cap: int, now: datetime) -> int:
    """Return how many tasks the list has, at most `cap` + 1."""
    names = principals_of(actor, wanted.scope)
    if not names:
        return 0
    parameters = _parameters(actor, wanted, names, now) | {"limit": cap + 1}
    found: int = connection.execute(_count(len(names), _shape(wanted)), parameters).scalar_one()
    return found


_Shape = tuple[bool, bool, bool, bool]


def _shape(wanted: WorklistFilter) -> _Shape:
    return bool(wanted.text.strip()), wanted.process_key is not None, wanted.overdue, wanted.scope == "others"


def _parameters(actor: Actor, wanted: WorklistFilter, names: Sequence[str], now: datetime) -> dict[str, Any]:
    escaped = wanted.text.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        **{f"principal_{index}": name for index, name in enumerate(names)},
        "text": f"%{escaped}%",
        "process": wanted.process_key,
        "now": now,
        "me": f"user:{actor.user_id}",
    }


def _scan(index: int, shape: _Shape) -> Select[Any]:
    text, process, overdue, others = shape
    scan = select(WORKLIST.c.due_at, WORKLIST.c.priority, WORKLIST.c.created_at, WORKLIST.c.task_id).where(
        WORKLIST.c.principal == bindparam(f"principal_{index}")
    )
    if text:
        scan = scan.where(WORKLIST.c.text.like(bindparam("text"), escape="\\"))
    if process:
        scan = scan.where(WORKLIST.c.process_key == bindparam("process"))
    if overdue:
        scan = scan.where(WORKLIST.c.due_at < bindparam("now", type_=UtcDateTime))
    if others:
        mine = WORKLIST.alias("mine")
        scan = scan.where(
            ~exists().where(and_(mine.c.task_id == WORKLIST.c.task_id, mine.c.principal == bindparam("me")))
        )
    return scan


@lru_cache(512)
def _page(principals: int, sort: Sort, shape: _Shape, after: bool) -> Select[Any]:  # noqa: FBT001 - a key of the cache
    order = _ORDERS[sort]
    parts = []
    for index in range(principals):
        scan = _scan(index, shape)
        if after:
            columns = [WORKLIST.c[name] for name in order]
            marks = [literal_of(name) for name in order]
            scan = scan.where(tuple_(*columns) > tuple_(*marks))
        scan = scan.order_by(*(WORKLIST.c[name] for name in order)).limit(bindparam("limit"))
        parts.append(select(scan.subquery(f"scan_{index}")))
    merged = union_all(*parts).subquery("merged")
    keys = (
        select(merged)
        .distinct()
        .order_by(*(merged.c[name] for name in order))
        .limit(bindparam("limit"))
        .subquery("listed")
    )
    return (
        select(*_SHOWN, *(keys.c[name].label(f"key_{name}") for name in order))
        .join_from(keys, TASK, TASK.c.id == keys.c.task_id)
        .join(INSTANCE, INSTANCE.c.id == TASK.c.instance_id)
        .order_by(*(keys.c[name] for name in order))
    )


def literal_of(name: str) -> Any:
    """Return the parameter that carries one value of a cursor, with the type of its column."""
    return bindparam(f"after_{name}", type_=WORKLIST.c[name].type)


@lru_cache(512)
def _count(principals: int, shape: _Shape) -> Select[Any]:
    parts = [
        select(_scan(index, shape).limit(bindparam("limit")).subquery(f"scan_{index}").c.task_id)
        for index in range(principals)
    ]
    merged = union_all(*parts).subquery("merged")
    capped = select(merged.c.task_id).distinct().limit(bindparam("limit")).subquery("capped")
    return select(func.count(literal(1))).select_from(capped)


def _cursor(row: Any, sort: Sort) -> Cursor:
    values = [row._mapping[f"key_{name}"] for name in _ORDERS[sort]]  # noqa: SLF001 - the public name of a row's mapping
    return Cursor((sort, *(value.isoformat() if isinstance(value, datetime) else value for value in values)))


def _cursor_parameters(after: Cursor, sort: Sort) -> dict[str, Any]:
    order = _ORDERS[sort]
    if len(after.values) != len(order) + 1 or after.values[0] != sort:
        raise InputRefused({"after": ["This link belongs to another list: go back to the first page."]})
    parameters: dict[str, Any] = {}
    for position, name in enumerate(order, start=1):
        value = after.values[position]
        parameters[f"after_{name}"] = after.moment(position) if name.endswith("_at") else value
        if name == "priority" and not isinstance(value, int):
            raise InputRefused({"after": ["This link is damaged: go back to the first page."]})
    return parameters
