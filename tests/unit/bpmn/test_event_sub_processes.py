"""Event sub-processes: what starts them, what they interrupt, and that waiting for them keeps nothing open."""

from datetime import timedelta

import pytest

from engine.bpmn.case import codec
from engine.bpmn.reading.executable import steps_of
from engine.errors import BudgetSpent, StepFailed
from tests.bpmn_cases import Registers, Running, register, source
from tests.bpmn_models import (
    boundary,
    call,
    catch,
    condition,
    element,
    end,
    error,
    error_event,
    escalation,
    escalation_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    multi_instance,
    process,
    reads,
    script,
    start,
    store,
    sub_process,
    throw,
    timer,
    user_task,
    writes,
)

HOUR = timedelta(hours=1)
AROUND = message("M", "stop") + error("E1", "42") + escalation("N1", "late") + '<bpmn:signal id="S" name="alarm"/>'
SIGNAL = '<bpmn:signalEventDefinition signalRef="S"/>'
TERMINATE = "<bpmn:terminateEventDefinition/>"
EVENTS = {
    "timer": timer("Duration", "PT1H"),
    "message": message_event("M"),
    "signal": SIGNAL,
    "conditional": condition("go = true"),
}


def handler(identity: str, definition: str, *, interrupting: bool = True, **kwargs: str) -> str:
    """An event sub-process with one user task."""
    return event_sub_process(
        identity,
        definition,
        user_task(f"{identity}_task"),
        end(f"{identity}_end", f"{identity} handled"),
        flows(f"{identity}_start", f"{identity}_task", f"{identity}_end"),
        interrupting=interrupting,
        properties=kwargs,
    )


def two_tasks(*parts: str) -> bytes:
    """The process `p`: user tasks `a` and `b`, one after the other."""
    return process(
        "p", start(), user_task("a"), user_task("b"), end("e", "Done"), flows("s", "a", "b", "e"), *parts, around=AROUND
    )


def let_occur(case: Running, kind: str) -> Running:
    """Let what the model waits for come."""
    if kind == "timer":
        return case.wait(HOUR)
    if kind == "message":
        return case.receive("stop", {"why": "asked"})
    if kind == "signal":
        return case.signal("alarm")
    return case.do("a", go=True)


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_sub_process_interrupts_its_process(kind: str) -> None:
    case = Running(two_tasks(handler("h", EVENTS[kind]))).start()
    assert case.open == ["a"]
    let_occur(case, kind)
    assert case.open == ["h_task"]
    told = [each for each in case.log if each[0].startswith("h")]
    assert told == [("h", "started"), ("h_start", "completed"), ("h_task", "started")]
    assert (case.step.timers, case.step.subscriptions) == ((), ()), "nothing else is waited for any more"
    case.do("h_task")
    assert (case.step.finished, case.step.outcome) == (True, "h handled"), "its end is the end of the case"
    assert ("h", "completed") in case.log


@pytest.mark.parametrize("kind", EVENTS)
def test_an_event_sub_process_that_does_not_interrupt_runs_beside(kind: str) -> None:
    case = Running(two_tasks(handler("h", EVENTS[kind], interrupting=False))).start()
    let_occur(case, kind)
    work = "b" if kind == "conditional" else "a"
    assert sorted(case.open) == sorted([work, "h_task"])
    for task in ("a", "b")[work == "b" :]:
        case.do(task)
    assert (case.open, case.step.finished) == (["h_task"], False), "the process waits for what has begun"
    assert case.do("h_task").step.finished
    assert case.step.outcome == "Done", "what ran beside does not say how the case ended"


@pytest.mark.parametrize("kind", EVENTS)
def test_a_listener_keeps_nothing_open(kind: str) -> None:
    """In SpiffWorkflow a timer that starts an event sub-process keeps its process from being completed."""
    for interrupting in (True, False):
        case = Running(two_tasks(handler("h", EVENTS[kind], interrupting=interrupting))).start().do("a").do("b")
        assert (case.step.finished, case.step.outcome) == (True, "Done")
        assert (case.step.timers, case.step.subscriptions) == ((), ())
        assert case.log[-2:] == [("b", "completed"), ("e", "completed")]
        assert codec.decode(case.step.state, case.executable, case.context).completed


