"""Whatever stands where a case was stored: it is refused, or it is a case that can be worked with; nothing else."""

import resource
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import msgpack
import pytest
from hypothesis import example, given, reject
from hypothesis import strategies as st

from engine.bpmn import interpreter, mending
from engine.bpmn.case import codec
from engine.bpmn.case.folding import fold
from engine.bpmn.case.versions import NEWEST
from engine.errors import ComityError, NotFound, StateRefused, StepFailed
from engine.types import Json, RecordRef
from tests.bpmn_cases import NOW, Registers, Running
from tests.bpmn_models import multi_instance, one, user_task
from tests.unit.bpmn.everything import BUILT

WALKS: tuple[dict[str, Json], ...] = (
    {"items": [1, 2], "a": True, "b": True},
    {"items": [1], "c": True, "d": True},
    {"items": []},
)


def packed(content: Any, version: int = NEWEST) -> bytes:
    body = msgpack.packb(content, use_bin_type=True)
    return bytes(codec._HEAD.pack(b"CMTY", version, zlib.crc32(body)) + body)


def plainly(content: Any) -> bytes:
    """Return a state of version 1: nothing in it is folded."""
    return packed(content, 1)


def inside(content: Any) -> bytes:
    """Return a state with the damage in what is folded in it, where it can be folded at all."""
    try:
        return packed(fold(content))
    except (AttributeError, LookupError, TypeError, ValueError, StepFailed):
        reject()


def folded_content(state: bytes) -> Any:
    return msgpack.unpackb(state[codec._HEAD.size :], raw=False)


READ: Mapping[str, tuple[Callable[[bytes], Any], Callable[[Any], bytes]]] = {
    "version 1": (codec.content_of, plainly),
    "folded": (codec.content_of, inside),
    "around it": (folded_content, packed),
}
"""How damage is done: what is damaged of a state, and how a state is made of that again."""


class Real(Registers):
    """Registers that say of records that are not there what those of the engine say."""

    def body(self, ref: RecordRef) -> Mapping[str, Json]:
        try:
            return super().body(ref)
        except (KeyError, IndexError):
            raise NotFound("record", ref.id) from None

    def readable(self, held: RecordRef) -> RecordRef | None:
        return self.current(held.register, held.id)


def stored(number: int) -> bytes:
    return Running(BUILT).start(**WALKS[number]).step.state


STATES = [stored(number) for number in range(len(WALKS))]

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=8) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, part in parts for found in places(part, (*path, key)))]


def changed(content: Any, path: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    holder = content
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return content


def work_with(state: bytes) -> None:
    """Do everything that can be done with a state; only errors that the engine raises on purpose may come out."""
    case = Running(BUILT, registers=Real())
    with suppress(ComityError):
        interpreter.cancel(BUILT, state, case.context)
    try:
        found = interpreter.fire(BUILT, state, (), case.context)
        tasks = tuple(found.open_tasks)  # each is put together, and looked at, when it is asked for
    except ComityError:
        return
    case.now = max([NOW, *(timer.due_at for timer in found.timers)])
    with suppress(ComityError):
        mending.look(BUILT, state, case.context)
    for task in tasks:
        with suppress(ComityError):
            mending.change(BUILT, state, task.task_id, {"by_hand": 1}, (), case.context)
        with suppress(ComityError):
            mending.skip(BUILT, state, task.task_id, {}, case.context)
        with suppress(ComityError):
            mending.move(BUILT, state, task.task_id, task.element_id, case.context)
        with suppress(ComityError):
            interpreter.variables_of(BUILT, state, task.task_id, case.context)
        with suppress(ComityError):
            interpreter.complete(BUILT, state, task.task_id, {"more": False}, case.context)
    for timer in found.timers:
        with suppress(ComityError):
            interpreter.fire(BUILT, state, [timer.task_id], case.context)
    for wait in found.subscriptions:
        with suppress(ComityError):
            interpreter.deliver(BUILT, state, wait.task_id, {}, case.context)


@pytest.mark.parametrize("how", READ)
@given(st.data(), st.integers(0, len(STATES) - 1), plain)
def test_a_value_that_is_another_is_refused_or_harmless(
    how: str, choose: st.DataObject, number: int, value: Any
) -> None:
    read, made = READ[how]
    content = read(STATES[number])
    path = choose.draw(st.sampled_from(places(content)[1:]))

    def put(holder: Any, key: Any) -> None:
        holder[key] = value

    work_with(made(changed(content, path, put)))


@pytest.mark.parametrize("how", READ)
@given(st.data(), st.integers(0, len(STATES) - 1))
def test_a_value_that_is_missing_or_doubled_is_refused_or_harmless(
    how: str, choose: st.DataObject, number: int
) -> None:
    read, made = READ[how]
    content = read(STATES[number])
    path = choose.draw(st.sampled_from(places(content)[1:]))

    def drop(holder: Any, key: Any) -> None:
        del holder[key]

    def double(holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.insert(key, holder[key])
        else:
            holder[key + "2"] = holder[key]

    work_with(made(changed(content, path, choose.draw(st.sampled_from([drop, double])))))


@given(st.data(), st.integers(0, len(STATES) - 1), st.binary(min_size=1, max_size=8))
def test_bytes_that_are_others_are_refused_or_harmless(choose: st.DataObject, number: int, piece: bytes) -> None:
    body = bytearray(STATES[number][codec._HEAD.size :])
    at = choose.draw(st.integers(0, len(body) - 1))
    body[at : at + choose.draw(st.sampled_from([0, len(piece)]))] = piece
    work_with(codec._HEAD.pack(b"CMTY", NEWEST, zlib.crc32(body)) + bytes(body))


def test_damage_beside_what_a_step_touches_is_told_by_whoever_looks_at_all_that_waits() -> None:
    content = one(user_task("a", inner=multi_instance(cardinality="3"), properties={"resultVariable": "all"}))
    case = Running(content).start()
    stored = codec.content_of(case.step.state)
    stored["scopes"][0]["tokens"][-1][-1] = None
    case.step = replace(case.step, state=codec.packed(stored))
    step = case.complete(case.step.open_tasks[0].task_id).step
    with pytest.raises(StateRefused, match="what is noted"):
        len(step.open_tasks)


@given(st.binary(max_size=200))
@example(b"\xdd\xff\xff\xff\xff" * 1000)
@example(b"\xdf\xff\xff\xff\xff" * 1000)
@example(b"\xc6\xff\xff\xff\xff")
@example(b"\x91" * 100_000)
@example(b"\xc7\x04\x05abcd")
def test_any_bytes_are_refused(body: bytes) -> None:
    with pytest.raises(StateRefused):
        codec.decode(codec._HEAD.pack(b"CMTY", NEWEST, zlib.crc32(body)) + body, BUILT, Running(BUILT).context)


def test_lengths_that_are_lies_cost_neither_time_nor_memory() -> None:
    """Arrays in arrays, each of which says that it is as long as the whole state."""
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    body = b"\xdd\x00\x0f\x00\x00" * 200_000
    with pytest.raises(StateRefused, match="damaged"):
        codec.decode(codec._HEAD.pack(b"CMTY", NEWEST, zlib.crc32(body)) + body, BUILT, Running(BUILT).context)
    assert time.monotonic() - began < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000, "kilobytes"
