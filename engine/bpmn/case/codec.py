"""Owns the stored form of a case: its live tokens and data as msgpack, with a version number; specs are not stored.

A state is `CMTY`, one byte of version, four of checksum, then one msgpack map. Its plain content is:

    seed, count   what the ids of tokens are made from
    outcome       the name of the last end event that its process has reached, if the case still runs without it
    scopes        outer ones first; each a map: `spec` its name, `host` the token it runs for (none for the case
                  itself), `data` its variables if it has its own, `done` the activities completed (if it keeps
                  them), `tokens`
    tokens        arrays: id, element, state, flow, owner, variables of its own, unseen changes, notes

Version 1 stored that as it is. Version 2 stores each scope and each token in it folded (`engine.bpmn.case.folding`), so
that a step opens what it touches. Older versions become the newest when they are read (`engine.bpmn.case.versions`).

A case is stored when all its tokens wait, so there is no history and no prediction in it.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from engine.bpmn.case.asleep import Asleep, body_of, fill, unfit
from engine.bpmn.case.case import Case
from engine.bpmn.case.context import StepContext
from engine.bpmn.case.folding import fold, folded, unfold, unfolded
from engine.bpmn.case.versions import NEWEST, OLDEST, upgraded
from engine.errors import StateRefused
from engine.types import Json

if TYPE_CHECKING:
    from engine.bpmn.reading.executable import Executable

_MARK: Final = b"CMTY"
_HEAD: Final = struct.Struct(">4sBI")


def encode(case: Case) -> bytes:
    """Return the stored form of `case`; the same case gives the same bytes.

    Raises `StepFailed` for data that cannot be stored (a number beyond 64 bits that an expression made).
    """
    content: dict[str, Any] = {"seed": case.seed.bytes, "count": case.count, "scopes": list(_scopes(case))}
    if case.outcome is not None and not case.completed:
        content["outcome"] = case.outcome
    return _sealed(folded(content))


def _scopes(case: Case) -> Iterator[Sequence[Json]]:
    """Yield the stored scopes, outer ones first; those that the step has not touched as they were."""
    yield None, None, b"", 0, body_of(case)
    yield from case.asleep.stored(case.running)


def decode(state: bytes, executable: "Executable", context: StepContext) -> Case:
    """Return the case that `state` stores. Raises `StateRefused`."""
    content = _stored(state)
    try:
        case = Case(executable, context, UUID(bytes=content["seed"]), content["count"])
        case.outcome = content.get("outcome")
        (*_, body), *inner = content["scopes"]
        fill(case, unfolded(body))
        case.asleep = Asleep(inner)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise unfit(error) from error
    case.completed = not len(case.live)
    return case


def packed(content: dict[str, Json]) -> bytes:
    """Return the stored form of what `content_of` returns. Raises `StepFailed` for data that cannot be stored."""
    return _sealed(folded(fold(content)))


def content_of(state: bytes) -> Any:
    """Return the plain content of `state`, as the head of this module describes it. Raises `StateRefused`."""
    try:
        return unfold(_stored(state))
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise StateRefused(f"The stored case is damaged: its shape is wrong ({error}).") from error


def _sealed(body: bytes) -> bytes:
    return bytes(_HEAD.pack(_MARK, NEWEST, zlib.crc32(body)) + body)


def _stored(state: bytes) -> Any:
    """Return the folded content of `state`. Raises `StateRefused`."""
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
        content = unfolded(body)
        return upgraded(content, version) if version < NEWEST else content
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise StateRefused(f"The stored case is damaged: {type(error).__name__}: {error}.") from error
