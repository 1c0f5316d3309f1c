"""The processes that have figures: managed ones, and definitions that begin cases and that no process.yaml names."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Final

from sqlalchemy import Connection, select

from engine import managed
from engine.definitions import Definition, Definitions
from engine.metrics.process import ManagedProcess
from engine.persistence.database import AnyRow
from engine.persistence.models import ProcessDefinition
from engine.persistence.statements import table

_D: Final = table(ProcessDefinition)
_VERSIONS: Final = select(
    _D.c.key, _D.c.version, _D.c.id, _D.c.name, _D.c.owner_group, _D.c.startable, _D.c.facts["starts"].label("starts")
).order_by(_D.c.key, _D.c.version)


class Processes:
    """The processes as they are now, in two statements; over the caller's connection."""

    def __init__(self, connection: Connection, definitions: Definitions) -> None:
        self._connection, self._definitions = connection, definitions
        self._versions: dict[str, list[AnyRow]] = {}
        for row in connection.execute(_VERSIONS):
            self._versions.setdefault(row.key, []).append(row)

    @cached_property
    def by_key(self) -> dict[str, ManagedProcess]:
        """Return every process by its key: managed ones by name, then the others by name.

        A managed process that names no owners has those of its first definition.
        """
        found = {key: self._owned(process) for key, process in managed.load(self._connection).items()}
        named = {key for process in found.values() for key in process.cases}
        others = [
            ManagedProcess(key, rows[-1].name, owner_group=rows[-1].owner_group, cases=(key,), managed=False)
            for key, rows in self._versions.items()
            if key not in named and (rows[-1].startable or rows[-1].starts)
        ]
        others.sort(key=lambda each: (each.name.casefold(), each.key))
        return found | {each.key: each for each in others if each.key not in found}

    def versions(self, keys: Iterable[str]) -> list[int]:
        """Return the versions that definitions with these keys have, newest first."""
        return sorted({row.version for key in keys for row in self._versions.get(key, ())}, reverse=True)

    def ids(self, keys: Iterable[str], version: int | None) -> tuple[str, ...] | None:
        """Return the ids of this version of the definitions with these keys; None for no version."""
        if version is None:
            return None
        return tuple(row.id for key in keys for row in self._versions.get(key, ()) if row.version == version)

    def definitions(self, keys: Iterable[str]) -> list[Definition]:
        """Return the newest versions of these definitions, then of those that they call, directly or not."""
        queue = [key for key in dict.fromkeys(keys) if key in self._versions]
        found: dict[str, Definition] = {}
        for key in queue:
            if key not in found:
                found[key] = self._definitions.get(self._connection, self._versions[key][-1].id)
                queue += [call.key for call in found[key].facts.calls if call.key in self._versions]
        return list(found.values())

    def _owned(self, process: ManagedProcess) -> ManagedProcess:
        if process.owner_group is not None:
            return process
        first = next((self._versions[key][-1] for key in process.cases if key in self._versions), None)
        return process if first is None else replace(process, owner_group=first.owner_group)
