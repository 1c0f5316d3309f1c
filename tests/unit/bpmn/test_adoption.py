"""A running case takes a newer version of its framework over: references in every scope, and the times that follow."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.reading.executable import Executable
from engine.errors import StepFailed
from engine.types import Json, RecordRef
from engine.types.moved import MovedTime
from tests.bpmn_cases import NOW, Registers, Running, register, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    end,
    extensions,
    flows,
    gateway,
    into,
    message,
    message_event,
    multi_instance,
    process,
    reads,
    start,
    store,
    sub_process,
    timer,
    user_task,
)

STATES = Path(__file__).parent / "states"
FIELDS = ("due", "look", "remind", "every", "on")
KNOWN = {"rules": register("rules", *FIELDS, singleton=True)}
FIRST: Mapping[str, Json] = {
    "due": "P10D",
    "look": "P1D",
    "remind": "P5D",
    "every": "R3/P1D",
    "on": "2026-03-01T00:00:00Z",
}
TASK: dict[str, Any] = {"dueDate": "=duration(rules.due)", "followUpDate": "=duration(rules.look)"}
MODEL = process(
    "p",
    store("st_rules", "rules"),
    start(),
    user_task("ask", "Ask", inner=reads("st_rules"), **TASK),
    boundary("remind", "ask", timer("Duration", "=duration(rules.remind)"), interrupting=False),
    user_task("reminder"),
    end(),
    end("re"),
    flows("s", "ask", "e"),
    flows("remind", "reminder", "re"),
)


def registers() -> Registers:
    made = Registers(singletons={"rules": "R"})
    made.add("rules", "R", **FIRST)
    return made


def case(*contents: bytes, **variables: Json) -> Running:
    keys = ["p", "q"]
    sources = [source(content, key, registers=KNOWN) for key, content in zip(keys, contents, strict=False)]
    return Running(*sources, registers=registers()).start(**variables)


def newer(running: Running, **fields: Json) -> RecordRef:
    """Add a version of the rules in which these fields are other than at first."""
    return running.registers.add("rules", "R", **{**FIRST, **fields})


def ref(version: int) -> RecordRef:
    return RecordRef("rules", "R", version)


def due(running: Running, element: str) -> datetime:
    return next(each.due_at for each in running.step.timers if each.element_id == element)


def moved(running: Running) -> dict[tuple[str, str], tuple[str | None, str | None]]:
    (adoption,) = running.step.adoptions
    return {(each.element_id, each.what): (each.before, each.after) for each in adoption.moved}


def days(count: float) -> datetime:
    return NOW + timedelta(days=count)


def test_a_running_timer_is_due_as_long_after_it_began_as_the_new_version_says() -> None:
    running = case(MODEL)
    running.now = days(1)
    running.adopt(newer(running, remind="P2D"))
    assert due(running, "remind") == days(2)
    assert running.task("ask").due_at == days(10)
    assert running.data["rules"] == ref(2).as_json()
    assert running.task("ask").reads == (ref(2),)
    (adoption,) = running.step.adoptions
    (timer_id,) = [each.task_id for each in running.step.timers]
    assert (adoption.ref, adoption.before, adoption.unmoved) == (ref(2), 1, ())
    before, after = days(5).isoformat(), days(2).isoformat()
    assert adoption.moved == (MovedTime(timer_id, "p", "remind", "remind", "timer", before, after),)
    assert running.step.changed_tasks == {running.task("ask").task_id}
    assert running.log == [], "no token has moved"


def test_due_and_follow_up_dates_count_from_when_the_task_was_made() -> None:
    running = case(MODEL)
    running.now = days(3)
    running.adopt(newer(running, due="P4D", look="P2D"))
    task = running.task("ask")
    assert (task.due_at, task.follow_up_at) == (days(4), days(2))
    assert set(moved(running)) == {("ask", "due"), ("ask", "follow_up")}
    assert due(running, "remind") == days(5)


def test_a_date_may_come_and_go() -> None:
    given_due = {"dueDate": "=if rules.due = null then null else duration(rules.due)"}
    running = case(MODEL.replace(b'"=duration(rules.due)"', f'"{given_due["dueDate"]}"'.encode()))
    running.adopt(newer(running, due=None))
    assert running.task("ask").due_at is None
    running.adopt(newer(running, due="P3D"))
    assert running.task("ask").due_at == days(3)
    assert moved(running) == {("ask", "due"): (None, days(3).isoformat())}


def test_a_time_that_is_past_fires_at_once() -> None:
    running = case(MODEL)
    running.now = days(4)
    running.adopt(newer(running, remind="P2D"))
    assert due(running, "remind") == days(2)
    assert running.open == ["ask"]
    assert running.wait(timedelta(0)).open == ["ask", "reminder"]


def test_what_the_version_does_not_change_stays() -> None:
    running = case(MODEL)
    running.now = days(1)
    state = running.step
    running.adopt(newer(running, every="R/P9D"))
    (adoption,) = running.step.adoptions
    assert (adoption.moved, adoption.unmoved) == ((), ())
    assert running.step.timers == state.timers


def test_a_case_that_holds_nothing_older_takes_nothing_over() -> None:
    running = case(MODEL)
    before = running.step.state
    running.adopt(ref(1), RecordRef("rules", "S", 9), RecordRef("others", "R", 9))
    assert running.step.adoptions == ()
    assert running.step.changed_tasks == frozenset()
    assert running.step.state == before


def test_what_else_has_changed_in_the_case_moves_no_time() -> None:
    model = MODEL.replace(b"=duration(rules.remind)", b"=if soon = true then duration(&quot;P1D&quot;) else rules.due")
    model = model.replace(b"&quot;", b'"')
    content = model.replace(b'<bpmn:endEvent id="e"', user_task("other").encode() + b'<bpmn:endEvent id="e"').replace(
        b"</bpmn:process>", flows("s", "other", "e").replace('id="other_e"', 'id="oe"').encode() + b"</bpmn:process>"
    )
    running = case(content).do("other", soon=True)
    running.adopt(newer(running, due="P20D"))
    assert due(running, "remind") == days(10), "both versions give a day now"


def test_a_time_that_cannot_be_worked_out_any_more_for_another_reason_holds_nothing_up() -> None:
    wait = catch("w", timer("Date", "=date and time(until)"))
    split = gateway("g", "parallel")
    other = user_task("other")
    flow = [flows("s", "g", "w", "e"), flows("g", "other", "e"), flows("g", "ask", "e")]
    ask = user_task("ask", inner=reads("st_rules"), **TASK)
    content = process("p", store("st_rules", "rules"), start(), split, wait, other, ask, end(), *flow)
    running = case(content, until="2026-03-01T00:00:00Z").do("other", until="some day")
    running.adopt(newer(running, due="P2D"))
    assert (due(running, "w").month, running.task("ask").due_at) == (3, days(2))


def test_a_date_that_the_framework_names_moves() -> None:
    wait = catch("w", timer("Date", "=date and time(rules.on)"))
    read = user_task("ask", inner=reads("st_rules"))
    running = case(process("p", store("st_rules", "rules"), start(), read, wait, end(), flows("s", "ask", "w", "e")))
    running.do("ask")
    running.adopt(newer(running, on="2026-02-01T00:00:00Z"))
    assert due(running, "w").month == 2


def test_a_cycle_keeps_its_next_time_and_takes_the_new_interval() -> None:
    model = MODEL.replace(b"timeDuration>=duration(rules.remind)", b"timeCycle>=rules.every")
    running = case(model.replace(b"</bpmn:timeDuration>", b"</bpmn:timeCycle>"))
    running.now = days(0.5)
    running.adopt(newer(running, every="R9/P2D"))
    assert moved(running) == {("remind", "every"): ("P1D", "P2D")}
    assert due(running, "remind") == days(1)
    running.wait(timedelta(days=0.5))
    assert due(running, "remind") == days(3)
    running.wait(timedelta(days=2))
    running.wait(timedelta(days=2))
    assert running.step.timers == (), "as often as it was to come"


def test_a_cycle_may_become_a_cron_text_in_the_time_zone_of_the_process() -> None:
    model = MODEL.replace(b"timeDuration>=duration(rules.remind)", b"timeCycle>=rules.every")
    begin, zone = b'<bpmn:process id="p" isExecutable="true">', extensions({"timeZone": "Europe/Vienna"}).encode()
    running = case(model.replace(b"</bpmn:timeDuration>", b"</bpmn:timeCycle>").replace(begin, begin + zone))
    running.adopt(newer(running, every="0 9 * * *"))
    running.wait(timedelta(days=1))
    assert due(running, "remind") == NOW.replace(hour=8) + timedelta(days=2), "nine in Vienna"
    for _ in range(5):
        running.wait(timedelta(days=1))
    assert running.step.timers, "a cron text has no end"


def test_a_called_process_and_instances_take_over_what_they_hold() -> None:
    called = MODEL.replace(b'<bpmn:process id="p"', b'<bpmn:process id="q"')
    inner = user_task("each", inner=multi_instance(collection="[rules, rules]", item="mine"), dueDate="=mine.due")
    first = user_task("first", inner=reads("again"))
    split = gateway("g", "parallel")
    outer = process(
        "p",
        store("again", "rules"),
        start(),
        first,
        split,
        call("c", "q", into("rules", "rules")),
        sub_process("sub", start("is"), inner, end("ie"), flows("is", "each", "ie")),
        end(),
        flows("s", "first", "g", "c", "e"),
        flows("g", "sub", "e"),
    )
    running = case(outer, called).do("first")
    running.now = days(1)
    running.adopt(newer(running, remind="P2D", due="P3D"))
    assert due(running, "remind") == days(2)
    assert {task.due_at for task in running.step.open_tasks} == {days(3)}
    for element in ("ask", "each"):
        assert running.sees(element)["rules"] == ref(2).as_json()
    assert running.sees("each")["mine"] == ref(2).as_json()
    assert [adoption.before for adoption in running.step.adoptions] == [1]
    running.do("each").do("each").do("ask")
    assert running.step.finished


def test_instances_that_follow_one_another_begin_with_what_was_taken_over() -> None:
    each = user_task(
        "each", inner=multi_instance(collection="[rules, rules]", item="mine", sequential=True), dueDate="=mine.due"
    )
    content = process(
        "p",
        store("st_rules", "rules"),
        start(),
        user_task("ask", inner=reads("st_rules")),
        each,
        end(),
        flows("s", "ask", "each", "e"),
    )
    running = case(content).do("ask")
    running.adopt(newer(running, due="P3D"))
    running.do("each")
    assert running.sees("each")["mine"] == ref(2).as_json()


def test_a_race_of_events_is_moved_too() -> None:
    content = process(
        "p",
        store("st_rules", "rules"),
        start(),
        user_task("ask", inner=reads("st_rules")),
        gateway("race", "eventBased"),
        catch("late", timer("Duration", "=rules.remind")),
        catch("told", message_event("m")),
        end(),
        flows("s", "ask", "race", "late", "e"),
        flows("race", "told", "e"),
        around=message("m", "note"),
    )
    running = case(content).do("ask")
    running.adopt(newer(running, remind="P2D"))
    assert due(running, "late") == days(2)
    assert running.wait(timedelta(days=2)).step.finished


def test_several_older_versions_in_one_case_become_the_new_one() -> None:
    running = case(MODEL, kept={"old": [ref(1).as_json()]})
    version = newer(running, remind="P3D")
    running.adopt(version)
    assert running.data["kept"] == {"old": [version.as_json()]}
    last = newer(running, remind="P4D")
    running.adopt(last)
    assert (running.step.adoptions[0].before, due(running, "remind")) == (2, days(4))


def test_an_expression_that_breaks_fails_the_step_and_names_its_element() -> None:
    running = case(MODEL)
    with pytest.raises(StepFailed) as caught:
        running.adopt(newer(running, remind="soon"))
    assert caught.value.element_id == "remind"


def test_a_state_of_before_takes_over_and_keeps_the_times_of_which_it_knows_no_beginning() -> None:
    running = case(MODEL)
    stored = bytes.fromhex((STATES / "before-adoption.hex").read_text())
    running.step = replace(running.step, state=stored)
    running.now = days(1)
    running.adopt(newer(running, remind="P2D", due="P10D", look="P3D"))
    (adoption,) = running.step.adoptions
    assert (adoption.moved, set(adoption.unmoved)) == ((), {"remind", "Ask"})
    assert (due(running, "remind"), running.task("ask").follow_up_at) == (days(5), days(1))
    assert running.data["rules"] == ref(2).as_json()
    assert running.do("ask").step.finished


lengths = st.integers(1, 30).map(lambda count: f"P{count}D")
BUILT: Executable = case(MODEL).executable


@given(
    st.lists(st.fixed_dictionaries({"due": lengths, "look": lengths, "remind": lengths}), min_size=1, max_size=4),
    st.integers(0, 3),
)
def test_the_last_version_decides_however_many_there_were(versions: list[dict[str, str]], gone: int) -> None:
    """To take versions over one by one, or only the last one, or to have begun with it, gives the same times."""
    stepwise = Running(BUILT, registers=registers()).start()
    for fields in versions:
        stepwise.now += timedelta(hours=gone)
        stepwise.adopt(newer(stepwise, **fields))
    leap = Running(BUILT, registers=registers()).start()
    for fields in versions:
        newer(leap, **fields)
    leap.adopt(ref(len(versions) + 1))
    fresh = Running(BUILT, registers=Registers(singletons={"rules": "R"}))
    fresh.registers.add("rules", "R", **{**FIRST, **versions[-1]})
    fresh.start()
    for other in (leap, fresh):
        assert due(stepwise, "remind") == due(other, "remind")
        assert stepwise.task("ask").due_at == other.task("ask").due_at
        assert stepwise.task("ask").follow_up_at == other.task("ask").follow_up_at


def test_a_case_that_reads_a_version_before_it_was_taken_over_takes_it_over_then() -> None:
    """A branch reads the new version while a timer of another one runs by the old: the case does not fall apart."""
    split = gateway("g", "parallel")
    first, second = user_task("first"), user_task("second", inner=reads("again"))
    content = process(
        "p",
        store("st_rules", "rules"),
        store("again", "rules"),
        start(),
        split,
        user_task("ask", "Ask", inner=reads("st_rules"), **TASK),
        boundary("remind", "ask", timer("Duration", "=duration(rules.remind)"), interrupting=False),
        first,
        second,
        end(),
        end("re"),
        flows("s", "g", "ask", "e"),
        flows("g", "first", "second", "e"),
        flows("remind", "re"),
    )
    running = case(content)
    running.registers.running_cases["rules"] = "rc"
    version = newer(running, remind="P2D", due="P3D")
    running.now = days(1)
    running.do("first")
    assert running.task("second").reads == (version,)
    assert (due(running, "remind"), running.task("ask").due_at) == (days(2), days(3))
    assert running.task("ask").reads == (version,)
    assert set(moved(running)) == {("remind", "timer"), ("ask", "due")}
    assert running.adopt(version).step.adoptions == ()
    running.registers.add("rules", "R", **{**FIRST, "remind": "P4D"})
    running.do("ask", shown=[ref(3)])
    assert running.data["rules"] == ref(3).as_json()
    assert [adoption.ref for adoption in running.step.adoptions] == [ref(3)]
    assert running.task("second").reads == (ref(3),)
