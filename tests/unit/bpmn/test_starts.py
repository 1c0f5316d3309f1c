"""Start events: by hand, by a message, a signal or a time; what starts which way, and what is refused."""

import pytest

from engine.bpmn.model.facts import processes_in
from engine.bpmn.model.start_facts import StartFacts
from engine.bpmn.reading.executable import steps_of
from engine.errors import DefinitionRefused, StepFailed
from tests.bpmn_cases import Running, source
from tests.bpmn_models import (
    call,
    definitions,
    end,
    flow,
    flows,
    message,
    message_event,
    process,
    process_part,
    signal,
    signal_event,
    start,
    sub_process,
    timer,
    user_task,
)

AROUND = message("m", "order") + signal("n", "news")


def several(*parts: str, plain: bool = True, **kwargs: object) -> bytes:
    """A process that starts by hand (`plain`), by a message, a signal and a timer, each with a task of its own."""
    starts = {
        "by_message": start("by_message", message_event("m"), properties={"resultVariable": "order", "form": "f"}),
        "by_signal": start("by_signal", signal_event("n"), properties={"resultVariable": "news"}),
        "by_time": start("by_time", timer("Cycle", "0 0 9 * * MON-FRI")),
    }
    if plain:
        starts["by_hand"] = start("by_hand")
    tasks = [user_task(f"task_{each}") + flows(each, f"task_{each}", "e") for each in starts]
    return process("p", *starts.values(), *tasks, *parts, end(), around=AROUND, **kwargs)  # type: ignore[arg-type]


@pytest.mark.parametrize("at", ["by_message", "by_signal", "by_time", "by_hand"])
def test_a_case_begins_where_it_is_started(at: str) -> None:
    case = Running(several()).begin(at, {"n": 1})
    assert case.open == [f"task_{at}"]
    assert case.log[0] == (at, "completed")
    brought = {"by_message": {"order": {"n": 1}}, "by_signal": {"news": {"n": 1}}}
    assert case.data == brought.get(at, {})


def test_a_start_event_with_a_message_tells_the_log_of_it() -> None:
    case = Running(several()).begin("by_message")
    assert case.step.activities[0].interface == "message:order"
    assert Running(several()).begin("by_signal").step.activities[0].interface == "signal:news"
    assert Running(several()).begin("by_time").step.activities[0].interface is None


def test_a_case_starts_by_hand_at_the_plain_start_event_only() -> None:
    assert Running(several()).start().open == ["task_by_hand"]
    with pytest.raises(StepFailed, match="no plain start event"):
        Running(several(plain=False)).start()
    with pytest.raises(StepFailed, match="no such start event"):
        Running(several()).begin("gone")


def test_what_starts_a_case_brings_no_references_to_records() -> None:
    with pytest.raises(StepFailed, match="reference to a record"):
        Running(several()).begin("by_message", {"need": {"register": "need", "id": "N-1", "version": 1}})


def test_a_process_without_a_plain_start_event_cannot_be_called() -> None:
    caller = process("p", start(), call("c", "q"), end(), flows("s", "c", "e"))
    called = process("q", start("s", message_event("m")), end(), flows("s", "e"), around=AROUND)
    with pytest.raises(DefinitionRefused, match="cannot be called"):
        Running(caller, source(called, "q"))
    with_plain = process(
        "q", start("s", message_event("m")), start("s2"), end(), flows("s", "e"), flow("s2", "e"), around=AROUND
    )
    assert Running(caller, source(with_plain, "q")).start().step.finished


def test_every_way_to_start_stands_among_the_steps() -> None:
    assert {"by_message", "task_by_message", "by_time", "task_by_time", "task_by_hand"} <= {
        each.id for each in steps_of(Running(several()).executable)
    }


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (process("p", start("a"), start("b"), end(), flows("a", "e"), flow("b", "e")), "Plain start events: 2;"),
        (process("p", end()), "Plain start events: 0;"),
        (
            process(
                "p",
                start(),
                sub_process("u", start("i", message_event("m")), end("ie"), flows("i", "ie")),
                end(),
                flows("s", "u", "e"),
                around=AROUND,
            ),
            "when a token comes to it",
        ),
        (
            process(
                "p",
                start(),
                sub_process("u", start("i"), start("j"), end("ie"), flows("i", "ie"), flow("j", "ie")),
                end(),
                flows("s", "u", "e"),
            ),
            "Plain start events: 2;",
        ),
        (process("p", start("s", timer("Date", "=at")), end(), flows("s", "e")), "no data before there is a case"),
        (process("p", start("s", timer("Cycle", "99 9 * * *")), end(), flows("s", "e")), "Bad minute"),
        (process("p", start("s", message_event("gone")), end(), flows("s", "e")), "names no message"),
        (
            process("p", start("s", timer("Cycle", "0 9 * * *")), end(), flows("s", "e"), properties={"timeZone": "X"}),
            "no time zone",
        ),
    ],
)
def test_starts_that_are_refused(content: bytes, why: str) -> None:
    with pytest.raises(DefinitionRefused, match=why):
        Running(content)


def test_facts_know_how_a_process_is_started() -> None:
    content = several(candidateStarterGroups="staff", properties={"timeZone": "Europe/Vienna"})
    [facts] = processes_in(content, "p.bpmn")
    assert facts.starts == (
        StartFacts("by_message", "message", "order"),
        StartFacts("by_signal", "signal", "news"),
        StartFacts("by_time", "timer", timer=("timeCycle", "0 0 9 * * MON-FRI")),
    )
    assert (facts.startable, facts.time_zone, facts.signals, facts.forms) == (True, "Europe/Vienna", ("news",), ("f",))
    assert type(facts).from_json(facts.as_json()) == facts
    [alone] = processes_in(several(plain=False, candidateStarterGroups="staff"), "p.bpmn")
    assert not alone.startable


def test_what_starts_an_event_sub_process_starts_no_case() -> None:
    inner = start("i", message_event("m"), properties={"resultVariable": "x"}) + end("ie") + flows("i", "ie")
    around = f'<bpmn:subProcess id="u" triggeredByEvent="true">{inner}</bpmn:subProcess>'
    content = definitions(AROUND, process_part("p", start(), user_task("a"), end(), flows("s", "a", "e"), around))
    [facts] = processes_in(content, "p.bpmn")
    assert facts.starts == ()
    assert [each.starts for each in facts.receives] == [False]
