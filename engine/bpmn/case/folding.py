"""Owns the folded form of a case's content; it knows plain values only, neither cases nor definitions.

Each token and each inner scope is a string of bytes of its own, which is opened when it is asked for. A case may hold
thousands of tokens, and a step touches a few: the others cost it next to nothing.

    scope     array: the token it runs for, the one that the scope around it runs for (nothing: that is the case), the
              ids of its tokens one after the other, flags, its body folded
    body      map: `spec` its name, `data` its variables if it has its own, `done` the activities completed (if it keeps
              them), `groups`
    group     array: the element, the ids of the tokens there, the ids of those they belong to (or of nobody), the
              tokens folded
    token     array: state, flow, variables of its own, unseen changes, notes
"""

from collections.abc import Iterator
from typing import Any, Final

import msgpack

from engine.errors import StepFailed
from engine.types import Json

Plain = dict[str, Any]
"""What `engine.bpmn.case.codec` describes: the content of a state, with nothing folded in it."""

ID: Final = 16
"""Bytes of an id."""
NOBODY: Final = bytes(ID)
"""Stands where a token belongs to none."""

ASKS: Final = 1
"""Flag of a scope: something in it waits for a condition, so it is to be asked in every step."""
OWNS_DATA: Final = 2
"""Flag of a scope: it has variables of its own, and does not see those around it."""

Group = list[Any]


def folded(value: Json) -> bytes:
    """Return `value` as bytes. Raises `StepFailed` for data that cannot be stored (a number beyond 64 bits)."""
    try:
        return bytes(msgpack.packb(value, use_bin_type=True))
    except (OverflowError, ValueError, TypeError) as error:
        raise StepFailed(f"The case's data cannot be stored: {error}.") from error


def unfolded(value: bytes) -> Any:
    """Return what `folded` was given. Raises `ValueError` for what is no such text."""
    try:
        return msgpack.unpackb(value, raw=False)
    except msgpack.UnpackException as error:
        raise ValueError(str(error)) from error


def fold(plain: Plain) -> Plain:
    """Return the folded form of plain content. What it does not say is taken to be so: every scope asks."""
    content = {name: value for name, value in plain.items() if name != "scopes"}
    around: dict[bytes, bytes | None] = {}
    for scope in plain["scopes"]:
        around |= {token[0]: scope.get("host") for token in scope["tokens"]}
    content["scopes"] = [_fold_scope(scope, around) for scope in plain["scopes"]]
    return content


def _fold_scope(scope: Plain, around: dict[bytes, bytes | None]) -> list[Any]:
    groups: dict[str, list[Any]] = {}
    for identity, name, state, flow, owner, data, unseen, notes in scope["tokens"]:
        group = groups.setdefault(name, [name, [], [], []])
        group[1].append(identity)
        group[2].append(NOBODY if owner is None else owner)
        group[3].append(folded([state, flow, data, unseen, notes]))
    body = {name: value for name, value in scope.items() if name not in ("host", "tokens")}
    body["groups"] = [[name, b"".join(ids), b"".join(owners), bodies] for name, ids, owners, bodies in groups.values()]
    host = scope.get("host")
    flags = ASKS | (OWNS_DATA if "data" in scope else 0)
    ids = b"".join(token[0] for token in scope["tokens"])
    return [host, None if host is None else around[host], ids, flags, folded(body)]


def unfold(content: Plain) -> Plain:
    """Return the plain form of folded content. Raises `ValueError`, `TypeError` or `KeyError` for what is not sound."""
    plain = {name: value for name, value in content.items() if name != "scopes"}
    plain["scopes"] = [_unfold_scope(*scope) for scope in content["scopes"]]
    return plain


def _unfold_scope(host: bytes | None, around: bytes | None, ids: bytes, flags: int, body: bytes) -> Plain:
    hosts = [each for each in (host, around) if each is not None]
    if len(b"".join(hosts)) != ID * len(hosts) or len(b"" + ids) % ID or flags & ~(ASKS | OWNS_DATA):
        raise ValueError("a scope without its place")
    scope: Plain = unfolded(body)
    scope["tokens"] = [token for group in scope.pop("groups") for token in _unfold_group(*group)]
    if host is not None:
        scope["host"] = host
    return scope


def _unfold_group(name: str, ids: bytes, owners: bytes, bodies: list[bytes]) -> Iterator[list[Any]]:
    for index, body in enumerate(bodies):
        at = index * ID
        owner = owners[at : at + ID]
        state, flow, *others = unfolded(body)
        yield [ids[at : at + ID], name, state, flow, None if owner == NOBODY else owner, *others]


def stands_in(identity: bytes, ids: bytes) -> bool:
    """Say whether `identity` is one of the ids one after the other."""
    return next(places_of(identity, ids), None) is not None


def places_of(identity: bytes, ids: bytes) -> Iterator[int]:
    """Yield at which places among the ids one after the other `identity` stands."""
    at = ids.find(identity)
    while at >= 0:
        if at % ID == 0:
            yield at // ID
        at = ids.find(identity, at + 1)
