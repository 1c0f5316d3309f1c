"""What a parallel branch wrote meanwhile is not lost without a word, wherever this branch waited.

In each model the task `w` of the other branch writes `x` while this branch waits, and does not look at it afterwards.
"""

from datetime import timedelta

import pytest

from engine.bpmn import mending
from tests.bpmn_cases import Running
from tests.bpmn_models import (
    boundary,
    catch,
    element,
    end,
    error,
    error_event,
    event_sub_process,
    flow,
    flows,
    gateway,
    message,
    message_event,
    parameters,
    process,
    receive_task,
    script,
    signal,
    signal_event,
    standard_loop,
    start,
    sub_process,
    timer,
    user_task,
)

AROUND = message("m", "note") + signal("g", "alarm") + error("E", "1")
HOUR = timedelta(hours=1)
PAYLOAD = {"resultVariable": "x"}
OVERWROTE = ("{!r} overwrote a change that a parallel branch had made to 'x'.",)


def beside(*parts: str) -> Running:
    """Start a case with the task `w` in one branch, and in the other what leads from `c` to the end `e`."""
    content = process(
        "p",
        start(),
        gateway("f", "parallel"),
        user_task("w"),
        user_task("z"),
        end("ez"),
        end("e"),
        flows("s", "f", "w", "z", "ez") + flow("f", "c"),
        *parts,
        around=AROUND,
    )
    return Running(content).start(x=0)


def warned(case: Running, who: str) -> None:
    assert case.step.warnings == tuple(text.format(who) for text in OVERWROTE)


def race(event: str) -> str:
    """Return a race that `event` wins, after which a script sets `x`."""
    return (
        gateway("c", "eventBased")
        + event
        + catch("other", timer("Duration", "P9D"))
        + script("k", "x = 5")
        + end("e2")
        + flows("c", "n", "k", "e")
        + flows("c", "other", "e2")
    )


def test_an_event_that_wins_a_race_has_not_seen_what_came_while_it_waited() -> None:
    warned(beside(race(catch("n", timer("Duration", "PT1H")))).do("w", x=1).wait(HOUR), "k")


@pytest.mark.parametrize(
    "event",
    [catch("n", message_event("m"), properties=PAYLOAD), receive_task("n", "m", PAYLOAD)],
    ids=["event", "task"],
)
def test_a_message_that_wins_a_race_has_not_seen_what_its_payload_overwrites(event: str) -> None:
    case = beside(race(event)).do("w", x=1).receive("note", "said")
    assert case.step.warnings == (OVERWROTE[0].format("n"),), "and the script overwrites what its own branch has"


def test_an_event_that_is_skipped_in_a_race_has_not_seen_it_either() -> None:
    case = beside(race(catch("n", timer("Duration", "PT1H")))).do("w", x=1)
    task_id = next(each.task_id for each in case.step.timers if each.element_id == "n")
    case.step = mending.skip(case.executable, case.step.state, task_id, {}, case.context)
    warned(case, "k")


def test_what_an_owner_gives_for_a_skipped_activity_is_what_its_branch_has() -> None:
    case = beside(user_task("c"), script("k", "x = 5"), flows("c", "k", "e"))
    case.step = mending.skip(case.executable, case.step.state, case.task("c").task_id, {"x": 3}, case.context)
    assert (case.data["x"], case.step.warnings) == (5, ())


@pytest.mark.parametrize("inner", ["task", "sub-process"])
def test_a_round_of_a_loop_has_not_seen_what_came_before_the_loop(inner: str) -> None:
    looped = element("scriptTask", "k", inner=standard_loop(maximum="2") + "<bpmn:script>x = 5</bpmn:script>")
    looped = looped.replace("<bpmn:scriptTask ", '<bpmn:scriptTask scriptFormat="python" ')
    if inner == "sub-process":
        within = (start("is"), script("ik", "x = 5 + loopCounter"), end("ie"), flows("is", "ik", "ie"))
        looped = sub_process("k", standard_loop(maximum="2"), *within)
    case = beside(catch("c", timer("Duration", "PT1H")), looped, flows("c", "k", "e")).do("w", x=1).wait(HOUR)
    warned(case, "k" if inner == "task" else "ik")


def test_a_round_of_a_loop_knows_what_the_round_before_has_written() -> None:
    again = sub_process(
        "c",
        standard_loop(maximum="3"),
        start("is"),
        user_task("a"),
        script("k", "x = [loopCounter]"),
        end("ie"),
        flows("is", "a", "k", "ie"),
    )
    case = beside(again, flow("c", "e")).do("a")
    assert case.step.warnings == ()
    warned(case.do("w", x=1).do("a"), "k")
    case.do("a")
    assert (case.data["x"], case.step.warnings) == ([2], ())


TASK = user_task("c")
SUB = sub_process("c", start("is"), user_task("ia"), end("ie"), flows("is", "ia", "ie"))
HANDLED = script("k", "x = 5") + user_task("h") + end("e2") + flow("c", "e")


@pytest.mark.parametrize("host", [TASK, SUB], ids=["task", "sub-process"])
def test_a_timer_that_interrupts_goes_on_with_what_its_activity_had_seen(host: str) -> None:
    event = boundary("b", "c", timer("Duration", "PT1H"))
    case = beside(host, event, HANDLED, flows("b", "k", "h", "e2"))
    warned(case.do("w", x=1).wait(HOUR), "k")


