"""Owns the stored form of a case: its live tokens and data as msgpack, with a version number; specs are not stored.

Older versions become the newest when they are read (`engine.bpmn.state_versions`). Version 1 is `CMTY`, one byte of
version, four of checksum, then one msgpack map:

    seed, count   what the ids of tokens are made from
    outcome       the name of the last end event that its process has reached, if the case still runs without it
    scopes        outer ones first; each a map: `spec` its name, `host` the token it runs for (none for the case
                  itself), `data` its variables if it has its own, `done` the activities completed (if it keeps
                  them), `tokens`
    tokens        arrays: id, element, state, flow, owner, variables of its own, unseen changes, notes

A case is stored when all its tokens wait, so there is no history and no prediction in it.
"""

import struct
import zlib
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgpack

from engine.bpmn.case import Case
from engine.bpmn.context import StepContext
from engine.bpmn.scope import InnerScope, Scope
from engine.bpmn.state_versions import NEWEST, OLDEST, upgraded
from engine.bpmn.token import READY, STARTED, WAITING, Token
from engine.errors import StateRefused, StepFailed
from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.executable import Executable

_MARK: Final = b"CMTY"
_HEAD: Final = struct.Struct(">4sBI")
STATES: Final = frozenset((WAITING, READY, STARTED))


def encode(case: Case) -> bytes:
    """Return the stored form of `case`; the same case gives the same bytes.

    Raises `StepFailed` for data that cannot be stored (a number beyond 64 bits that an expression made).
    """
    content: dict[str, Json] = {
        "seed": case.seed.bytes,
        "count": case.count,
        "scopes": [_scope(scope) for scope in case.scopes() if scope is case or not scope.completed],
    }
    if case.outcome is not None and not case.completed:
        content["outcome"] = case.outcome
    return packed(content)


def packed(content: dict[str, Json]) -> bytes:
    """Return the stored form of what `content_of` returns. Raises `StepFailed` for data that cannot be stored."""
    try:
        body = msgpack.packb(content, use_bin_type=True)
    except (OverflowError, ValueError, TypeError) as error:
        raise StepFailed(f"The case's data cannot be stored: {error}.") from error
    return bytes(_HEAD.pack(_MARK, NEWEST, zlib.crc32(body)) + body)


def _scope(scope: Scope) -> dict[str, Json]:
    stored: dict[str, Any] = {"spec": scope.spec.name, "tokens": [_token(token) for token in scope.live.values()]}
    if scope.host is not None:
        stored["host"] = scope.host.id.bytes
    if scope.owns_data:
        stored["data"] = scope.data
    if scope.done is not None:
        stored["done"] = sorted(scope.done)
    return stored


def _token(token: Token) -> list[Json]:
    return [
        token.id.bytes,
        token.element.name,
        token.state,
        token.flow,
        None if token.owner is None else token.owner.bytes,
        token.data,
        token.unseen,
        token.notes,
    ]


def decode(state: bytes, executable: "Executable", context: StepContext) -> Case:
    """Return the case that `state` stores. Raises `StateRefused`."""
    content = content_of(state)
    try:
        case = Case(executable, context, UUID(bytes=content["seed"]), content["count"])
        case.outcome = content.get("outcome")
        for stored in content["scopes"]:
            _restore(case, executable, stored)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StateRefused(
            f"The stored case does not fit its process definition ({type(error).__name__}: {error}). "
            "Look at which version of the definition it was started with."
        ) from error
    case.completed = not case.live
    return case


def content_of(state: bytes) -> Any:
    """Return the map that `state` holds, as the head of this module describes it. Raises `StateRefused`."""
    if len(state) < _HEAD.size:
        raise StateRefused("The stored case is damaged: it breaks off.")
    mark, version, checksum = _HEAD.unpack_from(state)
    if mark != _MARK:
        raise StateRefused("The stored case is damaged: it does not begin as one.")
    if not OLDEST <= version <= NEWEST:
        raise StateRefused(
            f"The stored case has format {version}; this release reads formats up to {NEWEST}. "
            "Install the release that wrote it."
        )
    body = state[_HEAD.size :]
    if zlib.crc32(body) != checksum:
        raise StateRefused("The stored case is damaged: its checksum is wrong.")
    try:
        content = msgpack.unpackb(body, raw=False)
    except (ValueError, msgpack.UnpackException) as error:
        raise StateRefused(f"The stored case is damaged: {error}.") from error
    return upgraded(content, version) if version < NEWEST else content


def _restore(case: Case, executable: "Executable", stored: dict[str, Any]) -> None:
    if "host" in stored:
        host = case.find(UUID(bytes=stored["host"]))
        if host is None:
            raise KeyError("a scope without its activity")
        inner = InnerScope(executable.scopes[stored["spec"]], host)
        case.subprocesses[host.id] = case.running[host.id] = inner
        scope: Scope = inner
    else:
        scope = case
    scope.data.update(stored.get("data", {}))
    if scope.done is not None:
        scope.done.update(stored["done"])
    owners: dict[bytes, UUID] = {}
    for identity, name, state, flow, owner, data, unseen, notes in stored["tokens"]:
        element = scope.spec.element(name)
        if element is None or state not in STATES:
            raise KeyError(f"no element {name!r}")
        token = Token(scope, element, UUID(bytes=identity), state)
        token.flow = flow
        if owner is not None:
            # Instances share one: making it costs more than looking it up.
            token.owner = owners.get(owner) or owners.setdefault(owner, UUID(bytes=owner))
        token.data, token.unseen, token.notes = data, unseen, notes
        scope.live[token.id] = token
