"""Owns the answer to what is wrong with a stored case when a step of it fails in a way that it should not.

A sound state costs nothing: only when a step meets an error that is none of ours is the state looked at, value by
value. If it is sound, the error is a fault of the program and stays what it is.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from engine.bpmn.case.codec import content_of
from engine.bpmn.case.live import STATES
from engine.bpmn.reading.executable import Executable
from engine.bpmn.specs.element import Element
from engine.bpmn.specs.process import ProcessSpec
from engine.errors import ComityError, StateRefused
from engine.json_data import NotData, checked
from engine.types import RecordRef

Given = ParamSpec("Given")
Result = TypeVar("Result")

_ID_BYTES: Final = 16


def refusing_damage(
    step: Callable[Concatenate[Executable, bytes, Given], Result],
) -> Callable[Concatenate[Executable, bytes, Given], Result]:
    """Let a step on a state raise `StateRefused` where it fails because of what the state holds."""

    @functools.wraps(step)
    def careful(executable: Executable, state: bytes, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        with damage_refused(executable, state):
            return step(executable, state, *args, **kwargs)

    return careful


@contextmanager
def damage_refused(executable: Executable, state: bytes) -> Iterator[None]:
    """Raise `StateRefused` where the block fails because of what the state holds."""
    try:
        yield
    except ComityError:
        raise
    except Exception as error:
        problem = wrong_with(content_of(state), executable)
        if problem is None:
            raise
        raise StateRefused(f"The stored case is damaged: {problem}.") from error


def wrong_with(content: Any, executable: Executable) -> str | None:
    """Return what is wrong with the content of a state of `executable`, None when every value is as it should be."""
    try:
        _must(isinstance(content["seed"], bytes) and isinstance(content["count"], int), "its head")
        _must(content["count"] >= 0, "its count of tokens")
        _must(isinstance(content.get("outcome", ""), str), "its outcome")
        for scope in content["scopes"]:
            _scope(scope, executable.scopes[scope["spec"]] if "host" in scope else executable.root)
    except (_Wrong, NotData) as wrong:
        return str(wrong)
    except Exception as error:  # noqa: BLE001 - whatever does not even have the shape
        return f"its shape is wrong ({type(error).__name__})"
    return None


class _Wrong(Exception):
    """Says what is wrong."""


def _must(holds: bool, what: str) -> None:  # noqa: FBT001 - the one thing that it is given
    if not holds:
        raise _Wrong(f"{what} is of the wrong kind")


def _scope(scope: Mapping[str, Any], spec: ProcessSpec) -> None:
    _must(isinstance(scope["spec"], str), "the name of a scope")
    _must("host" not in scope or _is_id(scope["host"]), "the activity of a scope")
    _data(scope.get("data", {}), "the data of a scope")
    _must(all(isinstance(each, str) for each in scope.get("done", [])), "what a scope has done")
    there = {None, *(token[0] for token in scope["tokens"])}
    for token in scope["tokens"]:
        _token(*token)
        owner, notes = token[4], token[7]
        _must(owner in there, f"what a token at {token[1]!r} belongs to")
        needed = _needed(spec.element(token[1]), instance=owner is not None)
        _must(needed <= notes.keys(), f"what is noted of a token at {token[1]!r} lacks something: it")
        _must("every" not in notes or "left" in notes, f"the cycle of a token at {token[1]!r}")
    _counts(scope["tokens"])


def _needed(element: Element | None, *, instance: bool) -> set[str]:
    """Return what has to be noted of a token."""
    if element is None or not element.has_instances:
        return set()
    loop = getattr(element, "loop", None)
    results = {"results"} if getattr(loop, "results", None) else set()
    return {"index"} if instance else {"total", "next", "done"} | results


def _counts(tokens: Sequence[Any]) -> None:
    """Check that the counts of a multi-instance activity fit one another and its instances."""
    for identity, name, *_, notes in tokens:
        if "total" in notes:
            within = all(0 <= notes[key] <= notes["total"] for key in ("next", "done"))
            lists = all(len(notes[key]) == notes["total"] for key in ("items", "results") if key in notes)
            _must(within and lists, f"the count of instances at {name!r}")
            own = [token[7]["index"] for token in tokens if token[4] == identity and "index" in token[7]]
            _must(all(0 <= index < notes["total"] for index in own), f"an instance at {name!r}")


def _token(identity: Any, name: Any, state: Any, flow: Any, owner: Any, data: Any, unseen: Any, notes: Any) -> None:
    _must(_is_id(identity) and isinstance(name, str), "a token")
    place = f"a token at {name!r}"
    _must(state in STATES and (flow is None or isinstance(flow, str)) and (owner is None or _is_id(owner)), place)
    _data(data, f"the data of {place}")
    for before in unseen.values():
        _must(isinstance(before, list) and len(before) < 2, f"what {place} has not seen")
    _data(notes, f"what is noted of {place}")
    for key, value in notes.items():
        _must(_NOTED.get(key, _anything)(value), f"{key!r} of {place}")


def _data(value: Any, what: str) -> None:
    _must(isinstance(value, dict), what)
    checked(value, what)


def _is_id(value: Any) -> bool:
    return isinstance(value, bytes) and len(value) == _ID_BYTES


def _anything(_: Any) -> bool:
    return True


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _moment(value: Any) -> bool:
    return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _references(value: Any) -> bool:
    return isinstance(value, list) and all(RecordRef.from_json(each) is not None for each in value)


def _task(value: Any) -> bool:
    return (
        all(value[key] is None or _moment(value[key]) for key in ("due", "follow_up"))
        and (value["assignee"] is None or _text(value["assignee"]))
        and all(_text(name) for key in ("users", "groups") for name in value[key])
        and _count(value["priority"])
        and _moment(value.get("began", "2026-01-01T00:00:00+00:00"))
    )


def _operation(value: Any) -> bool:
    return isinstance(value, dict) and _text(value.get("name")) and isinstance(value.get("inputs"), dict)


_NOTED: Final[Mapping[str, Callable[[Any], bool]]] = {
    "task": _task,
    "due": _moment,
    "began": _moment,
    "every": _text,
    "left": _count,
    "message": _text,
    "signal": _text,
    "key": lambda value: value is None or _text(value),
    "total": _count,
    "next": _count,
    "done": _count,
    "index": _count,
    "items": _list,
    "results": _list,
    "reads": _references,
    "operation": _operation,
    "condition": lambda value: isinstance(value, bool),
}
