"""Owns which running cases are to take a new version of a record over: a job for each, written with the version.

What such a case holds is for its own step to find out: every active case that runs on a definition which knows the
register gets a job, so that none is missed, whether it has read the record long ago or not noted yet that it has.
"""

from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, Integer, String, bindparam, exists, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.persistence.alarm import leaves_due
from engine.persistence.models import Job, ProcessDefinition, ProcessInstance, UtcDateTime
from engine.registers.definition import RegisterDefinition
from engine.types import RecordRef

_USES: Final = select(ProcessDefinition.id, ProcessDefinition.registers)


def plan(connection: Connection, definition: RegisterDefinition, ref: RecordRef, now: datetime) -> None:
    """Give every running case that may hold an older version of `ref`'s record a job to take it over, due `now`.

    A case that has such a job already keeps that one, which begins anew: whoever has leased it has lost it.
    """
    ids = [
        row.id
        for row in connection.execute(_USES)
        if any(facts["key"] == definition.key for facts in row.registers.values())
    ]
    if not ids:
        return
    parameters = {
        "suffix": "-" + blake2b(f"{ref.register}/{ref.id}".encode(), digest_size=8).hexdigest(),
        "register": ref.register,
        "record": ref.id,
        "name": definition.name,
        "now": now,
        "using": ids,
    }
    if connection.execute(_new_jobs(connection.dialect.name), parameters).rowcount:
        leaves_due(connection, now)


@lru_cache(2)
def _new_jobs(dialect: str) -> Any:
    listed = func.json_each if dialect == "sqlite" else func.jsonb_array_elements_text
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    runs_on = listed(ProcessInstance.definitions).table_valued("value")
    uses = exists(select(1).select_from(runs_on).where(runs_on.c.value.in_(bindparam("using", expanding=True))))
    now = bindparam("now", type_=UtcDateTime)
    columns: dict[str, Any] = {
        "id": ProcessInstance.id.concat(bindparam("suffix", type_=String)),
        "instance_id": ProcessInstance.id,
        "kind": literal("adopt"),
        "state": literal("waiting"),
        "task_id": bindparam("record", type_=String),
        "process_key": ProcessInstance.definition_key,
        "element_id": bindparam("register", type_=String),
        "name": bindparam("name", type_=String),
        "due_at": now,
        "attempts": literal(0, Integer),
    }
    # By key first: the index of key and status finds the running cases among all that ever were.
    running = ProcessInstance.definition_key.in_(select(ProcessDefinition.key)), ProcessInstance.status == "active"
    cases = select(*(value.label(name) for name, value in columns.items())).where(*running, uses)
    again = {"due_at": now, "state": "waiting", "attempts": 0, "leased_until": None}
    return insert(Job).from_select(list(columns), cases).on_conflict_do_update(index_elements=["id"], set_=again)
