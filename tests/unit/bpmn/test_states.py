"""Stored states: version 1 is read for ever, damage is noticed."""

import json
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.case import codec
from engine.bpmn.case.versions import NEWEST, OLDEST, UPGRADES, upgraded
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


@pytest.mark.parametrize("version", range(OLDEST, NEWEST + 1))
def test_a_state_of_every_version_is_read(version: int) -> None:
    stored = (STATES / f"version-{version}.state").read_bytes()
    expected = json.loads((STATES / "expected.json").read_text())
    case = Running(BUILT)
    case.start(title="T", items=[1], a=True)
    case.step = case.step.__class__(
        **{name: getattr(case.step, name) for name in case.step.__slots__} | {"state": stored}
    )
    case.now = NOW + timedelta(hours=2)
    case.fire()
    assert codec.content_of(case.step.state) == codec.content_of(stored), "nothing of it is lost"
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
        (lambda state: state[:4] + b"\x63" + state[5:], "format 99"),
        (lambda state: state[:-1], "checksum"),
        (lambda state: state[:20] + bytes([state[20] ^ 1]) + state[21:], "checksum"),
        (lambda _state: _packed(b"\xc1"), "damaged"),
        (lambda _state: _packed(b"\x80"), "does not fit"),
        (lambda _state: _packed(b"\x01"), "does not fit"),
        (lambda _state: _packed(b"\x80", 1), "damaged"),
        (lambda _state: _packed(b"\x01", 1), "damaged"),
    ],
    ids=[
        "empty",
        "mark",
        "version",
        "short",
        "flipped",
        "no msgpack",
        "nothing in it",
        "no map",
        "nothing in an old one",
        "no old map",
    ],
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


def test_older_versions_become_the_newest_one_after_the_other() -> None:
    upgrades = {1: lambda content: {**content, "two": True}, 2: lambda content: {**content, "three": content["two"]}}
    assert upgraded({"one": 1}, 1, 3, upgrades) == {"one": 1, "two": True, "three": True}
    assert upgraded({"two": 2}, 2, 3, upgrades) == {"two": 2, "three": 2}
    assert upgraded({"any": 3}, 3, 3, upgrades) == {"any": 3}


def test_every_older_version_has_its_upgrade_and_its_state() -> None:
    assert set(UPGRADES) == set(range(OLDEST, NEWEST))
    kept = {int(path.name.split("-")[1].partition(".")[0]) for path in STATES.glob("version-*.state")}
    assert kept == set(range(OLDEST, NEWEST + 1)), "keep a state of each version: see docs/development.md"


def test_an_older_version_is_upgraded_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the next release had given every token one value more, which it took off again while reading."""
    case = Running(BUILT).start(items=[1], b=True)
    seen = []

    def again(content: dict[str, Any], version: int) -> dict[str, Any]:
        seen.append(version)
        return upgraded(content, version, 3, {2: lambda old: {**old, "count": old["count"] + 1}})

    monkeypatch.setattr(codec, "NEWEST", 3)
    monkeypatch.setattr(codec, "upgraded", again)
    found = codec.decode(case.step.state, BUILT, case.context)
    assert (set(seen), found.count) == ({2}, codec.content_of(case.step.state)["count"])
    assert codec.encode(found)[4] == 3, "whatever is written has the newest version"


def _packed(body: bytes, version: int = NEWEST) -> bytes:
    return codec._HEAD.pack(b"CMTY", version, zlib.crc32(body)) + body