def test_one_that_does_not_interrupt_comes_again() -> None:
    case = Running(two_tasks(handler("h", message_event("M"), interrupting=False, resultVariable="told"))).start()
    case.receive("stop", 1).receive("stop", 2)
    assert (sorted(case.open), case.data["told"]) == (["a", "h_task", "h_task"], 2)


def test_a_cycle_repeats_as_often_as_it_says() -> None:
    case = Running(two_tasks(handler("h", timer("Cycle", "R2/PT1H"), interrupting=False))).start()
    assert case.wait(HOUR).open.count("h_task") == 1
    assert case.wait(HOUR).open.count("h_task") == 2
    assert case.step.timers == ()
    once = Running(two_tasks(handler("h", timer("Duration", "PT1H"), interrupting=False))).start().wait(HOUR)
    assert once.step.timers == ()


def test_a_timer_is_named_after_the_event_or_its_sub_process() -> None:
    named = event_sub_process("h", timer("Duration", "PT1H"), end("he"), flow("h_start", "he"), name="Too late")
    [waits] = Running(two_tasks(named)).start().step.timers
    assert (waits.element_id, waits.name) == ("h_start", "Too late")


def test_a_sub_process_goes_on_after_what_interrupted_it() -> None:
    inner = sub_process(
        "sub", start("is"), user_task("x"), end("ie"), flows("is", "x", "ie"), handler("h", message_event("M"))
    )
    content = process("p", start(), inner, user_task("z"), end(), flows("s", "sub", "z", "e"), around=AROUND)
    case = Running(content).start()
    assert case.receive("stop").open == ["h_task"]
    assert ("x", "cancelled") in case.log
    assert case.do("h_task").open == ["z"]
    assert case.step.subscriptions == (), "outside the sub-process nobody waits for the message"


def test_a_boundary_event_still_interrupts_what_an_event_sub_process_does() -> None:
    inner = sub_process(
        "sub", start("is"), user_task("x"), end("ie"), flows("is", "x", "ie"), handler("h", message_event("M"))
    )
    content = process(
        "p",
        start(),
        inner,
        boundary("b", "sub", timer("Duration", "PT1H")),
        user_task("late"),
        end(),
        flows("s", "sub", "e"),
        flows("b", "late", "e"),
        around=AROUND,
    )
    case = Running(content).start().receive("stop").wait(HOUR)
    assert case.open == ["late"]
    assert ("h", "cancelled") in case.log


def test_a_called_process_has_its_own() -> None:
    called = process(
        "q",
        start("qs"),
        user_task("deep"),
        end("qe"),
        flows("qs", "deep", "qe"),
        handler("h", message_event("M")),
        around=AROUND,
    )
    content = process("p", start(), call("c", "q"), user_task("z"), end(), flows("s", "c", "z", "e"))
    case = Running(content, source(called, "q")).start()
    assert case.receive("stop").open == ["h_task"]
    assert case.do("h_task").open == ["z"]


@pytest.mark.parametrize("sequential", [False, True])
def test_each_instance_has_its_own(sequential: bool) -> None:
    loop = multi_instance(collection="items", item="item", sequential=sequential)
    inner = sub_process(
        "sub", loop, start("is"), user_task("x"), end("ie"), flows("is", "x", "ie"), handler("h", message_event("M"))
    )
    content = process("p", start(), inner, user_task("z"), end(), flows("s", "sub", "z", "e"), around=AROUND)
    case = Running(content).start(items=["one", "two"])
    case.receive("stop")
    assert sorted(case.open) == (["h_task"] if sequential else ["h_task", "x"])
    assert case.sees("h_task")["item"] == "one"
    case.do("h_task")
    assert case.open == ["x"]
    assert case.do("x").open == ["z"]


