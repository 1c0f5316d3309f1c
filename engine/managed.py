"""Owns the managed processes as they are stored: reading all or the one of a definition, writing; it judges nothing.

What they may say is decided by engine.metrics.process and the deployment.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection, Text, bindparam, cast, insert, select, text, update

from engine import figures_due
from engine.cache import Cache
from engine.metrics.process import ManagedProcess
from engine.persistence import models
from engine.persistence.statements import table

_M: Final = table(models.ManagedProcess)
_D: Final = table(models.ProcessDefinition)

# A handful of rows (A2 has eleven processes), read each time, so that every process sees a change at once. What is made
# of them is kept by their text: making it anew would cost a step that ends a case a millisecond.
_ALL: Final = select(cast(_M.c.definition, Text)).order_by(_M.c.name, _M.c.key)
_READ: Final[Cache[str, ManagedProcess]] = Cache(128)
_DEFINITION: Final = (
    select(_D.c.name, _D.c.owner_group).where(_D.c.key == bindparam("key")).order_by(_D.c.version.desc()).limit(1)
)
_STORED: Final = select(_M.c.key, _M.c.definition)
_INSERT: Final = insert(_M)
_UPDATE: Final = update(_M).where(_M.c.key == bindparam("managed"))
_USUAL: Final[Any] = (frozenset(), {})
_ALONE: Final = text("LOCK TABLE managed_process IN SHARE ROW EXCLUSIVE MODE")


def load(connection: Connection) -> dict[str, ManagedProcess]:
    """Return every managed process by its key, in the order of their names."""
    return {process.key: process for process in _all(connection)}


def of_definition(connection: Connection, definition_key: str) -> ManagedProcess:
    """Return the managed process whose work the cases of this definition are.

    Where none names the definition, the answer is an unmanaged process of its own: same key, the newest version's name
    and owners, the usual measures. An unknown key is answered in the same way, with the key for a name.
    """
    for process in _all(connection):
        if definition_key in process.cases:
            return process
    found = connection.execute(_DEFINITION, {"key": definition_key}).one_or_none()
    return ManagedProcess(
        key=definition_key,
        name=found.name if found else definition_key,
        owner_group=found.owner_group if found else None,
        cases=(definition_key,),
        managed=False,
    )


def owner_group(connection: Connection, process: ManagedProcess) -> str | None:
    """Return the group of a process's owners: the one that it names, else that of the first of its definitions."""
    if process.owner_group is not None:
        return process.owner_group
    rows = (connection.execute(_DEFINITION, {"key": key}).one_or_none() for key in process.cases)
    return next((row.owner_group for row in rows if row is not None), None)


def _all(connection: Connection) -> list[ManagedProcess]:
    return [_READ.get(stored, partial(_read, stored)) for stored in connection.execute(_ALL).scalars()]


def _read(stored: str) -> ManagedProcess:
    return ManagedProcess.from_json(json.loads(stored))


def write_alone(connection: Connection) -> None:
    """Keep others from writing managed processes until this transaction ends, so that no two claim one definition.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_ALONE)


def store(connection: Connection, processes: Iterable[ManagedProcess], now: datetime) -> None:
    """Write managed processes; those that did not change stay as they are, and so does what evaluation notes of each.

    Where figures come to be otherwise than before, those of cases that have ended are marked to be computed anew.
    `now` is the aware instant of the change. Raises the database's `IntegrityError` when somebody stored a new one of
    the same key at the same time.
    """
    stored = {row.key: row.definition for row in connection.execute(_STORED)}
    before = _computed_by(_all(connection))
    for process in processes:
        values = {"name": process.name, "definition": process.as_json(), "changed_at": now}
        if process.key not in stored:
            connection.execute(_INSERT, {"key": process.key, **values})
        elif stored[process.key] != values["definition"]:
            connection.execute(_UPDATE.values(**values), {"managed": process.key})
    after = _computed_by(_all(connection))
    changed = [key for key in before.keys() | after.keys() if before.get(key, _USUAL) != after.get(key, _USUAL)]
    figures_due.ask(connection, sorted(changed), now)


def _computed_by(processes: Iterable[ManagedProcess]) -> dict[str, Any]:
    """Return by definition what decides on the figures of its cases; names, units and targets do not."""
    return {
        key: (
            frozenset(process.send_backs),
            {
                each.key: (each.kind, each.of, each.since, each.until, each.field)
                for each in process.measures
                if each.kind != "ratio"
            },
        )
        for process in reversed(list(processes))
        for key in process.cases
    }
