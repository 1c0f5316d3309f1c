"""What holds for every step: specs stay as they are, states are stable, loops stay flat, what is stored can be read."""

import json
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import codec
from engine.bpmn.executable import Executable, steps_of
from engine.errors import StateRefused, StepFailed, TaskNotOpen
from tests.bpmn_cases import NOW, Running, register, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    end,
    error,
    error_event,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process,
    reads,
    receive_task,
    script,
    start,
    store,
    sub_process,
    timer,
    user_task,
    writes,
)

STATES = Path(__file__).parent / "states"

CALLED = process(
    "q",
    start("qs"),
    user_task("deep"),
    end("qe", "", error_event("E")),
    flows("qs", "deep", "qe"),
    around=error("E", "1"),
)
EVERYTHING = process(
    "p",
    store("st_need", "need"),
    start("s", writes("st_need")),
    gateway("again"),
    gateway("g", "inclusive", default="d"),
    user_task("a", inner=reads("st_need") + writes("st_need"), properties={"need.status": "seen"}),
    boundary("remind", "a", timer("Cycle", "R/PT1H"), interrupting=False),
    script("count", "reminders = reminders + 1"),
    end("reminded"),
    boundary("cut", "a", message_event("m")),
    user_task("mi", inner=multi_instance(collection="items", item="item"), properties={"resultVariable": "results"}),
    sub_process(
        "sub",
        multi_instance(cardinality="2", sequential=True),
        start("is"),
        gateway("ig", "parallel"),
        user_task("x"),
        user_task("y"),
        gateway("ij", "parallel"),
        end("ie"),
        flows("is", "ig", "x", "ij", "ie"),
        flows("ig", "y", "ij"),
    ),
    call("c", "q"),
    boundary("wrong", "c", error_event("E")),
    gateway("race", "eventBased"),
    catch("first", timer("Duration", "PT3H")),
    receive_task("second", "m", {"correlationKey": "need.number", "resultVariable": "told"}),
    gateway("j", "inclusive"),
    gateway("x1", default="stop"),
    user_task("last"),
    end("e", "Done"),
    flows("s", "again", "g"),
    flow("g", "a", "a = true"),
    flow("g", "mi", "b = true"),
    flow("g", "sub", "c = true"),
    flow("g", "c", "d = true"),
    flow("g", "race", identity="d"),
    flows("a", "j"),
    flows("cut", "j"),
    flows("remind", "count", "reminded"),
    flows("mi", "j"),
    flows("sub", "j"),
    flows("c", "j"),
    flows("wrong", "j"),
    flows("race", "first", "j"),
    flows("race", "second", "j"),
    flows("j", "last", "x1"),
    flow("x1", "again", "more = true"),
    flow("x1", "e", identity="stop"),
    around=message("m", "note") + error("E", "1"),
)
KNOWN = {"need": register("need", "title")}


def everything() -> Executable:
    return Running(source(EVERYTHING, registers=KNOWN), source(CALLED, "q")).executable


BUILT = everything()


def picture(executable: Executable) -> dict[str, Any]:
    """Everything in the specs, as text."""
    return {
        f"{name}/{task}": {
            key: sorted(value.items()) if isinstance(value, dict) else repr(value)
            for key, value in vars(spec).items()
            if not key.endswith("_event")
        }
        for name, scope in executable.scopes.items()
        for task, spec in scope.task_specs.items()
    } | {name: sorted(map(str, vars(scope))) for name, scope in executable.scopes.items()}


def walk(case: Running, choose: st.DataObject, steps: int) -> None:
    """Do `steps` things that can be done, whatever they are."""
    for _ in range(steps):
        step = case.step
        can: list[tuple[str, str]] = [("do", each.task_id) for each in step.open_tasks]
        can += [("fire", each.task_id) for each in step.timers]
        can += [("receive", each.task_id) for each in step.subscriptions]
        if not can:
            return
        what, task = choose.draw(st.sampled_from(can))
        if what == "do":
            case.complete(task, title=choose.draw(st.sampled_from("xyz")), more=choose.draw(st.booleans()))
        elif what == "fire":
            case.now = max(case.now, next(each.due_at for each in step.timers if each.task_id == task))
            case.fire(task)
        else:
            waits = next(each for each in step.subscriptions if each.task_id == task)
            case.receive(waits.message_name, {"n": 1}, waits.correlation_key)


@settings(max_examples=60)
@given(st.data(), st.fixed_dictionaries(dict.fromkeys("abcd", st.booleans())))
def test_any_walk_leaves_the_specs_alone_and_gives_states_that_last(
    choose: st.DataObject, ways: dict[str, bool]
) -> None:
    before = picture(BUILT)
    case = Running(BUILT)
    case.start(items=[1, 2], reminders=0, **ways)
    for _ in range(12):
        walk(case, choose, 1)
        state = case.step.state
        assert codec.encode(codec.decode(state, BUILT, case.context)) == state
        other = codec.decode(state, everything(), case.context)
        assert codec.encode(other) == state, "a state does not depend on objects of the build that made it"
        assert case.step.finished == (not codec.decode(state, BUILT, case.context).live)
        if case.step.finished:
            assert (case.step.outcome, case.open) == ("Done", [])
            break
    assert picture(BUILT) == before