def test_it_shares_the_variables_around_it() -> None:
    note = event_sub_process(
        "h",
        message_event("M"),
        script("n", "noted = seen + 1"),
        end("he"),
        flows("h_start", "n", "he"),
        interrupting=False,
    )
    case = Running(two_tasks(note)).start(seen=1).receive("stop")
    assert case.data["noted"] == 2


def test_waiting_for_an_event_does_not_bring_old_data_back() -> None:
    """A branch begins with the data as they are when it begins: nothing was changed behind its back."""
    note = event_sub_process(
        "h", message_event("M"), script("n", "x = 3"), end("he"), flows("h_start", "n", "he"), interrupting=False
    )
    case = Running(two_tasks(note)).start(x=1).do("a", x=2).receive("stop")
    assert (case.data["x"], case.step.warnings) == (3, ())


def test_after_a_join_nothing_is_unseen_though_somebody_listens() -> None:
    parts = (
        start(),
        gateway("g", "parallel"),
        user_task("a"),
        user_task("b"),
        gateway("j", "parallel"),
        script("n", "x = 5"),
        end(),
        flows("s", "g", "a", "j", "n", "e"),
        flows("g", "b", "j"),
    )
    case = Running(process("p", *parts, handler("h", message_event("M")), around=AROUND)).start(x=1)
    case.do("a", x=2).do("b")
    assert (case.step.finished, case.step.warnings) == (True, ())


def test_a_terminate_end_event_ends_listeners_and_what_they_began() -> None:
    parts = (start(), user_task("a"), end("e", "Stopped", TERMINATE), flows("s", "a", "e"))
    case = Running(process("p", *parts, handler("h", message_event("M"), interrupting=False), around=AROUND)).start()
    case.receive("stop").do("a")
    assert (case.step.finished, case.step.outcome, case.open) == (True, "Stopped", [])
    stop = event_sub_process(
        "h", message_event("M"), end("he", "", TERMINATE), flow("h_start", "he"), interrupting=False
    )
    assert Running(two_tasks(stop)).start().receive("stop").open == ["a"], "it ends the event sub-process only"


def test_a_nested_event_sub_process_catches_what_its_own_scope_throws() -> None:
    deepest = event_sub_process("in", error_event("E1"), user_task("t"), end("ine"), flows("in_start", "t", "ine"))
    outer = event_sub_process("h", message_event("M"), end("he", "", error_event("E1")), flow("h_start", "he"), deepest)
    assert Running(two_tasks(outer)).start().receive("stop").open == ["t"]


def test_one_that_starts_itself_by_its_own_escalation_is_not_started_again() -> None:
    loop = event_sub_process(
        "h",
        escalation_event("N1"),
        throw("up", escalation_event("N1")),
        end("he"),
        flows("h_start", "up", "he"),
        interrupting=False,
    )
    parts = (start(), throw("t", escalation_event("N1")), user_task("a"), end(), flows("s", "t", "a", "e"))
    case = Running(process("p", *parts, loop, around=AROUND)).start()
    assert case.open == ["a"]
    assert case.step.warnings == ("'up' threw the escalation 'late' that no event around it catches.",)


def test_two_that_start_one_another_spend_the_budget() -> None:
    def one(identity: str, caught: str, thrown: str) -> str:
        path = flows(f"{identity}_start", f"{identity}_up", f"{identity}_end")
        return event_sub_process(
            identity,
            escalation_event(caught),
            throw(f"{identity}_up", escalation_event(thrown)),
            end(f"{identity}_end"),
            path,
            interrupting=False,
        )

    parts = (start(), throw("t", escalation_event("N1")), end(), flows("s", "t", "e"))
    around = AROUND + escalation("N2", "loud")
    with pytest.raises(BudgetSpent):
        Running(process("p", *parts, one("x", "N1", "N2"), one("y", "N2", "N1"), around=around)).start()


