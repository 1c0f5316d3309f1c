"""Owns which files the imports of pinned decision files reach: those that were published with them, not namesakes.

It writes nothing. Anybody may publish a decision file, under any name and namespace.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from sqlalchemy import Connection, bindparam, select

from engine.decisions.imports import namespaces, reached
from engine.persistence.database import AnyRow
from engine.persistence.models import DefinitionResource, ProcessDefinition, Resource
from engine.persistence.statements import table
from engine.repository.shelf import Shelf
from engine.repository.upload import Upload

_R: Final = table(Resource)
_D: Final = table(ProcessDefinition)
_PIN: Final = table(DefinitionResource)
_OTHER: Final = _PIN.alias()

_FILE: Final = (_R.c.id, _R.c.name, _R.c.digest, _R.c.content, _R.c.deployment_id)
_BESIDE: Final = (
    select(*_FILE)
    .join_from(_PIN, _R, _R.c.id == _PIN.c.resource_id)
    .join(_OTHER, _OTHER.c.definition_id == _PIN.c.definition_id)
    .join(_D, _D.c.id == _PIN.c.definition_id)
    .where(_PIN.c.kind == "library", _OTHER.c.kind == "dmn", _OTHER.c.resource_id == bindparam("resource"))
    .order_by((_D.c.key == bindparam("process")).desc(), _D.c.version.desc(), _D.c.id)
)
"""What the imports of a file reach where it is pinned already: in the same process first, newest versions first."""

_ALL: Final = select(*_FILE).where(_R.c.id.in_(bindparam("resources", expanding=True))).order_by(_R.c.name, _R.c.id)


@dataclass(frozen=True, slots=True)
class Library:
    """The imported files that a process pins, by file name: digests, and ids of those that are deployed already.

    Those of the upload itself are in `uploaded`, by the key of one of their decisions.
    """

    digests: dict[str, str] = field(default_factory=dict)
    deployed: dict[str, str] = field(default_factory=dict)
    uploaded: dict[str, str] = field(default_factory=dict)


def library_of(connection: Connection, upload: Upload, shelf: Shelf, process: str, decisions: Iterable[str]) -> Library:
    """Return what the imports of these pinned decisions reach.

    Of several files with one namespace that is the one of the upload, else the one that the decision file reads where
    it is pinned already, else the one that was deployed with it, else the newest there is.
    """
    found = Library()
    for key in decisions:
        beside: list[AnyRow] = []
        if key in upload.decisions:
            content = upload.decisions[key].content
        else:
            row = shelf.resources.get(("dmn", key))
            if row is None:
                continue
            content = connection.execute(select(_R.c.content).where(_R.c.id == row.id)).scalar_one()
            if not namespaces(content)[1]:
                continue
            beside = list(_beside(connection, shelf, process, row.id))
        _take(found, content, upload, beside)
    return found


def _beside(connection: Connection, shelf: Shelf, process: str, resource_id: str) -> Iterator[AnyRow]:
    yield from connection.execute(_BESIDE, {"resource": resource_id, "process": process})
    ids = [row.id for (kind, _), row in shelf.resources.items() if kind == "dmn"]
    others = connection.execute(_ALL, {"resources": ids}).all()
    with_it = {row.deployment_id for row in others if row.id == resource_id}
    yield from sorted(others, key=lambda row: row.deployment_id not in with_it)


def _take(found: Library, content: bytes, upload: Upload, beside: Iterable[AnyRow]) -> None:
    """Add to `found` what the imports of a file with this content reach, in the upload or `beside` it."""
    mine: dict[str, str] = {}
    for key, file in upload.decisions.items():
        mine.setdefault(namespaces(file.content)[0], key)
    theirs: dict[str, AnyRow] = {}
    for row in beside:
        theirs.setdefault(namespaces(row.content)[0], row)

    def named(namespace: str) -> bytes | None:
        if namespace in mine:
            return upload.decisions[mine[namespace]].content
        return bytes(theirs[namespace].content) if namespace in theirs else None

    for namespace in reached(content, named):
        if namespace in mine:
            file = upload.decisions[mine[namespace]]
            name = _name(found, file.name, file.digest)
            found.uploaded[name], found.digests[name] = mine[namespace], file.digest
        else:
            row = theirs[namespace]
            name = _name(found, row.name, row.digest)
            found.deployed[name], found.digests[name] = row.id, row.digest


def _name(found: Library, file: str, digest: str) -> str:
    """Return under which name a file is pinned: its own, with a number when another file of that name is there."""
    names = (file if number == 1 else f"{number}:{file}"[:255] for number in count(1))
    return next(name for name in names if found.digests.get(name, digest) == digest)


def pinned(library: Library, ids: Mapping[tuple[str, str], str]) -> dict[str, str]:
    """Return the ids of the files by name; `ids` are those of all files after the deployment, by kind and key."""
    return {**library.deployed, **{name: ids["dmn", key] for name, key in library.uploaded.items()}}