def test_what_an_interrupted_sub_process_wrote_itself_is_no_parallel_branch() -> None:
    wrote = sub_process(
        "c", start("is"), script("ik", "x = 3"), user_task("ia"), end("ie"), flows("is", "ik", "ia", "ie")
    )
    case = beside(wrote, boundary("b", "c", timer("Duration", "PT1H")), HANDLED, flows("b", "k", "h", "e2")).wait(HOUR)
    assert (case.data["x"], case.step.warnings) == (5, ())


@pytest.mark.parametrize("interrupting", [True, False])
@pytest.mark.parametrize("definition", [message_event("m"), signal_event("g")], ids=["message", "signal"])
def test_a_payload_at_a_boundary_event_that_overwrites_a_change_is_warned_of(
    definition: str, interrupting: bool
) -> None:
    event = boundary("b", "c", definition, interrupting=interrupting, properties=PAYLOAD)
    case = beside(TASK, event, HANDLED, flows("b", "h", "e2")).do("w", x=1)
    warned(case.receive("note", "said") if definition == message_event("m") else case.signal("alarm", "said"), "b")
    if not interrupting:
        case.receive("note", "more") if definition == message_event("m") else case.signal("alarm", "more")
        assert (case.data["x"], case.step.warnings) == ("more", ()), "it follows on its own payload"


def reminded() -> Running:
    event = boundary("b", "c", message_event("m"), interrupting=False, properties=PAYLOAD)
    return beside(TASK, event, HANDLED, flows("b", "h", "e2")).receive("note", "said")


def test_a_form_that_was_open_when_a_message_came_does_not_undo_what_it_brought() -> None:
    case = reminded().do("c", x=0)
    assert case.data["x"] == "said"
    assert case.step.warnings == (
        "'c' brought 'x' back as it was before a parallel branch changed it; the change was kept.",
    )


def test_a_form_that_overwrites_what_a_message_has_brought_meanwhile_is_warned_of() -> None:
    case = reminded().do("c", x=7)
    assert case.data["x"] == 7
    warned(case, "c")


@pytest.mark.parametrize("definition", [message_event("m"), signal_event("g")], ids=["message", "signal"])
def test_a_payload_that_starts_an_event_sub_process_and_overwrites_a_change_is_warned_of(definition: str) -> None:
    inside = (user_task("h"), end("he"), flows("n_start", "h", "he"))
    handler = event_sub_process("n", definition, *inside, interrupting=False, properties=PAYLOAD)
    case = beside(TASK, flow("c", "e"), handler).do("w", x=1)
    warned(
        case.receive("note", "said") if definition == message_event("m") else case.signal("alarm", "said"), "n_start"
    )
    case.receive("note", "more") if definition == message_event("m") else case.signal("alarm", "more")
    assert (case.data["x"], case.step.warnings) == ("more", ())


def test_an_error_goes_on_with_what_its_activity_had_seen() -> None:
    failing = sub_process("c", start("is"), user_task("ia"), end("ie", "", error_event("E")), flows("is", "ia", "ie"))
    case = beside(failing, boundary("b", "c", error_event("E")), HANDLED, flows("b", "k", "h", "e2"))
    warned(case.do("w", x=1).do("ia"), "k")


def test_a_join_knows_what_any_of_its_branches_knows() -> None:
    inner = (
        gateway("c", "parallel"),
        user_task("l"),
        user_task("r"),
        gateway("j", "parallel"),
        script("k", "x = 5"),
        flows("c", "l", "j", "k", "e") + flows("c", "r", "j"),
    )
    case = beside(*inner).do("l", x=1).do("r")
    assert (case.data["x"], case.step.warnings) == (5, ()), "what one of them wrote itself is no other branch's change"
    case = beside(*inner).do("l", x=1).do("w", x=2).do("r")
    assert case.data["x"] == 5
    warned(case, "k")
    seen = beside(
        *inner[:1],
        user_task("l0"),
        *inner[1:4],
        script("k", "x = 5"),
        flows("c", "l0", "l", "j", "k", "e") + flows("c", "r", "j"),
    )
    assert seen.do("r").do("w", x=2).do("l0").do("l", x=2).step.warnings == (), "one branch was shown it"


def in_one_step(at_first: object, task: str = TASK) -> Running:
    """Start a case in which the other branch sets `x` in the step that opens the task `c`, after it was opened."""
    content = process(
        "p",
        start(),
        gateway("f", "parallel"),
        task,
        element("manualTask", "n"),
        script("k", "x = 5"),
        user_task("z"),
        end(),
        end("ez"),
        flows("s", "f", "c", "e"),
        flows("f", "n", "k", "z", "ez"),
    )
    return Running(content).start(x=at_first)


def test_people_see_a_new_task_with_the_data_that_its_step_leaves() -> None:
    assert in_one_step(0).sees("c")["x"] == 5
    for brought in (0, 7):
        case = in_one_step(0).do("c", x=brought)
        assert (case.data["x"], case.step.warnings) == (brought, ()), "the page has shown 5 whenever it was opened"


def test_a_task_that_is_opened_with_others_has_not_seen_what_comes_afterwards() -> None:
    case = in_one_step(0).do("z", x=6).do("c", x=7)
    assert case.data["x"] == 7
    warned(case, "c")
    assert in_one_step(0).do("z", x=6).do("c", x=5).data["x"] == 6, "what was shown is no change"


def test_what_a_task_was_given_when_it_began_is_older_than_what_its_page_shows() -> None:
    task = element("userTask", "c", extension=parameters({"own": "=x"}, {"x": "=own"}))
    case = in_one_step(0, task).do("c")
    assert (case.data["x"], len(case.step.warnings)) == (5, 1), "its copy is not the change"
    warned(in_one_step(0, task).do("c", own=7), "c")
