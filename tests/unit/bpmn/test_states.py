"""Stored states: version 1 is read for ever, damage is noticed."""

import json
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn import codec
from engine.errors import StateRefused
from tests.bpmn_cases import NOW, Running
from tests.bpmn_models import (
    end,
    flows,
    process,
    start,
    user_task,
)
from tests.unit.bpmn.everything import BUILT

STATES = Path(__file__).parent / "states"


def test_a_state_of_version_1_is_read() -> None:
    stored = (STATES / "version-1.state").read_bytes()
    expected = json.loads((STATES / "version-1.json").read_text())
    case = Running(BUILT)
    case.start(title="T", items=[1], a=True)
    case.step = case.step.__class__(
        **{name: getattr(case.step, name) for name in case.step.__slots__} | {"state": stored}
    )
    case.now = NOW + timedelta(hours=2)
    case.fire()
    assert case.step.state == stored
    assert case.data == expected["variables"]
    assert sorted(case.open) == expected["open"]
    assert [each.due_at.isoformat() for each in case.step.timers] == expected["timers"]
    assert [each.message_name for each in case.step.subscriptions] == expected["messages"]
    for name in expected["walk"]:
        case.do(name, title="T2", more=False)
    assert (case.step.finished, case.step.outcome) == (True, "Done")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda _state: b"", "breaks off"),
        (lambda state: b"XXXX" + state[4:], "does not begin"),
        (lambda state: state[:4] + b"\x02" + state[5:], "format 2"),
        (lambda state: state[:-1], "checksum"),
        (lambda state: state[:20] + bytes([state[20] ^ 1]) + state[21:], "checksum"),
        (lambda _state: _packed(b"\xc1"), "damaged"),
        (lambda _state: _packed(b"\x80"), "does not fit"),
        (lambda _state: _packed(b"\x01"), "does not fit"),
    ],
    ids=["empty", "mark", "version", "short", "flipped", "no msgpack", "nothing in it", "no map"],
)
def test_a_damaged_or_unknown_state_is_refused(damage: Any, words: str) -> None:
    case = Running(BUILT).start(items=[1], b=True)
    with pytest.raises(StateRefused, match=words):
        codec.decode(damage(case.step.state), BUILT, case.context)


@given(st.data())
def test_any_single_damage_is_noticed(choose: st.DataObject) -> None:
    case = Running(BUILT).start(items=[1], b=True)
    state = bytearray(case.step.state)
    state[choose.draw(st.integers(0, len(state) - 1))] ^= 1 << choose.draw(st.integers(0, 7))
    with pytest.raises(StateRefused):
        codec.decode(bytes(state), BUILT, case.context)


def test_a_state_of_another_definition_is_refused() -> None:
    case = Running(BUILT).start(items=[1], b=True)
    other = Running(process("p", start(), user_task("a"), end(), flows("s", "a", "e"))).executable
    with pytest.raises(StateRefused, match="does not fit"):
        codec.decode(case.step.state, other, case.context)


def _packed(body: bytes) -> bytes:
    return codec._HEAD.pack(b"CMTY", 1, zlib.crc32(body)) + body