def test_a_join_that_waits_for_ever_is_found_though_somebody_listens() -> None:
    parts = (
        start(),
        user_task("a"),
        gateway("g"),
        gateway("j", "parallel"),
        end(),
        flows("s", "a", "g"),
        flow("g", "j", "x = 1", "one"),
        flow("g", "j", "x = 2", "two"),
        flow("j", "e"),
    )
    listens = handler("h", message_event("M"), interrupting=False)
    case = Running(process("p", *parts, listens, around=AROUND)).start()
    with pytest.raises(StepFailed, match="waits for a branch"):
        case.do("a", x=1)
    saves = Running(process("p", *parts, handler("h", message_event("M")), around=AROUND)).start().do("a", x=1)
    assert saves.receive("stop").open == ["h_task"], "one that interrupts can free the case"


def test_its_start_event_writes_records_and_its_data_move_with_the_framework() -> None:
    made = Registers(singletons={"rules": "R"}, running_cases={"rules": "rc"})
    made.add("rules", "R", rc="take over", days=2)
    known = {"rules": register("rules", "days", "rc", singleton=True), "need": register("need", "title")}
    begin = element(
        "startEvent", "h_start", "", timer("Duration", 'duration("P" + string(rules.days) + "D")') + writes("st2")
    )
    inner = begin + user_task("t") + end("he") + flows("h_start", "t", "he")
    sub = element("subProcess", "h", "", inner, attributes='triggeredByEvent="true"')
    content = process(
        "p",
        store("st", "rules"),
        store("st2", "need"),
        start(),
        user_task("f", inner=reads("st")),
        sub_process("sub", start("is"), user_task("a"), end("ie"), flows("is", "a", "ie"), sub),
        end(),
        flows("s", "f", "sub", "e"),
    )
    case = Running(source(content, registers=known), registers=made).start(title="x").do("f")
    [before] = case.step.timers
    case.adopt(made.add("rules", "R", rc="take over", days=5))
    [after] = case.step.timers
    assert (after.due_at - before.due_at, after.task_id) == (timedelta(days=3), before.task_id)
    case.wait(timedelta(days=5))
    assert (case.open, [write.element_id for write in case.step.writes]) == (["t"], ["h_start"])


def test_what_it_waits_for_may_depend_on_the_record_that_the_start_event_writes() -> None:
    known = {"need": register("need", "title")}
    content = process(
        "p",
        store("st", "need"),
        start("s", writes("st")),
        user_task("a"),
        end(),
        flows("s", "a", "e"),
        handler("h", message_event("M"), correlationKey="need.number"),
        around=AROUND,
    )
    case = Running(source(content, registers=known)).start(title="x")
    [waits] = case.step.subscriptions
    assert (waits.message_name, waits.correlation_key) == ("stop", case.data["need"]["id"])


def test_the_steps_of_a_process_name_what_is_inside() -> None:
    steps = steps_of(Running(two_tasks(handler("h", message_event("M")))).executable)
    assert [(step.id, step.scope) for step in steps] == [
        ("s", None),
        ("a", None),
        ("b", None),
        ("e", None),
        ("h", None),
        ("h_start", "h"),
        ("h_task", "h"),
        ("h_end", "h"),
    ]


def test_two_that_interrupt_do_not_both_occur() -> None:
    case = Running(two_tasks(handler("x", timer("Duration", "PT1H")), handler("y", timer("Duration", "PT1H")))).start()
    assert case.wait(HOUR).open == ["x_task"]


def test_an_intermediate_event_and_listeners_of_all_scopes_take_a_signal() -> None:
    inner = sub_process(
        "sub", start("is"), user_task("x"), end("ie"), flows("is", "x", "ie"), handler("k", SIGNAL, interrupting=False)
    )
    parts = (
        start(),
        gateway("g", "parallel"),
        user_task("t"),
        throw("all", SIGNAL),
        catch("c", SIGNAL),
        user_task("a"),
        end(),
        flows("s", "g", "t", "all", "e"),
        flows("g", "c", "a", "e"),
        inner,
        flows("g", "sub", "e"),
    )
    case = Running(process("p", *parts, handler("h", SIGNAL, interrupting=False), around=AROUND)).start().do("t")
    assert sorted(case.open) == ["a", "h_task", "k_task", "x"]