def test_the_same_step_gives_the_same_result() -> None:
    case = Running(BUILT).start(items=[1], b=True, c=True)
    state, step = case.step.state, case.step
    first = case.do("mi", title="x").step
    case.step = step
    assert case.step.state == state
    assert case.do("mi", title="x").step == first


def test_three_thousand_rounds_stay_flat() -> None:
    """SpiffWorkflow's trees die after five hundred."""
    content = process(
        "p",
        start(),
        gateway("m"),
        user_task("a"),
        gateway("g", default="d"),
        end(),
        flows("s", "m", "a", "g"),
        flow("g", "m", "more = true"),
        flow("g", "e", identity="d"),
    )
    case = Running(content).start()
    sizes = set()
    for _ in range(3_000):
        case.do("a", more=True)
        sizes.add(len(case.step.state))
    assert max(sizes) - min(sizes) < 20
    assert case.do("a", more=False).step.finished


def test_a_chain_of_a_thousand_elements_is_read_and_run() -> None:
    """SpiffWorkflow's parser recurses along the flows."""
    names = [f"g{number}" for number in range(1_000)]
    content = process("p", start(), *(gateway(name) for name in names), end(), flows("s", *names, "e"))
    assert Running(content).start().step.finished


@pytest.mark.parametrize("names", [("Start", "End"), ("Root", "p.EndJoin"), ("id", "name")])
def test_no_id_is_reserved(names: tuple[str, str]) -> None:
    """In SpiffWorkflow a start event named Start cannot be made, and a task named End is skipped."""
    first, second = names
    case = Running(process("p", start(first), user_task(second), end(), flows(first, second, "e"))).start()
    assert case.open == [second]
    assert case.do(second).step.finished


@pytest.mark.parametrize("key", ["typename", "__class__", "", "a.b", "data"])
def test_no_name_of_a_variable_is_special(key: str) -> None:
    """A variable named typename makes SpiffWorkflow's stored cases unloadable."""
    case = Running(process("p", start(), user_task("a"), user_task("b"), end(), flows("s", "a", "b", "e"))).start()
    value: Any = {"typename": "UUID", "value": "not one", "": {"typename": 1}}
    assert case.do("a", (), **{key: value}).do("b").data == {key: value}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**64, object(), {1: 2}, b"x", {"a": {"b"}}, "\ud800", NOW]
)
def test_what_is_no_data_is_refused(value: Any) -> None:
    case = Running(process("p", start(), user_task("a"), end(), flows("s", "a", "e"))).start()
    with pytest.raises(StepFailed):
        case.do("a", v=value)
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(StepFailed, match="nested"):
        case.do("a", v=deep)
    with pytest.raises(StepFailed, match="more than"):
        case.do("a", v=[0] * 200_000)


def test_a_cancelled_case_is_over() -> None:
    case = Running(BUILT).start(items=[1, 2], a=True, b=True, c=True, d=True)
    assert len(case.open) == 6
    task = case.open
    identity = case.step.open_tasks[0].task_id
    case.cancel()
    assert (case.step.finished, case.step.outcome, case.open, case.step.timers) == (True, None, [], ())
    cancelled = [name for name, state in case.log if state == "cancelled"]
    assert set(task) <= set(cancelled)
    with pytest.raises(TaskNotOpen):
        case.complete(identity)


def test_a_failed_step_changes_nothing() -> None:
    content = process("p", start(), user_task("a"), script("x", "y = 1 / n"), end(), flows("s", "a", "x", "e"))
    case = Running(content).start()
    state = case.step.state
    with pytest.raises(StepFailed, match="ZeroDivisionError"):
        case.do("a", n=0)
    assert case.step.state == state
    assert case.do("a", n=1).step.finished


def test_facts_of_the_case_are_computed() -> None:
    content = process(
        "p",
        start(),
        user_task("a"),
        end(),
        flows("s", "a", "e"),
        properties={"title": '= "About " + what', "priority": "70", "channel": "way", "ownerGroup": "x"},
    )
    case = Running(content).start(what="mail", way="call")
    assert case.step.facts == {"title": "About mail", "priority": 70, "channel": "call"}
    assert case.do("a", what="disk").step.facts == {"title": "About disk"}


def test_the_steps_of_a_process_come_in_the_order_of_the_flow() -> None:
    steps = steps_of(BUILT)
    names = [step.id for step in steps]
    assert names[:3] == ["s", "again", "g"]
    assert names.index("sub") + 1 == names.index("is")
    assert {step.scope for step in steps if step.id in ("x", "y")} == {"sub"}
    assert [step.process_key for step in steps if step.id == "deep"] == ["q"]
    assert len(names) == len(set(names))
    assert {"remind", "wrong", "e"} <= set(names)


# --- stored states ------------------------------------------------------------------------------------------------------


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
